"""language: measured accuracy, what is kept and dropped, texts without letters."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language_sentences import SENTENCES

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Drop, Row
from mintmark.text.language import Detector

PAIRS = [(language, s) for language, some in SENTENCES.items() for s in some.split("|")]


def one(text: Any, **params: Any) -> Any:
    result = mm.curate.Language("t", **params).each(Row("r", {"t": text}), Context())
    return dict(result.values) if isinstance(result, Row) else result


def test_measured_on_own_sentences() -> None:
    """2026-11-21: 127 and 128 of 128; first three words 106 of 112."""
    free, few = Detector(), Detector(list(SENTENCES))
    assert len(PAIRS) == 128
    assert sum(free.detect(s)[0] == language for language, s in PAIRS) >= 125
    assert sum(few.detect(s)[0] == language for language, s in PAIRS) >= 126
    short = [(language, " ".join(s.split()[:3])) for language, s in PAIRS if language not in ("ja", "zh")]
    assert sum(free.detect(s)[0] == language for language, s in short) >= 102


def test_measured_on_customers(data: Path) -> None:
    """2026-11-21: 3,075 of 3,080."""
    with (data / "banking77" / "test.csv").open() as file:
        found = [Detector().detect(r["text"])[0] for r in csv.DictReader(file)]
    assert len(found) == 3080 and found.count("en") >= 3065


def test_keep_and_least() -> None:
    german = "Das Paket ist noch nicht angekommen."
    made = one(german, keep=("en", "de"))
    assert made["t_language"] == "de" and made["t_language_confidence"] > 0.9
    assert one(german, keep=("en",)).reason == "language" and one(german, keep=("en",)).detail.startswith("de ")
    assert one("ok", least=0.99).reason == "unsure"
    assert one(german, among=("en", "fr"), least=0)["t_language"] in ("en", "fr")
    for nothing in (None, "", "123 !", "🙂"):
        assert one(nothing) == {"t": nothing, "t_language": "und", "t_language_confidence": 0.0}
    assert one("", keep=("en",)) == Drop("language", "und 0.00")


@pytest.mark.parametrize("wrong", [{"keep": ["english"]}, {"among": ["xx"]}])
def test_codes_that_are_not_known(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match="is not known; codes"):
        mm.curate.Language.from_params({"column": "t", **wrong}, "language").check(Scene(("t",)))


@pytest.mark.parametrize("wrong", [{"least": 2}, {"keep": []}, {"keep": ["de"], "among": ["en"]}])
def test_parameters_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        mm.curate.Language.from_params({"column": "t", **wrong}, "language")


@given(st.text(alphabet=st.characters(), max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text(text: str) -> None:
    language, confidence = Detector().detect(text)
    assert 2 <= len(language) <= 3 and 0 <= confidence <= 1


def test_long_texts_are_read_in_part() -> None:
    begun = time.process_time()
    assert Detector().detect("the cat sat on the mat " * 50_000)[0] == "en"
    assert time.process_time() - begun < 1
