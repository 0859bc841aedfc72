"""bias_probes: models of known leanings are measured as what they are, on simulated pairs and on Winogender's and CrowS-Pairs'."""

from __future__ import annotations

import csv
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from each import each, kept, last
from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.core.ports import Request
from mintmark.curate.probe import Probe
from mintmark.evaluate.bias_probes import BiasProbes
from mintmark.testing import check_metric
from mintmark.text.swaps import Swaps

Rows = list[dict[str, Any]]


def measured(columns: dict[str, list[Any]], **params: Any) -> dict[str, Measurement]:
    return {m.metric: m for m in check_metric(BiasProbes(**params), Tables(Data(columns)), Context())}


def probed(rows: Rows, choose: Callable[[str, str], int]) -> dict[str, list[Any]]:
    """choose: 0, 1 or 2 (neither), of the two sentences in the order shown."""

    def answer(request: Request) -> str:
        return "ABC"[choose(*(json.loads(x) for x in re.findall(r'^[AB]: (".*")$', last(request), re.MULTILINE)))]

    found = kept(each(Probe(), rows, answer))
    return {k: [r[k] for r in found] for k in found[0]}


def test_a_known_leaning_is_covered() -> None:
    """Pairs that lean by chance, both orders alike or not; the share over all pairs is 0.65."""
    held = 0
    for seed in range(60):
        rng = random.Random(seed)
        cells = []
        for _ in range(80):
            lean = rng.choice([0.3, 1.0])
            more = [float(rng.random() < lean) for _ in range(2)]
            cells.append({n: {"more": m, "less": 1 - m, "neither": 0.0} for n, m in zip(("more_first", "less_first"), more, strict=True)})
        low, high = measured({"probe": cells})["bias.stereotyped"].interval or (1, 0)
        held += low <= 0.65 <= high
    assert held >= 52


def test_what_cannot_be_read_is_left_out() -> None:
    good = {"more_first": {"more": 0.5, "less": 0.5}, "less_first": {"more": 1, "less": 0.0}}
    bad: list[Any] = [
        None,
        3,
        {},
        {"more_first": 1},
        {**good, "less_first": {"more": 2, "less": 0}},
        {**good, "less_first": {"more": "x", "less": 0}},
    ]
    found = measured({"probe": [good, *bad], "category": ["x", *"yyyyyy"]})
    assert (
        found["bias.stereotyped"].n == 1 and found["bias.stereotyped"].value == 0.75 and found["bias.stereotyped"].by_group == {"x": 0.75}
    )
    assert measured({"probe": bad}) == {} == measured({"text": ["x"]})
    none = {n: {"more": 0.0, "less": 0.0, "neither": 1.0} for n in ("more_first", "less_first")}
    assert {k: m.value for k, m in measured({"probe": [none] * 9}).items()} == {"bias.probe_neither": 1.0}


def winogender(folder: Path) -> Rows:
    """Its 720 sentences as 240 pairs of a woman and a man; the stereotype is the gender that most of the occupation have (BLS)."""
    with (folder / "occupations-stats.tsv").open() as file:
        women = {r["occupation"]: float(r["bls_pct_female"]) for r in csv.DictReader(file, delimiter="\t")}
    with (folder / "all_sentences.tsv").open() as file:
        said = {r["sentid"]: r["sentence"] for r in csv.DictReader(file, delimiter="\t")}
    rows = []
    for name, man in said.items():
        if name.endswith(".male.txt"):
            job, _, answer = name.split(".")[:3]
            woman = said[name.replace(".male.", ".female.")]
            more, less = (woman, man) if women[job] > 50 else (man, woman)
            rows.append(
                {"more": more, "less": less, "category": "occupation" if answer == "0" else "participant", "man": man, "woman": woman}
            )
    return rows


def test_winogender(data: Path) -> None:
    """A model that always says `he` is stereotyped where most of the occupation are men, and nowhere else: 29 of 60 occupations."""
    rows = winogender(data / "bias_pairs")
    men = {r["man"] for r in rows}
    swaps = Swaps()
    assert sum(r["more"] in men for r in rows) == 29 * 4 and len(rows) == 240 == sum(
        swaps.swap(r["man"]).text == r["woman"] for r in rows
    ), "the swap makes the authors' own pairs"
    expected = sum(r["more"] in men for r in rows) / 240
    found = measured(probed(rows, lambda a, b: int(b in men)))
    print(f"he: {expected}", {k: m.value for k, m in found.items()})
    assert found["bias.stereotyped"].value == pytest.approx(expected) and found["bias.probe_position"].value == 0.5
    assert found["bias.probe_neither"].value == 0 and set(found["bias.stereotyped"].by_group or {}) == {"occupation", "participant"}
    fair = measured(probed(rows, lambda a, b: random.Random(a + b).randrange(2)))["bias.stereotyped"]
    assert fair.interval is not None and fair.interval[0] <= 0.5 <= fair.interval[1]


def test_crows_pairs(data: Path) -> None:
    """1,508 pairs in nine categories: a model that goes by place, one that leans to the stereotype in seven of ten, one that refuses."""
    with (data / "bias_pairs" / "crows_pairs_anonymized.csv").open() as file:
        rows = [{"more": r["sent_more"], "less": r["sent_less"], "kind": r["bias_type"]} for r in csv.DictReader(file)]
    assert len(rows) == 1508 and Counter(r["kind"] for r in rows).most_common(1) == [("race-color", 516)]
    place = measured(probed(rows, lambda a, b: 0), category="kind")
    assert (
        place["bias.stereotyped"].value == 0.5
        and place["bias.probe_position"].value == 1
        and len(place["bias.stereotyped"].by_group or {}) == 9
    )
    pairs = {(r["more"], r["less"]) for r in rows}

    def would(a: str, b: str) -> bool:
        return random.Random(f"{min(a, b)}{max(a, b)}").random() < 0.7

    def leans(a: str, b: str) -> int:
        stereotype = a if (a, b) in pairs else b
        return int((stereotype == b) == would(a, b))

    found = measured(probed(rows, leans), category="kind")["bias.stereotyped"]
    print("leans 0.7:", found.value, found.interval)
    assert found.value == pytest.approx(sum(would(r["more"], r["less"]) for r in rows) / 1508)
    assert found.interval is not None and found.interval[0] < 0.7 < found.interval[1] and found.interval[1] - found.interval[0] < 0.05
    careful = measured(probed(rows, lambda a, b: 2 if len(a) % 2 else 0), category="kind")
    assert careful["bias.probe_neither"].value is not None and 0.4 < careful["bias.probe_neither"].value < 0.6
