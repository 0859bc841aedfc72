"""marginals: what the noisy tree keeps at a usual epsilon, what nobody's row changes, and what is refused."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mintmark as mm
from mintmark.core.errors import RecipeError
from mintmark.stats.private_tree import Bins, Tree, alone, chances, gaps, pairs, spanning

pytest.importorskip("opendp", reason="opendp is not installed")
SCHEMA: dict[str, Any] = {
    "sex": {"levels": ["f", "m"]},
    "age": {"low": 0, "high": 100, "bins": 20, "whole": True},
    "height": {"low": 140, "high": 210, "missing": True},
    "kind": {"levels": ["a", "b", "c"]},
}


def people(n: int, seed: int = 1) -> list[dict[str, Any]]:
    """height hangs on sex, kind on age; age and sex are independent."""
    rng = random.Random(seed)
    out = []
    for k in range(n):
        sex, age = rng.choice("fm"), int(rng.triangular(18, 95, 40))
        height = None if rng.random() < 0.1 else rng.gauss(165 if sex == "f" else 179, 5)
        out.append({"sex": sex, "age": age, "height": height, "kind": "a" if age < 35 else rng.choice("bc"), "who": k // 3})
    return out


def recipe(epsilon: float = 1.0, n: int = 5_000, person: str | None = None, **more: Any) -> mm.Recipe:
    budget = {"epsilon": epsilon, "delta": 1e-6, **({"person": person} if person else {})}
    step = {"marginals": {"from": "real", "schema": SCHEMA, **more}}
    return mm.load(
        {"name": "dp", "want": 5_000, "max_candidates": 5_000, "tables": {"real": {"path": people(n), "budget": budget}}, "steps": [step]}
    )


def test_pairs_survive_epsilon_1(tmp_path: Path) -> None:
    run = mm.run(recipe(), out=tmp_path / "run")
    rows, real = run.rows(), people(5_000)
    assert len(rows) == 5_000 and run.manifest["releases"][0]["releases"] == 3
    assert run.manifest["releases"][0]["epsilon"] == pytest.approx(1.0, rel=1e-6)

    def mean(rows: list[dict[str, Any]], sex: str) -> float:
        return float(np.mean([r["height"] for r in rows if r["sex"] == sex and r["height"] is not None]))

    for sex in "fm":
        assert abs(mean(rows, sex) - mean(real, sex)) < 2
    share = [np.mean([r["kind"] == "a" for r in part if r["age"] < 30]) for part in (rows, real)]
    alone = np.mean([r["kind"] == "a" for r in real])
    assert share[1] == 1 and share[0] > 0.6 > 1.3 * alone, "noise blurs it, independence would lose it"
    assert abs(np.mean([r["height"] is None for r in rows]) - 0.1) < 0.03
    assert all(isinstance(r["age"], int) and 0 <= r["age"] <= 100 for r in rows)
    fact = run.manifest["facts"]["marginals"]["tree"]
    assert "height by sex" in fact or "sex by height" in fact


def test_a_person_with_many_rows_counts_as_one(tmp_path: Path) -> None:
    run = mm.run(recipe(person="who", n=3_000), out=tmp_path / "run")
    (told,) = run.manifest["releases"]
    assert told["people"] == 1_000 and told["unit"] == "all rows of one who"
    assert "about 1,0" in run.manifest["facts"]["marginals"]["tree"] or "about 9" in run.manifest["facts"]["marginals"]["tree"]


DOMAIN = [Bins("a", levels=("x", "y", "z")), Bins("b", low=0, high=1, n=4), Bins("c", levels=(0, 1), missing=True)]
tables = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=25)


@given(tables, st.integers(0, 3))
def test_one_person_moves_each_release_by_at_most_its_sensitivity(rows: list[tuple[int, int, int, int]], who: int) -> None:
    def of(rows: list[tuple[int, int, int, int]]) -> list[Any]:
        counts = {p: sum(r[3] == p for r in rows) for p in range(4)}
        codes = {b.name: np.asarray([r[k] for r in rows], int) for k, b in enumerate(DOMAIN)}
        weight = np.asarray([1 / counts[r[3]] for r in rows], float)
        edges = [(DOMAIN[0], DOMAIN[1]), (DOMAIN[1], DOMAIN[2])]
        return [np.asarray(v) for v in (alone(codes, DOMAIN, weight), gaps(codes, DOMAIN, weight), pairs(codes, edges, weight))]

    for full, rest, bound in zip(of(rows), of([r for r in rows if r[3] != who]), (3**0.5, 4 * 3**0.5, 2**0.5)):
        assert np.linalg.norm(full - rest) <= bound + 1e-9


def test_the_strongest_pairs_span_the_tree() -> None:
    edges = spanning(DOMAIN, [1.0, 5.0, 9.0])  # a-b, a-c, b-c
    assert [(a.name, b.name) for a, b in edges] == [("a", "c"), ("c", "b")]


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8))
def test_chances(counts: list[float]) -> None:
    p = chances(np.asarray(counts))
    assert (p >= 0).all() and p.sum() == pytest.approx(1)
    if min(counts) > 0:
        assert np.allclose(p, np.asarray(counts) / sum(counts))


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=True), st.text(max_size=3), st.integers(-5, 5), st.booleans()), max_size=8))
def test_any_cell_has_a_bin(cells: list[Any]) -> None:
    for b in DOMAIN:
        codes = b.encode(cells)
        assert all(0 <= c < b.size for c in codes)
        assert len(b.decode(codes, np.random.default_rng(0))) == len(cells)


def test_without_noise_the_tree_is_exact() -> None:
    rng = np.random.default_rng(3)
    codes = {"a": rng.integers(0, 3, 30_000)}
    codes["b"] = (codes["a"] + (rng.random(30_000) < 0.2)) % 4
    codes["c"] = np.where(codes["b"] > 1, 1, 0)
    weight = np.ones(30_000)
    edges = spanning(DOMAIN, gaps(codes, DOMAIN, weight))
    tree = Tree.of(DOMAIN, alone(codes, DOMAIN, weight), edges, pairs(codes, edges, weight), 0.0)
    made = tree.sample(30_000, 1)
    for value, name in ((("x"), "a"), ((1), "c")):
        assert abs(made[name].count(value) / 30_000 - (codes[name] == DOMAIN["abc".index(name)].levels.index(value)).mean()) < 0.02
    assert all((c == 1) == (b >= 0.5) for b, c in zip(made["b"], made["c"]))


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "names no column"),
        ({"age": [1, 2]}, "expected {levels"),
        ({"age": {"low": 5, "high": 5}}, "low below high"),
        ({"age": {"low": 0, "high": 9, "bin": 3}}, "Did you mean 'bins'"),
        ({"sex": {"levels": ["f", "f"]}}, "different values"),
        ({"agee": {"low": 0, "high": 9}}, "Did you mean 'age'"),
    ],
)
def test_refused(schema: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        mm.check(recipe(n=100, **{"schema": schema}))
