"""spread: closed forms; a source without one topic, and nonsense, cover less; the reference is covered."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evaluate.metric_texts import of_texts
from mintmark.core.context import Context
from mintmark.core.metric import Data, Tables
from mintmark.evaluate.spread import Ground, Spread, chamfer, distances
from mintmark.stats.vectors import cosine_kernel, pair_mean, tfidf
from mintmark.testing import check_metric


def test_closed_forms() -> None:
    d = distances(np.asarray([[0, 0], [3, 4], [0, 1.0]]))
    assert pair_mean(d) == pytest.approx((5 + 1 + math.sqrt(18)) / 3) and chamfer(d) == pytest.approx((1 + math.sqrt(18) + 1) / 3)
    assert pair_mean(cosine_kernel(np.asarray([[1, 0], [1, 1.0], [0, 2]]))) == pytest.approx(2 * math.sqrt(0.5) / 3)
    x = tfidf(["a b", "b", "c", ""])
    assert pair_mean(cosine_kernel(tfidf(["same words"] * 4))) == pytest.approx(1) and np.asarray(
        x.multiply(x).sum(1)
    ).ravel() == pytest.approx([1, 1, 1, 0])
    idf = {w: 1 + math.log(5 / (1 + n)) for w, n in (("a", 1), ("b", 2))}
    assert cosine_kernel(x)[0, 1] == pytest.approx(idf["b"] / math.hypot(idf["a"], idf["b"])) and cosine_kernel(x)[3, 3] == 1


def test_ground() -> None:
    real = np.asarray([[0, 0], [0, 1], [9, 9], [9, 8.0]])
    ground = Ground(real, 2, 0)
    assert ground.coverage(ground.hits(real)) == 1 and ground.coverage(ground.hits(real[:2])) == 0.5
    assert ground.hits(np.asarray([[100, 100.0], [0, 0.5]])).tolist()[0] == -1


def topics(rng: np.random.Generator, n: int, of: int) -> list[str]:
    """Each text has a topic with its own six words."""
    out = []
    for _ in range(n):
        t = rng.integers(0, of)
        out.append(" ".join([f"t{t}w{k}" for k in rng.integers(0, 6, 5)] + [f"common{k}" for k in rng.integers(0, 9, 2)]))
    return out


def test_a_source_with_fewer_topics_covers_fewer_clusters() -> None:
    rng = np.random.default_rng(0)
    real, held = topics(rng, 400, 12), topics(rng, 400, 12)
    same, few = (of_texts(Spread(size=300), topics(rng, 400, k), real, held) for k in (12, 4))
    assert set(same) == {n.split(".")[1] for n in Spread.gives}
    assert same["cluster_coverage"].value > 0.9 and same["cluster_coverage"].detail["reference"] > 0.9  # type: ignore[index, operator]
    assert few["cluster_coverage"].value < 0.5 and few["cluster_coverage"].detail["real_rows_of_missed"]  # type: ignore[index]
    assert few["aps"].interval[0] > few["aps"].detail["reference"]  # type: ignore[index]
    assert few["remote_clique"].interval[1] < few["remote_clique"].detail["reference"]  # type: ignore[index]
    assert few["chamfer"].interval[1] < few["chamfer"].detail["reference"]  # type: ignore[index]
    nonsense = of_texts(Spread(size=300), [f"q{i} z{i % 7} common1" for i in range(400)], real, held)
    assert nonsense["cluster_coverage"].value < 0.2  # type: ignore[operator]
    alone = of_texts(Spread(), few_rows := topics(rng, 30, 3))
    assert set(alone) == {"aps", "remote_clique", "chamfer"} and alone["aps"].n == len(few_rows)


def test_tables() -> None:
    rng = np.random.default_rng(1)

    def table(of: int, n: int = 300) -> Data:
        k = rng.integers(0, of, n)
        return Data({"x": (10.0 * k + rng.normal(0, 1, n)).tolist(), "y": rng.normal(0, 1, n).tolist(), "k": [f"k{i}" for i in k]})

    found = {m.metric.split(".")[1]: m for m in check_metric(Spread(), Tables(table(2), table(6), table(6)), Context())}
    assert set(found) == {"remote_clique", "chamfer", "cluster_coverage"}
    assert found["cluster_coverage"].value < 0.6 < found["cluster_coverage"].detail["reference"]  # type: ignore[index, operator]
    assert Spread().measure(Tables(Data({"id": [f"x-{i}" for i in range(50)]})), Context()) == []
    assert Spread().measure(Tables(Data({})), Context()) == []
