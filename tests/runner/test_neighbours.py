"""Whole runs on neighbouring data sets: what the finished rows show of one person stays below the epsilon that is stated, and a fault does not.

Each op's own path to its last rows, with OpenDP's noise, many times over, with and without one person who has ten rows unlike all others. From a score
of the finished rows alone an attacker guesses which it was; the errors bound epsilon from below (stats/membership.py). Faults that such a test must
catch: a person's rows that each count, noise that is too small.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.op import State
from mintmark.core.ports import Allowance, Release
from mintmark.core.rows import Batch, Tally
from mintmark.curate.elect import Elect
from mintmark.generate.evolve_rows import EvolveRows
from mintmark.generate.marginals import Marginals
from mintmark.generate.vote import Vote
from mintmark.noise.gaussian import add_noise
from mintmark.stats import gaussian_dp
from mintmark.stats.membership import epsilon_shown
from mintmark.stores.tables import read_table

pytest.importorskip("opendp", reason="opendp is not installed")
EPSILON, DELTA, OTHERS, ROWS = 1.0, 0.02, 12, 10
HERE, THERE = 0.0, 1.5
SCHEMA = {"kind": {"levels": ["a", "b", "c"]}}
PAIR = {**SCHEMA, "size": {"low": 0, "high": 4, "bins": 4, "whole": True}}
mu_for = cache(gaussian_dp.mu_for)


@dataclass
class Noisy:
    """Context.release with its noise, without an account: that one is tested for itself. factor: below 1 is a fault."""

    factor: float = 1.0

    async def release(self, asked: Release) -> Sequence[float]:
        return add_noise(asked.values, asked.sigma * self.factor)

    def told(self) -> list[dict[str, Any]]:
        return []


class Angles:
    """A text is an angle, its vector a point of the circle."""

    name, local, pure = "angles", True, True

    def fit(self, texts: Sequence[str]) -> Angles:
        return self

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [[math.cos(float(t)), math.sin(float(t))] for t in texts]

    async def aclose(self) -> None:
        pass


def rows(one_more: bool) -> list[dict[str, Any]]:
    known = [{"who": k, "text": f"{HERE:.4f}", "kind": "ab"[k % 2], "size": k % 3} for k in range(OTHERS)]
    return known + [{"who": OTHERS, "text": f"{THERE:.4f}", "kind": "c", "size": 3}] * ROWS * one_more


def context(one_more: bool, fault: str, seed: int) -> Context:
    table = read_table("real", rows(one_more), private=True)
    person = None if fault == "every row counts" else "who"
    table.allowance = Allowance("real", table.digest, EPSILON, DELTA, OTHERS, person)
    noise = Noisy(float(fault.removeprefix("noise times "))) if fault.startswith("noise") else Noisy()
    return Context(seed, tables={"real": table}, embedders={"angles": Angles()}, releaser=noise, label="step")


async def evolved(ctx: Context) -> float:
    """Aug-PE: first drafts, votes, variations, the election. The score: the noisy votes of the one text that the person would vote for."""
    told = {"source": "real", "column": "text", "rows": 3, "embedder": "angles"}
    vote, elect = Vote(**told, share=0.1, rounds=2, children=2), Elect(**told, share=0.9)  # type: ignore[arg-type]
    kept: list[dict[str, Any]] = []

    def batches(names: Sequence[str]) -> Any:
        columns = {n: [r[n] for r in kept] for n in names}
        yield Batch([(k, 0) for k in range(len(kept))], [r["id"] for r in kept], columns)

    for number in range(1, vote.rounds + 2):
        state = State(number, {}, {}, {}, batches)
        await vote.ready(ctx, state)
        for k, row in enumerate(list(vote.plan(ctx, 0, 1_000, state))):
            first = f"{THERE if k == 0 else HERE + 0.01 * k:.4f}"
            parent = row.values["parent"]  # type: ignore[union-attr]
            text = first if parent is None else f"{float(parent) + random.Random(row.id).uniform(0.02, 0.05):.4f}"  # type: ignore[union-attr]
            kept.append({"id": row.id, "text": text, "group": None, "round": number})  # type: ignore[union-attr]
    settled = await elect.settle(batches, ctx.at("elect", "", Tally()))
    elected = [(kept[key[0]]["text"], v.values["votes"]) for key, v in settled if v.drop is None]
    return max((votes for text, votes in elected if text == f"{THERE:.4f}"), default=-1e9)


async def tabled(ctx: Context, schema: Any = SCHEMA) -> float:
    """marginals: the share of rows like the person's among those drawn."""
    op = Marginals("real", schema)
    await op.ready(ctx)
    drawn = [row.values for row in op.plan(ctx, 0, 200)]  # type: ignore[union-attr]
    return sum(r["kind"] == "c" and r.get("size", 3) == 3 for r in drawn)


