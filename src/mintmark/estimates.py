"""What a run will take, before any call: calls, tokens and money for each role, and of a private table's budget; and whether a money cap can hold."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import Any

from .core.errors import ModelSpecError
from .core.rows import Tally
from .wiring import Prepared


def estimate(prepared: Prepared) -> dict[str, Any]:
    """Calls, tokens and money per role for the whole run: each step's own estimate times the rows that reach it, dropped rows not taken off."""
    recipe = prepared.recipe
    source = recipe.steps[0].op
    held = source.holds(prepared.context().at(recipe.steps[0].label, "", Tally()))
    walked = recipe.walk(prepared.scene)
    if recipe.repeat is not None:
        held = min(held * recipe.repeat.at_most, recipe.max_candidates or sys.maxsize)
    wanted = math.ceil(recipe.want / prepared.fan_out) if recipe.want else held
    rows: float = min(wanted, held) if not source.goes_on else wanted
    planned = round(rows)
    roles: dict[str, dict[str, Any]] = {}
    for step, here in walked:
        for told, times in ((step.op.estimate(here), rows), (step.op.estimate_once(here), 1)):
            for role, (calls, tokens_in, tokens_out) in told.items():
                at = roles.setdefault(role, {"calls": 0, "tokens_in": 0, "tokens_out": 0, "cost_usd": 0.0})
                at["calls"] += round(times * calls)
                at["tokens_in"] += round(times * tokens_in)
                at["tokens_out"] += round(times * tokens_out)
        rows *= step.op.fan_out(here)
    from .models.prices import price_of

    total: float | None = 0.0
    for role, at in roles.items():
        price = price_of(prepared.specs[role]) if role in prepared.specs else None
        local = role in prepared.models and prepared.models[role].local
        if price is None and local:
            at["cost_usd"] = 0.0
        elif price is None:
            at["cost_usd"], total = None, None
        else:
            at["cost_usd"] = round((at["tokens_in"] * price.input + at["tokens_out"] * price.output) / 1e6, 6)
        if total is not None and at["cost_usd"] is not None:
            total += at["cost_usd"]
    return {"rows": planned, "roles": roles, "cost_usd": total}


def check_cap(prepared: Prepared) -> None:
    """A money cap with a model that has no price cannot hold: refused, with the model's name."""
    if prepared.recipe.max_cost is None:
        return
    from .models.prices import price_of

    for role, model in prepared.models.items():
        if not model.local and (role not in prepared.specs or price_of(prepared.specs[role]) is None):
            raise ModelSpecError(
                f"max_cost: the model '{model.name}' (role {role}) has no price, so a money cap cannot hold; give it one: "
                "{spec: ..., price: {input: USD per million tokens, output: ...}}, or cap tokens with --max-tokens"
            )


def budget(table: Any, shares: Mapping[Any, float]) -> dict[str, Any] | None:
    """What may be released of a private table, how sure that can make anybody, what earlier runs spent, and whether the share that steps take is left."""
    from .report.guarantee import sure
    from .stats.gaussian_dp import mu_for
    from .stores.spending import covered, statement

    a = getattr(table, "allowance", None)
    if a is None:
        return None
    told, share = statement(a.data, a.delta), shares.get(a, 0.0)
    one = set(told["units"]) <= {a.unit}  # an account keeps the unit it began with
    return {
        "epsilon": a.epsilon,
        "delta": a.delta,
        "unit": a.unit,
        "people": a.people,
        "sure": sure(a.epsilon),
        "spent": told["epsilon"],
        "left": not share or (one and covered(a, told["mu"], share**0.5 * mu_for(a.epsilon, a.delta))),
    }
