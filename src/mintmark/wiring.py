"""From a recipe as written to a recipe that can run: YAML read, ops found, tables opened, everything checked, ports wired to roles.

Nothing here calls a model. What can be known to be wrong is refused here, in words, before any call.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .catalogue import families, find_op, metric_names
from .core.context import Context
from .core.errors import ModelSpecError, PrivacyError, RecipeError, nearest
from .core.metric import Gate, check_gates
from .core.op import Op, Scene
from .core.ports import Embedder, Fetcher, Learner, Model, Table
from .core.recipe import Recipe, Repeat, Step, label_steps
from .runner.run import check_until

KEYS = {
    "name": str,
    "task": str,
    "want": int,
    "max_candidates": int,
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
}
HELD_OUT_SHARE = 0.2


# -- reading -----------------------------------------------------------------------------------------------------------
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
    for key in ("want", "max_candidates", "max_tokens"):
        if raw.get(key) is not None and raw[key] < 1:
            raise RecipeError(f"{where}: {key} is {raw[key]}, expected at least 1")
    gates = tuple(Gate.parse(str(metric), limits) for metric, limits in (raw.get("gates") or {}).items())
    known = set(families())
    for family in raw.get("measure") or ():
        if family not in known:
            raise RecipeError(f"{where}: measure: there is nothing called '{family}'.{nearest(str(family), known)}")
    simple = {k: raw[k] for k in KEYS if k in raw and k not in ("steps", "gates", "measure", "allow_private") and raw[k] is not None}
    return Recipe(
        ops=steps_of(_texts(raw["steps"], where, base), where),
        gates=gates,
        measure=tuple(raw.get("measure") or ()),
        allow_private=tuple(raw.get("allow_private") or ()),
        base=base,
        **simple,
    )


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
        text = path.read_bytes()[: 1 << 20].decode("utf-8")
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
    for key in ("models", "embedders", "learners"):
        if found := {r: s if isinstance(s, (str, Mapping)) else getattr(s, "name", str(s)) for r, s in getattr(recipe, key).items()}:
            out[key] = found
    tables = {n: _absolute(t, recipe.base) for n, t in recipe.tables.items()}
    if tables:
        out["tables"] = tables
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


def _absolute(table: Any, base: str) -> Any:
    if isinstance(table, Mapping) and "path" in table:
        return {**table, "path": _absolute(table["path"], base)}
    if _paths(table):
        return [_absolute(t, base) for t in table]
    if isinstance(table, (str, os.PathLike)) and not str(table).startswith("hf://"):
        return os.path.abspath(os.path.join(base, os.fspath(table)))
    return table if isinstance(table, str) else f"<{type(table).__name__}>"


def _paths(table: Any) -> bool:
    return isinstance(table, (list, tuple)) and bool(table) and all(isinstance(t, (str, os.PathLike)) for t in table)


# -- opening and checking ----------------------------------------------------------------------------------------------
@dataclass
class Prepared:
    """A checked recipe with its tables open and its models built (none called)."""

    recipe: Recipe
    tables: dict[str, Table]
    columns: tuple[str, ...]
    reads: dict[str, tuple[str, ...]]
    models: dict[str, Model]
    learners: dict[str, Learner]
    embedders: dict[str, Embedder]
    specs: dict[str, Any]
    identity: str
    notes: list[str] = field(default_factory=list)
    holdout_note: str = ""
    estimates: dict[str, Any] = field(default_factory=dict)
    fetcher: Fetcher | None = None

    @property
    def digests(self) -> dict[str, str]:
        return {n: t.digest for n, t in self.tables.items()}

    @property
    def model_names(self) -> dict[str, str]:
        """role -> what the answers depend on: the model's name and the options that change its answers."""
        return {r: f"{m.name} {_answer_options(self.specs.get(r))}" for r, m in self.models.items()}

    def context(self, models: Mapping[str, Model] | None = None, fetcher: Fetcher | None = None) -> Context:
        return Context(self.recipe.seed, models or self.models, self.learners, self.embedders, self.tables, fetcher)


