"""template_rate: the surplus of a phrase goes, in plan order; bounded memory misses nothing above the bound; a whole run."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mintmark as mm
from conftest import check_books, ledger, mintmark, write_recipe
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.rows import Batch
from mintmark.text.phrases import common, phrases

OPENING = ["Can you please tell me the fee?", "CAN you, please tell us why"]


def settle(texts: list[Any], **params: Any) -> dict[int, Any]:
    op = mm.curate.TemplateRate("t", **params)
    batch = Batch([(i, 0) for i in range(len(texts))], [str(i) for i in range(len(texts))], {"t": texts})
    return {key[0]: verdict for key, verdict in op.settle(lambda columns: iter([batch]), Context())}


def test_surplus_goes_in_plan_order() -> None:
    texts = [*OPENING, "short", None, *OPENING, *(f"Row number {i} is another" for i in range(4))]
    found = settle(texts, most=0.2, words=4)
    assert sorted(found) == [4, 5]
    assert found[5].drop.detail == '"can you please tell" opens 40.0 % of the rows, at most 20 %'
    assert settle(texts, most=0.4) == {} and settle(["a b c d"], most=0.1) == {}
    flags = settle(texts, most=0.3, action="flag")
    assert len(flags) == 10 and flags[0].values == {"t_template": {"phrase": "can you please tell", "share": 0.4}}
    assert flags[2].values == flags[3].values == {"t_template": None}


def test_phrases_anywhere_count_once_a_row() -> None:
    texts = ["so as you can see it", "as you can see as you can see", "now as you can see", "nothing", "more", "other"]
    found = settle(texts, most=0.34, words=4, where="anywhere")
    assert list(found) == [2] and found[2].drop.detail == '"as you can see" stands in 50.0 % of the rows, at most 34 %'
    assert settle(texts, most=0.34, words=4) == {}


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=6).map(" ".join), max_size=30), st.sampled_from([0.1, 0.3, 0.5]))
@settings(max_examples=150, deadline=None)
def test_bounded_memory_misses_nothing_that_is_promised(texts: list[str], most: float) -> None:
    exact = Counter(p for t in texts for p in phrases(t, 2, True))
    above = {p: c for p, c in exact.items() if c > most * len(texts) and c > 1}
    assert common(lambda: texts, 2, True, most) == (above, len(texts))
    capacity = 6
    runs = sum(exact.values())
    few = common(lambda: texts, 2, True, most, capacity)[0]
    assert all(few.get(p) == c for p, c in above.items() if c > runs / (capacity + 1)) and few.items() <= above.items()


@pytest.mark.parametrize("wrong", [{"most": 0}, {"most": 1}, {"words": 0}, {"where": "end"}])
def test_parameters_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        mm.curate.TemplateRate.from_params({"column": "t", **wrong}, "template_rate")


def test_run(tmp_path: Path) -> None:
    texts = [f"Write a story about {i}" if i % 2 else f"Topic {i} is new here {i}" for i in range(40)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in texts))
    recipe = write_recipe(
        tmp_path,
        "name: t\ntables: {rows: rows.jsonl}\nsteps:\n  - read: {from: rows}\n  - template_rate: {column: text, most: 0.25}\n"
        "  - template_rate: {column: text, most: 0.1, words: 1, action: flag}\n",
    )
    done = mintmark("run", recipe, "--out", tmp_path / "runs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = next(p.parent for p in (tmp_path / "runs").rglob("manifest.json"))
    assert check_books(folder)["kept"] == 30
    assert {r["detail"] for r in ledger(folder) if r["state"] == "dropped"} == {
        '"write a story about" opens 50.0 % of the rows, at most 25 %'
    }
    kept = [json.loads(line) for line in (folder / "data.jsonl").read_text().splitlines()]
    assert Counter(r["text_template"]["phrase"] for r in kept) == {"topic": 20, "write": 10}
