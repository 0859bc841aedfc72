"""Holes that a proof on paper does not see: floating point, the type of a column, vectors that are none, and rounding a guarantee down."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.core.ports import Allowance
from mintmark.stats.gaussian_dp import epsilon_of, mu_for, mu_of, sigma_for, upward
from mintmark.stats.membership import epsilon_shown
from mintmark.stats.one_cell import number, plain
from mintmark.stats.private_tree import Bins, alone, gaps, pairs
from mintmark.stats.private_votes import floored, grid, histogram
from mintmark.stores.tables import read_table, set_aside


def test_a_row_more_turns_no_near_tie_of_the_others() -> None:
    """Candidates are permutations of one vector, rows are all ones: equal cosines that a matrix product rounds by the shape of the matrix."""
    rng = np.random.default_rng(0)
    for _ in range(30):
        base = rng.standard_normal(64)
        candidates, n = grid([rng.permutation(base) for _ in range(12)]), int(rng.integers(2, 40))
        private = grid(np.ones((n, 64)))
        full, rest = (histogram(p, candidates, range(len(p)), [None] * len(p), [None] * 12) for p in (private, private[1:]))
        assert np.linalg.norm(full - rest) <= 1


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 600))
def test_products_on_the_grid_are_exact_in_any_order(seed: int, n: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = grid(rng.standard_normal((n, d)) * 10.0 ** rng.integers(-8, 8)), grid(rng.standard_normal((3, d)))
    order = rng.permutation(d)
    product = a.astype(float) @ b.astype(float).T
    assert (product == a.astype(float)[:, order] @ b.astype(float)[:, order].T).all()
    assert product[0, 0] == sum(int(x) * int(y) for x, y in zip(a[0].tolist(), b[0].tolist(), strict=True))
    assert np.allclose(np.linalg.norm(a.astype(float), axis=1), 2**24, rtol=1e-4)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("people", [range(3), ["x", "x", "y"]])
def test_a_vector_that_is_none_votes_for_all_alike_and_spoils_nobody_elses(bad: float, people: Any) -> None:
    private, candidates = grid([[bad, 0.0], [1.0, 0.0], [0.0, 1.0]]), grid([[1.0, 0.0], [0.0, 1.0], [bad, bad], [1.0, 1.0]])
    found = histogram(private, candidates, people, [None] * 3, [None] * 4)
    assert np.isfinite(found).all()
    assert np.linalg.norm(found - histogram(private[1:], candidates, people[1:], [None] * 2, [None] * 4)) <= 1


@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=30), min_size=1, max_size=5), st.randoms())
def test_votes_weigh_at_most_one_and_their_sums_are_exact(people: list[list[float]], chance: Any) -> None:
    votes = [floored(np.asarray(v) / max(1.0, float(np.linalg.norm(v)))) for v in people]
    assert all(sum(int(x * 2**20) ** 2 for x in v.tolist()) <= 2**40 for v in votes)
    cells = [x for v in votes for x in v.tolist()]
    chance.shuffle(cells)
    assert sum(cells) == math.fsum(cells)


WAYS = {
    "a word": ([{"a": 1, "b": 2.5, "c": "x"}, {"a": 0, "b": 3.0, "c": "y"}] * 8, {"a": "n/a", "b": "n/a", "c": "1"}),
    "a fraction": ([{"a": 1, "b": 2, "c": "true"}, {"a": 0, "b": 3, "c": "false"}] * 8, {"a": 0.5, "b": 0.25, "c": "perhaps"}),
    "a number past all": ([{"a": 1, "b": 2, "c": "7"}, {"a": 0, "b": 3, "c": "8"}] * 8, {"a": 10**400, "b": 1e300, "c": "007"}),
    "another key": ([{"a": 1, "b": 2, "c": 7}, {"a": 0, "b": 3, "c": 8}] * 8, {"a": 1, "b": 1, "c": 1, "d": [1, {"e": None}]}),
}
DOMAIN = [Bins("a", levels=(0, 1)), Bins("b", low=0, high=10, n=5, missing=True), Bins("c", levels=("x", "y", 7, 8, True, False))]


def _tables(way: str, kind: str, tmp_path: Any) -> list[Any]:
    rows, other = WAYS[way]
    out = []
    for k, all_rows in enumerate(([*rows, other], rows)):
        source: Any = all_rows
        if kind == "csv":
            source = tmp_path / f"{k}.csv"
            lines = [",".join(str(r[n]) for n in "abc") for r in all_rows]
            source.write_text("\n".join(["a,b,c", *lines, ""]))
        out.append(read_table("real", source, private=True))
    return out


@pytest.mark.parametrize("kind", ["csv", "objects"])
@pytest.mark.parametrize("way", list(WAYS))
def test_one_persons_cell_does_not_change_how_others_are_read(way: str, kind: str, tmp_path: Any) -> None:
    """One "n/a" makes text of a CSV column of numbers: read by their type, all rows would move to another bin, and no sensitivity would hold."""

    def of(table: Any) -> list[Any]:
        codes = {b.name: b.encode(table.column(b.name)) for b in DOMAIN}
        weight = np.ones(len(table))
        edges = [(DOMAIN[0], DOMAIN[1]), (DOMAIN[1], DOMAIN[2])]
        return [np.asarray(v) for v in (alone(codes, DOMAIN, weight), gaps(codes, DOMAIN, weight), pairs(codes, edges, weight))]

    full, rest = _tables(way, kind, tmp_path)
    for a, b, bound in zip(of(full), of(rest), (3**0.5, 4 * 3**0.5, 2**0.5)):
        assert np.linalg.norm(a - b) <= bound
    assert sum(of(full)[0]) == 3 * len(full), "every cell has a bin"
    for name in "abc":
        assert [plain(c) for c in full.column(name)][:-1] == [plain(c) for c in rest.column(name)]


@pytest.mark.parametrize("kind", ["csv", "objects"])
@pytest.mark.parametrize("way", list(WAYS))
def test_one_persons_row_does_not_move_others_into_the_holdout(way: str, kind: str, tmp_path: Any) -> None:
    rows, other = WAYS[way]
    many = [{**r, "a": k} for k, r in enumerate(rows * 4)]
    held = []
    for k, all_rows in enumerate(([*many, other], many)):
        source: Any = all_rows
        if kind == "csv":
            source = tmp_path / f"{k}.csv"
            source.write_text("\n".join(["a,b,c", *(",".join(str(r[n]) for n in "abc") for r in all_rows), ""]))
        table = read_table("real", source, private=True)
        table.allowance = Allowance("real", table.digest, 1.0, 1e-3, len(table))
        held.append({plain(v) for v in set_aside(table, seed=3)[1].column("a")} - {plain(other["a"])})
    assert held[0] == held[1] and 0 < len(held[0]) < 40


@given(st.one_of(st.integers(-(10**18), 10**18), st.floats(allow_nan=False, allow_infinity=False), st.booleans()))
def test_a_cell_reads_the_same_as_text_and_as_number(value: Any) -> None:
    assert plain(value) == plain(str(value)) or "e" in str(value)
    assert plain(value) == plain(float(value)) or isinstance(value, bool)


def test_one_persons_cell_turns_nobody_elses_decimal_comma_into_text(tmp_path: Any) -> None:
    """A file with semicolons: 1,5 is a number where the column holds nothing but numbers, and text beside one "n/a"."""
    read = []
    for name, more in (("rest", ""), ("full", "n/a;u\n")):
        (tmp_path / f"{name}.csv").write_text(f"kg;who\n61,5;x\n-0,50;y\n7;z\n{more}")
        read.append(read_table(name, tmp_path / f"{name}.csv").column("kg"))
    assert isinstance(read[0][0], float) and isinstance(read[1][0], str), "the column's type is another, as it was"
    assert [number(c) for c in read[0]] == [number(c) for c in read[1][:3]] == [61.5, -0.5, 7.0]
    assert [plain(c) for c in read[0]] == [plain(c) for c in read[1][:3]]


def test_cells() -> None:
    assert [plain(c) for c in ("007", " 7", "7.50", ".5", "-0", 7.0, "", None, math.nan, True, "TRUE", "nan", "1_0")] == [
        "007", " 7", "7.5", "0.5", "0", "7", None, None, None, "true", "true", "nan", "1_0",
    ]  # fmt: skip
    assert number("1e999") == math.inf == number(10**400) and number(True) is None and number("inf") is None


@pytest.mark.parametrize("epsilon", [1e-4, 0.01, 0.5, 1.0, 4.0, 20.0, 1_000.0])
@pytest.mark.parametrize("delta", [1e-30, 1e-12, 1e-6, 1e-3, 0.4])
def test_every_root_lies_on_the_side_that_protects(epsilon: float, delta: float) -> None:
    mp = pytest.importorskip("mpmath", reason="mpmath is not installed")
    with mp.workdps(60):

        def exact(epsilon: float, mu: float) -> Any:
            e, m = mp.mpf(epsilon), mp.mpf(mu)
            phi = lambda x: mp.erfc(-x / mp.sqrt(2)) / 2  # noqa: E731
            return phi(-e / m + m / 2) - mp.e**e * phi(-e / m - m / 2)

        mu = mu_for(epsilon, delta)
        assert exact(epsilon, mu) <= delta and exact(epsilon, mu * (1 + 3e-9)) > delta
        assert exact(epsilon_of(delta, mu), mu) <= delta and epsilon_of(delta, mu) <= epsilon
        sigma = sigma_for(epsilon, delta, 7)
        assert exact(epsilon, mu_of([(1.0, sigma)] * 7)) <= delta


@given(st.floats(1e-6, 1e6))
def test_a_printed_epsilon_is_never_less_than_the_one_meant(epsilon: float) -> None:
    assert float(upward(epsilon)) >= epsilon * (1 - 3e-9) and float(upward(epsilon)) <= epsilon * 1.011


def test_upward() -> None:
    assert [upward(x) for x in (1.004455, 1.0, 0.99999, 0.0, 0.000123456, math.inf)] == ["1.01", "1", "1", "0", "0.000124", "inf"]


def test_what_runs_show_of_a_gaussian_release_stays_below_its_epsilon_and_comes_near_it() -> None:
    rng, mu, delta = np.random.default_rng(7), 1.0, 1e-2
    found = [epsilon_shown(rng.normal(mu, 1, 4_000), rng.normal(0, 1, 4_000), delta, level=0.95) for _ in range(60)]
    true = epsilon_of(delta, mu)
    assert sum(e > true for e in found) <= 6 and np.median(found) > 0.7 * true, (true, found)
    assert epsilon_shown([0.0] * 300, [0.0] * 300, delta) == 0
