"""contamination: planted benchmark questions are found, at the boundary, in other writing; a brute-force twin; recorded benchmarks."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mintmark as mm
from conftest import lines
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns, Drop, Row
from mintmark.text.contained import Reference, tokens

ITEM = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
BENCH = Columns("bench", {"q": [None, "short text of six words here", ITEM, "no"], "other": ["猫は静かに庭で眠っている", "x", "y", "z"]})


def one(text: Any, against: Any = "bench.q", **params: Any) -> Any:
    op = mm.curate.Contamination(against, "t", **params)
    result = op.each(Row("r", {"t": text}), Context(tables={"bench": BENCH}))
    return dict(result.values) if isinstance(result, Row) else result


def test_one_run_of_thirteen_words() -> None:
    thirteen = " ".join(ITEM.split()[:13])
    assert one(f"So: {thirteen.upper()}!") == Drop("contaminated", f'bench.q row 2, share 0.50: "{thirteen}"')
    twelve = " ".join(ITEM.split()[:12])
    assert one(twelve) == {"t": twelve}
    assert isinstance(one(twelve, n=8), Drop) and one(None) == {"t": None}


def test_share_of_the_item() -> None:
    ten = " ".join(ITEM.split()[:10])  # 3 of its 7 runs of 8 words
    assert one(ten, n=8, share=0.45) == {"t": ten}
    assert one(ten, n=8, share=3 / 7).detail.startswith("bench.q row 2, share 0.43")
    assert one(ten, n=8, share=0.4, action="flag")["t_contamination"] == {
        "table": "bench.q", "row": 2, "share": 3 / 7, "ngram": " ".join(ITEM.split()[:8])
    }  # fmt: skip
    assert one("clean", action="flag") == {"t": "clean", "t_contamination": None}


def test_short_items_count_whole_and_other_scripts_by_character() -> None:
    assert one("A short, text of six words: here").detail.startswith("bench.q row 1, share 1.00")
    assert one("short text of six words") == {"t": "short text of six words"} and one("no, no") == {"t": "no, no"}
    assert isinstance(one("昨日、猫は静かに庭で眠っているのを見た", "bench.other", n=8), Drop)
    assert isinstance(one(ITEM, ("bench.other", "bench.q")), Drop)


@pytest.mark.parametrize("wrong", [{"n": 1}, {"share": 0}, {"share": 1.1}, {"against": "bench"}, {"column": None}, {"shortest": 0}])
def test_parameters_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        mm.curate.Contamination.from_params({"column": "t", "against": "bench.q", **wrong}, "contamination")


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(RecipeError, match="Did you mean|has the columns"):
        mm.curate.Contamination("bench.qq", "t").check(Scene(("t",), {"bench": BENCH}))


WORDS = st.lists(st.sampled_from("abc"), max_size=12).map(" ".join)


@given(st.lists(WORDS, max_size=5), WORDS, st.integers(2, 4), st.one_of(st.none(), st.sampled_from([0.3, 0.5, 1.0])))
@settings(max_examples=200, deadline=None)
def test_equals_brute_force(items: list[str], text: str, n: int, share: float | None) -> None:
    def grams(value: str, size: int) -> set[tuple[str, ...]]:
        words = tokens(value)
        return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}

    shares = {}
    for number, item in enumerate(items):
        size = min(n, len(tokens(item)))
        if size >= min(n, 2):
            shares[number] = len(grams(item, size) & grams(text, size)) / len(grams(item, size))
    found = Reference(items, n, shortest=2).find(text, share)
    expected = max(shares.values(), default=0.0)
    if share is None:
        assert (found is not None) == (expected > 0)
    else:
        assert (found.share if found else None) == (expected if expected >= share else None)
    assert found is None or (found.gram in " ".join(tokens(text)) and found.gram in " ".join(tokens(items[found.item])))


def test_recorded_benchmark(data: Path) -> None:
    """Of 300 GSM8K questions planted, each in other text, all are found, with their row; of banking customers' questions none is one."""
    questions = [r["question"] for r in lines(data / "gsm8k" / "test.jsonl")]
    reference = Reference(questions, 13)
    rng = random.Random(1)
    for number in rng.sample(range(len(questions)), 300):
        found = reference.find("Consider this problem. " + questions[number].upper().replace(",", " ,") + " Answer shortly.")
        assert found is not None and questions[found.item][:40] == questions[number][:40]
    seeds = [r["instruction"] for r in lines(data / "self_instruct_davinci" / "seed_tasks.jsonl")]
    assert not [s for s in seeds if reference.find(s)]
    begun = time.process_time()
    reference.find(json.dumps(questions) * 2)
    reference.find("a " * 500_000)
    assert time.process_time() - begun < 8