async def paired(ctx: Context) -> float:
    return await tabled(ctx, PAIR)


async def voted(ctx: Context) -> float:
    """Tab-PE: the share of rows like the person's among those that are left."""
    op = EvolveRows("real", SCHEMA, rows=3, rounds=2, children=2)
    await op.ready(ctx)
    return sum(row.values["kind"] == "c" for row in op.plan(ctx, 0, op.rows))  # type: ignore[union-attr]


def shown(made: Callable[[Context], Any], times: int, fault: str = "") -> float:
    """The epsilon that so many runs on either data set prove, 99.9 % sure."""

    async def all_runs() -> list[list[float]]:
        return [[await made(context(one_more, fault, k)) for k in range(times)] for one_more in (True, False)]

    return epsilon_shown(*asyncio.run(all_runs()), DELTA)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("private.voting", "generate.marginals", "generate.evolve_rows"):
        monkeypatch.setattr(f"mintmark.{name}.mu_for", mu_for)
    monkeypatch.setattr("mintmark.generate.marginals.BLOCK", 200)


ALL = [evolved, tabled, paired, voted]


@pytest.mark.parametrize("made", ALL)
def test_finished_rows_show_no_more_than_is_stated(made: Any) -> None:
    assert shown(made, 160) <= EPSILON


@pytest.mark.parametrize("made", ALL)
def test_a_person_whose_rows_all_count_is_found(made: Any) -> None:
    assert shown(made, 150, "every row counts") > EPSILON


@pytest.mark.parametrize("made", [evolved, tabled])
def test_noise_that_is_too_small_is_found(made: Any) -> None:
    assert shown(made, 200, "noise times 0.25") > EPSILON


@pytest.mark.slow
@pytest.mark.parametrize("made", ALL)
def test_many_runs_show_no_more_than_is_stated(made: Any) -> None:
    assert shown(made, 6_000) <= EPSILON


@pytest.mark.slow
@pytest.mark.parametrize("made", [evolved, tabled])
def test_many_runs_find_noise_that_is_halved(made: Any) -> None:
    assert shown(made, 3_000, "noise times 0.5") > EPSILON


@pytest.mark.slow
@pytest.mark.parametrize("normalised", [True, False])
def test_runs_from_recipe_to_exported_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, normalised: bool) -> None:
    """The same through mintmark.run: reading, account, journal and export take part."""
    scores: list[list[float]] = []
    for one_more in (True, False):
        scores.append([])
        for k in range(120):
            monkeypatch.setenv("MINTMARK_HOME", str(tmp_path / f"home{one_more}{k}"))
            budget = {"epsilon": EPSILON, "delta": DELTA, **({"person": "who"} if normalised else {})}
            told = {"name": "d", "want": 200, "seed": k, "steps": [{"marginals": {"from": "real", "schema": SCHEMA}}]}
            given = replace(mm.load(told), tables={"real": {"path": rows(one_more), "budget": budget}})
            made = mm.run(given, out=tmp_path / f"run{one_more}{k}", report=False)
            scores[-1].append(sum(r["kind"] == "c" for r in made.rows()))
    assert (epsilon_shown(*scores, DELTA) <= EPSILON) == normalised
