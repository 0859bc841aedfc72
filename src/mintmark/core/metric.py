"""Metrics measure tables. A number comes with its n, its interval, its direction and its caveats, or it is not shown (law 8).

A metric file in evaluate/ holds one frozen dataclass (one metric or a close family), named as the file; its fields are its parameters.
Names of measurements are dotted: family.what. A recipe reaches it by its family or its name, with parameters where they are given:
`measure: [diversity, {faithfulness: {source: passage}}]`. Other packages add metrics by the entry point group `mintmark.metrics`.
A metric asks no model: what takes one is an op, whose verdicts stand in columns, journaled and paid for once.
"""

from __future__ import annotations

import dataclasses
import html
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .context import Context
from .errors import RecipeError, nearest
from .params import Params

BETTER = ("higher", "lower", "near 0.5", "near 0", "near 1", "near real", "none")
FAMILIES = {  # what each asks, in the order of the report; a family of another package comes behind them
    "faithfulness": "Does the source carry what the rows say?",
    "diversity": "Do the rows differ from one another as much as real rows do?",
    "realism": "Do they look like the real rows, and what gives them away?",
    "utility": "Does a learner that has seen the rows do better on real ones?",
    "learning_curve": "What do the rows add to few real ones, and where does the gain end?",
    "robustness": "Does a learner trained on the rows hold when its test rows change?",
    "ranking": "Are queries made for passages as hard as people's, and of use to train a ranker?",
    "preference": "Which system's answers are preferred, and by how much?",
    "judging": "Do the judges agree, with one another and with people?",
    "confidence": "How much does a score say about which rows are right?",
    "execution": "Does code pass the tests that decide, and how many tries or turns does it take?",
    "bias": "Are groups of people or topics treated alike?",
    "collapse": "Is the rare still there, or would training on such rows again and again wear it away?",
    "regurgitation": "Do the rows repeat a corpus that was named?",
    "privacy": "Do the rows give away rows of the real table?",
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """metric: dotted name. unit: 'share', 'AUC', 'accuracy', 'rows', ... n: rows it rests on. interval: 95 % (low, high), or None with
    a caveat that says why. better: one of BETTER. by_group: value per label or group. detail: {reference: the same for real rows, chance, ceiling,
    floor, ...}. picture: what the report draws of it: {kind: lines | dots | bars, title, x, y (labels), log_x?, series: [{name, role:
    synthetic | real | both | other, points: [[x, y, low or None, high or None], ...]}]}; x is a number, or a name for dots and bars.
    """

    metric: str
    value: float | None
    unit: str
    n: int
    interval: tuple[float, float] | None = None
    better: str = "none"
    by_group: Mapping[str, float] | None = None
    caveats: tuple[str, ...] = ()
    detail: Mapping[str, Any] | None = None
    picture: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.better not in BETTER:
            raise ValueError(f"{self.metric}: better={self.better!r}, expected one of {BETTER}")
        if self.interval is not None and not all(map(math.isfinite, self.interval)):
            object.__setattr__(self, "interval", None)
            object.__setattr__(self, "caveats", (*self.caveats, "too few rows for an interval"))
        if self.interval is not None and self.unit in ("share", "AUC", "accuracy") and not self.metric.endswith(".lift"):
            low, high = self.interval  # a normal approximation may pass the ends of 0..1; the number cannot
            object.__setattr__(self, "interval", (max(0.0, low), min(1.0, high)))
        if self.interval is None and not self.caveats:
            raise ValueError(f"{self.metric}: a measurement without an interval says why in a caveat (law 8)")

    def as_dict(self) -> dict[str, Any]:
        out = dataclasses.asdict(self)
        out["interval"] = list(self.interval) if self.interval else None
        out["caveats"] = list(self.caveats)
        return {k: v for k, v in out.items() if v is not None or k not in ("detail", "picture")}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Measurement:
        """What `as_dict` gave, read back from measurements.json."""
        kept = {f.name: told[f.name] for f in dataclasses.fields(cls) if f.name in told}
        kept["interval"] = tuple(kept["interval"]) if kept.get("interval") else None
        kept["caveats"] = tuple(kept.get("caveats") or ())
        return cls(**kept)

    def _repr_html_(self) -> str:
        """For notebooks: the number with its interval, n, direction and caveats."""
        value = "–" if self.value is None else f"{self.value:.4g}"
        span = f" <small>[{self.interval[0]:.4g}, {self.interval[1]:.4g}]</small>" if self.interval else ""
        better = (
            "" if self.better == "none" else f", {self.better} is better" if self.better in ("higher", "lower") else f", best {self.better}"
        )
        caveats = "".join(f"<li>{_shown(c)}</li>" for c in self.caveats)
        folded = f"<details><summary>{len(self.caveats)} to read with it</summary><ul>{caveats}</ul></details>" if caveats else ""
        return f"<div><code>{_shown(self.metric)}</code> <b>{value}</b>{span} {_shown(self.unit)} (n = {self.n:,}{better}){folded}</div>"


def _shown(text: str) -> str:
    return html.escape("".join(ch if ch.isprintable() else " " for ch in text))


@dataclass(frozen=True, slots=True)
class Data:
    """One table as columns of Python values, None = missing; all lists of one length."""

    columns: Mapping[str, Sequence[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def only(self, names: Sequence[str]) -> Data:
        return Data({k: self.columns[k] for k in names})

    def take(self, index: Sequence[int]) -> Data:
        return Data({k: [v[i] for i in index] for k, v in self.columns.items()})


@dataclass(frozen=True, slots=True)
class Tables:
    """What a metric may look at. `id` is already gone from the columns, and `weight` where it says how much rows count.

    synthetic: the kept rows. real: the rows the generator could see. holdout: real rows it never saw. target: column a learner is to
    predict. text: the column that texts stand in. weight: how much each synthetic row counts, where rows were weighed. notes: how holdout came about ('20 % of real set aside, stratified by ...').
    """

    synthetic: Data
    real: Data | None = None
    holdout: Data | None = None
    target: str | None = None
    text: str | None = None
    weight: Sequence[float] | None = None
    notes: tuple[str, ...] = ()
    seed: int = 0

    @property
    def reference(self) -> Data | None:
        """The real rows to compare with: the holdout, else those the generator saw."""
        return self.holdout or self.real

    @property
    def against(self) -> str:
        """Which of them, as a caveat."""
        return "against the holdout" if self.holdout else "against the real rows the generator saw: no holdout was given"

    def ceiling(self, columns: Iterable[str]) -> Data | None:
        """The real rows the generator saw, to be held against the holdout themselves; None where one of both, or one of these columns, is missing."""
        return self.real if self.holdout and self.real and all(c in self.real.columns for c in columns) else None


@dataclass(frozen=True)
class Metric(Params):
    """Base of all metrics: `measure` returns the family's measurements, [] where the tables do not hold what it needs."""

    name: ClassVar[str] = ""
    costly: ClassVar[bool] = False  # an audit leaves it out unless it is named
    family: ClassVar[str] = ""  # diversity | realism | utility | privacy | fidelity | ...
    gives: ClassVar[Mapping[str, str]] = {}  # dotted name -> what it is, range, direction, source; printed by `list metrics`
    cites: ClassVar[tuple[str, ...]] = ()

    def reads(self) -> tuple[str, ...]:
        """Columns of the finished rows that its parameters name; a recipe without them is refused before the run."""
        return ()

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Gate:
    """A limit that makes `run` end with exit code 4. Judged on complete runs only; a gate on a number that is None fails."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None

    @classmethod
    def parse(cls, metric: str, limits: Any) -> Gate:
        known = ("at_least", "at_most")
        if not isinstance(limits, Mapping) or not limits or any(k not in known for k in limits):
            raise RecipeError(f"gates: {metric}: found {limits!r}, expected {{at_least: X}} or {{at_most: X}} or both")
        for key, value in limits.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
                raise RecipeError(f"gates: {metric}: {key} is {value!r}, expected a number")
        return cls(metric, limits.get("at_least"), limits.get("at_most"))

    @classmethod
    def parse_line(cls, text: str) -> Gate:
        """`utility.lift>=0` or `privacy.copies<=0`, as the command line takes it."""
        found = re.fullmatch(r"\s*([\w.]+)\s*(>=|<=)\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*", text)
        try:
            limit = float(found[3]) if found else None
        except ValueError:
            limit = None
        if found is None or limit is None:
            raise RecipeError(f"--gate {text}: expected METRIC>=X or METRIC<=X, such as utility.lift>=0")
        return cls(found[1], **{"at_least" if found[2] == ">=" else "at_most": limit})

    def judge(self, measurements: Sequence[Measurement]) -> list[dict[str, Any]]:
        """One line per limit: {metric, limit, value, passed}."""
        value = next((m.value for m in measurements if m.metric == self.metric), None)
        out: list[dict[str, Any]] = []
        if self.at_least is not None:
            passed = value is not None and value >= self.at_least
            out.append({"metric": self.metric, "limit": f"at_least {self.at_least:g}", "value": value, "passed": passed})
        if self.at_most is not None:
            passed = value is not None and value <= self.at_most
            out.append({"metric": self.metric, "limit": f"at_most {self.at_most:g}", "value": value, "passed": passed})
        return out


def check_gates(gates: Sequence[Gate], known: Mapping[str, str], measured: Sequence[Metric]) -> None:
    """known: measurement -> the word of `measure:` that gives it, of all there are; measured: the metrics of the recipe."""
    for gate in gates:
        if gate.metric not in known:
            raise RecipeError(f"gates: there is no metric '{gate.metric}'.{nearest(gate.metric, known)}")
        if not any(gate.metric in m.gives for m in measured):
            words = sorted({m.family for m in measured})
            raise RecipeError(f"gates: '{gate.metric}' is not measured: measure: holds {words}; add '{known[gate.metric]}' to it")
