"""Exports: the kept rows as jsonl, csv, parquet, alpaca, chatml, sharegpt or a Hugging Face folder; streamed, written whole or not at all.

csv: cells of text that begin with = + - @ TAB or CR get a leading apostrophe (CWE-1236), unless the guard is switched off; numbers stay.
alpaca: {instruction, input, output}. chatml: {messages: [{role, content}]}. sharegpt: {conversations: [{from, value}]}. Which columns stand
for what is guessed from usual names and can be said: mapping={"instruction": "question", "output": "answer"}. dpo, kto, beir, triples: pairs.py. rl: episodes.py.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..core.errors import InputError, MissingExtra, RunFolderError, nearest
from ..text.jsontext import dumps
from ..text.names import slug
from ..text.yaml_strict import dump_yaml, load_yaml
from .atomic import atomic_write, make_folder
from .episodes import PENALTY, write_episodes
from .pairs import LINES, write_beir, write_lines
from .parts import write_rows

Rows = Callable[[], Iterator[dict[str, Any]]]
FORMATS = ("jsonl", "csv", "parquet", "alpaca", "chatml", "sharegpt", "hf", "dpo", "kto", "beir", "triples", "rl")
_FILES = re.compile(r"## Files\n.*?(?=\n## |\Z)", re.S)  # of a run's card: a hub folder has others
_GUARDED = ("=", "+", "-", "@", "\t", "\r")
_GUESS = {
    "instruction": ("instruction", "prompt", "question", "query", "task"),
    "input": ("input", "context", "passage"),
    "output": ("output", "response", "answer", "completion", "reply", "text"),
    "system": ("system",),
    "messages": ("messages", "conversation", "conversations", "dialogue"),
}


def export_rows(
    rows: Rows,
    fmt: str,
    to: Any,
    *,
    mapping: Mapping[str, str] | None = None,
    formula_guard: bool = True,
    card: Path | None = None,
    about: Mapping[str, str] | None = None,
    penalty: float | None = None,
) -> Path:
    """Writes `rows` to `to`; returns the path. InputError for an unknown format or columns that a format needs and are not there.
    card: a run's README.md, for a hub folder; about: metadata for Parquet files. penalty: rl alone, for answers without valid code."""
    if fmt not in FORMATS:
        raise InputError(f"export: there is no format '{fmt}'.{nearest(fmt, FORMATS)}")
    if mapping and fmt in ("jsonl", "csv", "parquet", "hf"):
        raise InputError(f"export: {fmt} takes all columns as they are, so --map {next(iter(mapping))}=... does nothing; leave it out")
    if penalty is not None and fmt != "rl":
        raise InputError(f"export: {fmt} has no rewards, so --penalty does nothing; leave it out")
    first = next(rows(), None)
    if first is None:
        raise InputError("export: the run kept no rows, so there is nothing to write")
    if isinstance(to, str) and to.startswith("hf://"):
        return _push(rows, to[5:], card, about)
    target = Path(to)
    try:
        make_folder(target.parent)
    except OSError as error:
        raise RunFolderError(f"{target.parent} cannot be made ({error.strerror}); choose another place with --to") from error
    if fmt == "hf":
        return _folder(rows, target, card, about)
    if fmt in LINES:
        return write_lines(fmt, rows, target, first, mapping or {})
    if fmt == "rl":
        return write_episodes(rows, target, first, mapping or {}, PENALTY if penalty is None else penalty)
    if fmt == "beir":
        return write_beir(rows, target, first, mapping or {})
    if fmt in ("alpaca", "chatml", "sharegpt"):
        convert = _converter(fmt, first, dict(mapping or {}))
        with atomic_write(target) as file:
            for row in rows():
                file.write(dumps(convert(row)) + b"\n")
        return target
    with atomic_write(target) as file:
        if fmt == "jsonl":
            for row in rows():
                file.write(dumps(row) + b"\n")
        elif fmt == "parquet":
            write_rows(file, rows, about=about)
        else:
            _csv(rows, file, list(first), formula_guard)
    return target


def _csv(rows: Rows, file: Any, names: list[str], guard: bool) -> None:
    text = io.TextIOWrapper(file, "utf-8", errors="backslashreplace", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_guard(n) if guard else n for n in names])
    for row in rows():
        writer.writerow([_cell(row.get(n), guard) for n in names])
    text.flush()
    text.detach()


def _cell(value: Any, guard: bool) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return value
    text = value if isinstance(value, str) else dumps(value).decode("utf-8", "replace")
    return _guard(text) if guard else text


def _guard(text: str) -> str:
    return "'" + text if text.startswith(_GUARDED) else text


