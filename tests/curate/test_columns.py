"""columns and what removes columns: the recipe knows it, the data set shows it, a steering source is not robbed of what it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

import mintmark as mm
from mintmark.core.errors import RecipeError
from mintmark.models.scripted import ScriptedModel

TEXTS = [{"text": "one two three. four five six. seven eight nine.", "kind": "a", "extra": 1}]


def test_keep_rename_and_what_is_left(tmp_path: Path) -> None:
    ops = [mm.generate.Read("t"), mm.curate.Columns(keep=["text"], rename={"kind": "label"})]
    (row,) = mm.run(mm.Recipe("c", ops=ops, tables={"t": TEXTS}), out=tmp_path / "a").table().to_pylist()
    assert list(row) == ["id", "text", "label"] and row["label"] == "a"
    heavy = {"t": [{**TEXTS[0], "weight": 81.5}]}
    (row,) = mm.run(mm.Recipe("w", ops=[mm.generate.Read("t"), ops[1]], tables=heavy), out=tmp_path / "w").table().to_pylist()
    assert list(row) == ["id", "text", "label"], "somebody's weight in kg stays only where it is named"
    ops = [mm.generate.Read("t"), mm.generate.Chunk(words=3, overlap=0)]
    rows = mm.run(mm.Recipe("c2", ops=ops, tables={"t": TEXTS}), out=tmp_path / "b").table().to_pylist()
    assert len(rows) == 3 and "text" not in rows[0] and rows[0]["passage"] == "one two three." and rows[0]["extra"] == 1
    swapped = mm.curate.Columns(rename={"text": "kind", "kind": "text"})
    (row,) = mm.run(mm.Recipe("c3", ops=[mm.generate.Read("t"), swapped], tables={"t": TEXTS}), out=tmp_path / "s").table().to_pylist()
    assert (row["text"], row["kind"]) == ("a", TEXTS[0]["text"])


def test_refused_in_words(tmp_path: Path) -> None:
    def check(*ops: object, **tables: object) -> None:
        mm.check(mm.Recipe("c", ops=[mm.generate.Read("t"), *ops], tables={"t": TEXTS}))

    with pytest.raises(RecipeError, match="reads 'text'; earlier steps write kind, extra"):
        check(mm.curate.Columns(drop=["text"]), mm.curate.Length(column="text", words=(1, 2)))
    with pytest.raises(RecipeError, match="second column"):
        check(mm.curate.Columns(rename={"text": "kind"}))
    with pytest.raises(RecipeError, match="reads 'txt'.*Did you mean 'text'"):
        check(mm.curate.Columns(keep=["txt"]))
    from mintmark.core.recipe import Repeat, label_steps

    body = label_steps([mm.generate.Parents("t"), mm.generate.Evolve(column="text"), mm.curate.Columns(drop=["line"])])
    with pytest.raises(RecipeError, match="removes 'line', which parents reads to plan the next round"):
        mm.check(mm.Recipe("c", ops=[Repeat(steps=body)], tables={"t": TEXTS}, models={"writer": ScriptedModel(lambda p: p)}))
