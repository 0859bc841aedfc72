"""Exports of training data that are pairs: dpo and kto (preferences), triples and beir (queries with their passages).

    dpo       {prompt, chosen, rejected}                              one line a row
    kto       {prompt, completion, label: true | false}               two lines a row
    triples   {query, positive, negative}                             one line a negative; rows without negatives give none
    beir      corpus.jsonl {_id, title, text}, queries.jsonl {_id, text}, qrels/train.tsv (query-id, corpus-id, score)

Columns: prompt (or instruction, question), chosen, rejected; query (or question), passage (or positive, document, text), negatives as `negatives`
writes them, title, doc_id and start (which make a passage's id; without them a hash of its text). A passage is written once, however many rows ask
for it; ids are kept in memory, 8 bytes of hash each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ..core.errors import InputError, RunFolderError
from ..text.jsontext import dumps
from .atomic import atomic_write, make_folder

Rows = Callable[[], Iterator[dict[str, Any]]]
LINES = ("dpo", "kto", "triples")
_GUESS = {
    "prompt": ("prompt", "instruction", "question", "query"),
    "chosen": ("chosen",),
    "rejected": ("rejected",),
    "query": ("query", "question"),
    "passage": ("passage", "positive", "document", "text"),
    "negatives": ("negatives",),
    "title": ("title",),
}
_NEEDS = {
    "dpo": ("prompt", "chosen", "rejected"),
    "kto": ("prompt", "chosen", "rejected"),
    "triples": ("query", "passage", "negatives"),
    "beir": ("query", "passage"),
}


def columns_for(fmt: str, row: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, str | None]:
    """Which column stands for what; InputError for what a format needs and is not there."""
    at = {f: mapping.get(f) or next((c for c in names if c in row), None) for f, names in _GUESS.items()}
    for field in (*mapping, *_NEEDS[fmt]):
        if field not in _GUESS or at[field] is None or at[field] not in row:
            listed = ", ".join(c for c in row if c != "id")
            raise InputError(f"export: {fmt} needs a column for '{field}'; found {listed}. Name it: --map {field}=COLUMN")
    return at


def lines(fmt: str, row: Mapping[str, Any], at: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines that one row gives."""
    if fmt == "dpo":
        yield {"prompt": row[at["prompt"]], "chosen": row[at["chosen"]], "rejected": row[at["rejected"]]}
    elif fmt == "kto":
        yield {"prompt": row[at["prompt"]], "completion": row[at["chosen"]], "label": True}
        yield {"prompt": row[at["prompt"]], "completion": row[at["rejected"]], "label": False}
    else:
        for negative in row[at["negatives"]] or ():
            text = negative.get("text") if isinstance(negative, Mapping) else negative
            yield {"query": row[at["query"]], "positive": row[at["passage"]], "negative": text}


def write_lines(fmt: str, rows: Rows, target: Path, first: Mapping[str, Any], mapping: Mapping[str, str]) -> Path:
    at = columns_for(fmt, first, mapping)
    with atomic_write(target) as file:
        for row in rows():
            for line in lines(fmt, row, at):
                file.write(dumps(line) + b"\n")
    return target


def passage_id(item: Mapping[str, Any], text: str) -> str:
    if item.get("doc_id") is not None:
        return f"{item['doc_id']}-{item.get('start') or 0}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def write_beir(rows: Rows, target: Path, first: Mapping[str, Any], mapping: Mapping[str, str]) -> Path:
    """A folder as BEIR's loaders read it; negatives, where there are any, are part of the corpus and judged 0."""
    at = columns_for("beir", first, mapping)
    try:
        make_folder(target / "qrels")
    except OSError as error:
        raise RunFolderError(f"{target} cannot be made ({error.strerror}); choose another place with --to") from error
    seen: set[bytes] = set()

    def passages(row: Mapping[str, Any]) -> Iterator[tuple[str, str, str, int]]:
        """(id, title, text, relevance)"""
        text = str(row[at["passage"] or ""] or "")
        yield passage_id(row, text), str(row.get(at["title"] or "") or ""), text, 1
        for item in (row.get(at["negatives"] or "") or ()) if at["negatives"] else ():
            given = item if isinstance(item, Mapping) else {"text": item}
            yield passage_id(given, str(given.get("text"))), str(given.get("title") or ""), str(given.get("text")), 0

    with (
        atomic_write(target / "corpus.jsonl") as corpus,
        atomic_write(target / "queries.jsonl") as queries,
        atomic_write(target / "qrels" / "train.tsv") as qrels,
    ):
        qrels.write(b"query-id\tcorpus-id\tscore\n")
        for row in rows():
            query = str(row[at["query"] or ""])
            queries.write(dumps({"_id": row["id"], "text": query}) + b"\n")
            for name, title, text, relevance in passages(row):
                key = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                if key not in seen:
                    seen.add(key)
                    corpus.write(dumps({"_id": name, "title": title, "text": text}) + b"\n")
                qrels.write(f"{row['id']}\t{name}\t{relevance}\n".replace("\r", " ").encode("utf-8", "replace"))
    return target
