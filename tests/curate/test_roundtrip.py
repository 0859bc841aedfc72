"""roundtrip: a row stays only if a reader comes to its answer; unanswerable ones only if the reader finds none."""

from __future__ import annotations

import random
from typing import Any

import pytest

import mintmark as mm
from each import last, run_op
from mintmark.core.rows import Drop, Row


def read(found: str | None, answer: Any, **more: Any) -> Any:
    row = {"question": "How long?", "passage": "It is 80 m long.", "answer": answer}
    (made,), _ = run_op(mm.curate.Roundtrip(**more), [row], lambda r: {"answer": found})
    return made


@pytest.mark.parametrize(
    "found, stated, score",
    [
        ("80 m", "80 m", 1.0),
        ("the 80 M.", "80 m", 1.0),
        ("80.0", "80", 1.0),
        ("1,000", 1000, 1.0),
        ("80 m long", "80 m", 0.8),
        ("80", "80 m", 0.6667),
        ("90 m", "80 m", 0.5),
    ],
)
def test_kept_by_f1_or_as_numbers(found: str, stated: Any, score: float) -> None:
    made = read(found, stated)
    assert made.values["roundtrip_f1"] == pytest.approx(score, abs=1e-4) and made.values["roundtrip_answer"] == found
    assert isinstance(read(found, stated, least=score - 1e-3), Row)
    assert score == 1.0 or isinstance(read(found, stated, least=score + 1e-3), Drop)


def test_not_recovered() -> None:
    assert read("ninety", "80 m") == Drop("not_recovered", "stated: 80 m; the reader: ninety; F1 0.00")
    assert read(None, "80 m").reason == "not_recovered" and read("", "80 m").reason == "not_recovered"


def test_unanswerable() -> None:
    assert read(None, None).values["roundtrip_f1"] is None and isinstance(read("", None), Row)
    assert read("80 m", None) == Drop("answerable", "80 m")


def test_several_passages_and_what_retrieve_wrote() -> None:
    op = mm.curate.Roundtrip(passages=["passage", "hits"])
    row = {"question": "Q?", "passage": 'One "P".', "hits": [{"text": "Two.\n-----"}, {"text": "Three."}], "answer": "a"}
    _, (request,) = run_op(op, [row], lambda r: {"answer": "a"})
    assert last(request).splitlines()[:3] == ['"One \\"P\\"."', '"Two.\\n-----"', '"Three."'] and request.messages[0]["role"] == "system"
    assert "stated" not in last(request) and op.reads(None) == ("question", "answer", "passage", "hits")  # type: ignore[arg-type]


def test_corrupted_passages_are_caught() -> None:
    """Methods 3.1: swap the entity that holds the answer; a reader that only copies from the passage no longer comes to the answer."""
    rng = random.Random(5)
    towns = [f"Town{i}" for i in range(40)]
    rows = [{"question": f"Where is bridge {i}?", "passage": f"Bridge {i} stands in {t}.", "answer": t} for i, t in enumerate(towns)]
    hurt = {i: rng.choice([t for t in towns if t != towns[i]]) for i in rng.sample(range(40), 15)}
    corrupted = [{**r, "passage": r["passage"].replace(r["answer"], hurt.get(i, r["answer"]))} for i, r in enumerate(rows)]

    def reader(request: Any) -> Any:
        return {"answer": last(request).split("stands in ")[1].split(".")[0]}

    clean, swapped = (run_op(mm.curate.Roundtrip(), given, reader)[0] for given in (rows, corrupted))
    assert all(isinstance(r, Row) for r in clean)
    assert {i for i, r in enumerate(swapped) if isinstance(r, Drop)} == set(hurt)