def _converter(fmt: str, row: Mapping[str, Any], mapping: dict[str, str]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    for field, column in mapping.items():
        if field not in _GUESS:
            raise InputError(f"export: --map {field}=...: the format has no field '{field}'.{nearest(field, _GUESS)}")
        if column not in row:
            raise InputError(f"export: --map {field}={column}: there is no column '{column}'.{nearest(column, row)}")
    at = {f: mapping.get(f) or next((c for c in names if c in row), None) for f, names in _GUESS.items()}
    if fmt != "alpaca" and at["messages"] and "instruction" not in mapping:
        column = at["messages"]
        return lambda r: _conversation(fmt, _messages(r[column]), r.get("tools"))
    if not at["instruction"] or not at["output"] or at["instruction"] == at["output"]:
        listed = ", ".join(c for c in row if c != "id")
        raise InputError(
            f"export: {fmt} needs a column to ask with and one to answer with; found {listed}. Name them: --map instruction=COLUMN --map output=COLUMN"
        )

    def convert(r: Mapping[str, Any]) -> dict[str, Any]:
        asked, given = _text(r.get(at["instruction"] or "")), _text(r.get(at["output"] or ""))
        more = _text(r.get(at["input"])) if at["input"] else ""
        if fmt == "alpaca":
            return {"instruction": asked, "input": more, "output": given}
        system = [{"role": "system", "content": _text(r[at["system"]])}] if at["system"] and r.get(at["system"]) else []
        user = f"{asked}\n\n{more}" if more else asked
        return _conversation(fmt, [*system, {"role": "user", "content": user}, {"role": "assistant", "content": given}])

    return convert


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else dumps(value).decode("utf-8", "replace")


def _messages(value: Any) -> list[dict[str, Any]]:
    """Role and content; calls of tools and what they answer keep their own fields."""
    if not isinstance(value, list):
        raise InputError("export: the column of messages does not hold a list; name other columns with --map")
    out = []
    for m in value:
        role = str(m.get("role", m.get("from", "user")))
        role = {"human": "user", "gpt": "assistant"}.get(role, role)
        more = {k: m[k] for k in ("tool_calls", "tool_call_id", "name") if m.get(k) is not None}
        out.append({"role": role, "content": _text(m.get("content", m.get("value"))), **more})
    return out


def _conversation(fmt: str, messages: list[dict[str, Any]], tools: Any = None) -> dict[str, Any]:
    """chatml: {messages, tools?}, as OpenAI and TRL read it. sharegpt: {conversations, tools?}, calls as function_call, answers as observation."""
    more = {"tools": tools} if tools else {}
    if fmt == "chatml":
        return {"messages": messages, **({"tools": [{"type": "function", "function": t} for t in tools]} if tools else {})}
    names = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}
    out = []
    for m in messages:
        for call in m.get("tool_calls") or ():
            out.append({"from": "function_call", "value": _text(call.get("function", call))})
        if m["content"] or not m.get("tool_calls"):
            out.append({"from": names.get(m["role"], m["role"]), "value": m["content"]})
    return {"conversations": out, **({"tools": _text(more["tools"])} if more else {})}


def _folder(rows: Rows, target: Path, card: Path | None, about: Mapping[str, str] | None) -> Path:
    """data/<split>-00000-of-00001.parquet per value of a column `split` (or train), the data card as README.md, and prov.json (the hub makes its own Croissant)."""
    data = target / "data"
    try:
        make_folder(data)
    except OSError as error:
        raise RunFolderError(f"{data} cannot be made ({error.strerror}); choose another place with --to") from error
    splits = sorted({str(r["split"]) if r.get("split") is not None else "train" for r in rows()})
    for split in splits:
        name = slug(split.replace("-", "_"))

        def part(split: str = split) -> Iterator[dict[str, Any]]:
            return (r for r in rows() if (str(r["split"]) if r.get("split") is not None else "train") == split)

        with atomic_write(data / f"{name}-00000-of-00001.parquet") as file:
            write_rows(file, part, about=about)
    if card is not None:
        text = card.read_text("utf-8")
        try:
            _, front, body = text.split("---\n", 2)
            told = dict(load_yaml(front, card.name))
        except (TypeError, ValueError):  # somebody's own README.md, without front matter or with one of another kind
            told, body = {}, text
        named = [slug(s.replace("-", "_")) for s in splits]
        told["configs"] = [{"config_name": "default", "data_files": [{"split": s, "path": f"data/{s}-*"} for s in named]}]
        pages = {"README.md": "\n".join(["---", dump_yaml(told) + "---", _FILES.sub("", body)]).encode()}
        if (prov := card.with_name("prov.json")).exists():
            pages["prov.json"] = prov.read_bytes()
        for name, content in pages.items():
            with atomic_write(target / name) as file:
                file.write(content)
    return target


def _push(rows: Rows, name: str, card: Path | None, about: Mapping[str, str] | None) -> Path:
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise MissingExtra("huggingface_hub", "hf", f"export to hf://{name}") from error
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        made = _folder(rows, Path(folder) / "set", card, about)
        try:
            api = HfApi()
            api.create_repo(name, repo_type="dataset", exist_ok=True)
            api.upload_folder(repo_id=name, repo_type="dataset", folder_path=str(made))
        except Exception as error:
            raise InputError(f"export: hf://{name} could not be written ({type(error).__name__}: {str(error)[:200]})") from error
    return Path(f"hf://{name}")
