"""vectors: near 1 for one population, near 0 for two; falls with a mixture; ceiling and floor stand beside the value."""

from __future__ import annotations

import random

import numpy as np

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.embedders.tfidf import TfidfEmbedder
from mintmark.evaluate.vectors import Vectors, independent
from mintmark.testing import check_metric

A, B = "card bank fee charge refund balance".split(), "rain sun wind cloud storm snow".split()


def measured(tables: Tables, ctx: Context | None = None) -> dict[str, Measurement]:
    return {m.metric: m for m in check_metric(Vectors(most=120), tables, ctx or Context())}


def texts(n: int, other: float, seed: int) -> Data:
    rng = random.Random(seed)
    return Data({"text": [" ".join(rng.choices(B if rng.random() < other else A, k=8)) for _ in range(n)]})


def test_monotone_in_a_mixture() -> None:
    ctx = Context(embedders={"default": TfidfEmbedder()})
    real, held = texts(120, 0, 1), texts(120, 0, 2)
    found = [measured(Tables(texts(120, share, 3), real, held, text="text"), ctx) for share in (0, 0.5, 1)]
    mauve, frechet = ([f[f"realism.{name}"] for f in found] for name in ("mauve", "frechet"))
    assert mauve[0].value > mauve[1].value > mauve[2].value and mauve[0].value > 0.8 and mauve[2].value < 0.02  # type: ignore[operator]
    assert frechet[0].value < frechet[1].value < frechet[2].value  # type: ignore[operator]
    assert mauve[0].detail and abs(mauve[0].detail["ceiling"] - mauve[0].value) < 0.15 and "tfidf" in mauve[0].caveats[1]  # type: ignore[operator]
    assert mauve[0].interval and mauve[2].interval and mauve[2].interval[1] < mauve[0].interval[0]


def test_tables_and_their_floor() -> None:
    rng = np.random.default_rng(0)

    def table(n: int) -> Data:
        x = rng.normal(size=n)
        return Data({"a": x.tolist(), "b": (x + 0.05 * rng.normal(size=n)).tolist()})

    found = measured(Tables(table(200), table(60), table(200)))
    mauve, frechet = found["realism.mauve"], found["realism.frechet"]
    assert mauve.detail and frechet.detail and mauve.value is not None and frechet.value is not None
    assert mauve.detail["floor"] < 0.5 < mauve.value and frechet.detail["floor"] > 3 * frechet.value
    assert mauve.detail["value_at_ceiling_rows"] != mauve.value, "the ceiling has 60 rows, the value 200"


def test_too_few_rows_or_nothing_shared() -> None:
    few = Data({"a": [1.0, 2.0]})
    assert measured(Tables(few, few)) == {} and measured(Tables(Data({"a": [1.0] * 30}), Data({"b": [1.0] * 30}))) == {}
    same = Data({"text": ["one text"] * 30})
    assert measured(Tables(same, same, text="text"))["realism.mauve"].value > 0.999  # type: ignore[operator]


def test_independent_keeps_words_and_lengths() -> None:
    data = Data({"text": ["a b c", None, "d e"], "k": [1, 2, 3]})
    made = independent(data, "text", 0).columns
    assert [len(t.split()) for t in made["text"]] == [3, 0, 2] and sorted(" ".join(made["text"]).split()) == list("abcde")
    assert sorted(made["k"]) == [1, 2, 3]
