"""regurgitation: n-grams and longest runs against a slow search by hand, over block ends and formats; ids only where a table is private."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark import api
from mintmark.core.context import Context
from mintmark.core.errors import InputError, RecipeError
from mintmark.core.metric import Data, Tables
from mintmark.core.rows import Columns
from mintmark.evaluate.regurgitation import Regurgitation
from mintmark.stores import corpus
from mintmark.stores.corpus import Corpus
from mintmark.testing import check_metric
from mintmark.text.verbatim import Verbatim

letters = st.lists(st.sampled_from("abx"), max_size=25)


@given(st.lists(letters, min_size=1, max_size=4), st.lists(letters, min_size=1, max_size=4), st.integers(1, 7))
@settings(max_examples=120, deadline=None)
def test_against_search_by_hand(texts: list[list[str]], documents: list[list[str]], block: int) -> None:
    seen = Verbatim([" ".join(t) for t in texts], (2, 4))
    seen.scan((" ".join(d[i : i + block]), i > 0) for d in documents for i in range(0, max(1, len(d)), block))
    have = {n: {tuple(d[i : i + n]) for d in documents for i in range(len(d) - n + 1)} for n in range(2, 26)}
    for row, text in enumerate(texts):
        for n in (2, 4):
            grams = [tuple(text[i : i + n]) for i in range(len(text) - n + 1)]
            assert seen.found(n)[row] == (sum(g in have[n] for g in grams), len(grams))
        longest = max((n for n in have for i in range(len(text) - n + 1) if tuple(text[i : i + n]) in have[n]), default=0)
        assert seen.runs[row] == longest
        assert len(seen.passage(row).split()) == longest and (not longest or tuple(seen.passage(row).split()) in have[longest])


FAMOUS = "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness"


def rows(n: int, planted: int) -> Data:
    rng = np.random.default_rng(n)
    made = [" ".join(f"w{i}" for i in rng.integers(0, 300, 20)) for _ in range(n)]
    return Data({"text": [FAMOUS if i < planted else t for i, t in enumerate(made)], "k": [1] * n})


def test_a_text_column_without_a_text_gives_no_number(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(FAMOUS)
    found = api.audit([{"text": None, "k": i} for i in range(5)], text="text", measure=["regurgitation"], corpus=[tmp_path / "a.txt"])
    assert list(found) == [] and not any("not measured" in note for note in found.summary.notes)


def test_formats_and_the_metric(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "BLOCK", 40)
    filler = "nothing to see here, move along please. " * 30
    (tmp_path / "a.txt").write_text(filler + FAMOUS.replace(" ", "\n").upper() + ". " + filler)
    (tmp_path / "b.jsonl").write_text(json.dumps({"x": [{"content": FAMOUS}], "n": 1}) + "\n")
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(f'id,text\n1,"{FAMOUS}"\n'.encode()))
    pq.write_table(pa.table({"t": [FAMOUS, None]}), tmp_path / "d.parquet")
    (tmp_path / "all").mkdir()
    (tmp_path / "all/e.md").write_bytes(FAMOUS.encode() + b"\xff\xfe")
    own, real = rows(200, 10), rows(150, 0)
    for name in ("a.txt", "b.jsonl", "c.csv.gz", "d.parquet", "all"):
        ctx = Context(0, tables={"wiki": Corpus("wiki", tmp_path / name)})
        eight, thirteen, run = check_metric(Regurgitation(), Tables(own, real, text="text"), ctx)
        assert eight.value == pytest.approx(10 * 17 / (190 * 13 + 10 * 17)) and thirteen.detail == {"rows": 10, "reference": 0.0}, name
        assert eight.interval and 0.02 < eight.interval[0] < eight.value < eight.interval[1] < 0.12
        assert run.value == 24 and run.detail and run.detail["examples"][0].startswith("row 1: 24 words: “it was the best of times it")
    private = Context(0, tables={"wiki": Corpus("wiki", tmp_path / "a.txt"), "real": Columns("real", {"text": ["x"]}, private=True)})
    assert Regurgitation("wiki").measure(Tables(own, text="text"), private)[-1].detail == {
        "examples": [f"row {i}: 24 words" for i in range(1, 6)]
    }
    with pytest.raises(RecipeError, match="Did you mean 'wiki'"):
        Regurgitation(("wiky",)).measure(Tables(own, text="text"), private)
    (none, *_) = replace(Regurgitation()).measure(Tables(real, text="text"), private)
    assert none.value == 0 and none.interval and 0.02 < none.interval[1] < 0.03, "0 of 150 rows is not 0 for sure"


def test_by_audit_and_recipe(tmp_path: Path) -> None:
    (tmp_path / "wiki.txt").write_text(FAMOUS)
    found = api.audit([{"text": t} for t in rows(40, 4).columns["text"]], corpus=[tmp_path / "wiki.txt"])
    assert {m.metric for m in found} >= set(Regurgitation.gives) and not any("not checked" in n for n in found.summary.notes)
    assert any("not checked" in n for n in api.audit([{"a": 1}] * 9).summary.notes)
    (tmp_path / "rows.csv").write_text(f'text\n"{FAMOUS}"\nshort\n')
    recipe = {
        "name": "r",
        "tables": {"rows": str(tmp_path / "rows.csv"), "wiki": {"path": str(tmp_path / "wiki.txt"), "corpus": True}},
        "steps": [{"read": {"from": "rows"}}],
        "measure": [{"regurgitation": {"corpus": "wiki"}}],
    }
    run = api.run(api.load(recipe), out=tmp_path / "run")
    assert {m.metric: m.value for m in run.measurements}["regurgitation.longest_run"] == 24
    with pytest.raises(RecipeError, match="a corpus is one public file"):
        api.run(api.load({**recipe, "tables": {"rows": [{"a": 1}], "wiki": {"path": "w.txt", "corpus": True, "private": True}}}))
    with pytest.raises(InputError, match="nor a folder of such files"):
        Corpus("x", __file__)
    with pytest.raises(InputError, match="there is no file"):
        Corpus("x", tmp_path / "none.txt")
