"""arithmetic and its drops, on recorded solutions of GPT-3 models and on the cases that its docstring names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import lines
from mintmark.core.context import Context
from mintmark.core.rows import Drop, Row


def one(value: Any) -> Any:
    return mm.curate.Arithmetic("s").each(Row("r", {"s": value}), Context())


def test_recorded_solutions(data: Path) -> None:
    checked = dropped = right = wrong = 0
    for row in lines(data / "gsm8k" / "example_model_solutions.jsonl"):
        for model in ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"):
            result = one(row[model]["solution"])
            wrong += not row[model]["is_correct"]
            if isinstance(result, Drop):
                dropped += 1
                right += row[model]["is_correct"]
            else:
                checked += result.values["s_checked"]
    assert (dropped, right, wrong) == (41, 2, 3_275)
    assert 16_400 < checked < 16_600


@pytest.mark.parametrize(
    ("text", "checked"),
    [("<<3+4=7>>7, <<x+1=4>>, <<7/3=2.33>>", 2), ("no steps", 0), ("", 0), (None, 0), (18, 0), ("<<1+1=2>>" * 9, 9)],
)
def test_kept(text: Any, checked: int) -> None:
    assert one(text).values == {"s": text, "s_checked": checked}


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("<<1+1=2>> <<10*(2/3)=8>>", "10*(2/3)=8, it is 6.66667"), ("<<20,000/400=5>>", "20,000/400=5, it is 50"), ("<<3-3=0.5>>", "3-3=0.5, it is 0"),
        ("<<2^4000=1>>", "2^4000=1, it is a number beyond 1e308"),
    ],
)  # fmt: skip
def test_dropped(text: str, detail: str) -> None:
    assert one(text) == Drop("wrong_arithmetic", detail)