_PLUMBING = {"rpm", "tpm", "price", "timeout_s", "api_key_env", "api_key_file", "patience_s", "n_threads", "concurrency", "proxy"}


def _answer_options(spec: Any) -> str:
    options = getattr(spec, "options", None) or {}
    return repr(sorted((k, v) for k, v in options.items() if k not in _PLUMBING))


def open_tables(recipe: Recipe) -> tuple[dict[str, Table], str]:
    """The named tables; where there is a target and a table 'real' but no 'holdout', 20 % of real is set aside before any step."""
    from .stores.tables import read_table, set_aside

    tables: dict[str, Any] = {}
    for name, given in recipe.tables.items():
        if not isinstance(name, str) or not name.isidentifier():
            raise RecipeError(f"tables: '{name}' is no usable name; use letters, digits and _")
        private = False
        if isinstance(given, Mapping) and ("path" in given or "private" in given):
            extra = set(given) - {"path", "private"}
            if extra or "path" not in given:
                raise RecipeError(f"tables: {name}: expected {{path: FILE, private: true}}, found {sorted(given)}")
            if not isinstance(given.get("private", False), bool):
                raise RecipeError(f"tables: {name}: private is {given['private']!r}, expected true or false")
            private, given = given.get("private", False), given["path"]
        if isinstance(given, Table):
            tables[name] = given
            continue
        if isinstance(given, (str, os.PathLike)) and not str(given).startswith("hf://"):
            given = os.path.join(recipe.base, os.fspath(given))
        elif _paths(given):
            given = [os.path.join(recipe.base, os.fspath(g)) for g in given]
        tables[name] = read_table(name, given, private=private)
    note = ""
    if "real" in tables and "holdout" not in tables and recipe.target is not None:
        real = tables["real"]
        stratify = recipe.target if recipe.target in real.columns else None
        tables["real"], tables["holdout"] = set_aside(real, HELD_OUT_SHARE, stratify, recipe.seed)
        how = f", stratified by {stratify}" if stratify else ""
        note = (
            f"no holdout was given: {len(tables['holdout'])} of the {len(real)} rows of 'real' ({HELD_OUT_SHARE:.0%}) were set aside{how}, "
            "before any step read them"
        )
    return tables, note


def prepare(
    recipe: Recipe, *, models: Mapping[str, Any] | None = None, no_code: bool = False, build: bool = True, fetcher: Fetcher | None = None
) -> Prepared:
    """Open, check and wire. models: role -> spec that replaces the recipe's (as by --model). fetcher: instead of HTTP (Python only)."""
    if models:
        unknown = [r for r in models if r not in recipe.models]
        asked = {r for s in recipe.steps for r in s.op.roles()}
        if any(r not in asked for r in unknown):
            raise ModelSpecError(f"--model {unknown[0]}: no step asks this role.{nearest(unknown[0], asked)}")
        recipe = dataclasses.replace(recipe, models={**recipe.models, **models})
    tables, note = open_tables(recipe)
    scene = Scene((), tables, frozenset(recipe.models), "recipe", recipe.base)
    columns = recipe.check_columns(scene)
    check_until(recipe)
    reads = {step.label: step.op.reads(here) for step, here in recipe.walk(scene)}
    check_gates(recipe.gates, metric_names(), recipe.measure)
    if recipe.target is not None and recipe.target not in columns:
        raise RecipeError(f"target: '{recipe.target}' is no column of the finished rows.{nearest(recipe.target, columns)}")
    specs = _specs(recipe, no_code)
    embedders = _ports(recipe, "embedders", Embedder)
    _private(recipe, scene, specs, embedders)
    built = _models(recipe, specs) if build else {}
    names = {r: f"{m.name} {_answer_options(specs.get(r))}" for r, m in built.items()}
    names |= {f"embedder {r}": embedders[r].name for s in recipe.steps for r in s.op.embeds()}
    prepared = Prepared(
        recipe,
        tables,
        columns,
        reads,
        built,
        _ports(recipe, "learners", Learner),
        embedders,
        specs,
        recipe.identity({n: t.digest for n, t in tables.items()}, names),
        holdout_note=note,
        fetcher=fetcher or _fetcher(recipe),
    )
    if note:
        prepared.notes.append(note)
    prepared.notes.extend(n for t in tables.values() for n in getattr(t, "notes", ()))
    prepared.estimates = _estimate(prepared, scene)
    return prepared


