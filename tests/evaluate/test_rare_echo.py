"""rare_echo: planted secrets are found at their rate, fresh rows echo no more than the holdout's, and no word is shown."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from evaluate.metric_texts import of_texts, sentences
from evaluate.test_nearness import adult
from mintmark.core.context import Context
from mintmark.core.metric import Data, Tables
from mintmark.evaluate.rare_echo import RareEcho


def secrets(rng: np.random.Generator, n: int, mark: str) -> list[str]:
    return [f"{t}, write to {mark}{i}@example.org" for i, t in enumerate(sentences(rng, n, 3_000, 10))]


def test_planted_addresses_and_words_come_back() -> None:
    rng = np.random.default_rng(0)
    real, held, fresh = (secrets(rng, 300, mark) for mark in ("anna", "bert", "carl"))
    clean = of_texts(RareEcho(), fresh, real, held)
    assert clean["pii_echo"].value == 0 == clean["pii_echo"].detail["reference"]  # type: ignore[index]
    assert clean["rare_words"].interval[0] <= clean["rare_words"].detail["reference_interval"][1]  # type: ignore[index]
    own = [f"please mail anna{i}@EXAMPLE.org" if i < 60 else t for i, t in enumerate(fresh)]
    found = of_texts(RareEcho(), own, real, held)
    assert found["pii_echo"].value == pytest.approx(0.2) and found["pii_echo"].detail["rows"] == 60  # type: ignore[index]
    assert found["pii_echo"].interval[0] > found["pii_echo"].detail["reference_interval"][1]  # type: ignore[index]
    assert found["rare_words"].value > clean["rare_words"].value  # type: ignore[operator]
    assert found["pii_echo"].detail["examples"][0] == "row 1 shares 1 with real row 1" and "anna" not in str(found["pii_echo"].as_dict())  # type: ignore[index]
    copier = of_texts(RareEcho(), real, real, held)
    assert copier["rare_words"].value == 1 == copier["pii_echo"].value and copier["rare_words"].detail["reference"] == 0  # type: ignore[index]


def test_combinations_of_levels(data: Path) -> None:
    """The recorded CTGAN draws its combinations alike for train and control; a train table echoes itself."""
    real, held, own = (adult(data, f"adults_{name}") for name in ("train", "control", "syn_ctgan"))
    began = time.process_time()
    (made,) = RareEcho().measure(Tables(own, real, held), Context())
    assert time.process_time() - began < 6
    assert made.metric == "privacy.rare_levels" and made.interval[0] <= made.detail["reference_interval"][1]  # type: ignore[index]
    (copied,) = RareEcho().measure(Tables(real.take(range(5_000)), real, held), Context())
    assert copied.interval[0] > copied.detail["reference_interval"][1]  # type: ignore[index]


def test_what_it_cannot_read() -> None:
    rows = Data({"text": [None, "", "Zürich 北京 ok"], "k": [None, "a", "b"]})
    (words,) = RareEcho().measure(Tables(rows, rows, text="text"), Context())
    assert words.value == 1 and "nothing as rare in a holdout" in words.caveats[1] and "reference" not in (words.detail or {})
    assert RareEcho().measure(Tables(rows), Context()) == []
    assert RareEcho().measure(Tables(rows, rows, rows, text="text"), Context()) == [], "nothing is of one side alone"
    with pytest.raises(ValueError, match="no type SHOE"):
        RareEcho(types=("SHOE",))
