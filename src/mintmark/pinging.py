"""One short call to each model of a recipe: `check --ping`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .core.recipe import Recipe
from .wiring import prepare


def ping(recipe: Recipe, *, models: Mapping[str, Any] | None = None, no_code: bool = False) -> dict[str, dict[str, str]]:
    """One short call to each model: whether key and name are accepted, and whether JSON mode and log-probabilities come."""
    from .core.errors import CallError, MintmarkError
    from .core.ports import Request
    from .execute import in_loop

    prepared = prepare(recipe, models=models, no_code=no_code)
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False}
    asks: dict[str, dict[str, Any]] = {"answers": {}, "json": {"schema": schema, "max_tokens": 30}, "logprobs": {"logprobs": 0}}

    async def go() -> dict[str, dict[str, str]]:
        out: dict[str, dict[str, str]] = {}
        for role, model in prepared.models.items():
            told: dict[str, str] = {}
            for what, more in asks.items():
                request = Request(({"role": "user", "content": 'Answer with {"ok": true}.'},), **{"max_tokens": 1, **more})
                try:
                    reply = await model.complete(request)
                    fine = {"answers": True, "json": reply.text.strip().startswith("{"), "logprobs": bool(reply.logprobs)}[what]
                    told[what] = "yes" if fine else "no"
                except (CallError, MintmarkError) as error:
                    told[what] = f"no ({error})"
                    if what == "answers":
                        break
            out[role] = told
            await model.aclose()
        return out

    found: dict[str, dict[str, str]] = in_loop(go)
    return found