def _specs(recipe: Recipe, no_code: bool) -> dict[str, Any]:
    from .models.spec import parse_spec

    out: dict[str, Any] = {}
    for role, given in recipe.models.items():
        if not isinstance(given, (str, Mapping)):
            if not isinstance(given, Model):
                raise ModelSpecError(f"models: {role}: found {type(given).__name__}, expected a spec such as openai:gpt-5-mini, or a Model")
            continue
        spec = parse_spec(role, given, base=recipe.base)
        if no_code and spec.scheme == "scripted":
            raise ModelSpecError(f"models: {role}: {spec.scheme}:{spec.model} runs code beside the recipe, which --no-code refuses")
        out[role] = spec
    return out


def _models(recipe: Recipe, specs: Mapping[str, Any]) -> dict[str, Model]:
    from .models.spec import build_model

    asked = {r for s in recipe.steps for r in s.op.roles()}
    out: dict[str, Model] = {}
    for role, given in recipe.models.items():
        if role not in specs:
            out[role] = given
        elif role in asked:  # a role that no step asks needs no key
            out[role] = build_model(specs[role])
    return out


def _ports(recipe: Recipe, kind: str, port: type[Any]) -> dict[str, Any]:
    """learners or embedders by role; the built-in learners stand under their own names too."""
    import importlib
    import pkgutil

    package = importlib.import_module(f"mintmark.{kind}")
    known = [m.name for m in pkgutil.iter_modules(package.__path__)]
    from .models.spec import ModelSpec

    out: dict[str, Any] = {}

    def make(role: str, text: str) -> Any:
        scheme, _, rest = text.partition(":")
        if scheme not in known:
            raise RecipeError(f"{kind}: {role}: there is no '{scheme}'.{nearest(scheme, known)}")
        model, _, url = rest.partition("@http")
        spec = ModelSpec(scheme, model, f"http{url}" if url else None, {}, base=recipe.base)
        return importlib.import_module(f"mintmark.{kind}.{scheme}").build(spec)

    for role, given in getattr(recipe, kind).items():
        if isinstance(given, str):
            out[role] = make(role, given)
        elif isinstance(given, port):
            out[role] = given
        else:
            raise RecipeError(f"{kind}: {role}: found {given!r}, expected a name such as {', '.join(known)}")
    if kind == "embedders":
        out.setdefault("default", make("default", "tfidf"))
    if kind == "learners":
        for name in known:
            out.setdefault(name, make(name, name))
    return out


def _fetcher(recipe: Recipe) -> Fetcher | None:
    if not any(s.op.fetches for s in recipe.steps):
        return None
    from .fetchers.http import HttpFetcher

    fetcher: Fetcher = HttpFetcher()
    return fetcher


