"""closed_book: what a model answers without the passage is dropped; any of the samples is enough."""

from __future__ import annotations

from typing import Any

import pytest

import mintmark as mm
from each import last, run_op
from mintmark.core.rows import Drop, Row

ROW = {
    "question": "How long is\nthe bridge?",
    "answer": "80 m",
    "passage": "It is 80 m long.",
    "hits": [{"text": "It is old."}, {"text": "It is in Ulm."}],
}


def ask(answers: list[str | None], row: dict[str, Any] | None = None, **more: Any) -> tuple[Any, list[Any]]:
    left = list(answers)
    (made,), asked = run_op(mm.curate.ClosedBook(**more), [row or ROW], lambda r: {"answer": left.pop(0)})
    return made, asked


def test_known_is_dropped_at_the_first_sample_that_knows() -> None:
    made, asked = ask([None, "the 80 M", "x"], samples=3)
    assert made == Drop("known_without_passage", "stated: 80 m; found: the 80 M") and len(asked) == 2
    assert len({r.key("m") for r in asked}) == 2 and asked[0].messages == asked[1].messages


def test_unknown_stays_with_its_best_score() -> None:
    made, asked = ask([None, "80 feet high up", "", "wrong"], samples=4)
    assert isinstance(made, Row) and len(asked) == 4 and made.values["closed_book_f1"] == pytest.approx(2 / 6, abs=1e-6)
    assert isinstance(ask(["80 feet high up"], least=0.3)[0], Drop) and isinstance(ask(["80.0"], {**ROW, "answer": 80})[0], Drop)


def test_the_model_sees_neither_answer_nor_passage() -> None:
    _, (request,) = ask([None])
    shown = "\n".join(m["content"] for m in request.messages)
    assert "80 m" not in shown and "Ulm" not in shown and '"How long is\\nthe bridge?"' in last(request)


def test_shown_columns_make_it_a_one_hop_test() -> None:
    made, (request,) = ask(["80 m"], shown=["passage", "hits"])
    assert made.reason == "one_hop" and last(request).splitlines()[:3] == ['"It is 80 m long."', '"It is old."', '"It is in Ulm."']


def test_unanswerable_rows_pass_unasked() -> None:
    made, asked = ask([], {**ROW, "answer": None})
    assert made.values["closed_book_f1"] is None and asked == []
    with pytest.raises(ValueError):
        mm.curate.ClosedBook(samples=0)
