"""What a run tells of itself: the manifest, while it goes on and at its end, and in which words it ended.

One manifest: {"name": "bank-messages", "status": "complete", "planned": 620, "kept": 500, "dropped": 96, "failed": 24, "pending": 0, ...}
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.ports import Store
from ..core.recipe import Recipe
from ..text.jsontext import loads
from .money import Purse
from .outcome import Outcome


class Teller:
    """Sums wall and CPU seconds over the sessions on a folder. head: name, version, recipe_hash, seed, models."""

    def __init__(self, store: Store, recipe: Recipe, purse: Purse, columns: Sequence[str], head: Mapping[str, Any]) -> None:
        self._recipe, self._purse, self._columns = recipe, purse, columns
        self._head = {k: v for k, v in head.items() if k != "reads"}
        self._started = time.monotonic()
        earlier = _earlier(store)
        self.before = _numbers(earlier)
        changes = earlier.get("changes")
        self.changes: dict[str, Any] = changes if isinstance(changes, dict) else {}

    def manifest(self, status: str, reason: str, counts: Counter[str], provisional: bool = False) -> dict[str, Any]:
        purse, before = self._purse, self.before
        use = resource.getrusage(resource.RUSAGE_SELF)
        return {
            **self._head,
            "status": status,
            "reason": reason,
            "want": self._recipe.want,
            "planned": sum(counts[s] for s in ("kept", "dropped", "failed", "pending")),
            "kept": counts["kept"],
            "dropped": counts["dropped"],
            "failed": counts["failed"],
            "pending": counts["pending"],
            "calls": purse.calls,
            "tokens_in": purse.tokens_in,
            "tokens_out": purse.tokens_out,
            "cost_usd": round(purse.cost_usd, 8),
            "wall_s": round(before.get("wall_s", 0.0) + time.monotonic() - self._started, 3),
            "cpu_s": round(before.get("cpu_s", 0.0) + use.ru_utime + use.ru_stime, 3),
            "peak_rss_mb": round(max(before.get("peak_rss_mb", 0.0), use.ru_maxrss / 1024), 1),
            "columns": list(self._columns),
            **({"provisional": True} if provisional else {}),
        }

    def verdict(
        self, error: BaseException | None, waiting: bool, preview: bool, counts: Counter[str], outcome: Outcome, ended: str, final: str
    ) -> tuple[str, str]:
        """(status, reason). ended: why no more rows were planned. final: labels of the final steps."""
        want = self._recipe.want
        if error is not None:
            return "unfinished", str(error) or type(error).__name__
        if waiting:
            return "waiting", "rows are waiting"
        if preview:
            return "preview", ""
        if want is not None and counts["kept"] < want:
            why = ended or (f"the final steps ({final}) keep no more" if final else "no more rows could be planned")
            return "unfinished", f"{counts['kept']:,} of {want:,} wanted rows: {why}"
        if want is None and any("failed:endpoint" in c for c in outcome.by_step.values()):
            return "unfinished", "some rows failed at the endpoint; the same command asks them again"
        if want is None and counts["pending"]:
            return "unfinished", "some rows are pending"
        return "complete", ""

    def funnel(self, outcome: Outcome) -> list[dict[str, Any]]:
        """For each step: the rows that entered and left it, what it dropped and failed by reason with an example, and what it split."""
        out: list[dict[str, Any]] = []
        final = outcome.stages[outcome.streaming].steps[0].label if outcome.streaming < len(outcome.stages) else ""
        late = outcome.by_step.get("want", Counter())["dropped:surplus"] - outcome.spare
        rows = outcome.roots

        def tell(label: str, op: str, lost: Counter[str]) -> None:
            nonlocal rows
            line: dict[str, Any] = {"label": label, "op": op, "in": rows}
            for state in ("dropped", "failed"):
                line[state] = {k.partition(":")[2]: n for k, n in lost.items() if k.startswith(f"{state}:")}
                found = {reason: outcome.examples.get((label, f"{state}:{reason}")) for reason in line[state]}
                line.setdefault("examples", {})[state] = {reason: e for reason, e in found.items() if e}
            line["split"], line["made"] = lost["split"], lost["made"]
            line["out"] = rows - sum(line["dropped"].values()) - sum(line["failed"].values()) - line["split"] + line["made"]
            rows = line["out"] - lost["pending"]  # rows that wait after this step have not entered the next one
            out.append(line)

        for step in self._recipe.steps:
            if step.label == final and outcome.spare:
                tell("want", "want", Counter({"dropped:surplus": outcome.spare}))
            tell(step.label, step.op.name, outcome.by_step.get(step.label, Counter()))
        if late:
            tell("want", "want", Counter({"dropped:surplus": late}))
        return out


def _earlier(store: Store) -> dict[str, Any]:
    """The last manifest of earlier sessions on this folder; nothing where it cannot be read."""
    raw = store.get_file("manifest.json")
    try:
        told = loads(raw) if raw else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _numbers(told: Mapping[str, Any]) -> dict[str, float]:
    out = {}
    for key in ("wall_s", "cpu_s", "peak_rss_mb", "provisional"):
        value = told.get(key, 0.0)
        out[key] = float(value) if isinstance(value, (int, float)) else 0.0
    return out
