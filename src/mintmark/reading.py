"""From a recipe as written to a Recipe and back: YAML read, texts from files put in, ops found, steps labelled. Refuses, in words, what is no recipe."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .catalogue import find_op, metrics_for
from .core.errors import RecipeError, nearest
from .core.metric import Gate
from .core.op import Op
from .core.recipe import Recipe, Repeat, Step, label_steps
from .report.card import CARD_KEYS

KEYS = {
    "name": str,
    "task": str,
    "want": int,
    "max_candidates": int,
    "patience": int,
    "max_cost": float,
    "max_tokens": int,
    "models": dict,
    "embedders": dict,
    "learners": dict,
    "tables": dict,
    "allow_private": list,
    "steps": list,
    "target": str,
    "measure": list,
    "gates": dict,
    "seed": int,
    "licence": str,
    "card": dict,
}


def read_recipe(source: str | os.PathLike[str] | Mapping[str, Any], sets: Sequence[str] = (), base: str | None = None) -> Recipe:
    """A recipe from a file, or from a mapping as YAML would give it. sets: 'a.b=value' changes, as by --set."""
    from .text.yaml_strict import load_yaml

    if isinstance(source, Mapping):
        raw: Any = dict(source)
        where, base = "recipe", base or "."
    else:
        path = Path(source)
        where, base = path.name, base or str(path.parent)
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise RecipeError(f"{path}: byte {error.start} is no UTF-8; save the recipe as UTF-8 text") from error
        except OSError as error:
            raise RecipeError(f"{path}: cannot be read ({error.strerror}); expected a recipe file, see `mintmark new`") from error
        try:
            raw = load_yaml(text, path.name)
        except ValueError as error:
            raise RecipeError(str(error)) from error
    if raw is None or raw == {}:
        raise RecipeError(f"{where} is empty; expected at least name: and steps:, see `mintmark new classification`")
    if not isinstance(raw, dict):
        raise RecipeError(f"{where} holds {_kind(raw)}, expected a mapping with name: and steps:, see `mintmark new classification`")
    for change in sets:
        _apply(raw, change)
    return _recipe(raw, where, base)


def _kind(value: Any) -> str:
    return {list: "a list", str: "text", int: "a number", float: "a number", bool: "true or false"}.get(type(value), "nothing")


def _apply(raw: dict[str, Any], change: str) -> None:
    from .text.yaml_strict import load_yaml

    path, eq, text = change.partition("=")
    if not eq or not path:
        raise RecipeError(f"--set {change}: expected a.b=value")
    at: Any = raw
    *parents, last = path.split(".")
    try:
        value = load_yaml(text, f"--set {path}")
        for part in parents:
            at = at[int(part)] if isinstance(at, list) else at.setdefault(part, {})
        if isinstance(at, list):
            at[int(last)] = value
        else:
            at[last] = value
    except (ValueError, IndexError, TypeError, AttributeError) as error:
        raise RecipeError(f"--set {change}: {error}") from error


def _recipe(raw: Mapping[str, Any], where: str, base: str) -> Recipe:
    for key, value in raw.items():
        if key not in KEYS:
            raise RecipeError(f"{where} has no key '{key}'.{nearest(str(key), KEYS)}")
        wanted = KEYS[key]
        fits = isinstance(value, (int, float) if wanted is float else wanted) and not (isinstance(value, bool) and wanted is not bool)
        if value is not None and not fits:
            words = {str: "text", int: "a whole number", float: "a number", dict: "a mapping", list: "a list"}[wanted]
            raise RecipeError(f"{where}: {key} is {value!r}, expected {words}")
    if not raw.get("name"):
        raise RecipeError(f"{where} has no name:; it names the run's folder")
    if not raw.get("steps"):
        raise RecipeError(f"{where} has no steps:; add at least one that makes rows, such as grid, read or synthesize")
    gates = tuple(Gate.parse(str(metric), limits) for metric, limits in (raw.get("gates") or {}).items())
    read_card(raw.get("card") or {}, f"{where}: card")
    metrics_for(raw.get("measure") or (), f"{where}: measure")
    simple = {k: raw[k] for k in KEYS if k in raw and k not in ("steps", "gates", "measure", "allow_private") and raw[k] is not None}
    return Recipe(
        ops=steps_of(_texts(raw["steps"], where, base), where),
        gates=gates,
        measure=tuple(raw.get("measure") or ()),
        allow_private=tuple(raw.get("allow_private") or ()),
        base=base,
        **simple,
    )


def read_card(card: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    """What a data card says that no run can know; refuses other keys, and whatever is no text."""
    for key, value in card.items():
        if key not in CARD_KEYS:
            raise RecipeError(f"{where} has no key '{key}'.{nearest(str(key), CARD_KEYS)}")
        texts = list(value.values()) if key == "source_licences" and isinstance(value, Mapping) else [value]
        if not all(isinstance(t, str) for t in texts) or (key == "source_licences") != isinstance(value, Mapping):
            wanted = "{table: licence}" if key == "source_licences" else "text"
            raise RecipeError(f"{where}: {key} is {value!r}, expected {wanted}")
    return card


def steps_of(items: Any, where: str) -> list[Any]:
    """A list of ops, or of (label, op) where a step has a name."""
    if not isinstance(items, list) or not items:
        raise RecipeError(f"{where}: steps is {_kind(items)}, expected a list of steps such as '- length: {{column: text}}'")
    out: list[Any] = []
    for number, item in enumerate(items, 1):
        at = f"step {number} of {len(items)}"
        if isinstance(item, str):
            item = {item: None}
        if not isinstance(item, Mapping) or not item:
            raise RecipeError(f"{where}: {at} is {_kind(item)}, expected one op with its parameters, such as 'length: {{column: text}}'")
        label = item.get("name", "")
        names = [k for k in item if k != "name"]
        if len(names) != 1:
            raise RecipeError(f"{where}: {at} holds {len(names)} ops ({', '.join(map(str, names))}); write one op a step")
        name = str(names[0])
        if not isinstance(label, str):
            raise RecipeError(f"{where}: {at}: name is {label!r}, expected text")
        op: Op
        if name == "repeat":
            op = _repeat(item[name], f"{where}: {name} ({at})")
        else:
            op = find_op(name, f"{where}: {at}").from_params(item[name], f"{where}: {name} ({at})")
        out.append((label, op) if label else op)
    return out


def _texts(value: Any, where: str, base: str) -> Any:
    """The steps with {file: NAME} and {built_in: NAME} replaced by the text they name, so that what counts is the text itself."""
    if isinstance(value, list):
        return [_texts(v, where, base) for v in value]
    if not isinstance(value, Mapping):
        return value
    (key, name), *others = value.items() or [("", None)]
    if others or key not in ("file", "built_in") or not isinstance(name, str):
        return {k: _texts(v, where, base) for k, v in value.items()}
    if key == "built_in":
        from .prompting import built_in

        try:
            return built_in(name)
        except ValueError as error:
            raise RecipeError(f"{where}: {error}") from error
    folder = Path(base).resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise RecipeError(f"{where}: file: {name} lies outside the recipe's folder; put it beside the recipe")
    try:
        with path.open("rb") as file:
            found = file.read((1 << 20) + 1)
        if len(found) > 1 << 20:
            raise RecipeError(f"{where}: file: {name} has more than 1 MiB, too much for a prompt")
        text = found.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise RecipeError(f"{where}: file: {name} cannot be read ({why}); expected a text file beside the recipe") from error
    return text


def _repeat(params: Any, where: str) -> Repeat:
    if not isinstance(params, Mapping):
        raise RecipeError(f"{where}: expected {{steps: [...], until: EXPR, at_most: 5}}")
    for key in params:
        if key not in ("steps", "until", "at_most"):
            raise RecipeError(f"{where} has no parameter '{key}'.{nearest(str(key), ('steps', 'until', 'at_most'))}")
    inner = label_steps(steps_of(params.get("steps"), where))
    try:
        return Repeat(steps=inner, until=str(params.get("until") or ""), at_most=int(params.get("at_most", 5)))
    except (TypeError, ValueError) as error:
        raise RecipeError(f"{where}: {error}") from error


def as_mapping(recipe: Recipe) -> dict[str, Any]:
    """The recipe as YAML holds it; reading it again gives an equal one. Ports given as objects are named, not held."""

    def step(s: Step) -> dict[str, Any]:
        op = s.op
        params: Any = (
            {"steps": [step(x) for x in op.steps], **({"until": op.until} if op.until else {}), "at_most": op.at_most}
            if isinstance(op, Repeat)
            else op.params()
        )
        return {"name": s.label, op.name: params}

    out: dict[str, Any] = {"name": recipe.name}
    for key in ("task", "want", "max_candidates", "max_cost", "max_tokens", "target", "licence", "seed"):
        if (value := getattr(recipe, key)) not in (None, ""):
            out[key] = value
    if recipe.patience != Recipe.patience:
        out["patience"] = recipe.patience
    for key in ("models", "embedders", "learners"):
        if found := {r: s if isinstance(s, (str, Mapping)) else getattr(s, "name", str(s)) for r, s in getattr(recipe, key).items()}:
            out[key] = found
    tables = {n: absolute(t, recipe.base) for n, t in recipe.tables.items()}
    if tables:
        out["tables"] = tables
    if recipe.card:
        out["card"] = dict(recipe.card)
    if recipe.allow_private:
        out["allow_private"] = list(recipe.allow_private)
    out["steps"] = [step(s) for s in recipe.ops]
    if recipe.measure:
        out["measure"] = list(recipe.measure)
    if recipe.gates:
        out["gates"] = {
            g.metric: {k: v for k, v in (("at_least", g.at_least), ("at_most", g.at_most)) if v is not None} for g in recipe.gates
        }
    return out


def absolute(table: Any, base: str) -> Any:
    if isinstance(table, Mapping) and "path" in table:
        return {**table, "path": absolute(table["path"], base)}
    if several_paths(table):
        return [absolute(t, base) for t in table]
    if isinstance(table, (str, os.PathLike)) and not str(table).startswith("hf://"):
        return os.path.abspath(os.path.join(base, os.fspath(table)))
    return table if isinstance(table, str) else f"<{type(table).__name__}>"


def several_paths(table: Any) -> bool:
    return isinstance(table, (list, tuple)) and bool(table) and all(isinstance(t, (str, os.PathLike)) for t in table)