def _private(recipe: Recipe, scene: Scene, specs: Mapping[str, Any], embedders: Mapping[str, Embedder]) -> None:
    """Law 7: a role asked at or after a step that reads a private table must be local, or allowed by name."""
    from .models.spec import is_local

    seen: set[str] = set()
    for role in recipe.allow_private:
        if role not in recipe.models and role not in recipe.embedders and role != "fetcher":
            raise RecipeError(f"allow_private: there is no model role '{role}'.{nearest(role, recipe.models)}")
    for step, here in recipe.walk(scene):
        seen.update(t for t in step.op.reads_tables() if t in scene.tables and scene.tables[t].private)
        if seen and step.op.fetches and "fetcher" not in recipe.allow_private:
            raise PrivacyError(
                f"{here.where} would ask hosts outside for addresses out of the private table {', '.join(sorted(seen))}. Add it to "
                "allow_private: [fetcher] if that is meant"
            )
        for role in step.op.embeds():
            if role not in embedders:
                raise RecipeError(f"{here.where} asks the embedder '{role}', which is not under embedders:.{nearest(role, embedders)}")
        asked = [(r, is_local(specs[r]) if r in specs else recipe.models[r].local) for r in step.op.roles()]
        for role, local in [*asked, *((r, embedders[r].local) for r in step.op.embeds())]:
            if seen and not local and role not in recipe.allow_private:
                raise PrivacyError(
                    f"{here.where} would send rows of the private table {', '.join(sorted(seen))} to the role '{role}', whose endpoint is not "
                    f"on this machine. Add it to allow_private: [{role}] if that is meant, or use a local model"
                )


def _estimate(prepared: Prepared, scene: Scene) -> dict[str, Any]:
    """Calls, tokens and money per role for the whole run, from each step's own estimate and the rows that reach it."""
    recipe = prepared.recipe
    source = recipe.steps[0].op
    held = source.holds(prepared.context().at(recipe.steps[0].label, "", _tally()))
    rows = min(recipe.want, held) if recipe.want and not source.goes_on else (recipe.want or held)
    roles: dict[str, dict[str, Any]] = {}
    for step, here in recipe.walk(scene):
        for told, times in ((step.op.estimate(here), rows), (step.op.estimate_once(here), 1)):
            for role, (calls, tokens_in, tokens_out) in told.items():
                at = roles.setdefault(role, {"calls": 0, "tokens_in": 0, "tokens_out": 0, "cost_usd": 0.0})
                at["calls"] += round(times * calls)
                at["tokens_in"] += round(times * tokens_in)
                at["tokens_out"] += round(times * tokens_out)
    from .models.prices import price_of

    total: float | None = 0.0
    for role, at in roles.items():
        price = price_of(prepared.specs[role]) if role in prepared.specs else None
        local = role in prepared.models and prepared.models[role].local
        if local:
            at["cost_usd"] = 0.0
        elif price is None:
            at["cost_usd"], total = None, None
        else:
            at["cost_usd"] = round((at["tokens_in"] * price.input + at["tokens_out"] * price.output) / 1e6, 6)
        if total is not None and at["cost_usd"] is not None:
            total += at["cost_usd"]
    return {"rows": rows, "roles": roles, "cost_usd": total}


def _tally() -> Any:
    from .core.rows import Tally

    return Tally()


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


def decoder(model_name: str) -> Any:
    """A function raw -> Reply for a journaled model name, without keys or network: what `show --record` reads answers with."""
    from .core.ports import Request
    from .models.anthropic import AnthropicChat
    from .models.openai import OpenAIChat
    from .models.replay import ReplayModel
    from .models.scripted import ScriptedModel
    from .models.spec import ModelSpec

    scheme = model_name.partition(":")[0]
    asked = Request((), logprobs=0)
    if scheme in ("openai", "anthropic"):
        kind = OpenAIChat if scheme == "openai" else AnthropicChat
        chat = kind(ModelSpec(scheme, "recorded", "http://127.0.0.1"))
        return lambda raw: chat.decode(asked, raw)
    if scheme == "llamacpp":
        chat = OpenAIChat(ModelSpec("openai", "recorded", "http://127.0.0.1"))
        return lambda raw: chat.decode(asked, raw)
    if scheme == "replay":
        return lambda raw: ReplayModel.decode(None, asked, raw)  # type: ignore[arg-type]
    return lambda raw: ScriptedModel.decode(None, asked, raw)  # type: ignore[arg-type]
