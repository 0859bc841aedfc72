"""verbatim: planted runs are found at their length, what the holdout says too is not held against a row, and no words are shown."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluate.metric_texts import of_texts, sentences
from mintmark.core.context import Context
from mintmark.core.metric import Data, Tables
from mintmark.evaluate.verbatim import VerbatimRuns
from mintmark.stats.intervals import clustered, wilson
from mintmark.stats.leakage import alarms

SECRET = "my sister maria lost her blue card near the old mill on tuesday night after work"
COMMON = "thank you very much for your kind help with this matter today and tomorrow"


def test_runs_are_found_at_their_length() -> None:
    rng = np.random.default_rng(0)
    own, real, held = (sentences(rng, 80, 3_000, 16) for _ in range(3))
    real[3], real[4], held[5] = SECRET, COMMON, COMMON
    own[7] = "well " + " ".join(SECRET.split()[:14]).upper().replace("CARD", "card,") + " perhaps"
    own[8], own[9] = COMMON, " ".join(SECRET.split()[4:13])
    found = of_texts(VerbatimRuns(), own, real, held)
    run = found["verbatim_run"]
    assert run.value == 14 and run.detail["characters"] == len(" ".join(SECRET.split()[:14]))  # type: ignore[index]
    assert run.detail["examples"][0] == "row 8: 14 words, 69 characters" and run.detail["examples"][1].startswith("row 10: 9 words")  # type: ignore[index]
    assert not any(word in str(run.as_dict()) for word in ("maria", "sister", "mill"))
    assert found["verbatim_rows"].value == 1 / 80, "the common phrase is no leak, 9 words of 42 characters are short"
    assert found["verbatim_rows"].detail["reference"] == 1 / 80, "the phrase in the holdout: what chance explains"  # type: ignore[index]
    assert found["overlap_8"].value > found["overlap_8"].detail["reference"] > 0  # type: ignore[operator, index]
    alone = of_texts(VerbatimRuns(), own, real)
    assert alone["verbatim_rows"].value == 2 / 80 and any("no holdout" in c for c in alone["verbatim_rows"].caveats)


def test_a_standing_phrase_hides_no_private_run() -> None:
    """Letters that all end in the same thirty words: the longest run of each is that, in the holdout too, and the private one was never looked at."""
    rng = np.random.default_rng(0)
    foot = " ".join(f"clause{i}" for i in range(30))
    own, real, held = ([f"{t} {foot}" for t in sentences(rng, 80, 3_000, 16)] for _ in range(3))
    for i in range(20):
        real[i] = f"{SECRET} number{i} {foot}"
        own[i] = f"{' '.join(SECRET.split()[:14])} perhaps {foot}"
    found = of_texts(VerbatimRuns(), own, real, held)
    assert found["verbatim_run"].value == 14 and found["verbatim_rows"].value == 20 / 80
    assert found["verbatim_rows"].detail["reference"] == 0 and found["verbatim_run"].detail["reference"] == 0  # type: ignore[index]
    assert any("long run of a real text" in a.words for a in alarms({f"privacy.{k}": m for k, m in found.items()}))


def test_recorded_questions(data: Path) -> None:
    """A copier of one text in ten is found at that rate; other real questions are not accused."""
    texts = [r["text"] for r in csv.DictReader((data / "banking77" / "train.csv").open())]
    rng = np.random.default_rng(1)
    mixed = [texts[i] for i in rng.permutation(len(texts))[:3_000]]
    real, held, fresh = mixed[:1_000], mixed[1_000:2_000], mixed[2_000:]
    long = [t for t in real if len(t.split()) > 15][:100]
    clean, copied = (of_texts(VerbatimRuns(), own, real, held) for own in (fresh, [*long, *fresh[100:]]))
    assert clean["verbatim_rows"].interval[0] <= clean["verbatim_rows"].detail["reference_interval"][1]  # type: ignore[index]
    assert copied["verbatim_rows"].value == pytest.approx(0.1, abs=0.015)
    assert copied["overlap_13"].interval[0] > copied["overlap_13"].detail["reference_interval"][1]  # type: ignore[index]


def test_what_it_cannot_read() -> None:
    rows = Data({"text": [None, "", "short one"], "n": [1, 2, 3]})
    assert VerbatimRuns().measure(Tables(rows, rows, rows), Context()) == [], "no text column"
    found = VerbatimRuns().measure(Tables(rows, rows, rows, text="text"), Context())
    assert [(m.metric, m.value) for m in found] == [("privacy.verbatim_run", 0), ("privacy.verbatim_rows", 0.0)]
    empty = Data({"text": [None]})
    assert VerbatimRuns().measure(Tables(empty, rows, text="text"), Context()) == []


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(5, 9)), min_size=2, max_size=40))
def test_shares_of_clusters(rows: list[tuple[int, int]]) -> None:
    value, (low, high) = clustered(*zip(*rows))
    assert 0 <= low <= value <= high <= 1 and value == sum(h for h, _ in rows) / sum(t for _, t in rows)
    doubled = clustered(*zip(*[r for r in rows for _ in range(4)]))[1]
    assert doubled[1] - doubled[0] <= high - low + 1e-9


def test_clusters_of_one_are_plain_shares() -> None:
    low, high = clustered([1] * 300 + [0] * 700, [1] * 1_000)[1]
    assert (low, high) == pytest.approx(wilson(300, 1_000), abs=0.001) and clustered([0], [0]) == (0.0, (0.0, 1.0))
