"""gibberish: measured on what people wrote and on what no language is; learned from a table; bounds; speed."""

from __future__ import annotations

import base64
import csv
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language_sentences import SENTENCES

import mintmark as mm
from conftest import lines
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns, Drop, Row
from mintmark.text.gibberish import Likelihood, bound, faults, signs

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def made() -> dict[str, list[str]]:
    rng = random.Random(1)

    def words(alphabet: str) -> str:
        return " ".join("".join(rng.choice(alphabet) for _ in range(rng.randint(3, 9))) for _ in range(8))

    return {
        "uniform": [words(LETTERS) for _ in range(200)],
        "keyboard": [words(rng.choice(["asdfghjkl", "qwertyuiop", "zxcvbnm", "sdfjkl"])) for _ in range(200)],
        "base64": [base64.b64encode(rng.randbytes(60)).decode() for _ in range(200)],
        "symbols": ["".join(rng.choice("#$%&*@!^~{}|<>;:ab ") for _ in range(60)) for _ in range(200)],
    }


def test_measured(data: Path) -> None:
    """2026-11-21, without a table: 127, 150, 152, 200 of 200; with one: all. Of people's texts 0 without, 11 of 1,540 with."""
    with (data / "banking77" / "test.csv").open() as file:
        bank = [r["text"] for r in csv.DictReader(file)]
    maths = [r["question"] for r in lines(data / "gsm8k" / "test.jsonl")]
    own = [s for some in SENTENCES.values() for s in some.split("|")]
    assert not [t for t in [*bank, *maths, *own] if faults(t)]
    model, most = bound(bank[::2], 0.01)
    assert sum(model.bits(t) > most for t in bank[1::2]) <= 30
    shuffled = [" ".join("".join(random.Random(i).sample(w, len(w))) for w in t.split()) for i, t in enumerate(bank[:200])]
    assert sum(model.bits(t) > most for t in shuffled) >= 195
    for kind, least in {"uniform": 115, "keyboard": 140, "base64": 140, "symbols": 198}.items():
        texts = made()[kind]
        assert sum(bool(faults(t)) for t in texts) >= least, kind
        assert sum(model.bits(t) > most for t in texts) >= 198, kind


def one(text: Any, tables: dict[str, Any] | None = None, **params: Any) -> Any:
    result = mm.curate.Gibberish("t", **params).each(Row("r", {"t": text}), Context(tables=tables or {}))
    return dict(result.values) if isinstance(result, Row) else result


def test_drop_flag_and_bounds() -> None:
    mash = "sdkfjh wqrtpl xcvbnm zxcv"
    assert one(mash) == Drop("gibberish", "vowels 0, odd_words 1")
    assert one(mash, bounds={"vowels": None, "odd_words": [0, 1]}) == {"t": mash}
    assert one(mash, action="flag")["t_gibberish"] == {"vowels": 0.0, "odd_words": 1.0}
    assert one("fine words here", action="flag")["t_gibberish"] == {}
    assert one(None) == {"t": None} and one("") == {"t": ""} and one("ok!!!") == {"t": "ok!!!"}


def test_learned_from_a_table() -> None:
    table = Columns(
        "real", {"text": [f"please send the {w} card to my {p}" for w in ("new", "old", "red") for p in ("home", "work", "bank") * 4]}
    )
    odd = "qzxj vkwq jjx"
    found = one(odd, {"real": table}, like="real.text")
    assert found.reason == "gibberish" and " above " in found.detail
    assert one("please send my card home", {"real": table}, like="real.text", share=0.05)
    few = Columns("real", {"text": ["a"] * 19 + [None] * 5})
    with pytest.raises(RecipeError, match="expected at least 20"):
        one(odd, {"real": few}, like="real.text")
    with pytest.raises(RecipeError, match="at least 20"):
        mm.curate.Gibberish("t", "real.text").check(Scene(("t",), {"real": Columns("real", {"text": ["a"]})}, where="x"))


@pytest.mark.parametrize(
    "wrong", [{"share": 0}, {"like": "real"}, {"bounds": {"vowel": None}}, {"bounds": {"vowels": [1, 0]}}, {"bounds": {"vowels": 3}}]
)
def test_parameters_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        mm.curate.Gibberish.from_params({"column": "t", **wrong}, "gibberish")


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_text(text: str) -> None:
    assert all(v >= 0 for v in signs(text).values())
    assert 0 <= Likelihood(["some text"]).bits(text) <= 20


@pytest.mark.parametrize("piece", ["a", "b ", "é"])
def test_long_texts(piece: str) -> None:
    begun = time.process_time()
    signs(piece * 1_000_000)
    assert time.process_time() - begun < 2
