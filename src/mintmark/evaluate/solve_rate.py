"""solve_rate: how many problems are solved when failures go back to the model, and how often a program that fails is mended.

    measure: [execution]        or   measure: [{solve_rate: {problem: problem, n: 1, rollouts: 3}}]

Of rows that `repair` wrote (turns, verdict). Rows with one value of `problem` are rollouts of one problem. `execution.solved` is n@k: the mean over problems
of the chance that one of n programs solves it, handed in out of `rollouts` rollouts for passing their public tests (stats/solve_rate.py); k counts answers,
so with at most 4 in a dialogue and one rollout it is 1@4. `execution.mended`: of the programs whose first version fails its public tests, those whose last
passes all tests. The picture: programs that pass their public tests, turn by turn.
Not covered: rows that were dropped. With `keep: passed` only solved ones are left, and both say nothing.
Sources: AlphaCode (2203.07814); RLEF (2410.02089), section 3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..core.params import within
from ..stats.intervals import clustered
from ..stats.solve_rate import n_at_k

KEPT = "over the kept rows: repair keeps those that are not solved with keep: all alone"


@dataclass(frozen=True)
class SolveRate(Metric):
    """problem: the column that rollouts of one problem share; where it is missing each row is a problem of its own. n: programs handed in, at least 1.
    rollouts: dialogues drawn for each problem, at least 1; problems with fewer do not count."""

    problem: str = "problem"
    n: int = 1
    rollouts: int = 1
    name: ClassVar[str] = "solve_rate"
    family: ClassVar[str] = "execution"
    gives: ClassVar[Mapping[str, str]] = {
        "execution.solved": "n@k: mean chance over problems that one of n programs, picked by public tests, passes all tests, 0..1, higher is better",
        "execution.mended": "share of programs failing at first that pass all tests in the end, 0..1, higher is better; clusters are problems",
    }
    cites: ClassVar[tuple[str, ...]] = (
        "Li et al. 2022, Competition-level code generation with AlphaCode (2203.07814)",
        "Gehring et al. 2024, RLEF (2410.02089)",
    )

    def __post_init__(self) -> None:
        within("n", self.n, 1)
        within("rollouts", self.rollouts, 1)

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        columns = tables.synthetic.columns
        turns, verdicts = columns.get("turns", ()), columns.get("verdict", ())
        known = columns.get(self.problem) or range(len(turns))
        rows = [(str(p), [t["verdict"] for t in ts], v == "passed") for p, ts, v in zip(known, turns, verdicts) if _are_turns(ts)]
        if not rows:
            return []
        groups: dict[str, list[tuple[list[str], bool]]] = defaultdict(list)
        for problem, seen, solved in rows:
            groups[problem].append((seen, solved))
        enough = [g for g in groups.values() if len(g) >= self.rollouts]
        most = max(len(seen) for _, seen, _ in rows)
        caveats: tuple[str, ...] = (
            (KEPT,) if self.problem in columns else (KEPT, f"without a column {self.problem}, each row is a problem of its own")
        )
        out = []
        if enough:
            rates = [n_at_k(*_counts(g), self.rollouts, self.n) for g in enough]
            value, span = clustered(rates, [1] * len(rates))
            if len(enough) < len(groups):
                caveats = (*caveats, f"{len(groups) - len(enough)} problems have fewer than {self.rollouts} rollouts and do not count")
            at = f"{self.n}@{self.rollouts * most}"
            detail = {"at": at, "problems": len(enough), "rollouts": sum(map(len, enough))}
            drawn = _picture(list(groups.values()), most)
            out.append(Measurement("execution.solved", value, "share", len(enough), span, "higher", None, (at, *caveats), detail, drawn))
        failing = [
            (sum(s and seen[-1] == "passed" for seen, s in bad), len(bad))
            for g in groups.values()
            if (bad := [r for r in g if r[0][0] != "passed"])
        ]
        if failing:
            value, span = clustered(*zip(*failing))
            out.append(Measurement("execution.mended", value, "share", sum(n for _, n in failing), span, "higher", caveats=caveats[:2]))
        return out


def _are_turns(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(isinstance(t, Mapping) and "verdict" in t for t in given)


def _counts(group: Sequence[tuple[list[str], bool]]) -> tuple[int, int, int]:
    solved = sum(s and seen[-1] == "passed" for seen, s in group)
    public = sum(seen[-1] == "passed" for seen, _ in group)
    return solved, public - solved, len(group) - public


def _picture(groups: Sequence[Sequence[tuple[list[str], bool]]], most: int) -> dict[str, Any]:
    points = []
    for turn in range(1, most + 1):
        share, span = clustered([sum("passed" in seen[:turn] for seen, _ in g) for g in groups], [len(g) for g in groups])
        points.append([turn, *(round(x, 6) for x in (share, *span))])
    title = "Programs that pass their public tests by this turn (95 % over problems)"
    series = [{"name": "public tests", "role": "synthetic", "points": points}]
    return {"kind": "lines", "title": title, "x": "versions written", "y": "share of the programs", "series": series}
