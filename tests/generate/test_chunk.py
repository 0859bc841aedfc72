"""chunk: one row a passage with exact offsets, through a real run whose books balance."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import mintmark as mm
from conftest import check_books, ledger, lines, mintmark
from mintmark.core.context import Context
from mintmark.core.rows import Drop, Row
from mintmark.generate import chunk as module

TEXT = "# Rooms\n\nThe library lends rooms. Each room seats six.\n\n# Fees\n\nA late book costs one euro. A lost book costs more."


def test_writes_passages_with_their_place() -> None:
    op = mm.generate.Chunk(words=9, overlap=3)
    found = op.each(Row("r", {"text": TEXT, "doc": 7}), Context().at("chunk", "r", None))
    assert [(r.values["passage_number"], r.values["section"]) for r in found] == [(0, "Rooms"), (1, "Rooms"), (2, "Fees"), (3, "Fees")]
    for r in found:
        v = r.values
        assert TEXT[v["start"] : v["end"]] == v["passage"] and v["doc"] == 7 and r.parents == ("r",)
        assert v["passage_hash"] == blake2b(v["passage"].encode(), digest_size=8).hexdigest()
    assert len({r.id for r in found}) == len(found)
    assert op.each(Row("r", {"text": None}), Context().at("chunk", "r", None)) == []


def test_bounds_the_split(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    found = mm.generate.Chunk(words=1, overlap=0).each(Row("r", {"text": "a b c"}), Context().at("chunk", "r", None))
    assert isinstance(found, Drop) and found.reason == "too_many_passages"


def test_in_a_run(tmp_path: Path) -> None:
    (tmp_path / "docs.jsonl").write_text('{"doc_id": "a", "text": "One two three. Four five six."}\n{"doc_id": "b", "text": " "}\n')
    (tmp_path / "recipe.yaml").write_text(
        "name: passages\ntables: {docs: docs.jsonl}\nsteps:\n  - read: docs\n  - chunk: {column: text, words: 4, overlap: 0}\n"
        "  - retrieve: {from: docs, query: passage, k: 2, words: 4, overlap: 0, skip_self: true}\n"
        "  - negatives: {from: docs, query: passage, k: 1, words: 4, overlap: 0}\n"
        "  - length: {column: passage, words: [1, 9]}\n"
    )
    done = mintmark("run", "recipe.yaml", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    check_books(tmp_path / "out")
    assert [(r["doc_id"], r["start"], r["passage"]) for r in lines(tmp_path / "out" / "data.jsonl")] == [
        ("a", 0, "One two three."),
        ("a", 15, "Four five six."),
    ]
    assert [r["reason"] for r in ledger(tmp_path / "out") if r["state"] == "dropped"] == ["no_rows"]
