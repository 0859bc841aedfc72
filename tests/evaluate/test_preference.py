"""preference: what `compare` wrote and verdicts recorded elsewhere are read alike; a judge that goes by place is told from a better system."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest

from each import each, kept, last, say
from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.core.ports import Request
from mintmark.curate.compare import Compare
from mintmark.evaluate.preference import Preference
from mintmark.testing import check_metric


def measured(columns: dict[str, list[Any]], **params: Any) -> dict[str, Measurement]:
    return {m.metric: m for m in check_metric(Preference(**params), Tables(Data(columns)), Context())}


def compared(better: float, place: float, rows: int = 150, seed: int = 0) -> dict[str, list[Any]]:
    """`compare` with a judge that prefers the texts of `good` with odds e^better and whoever stands first with odds e^place."""
    rng = random.Random(seed)

    def judge(request: Request) -> str:
        lines = last(request).splitlines()
        one, two = (json.loads(lines[lines.index(f"{w} answer:") + 1]) for w in ("First", "Second"))
        odds = math.exp(better * (("good" in one) - ("good" in two)) + place)
        return say(reason="", better="tie" if rng.random() < 0.1 else "first" if rng.random() < odds / (1 + odds) else "second")

    texts = [[{"text": f"{m} {i}", "model": m} for m in rng.sample(["good", "plain", "poor"], 3)] for i in range(rows)]
    found = kept(each(Compare(), [{"instruction": "x", "candidates": t} for t in texts], judge))
    return {k: [f[k] for f in found] for k in ("candidates", "comparisons")}


def test_what_compare_wrote() -> None:
    columns = compared(better=1.0, place=0.6)
    found = measured(columns)
    strength, lead, position, rate = (found[f"preference.{n}"] for n in ("strength", "lead", "position", "win_rate"))
    assert strength.by_group is not None and next(iter(strength.by_group)) == "good" and strength.n == 150 * 3 * 2
    for m, true in ((strength, 2 / 3), (position, 0.6)):
        assert m.interval is not None and m.interval[0] < true < m.interval[1] and m.interval[0] > 0
    assert rate.value is not None and rate.value > 0.6 and rate.picture is not None and rate.picture["kind"] == "dots"
    assert lead.interval is not None and lead.interval[0] > 0.5
    poor = measured(columns, of="poor")["preference.win_rate"]
    assert poor.caveats[0] == "of poor" and poor.value == pytest.approx(rate.by_group["poor"])  # type: ignore[index]
    assert sum((rate.by_group or {}).values()) == pytest.approx(1.5), "what one wins another loses"


def test_a_judge_that_goes_by_place_makes_nobody_stronger() -> None:
    found = measured(compared(better=0.0, place=3.0))
    lead, position = found["preference.lead"], found["preference.position"]
    assert position.interval is not None and position.interval[0] > 2 and lead.value is not None and lead.value < 0.5


def test_recorded_verdicts_are_read_as_written() -> None:
    """The same verdicts as names, as 1 and 2, in brackets, and as lists of several people."""
    rng = random.Random(4)
    said = [rng.choices(["first", "second", "tie"], [5, 3, 2])[0] for _ in range(90)]
    a, b = ["cat" if i % 2 else "dog" for i in range(90)], ["dog" if i % 2 else "cat" for i in range(90)]
    names = [{"first": x, "second": y, "tie": "tie"}[s] for x, y, s in zip(a, b, said, strict=True)]
    item = [i // 3 for i in range(90)]
    found = [
        measured({"a": a, "b": b, "winner": w, "item": item}, item="item")
        for w in (names, [{"first": 1, "second": 2, "tie": 0}[s] for s in said], [[s] * 3 for s in said])
    ]
    assert set(found[0]) == {f"preference.{n}" for n in ("win_rate", "strength", "lead", "position")}
    for f in found:
        assert all(m.value == pytest.approx(found[0][k].value) and m.interval == pytest.approx(found[0][k].interval) for k, m in f.items())
        assert f["preference.strength"].detail is not None and f["preference.strength"].detail["items"] == 30
    unread = measured({"a": a, "b": b, "winner": ["?", None, *names[2:]]})
    assert any("1 verdicts cannot be read" in c for c in unread["preference.strength"].caveats)


def test_nothing_to_compare_and_what_hangs_apart() -> None:
    apart = measured({"a": ["w", "y"] * 10, "b": ["x", "z"] * 10, "winner": ["1", "2"] * 10})
    assert set(apart) == {"preference.strength"} and apart["preference.strength"].value is None
    assert "never compared with each other" in apart["preference.strength"].caveats[0]
    for columns in (
        {"a": ["x"], "b": ["x"], "winner": [1]},
        {"a": [None], "b": ["y"], "winner": [1]},
        {"comparisons": ["x", None, [1], [{"a": 1}]]},
        {"comparisons": [[]], "candidates": [None]},
        {"text": ["x"]},
    ):
        assert measured(columns) == {}
    sweep = measured({"a": ["x"] * 30, "b": ["y"] * 30, "winner": ["x"] * 30})
    assert sweep["preference.strength"].interval is None and any("half a win" in c for c in sweep["preference.strength"].caveats)
    rate = sweep["preference.win_rate"]
    assert rate.value == 1 and rate.interval is not None and 0.85 < rate.interval[0] < 0.9
    assert measured({"comparisons": [[{"a": {}, "b": [], "ab": [], "ba": {}}]] * 3, "candidates": [3, None, [1]]}) == {}
    assert measured({"comparisons": [[{"a": {}, "b": [1], "ab": "a", "ba": "tie"}]] * 3, "candidates": [3, None, [1]]})


def test_recorded_judges_and_people(data: Path) -> None:
    """PandaLM's test set: people, GPT-3.5 and PandaLM-7B rank five models; 170 items of 999 pairs."""
    folder = data / "pandalm_judge"
    people = json.loads((folder / "testset-v1.json").read_text())
    a, b = (list(x) for x in zip(*(p["cmp_key"].split("_") for p in people), strict=True))
    item = [json.dumps([p["instruction"], p["input"]]) for p in people]
    said = {
        "people": [[p[f"annotator{k}"] for k in (1, 2, 3)] for p in people],
        "gpt-3.5": [g["gpt_result"] for g in json.loads((folder / "gpt-3.5-turbo-testset-v1.json").read_text())],
        "pandalm": [g["pandalm_result"] for g in json.loads((folder / "pandalm-7b-testset-v1.json").read_text())],
    }
    found = {who: measured({"a": a, "b": b, "winner": w, "item": item}, item="item") for who, w in said.items()}
    for who, f in found.items():
        s, rate = f["preference.strength"], f["preference.win_rate"]
        print(who, {k: round(v, 2) for k, v in (s.by_group or {}).items()}, (s.detail or {})["intervals"], rate.value, rate.interval)
        assert next(iter(s.by_group or {})) == "llama-7b" and list(s.by_group or {})[-1] == "cerebras-gpt-6.7B", (
            "judges and people agree on the ends"
        )
        assert "preference.position" not in f and any("both orders" in c for c in s.caveats)
        assert s.interval is not None and s.interval[0] > 0
    strength, rate = found["people"]["preference.strength"], found["people"]["preference.win_rate"]
    assert strength.value == pytest.approx(0.789, abs=0.001) and rate.value == pytest.approx(0.702, abs=0.001) and strength.n == 2997
    assert found["gpt-3.5"]["preference.strength"].value == pytest.approx(0.729, abs=0.001)
    lead = {who: f["preference.lead"].interval for who, f in found.items()}
    assert lead["people"][0] > 0.3 and lead["gpt-3.5"][0] > 0.3, "llama-7b leads by more than chance"  # type: ignore[index]
    assert (found["gpt-3.5"]["preference.strength"].detail or {})["tie"] < strength.detail["tie"], "the judge ties less than people do"  # type: ignore[index]
