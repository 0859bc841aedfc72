"""From a Recipe to one that can run: tables opened, everything checked, ports wired to roles.

Nothing here calls a model. What can be known to be wrong is refused here, in words, before any call.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import lineage
from .catalogue import metric_names, metrics_for
from .core.context import Context
from .core.errors import ModelSpecError, PrivacyError, RecipeError, nearest
from .core.metric import check_gates
from .core.op import Scene
from .core.ports import Allowance, Embedder, Fetcher, Learner, Model, Sandbox, Table, TextLearner
from .core.recipe import Recipe
from .noise.gaussian import require
from .opening import open_tables
from .report import card
from .runner.claims import plain_reads
from .runner.rounds import until_of


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
    warnings: list[str] = field(default_factory=list)  # what the data card lacks
    holdout_note: str = ""
    fan_out: float = 1.0
    scene: Scene = field(default_factory=Scene)
    fetcher: Fetcher | None = None
    sandbox: Sandbox | None = None
    fed_by: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def digests(self) -> dict[str, str]:
        return _digests(self.tables)

    @property
    def model_names(self) -> dict[str, str]:
        """role -> what the answers depend on: the model's name and the options that change its answers."""
        return {r: f"{m.name} {_answer_options(self.specs.get(r))}" for r, m in self.models.items()}

    def context(self, models: Mapping[str, Model] | None = None, **ports: Any) -> Context:
        """ports: fetcher, releaser, sandbox."""
        return Context(self.recipe.seed, models or self.models, self.learners, self.embedders, self.tables, **ports)


def _digests(tables: Mapping[str, Table]) -> dict[str, str]:
    """Contents of each table, and what may be released of it; a corpus is only measured against."""
    out = {n: t.digest for n, t in tables.items() if t.columns}
    for name, table in tables.items():
        if (a := getattr(table, "allowance", None)) is not None:
            out[name] += f" {a.epsilon!r} {a.delta!r} {a.person}"
    return out


_PLUMBING = {"rpm", "tpm", "price", "timeout_s", "api_key_env", "api_key_file", "patience_s", "n_threads", "concurrency", "proxy"}


def _answer_options(spec: Any) -> str:
    options = getattr(spec, "options", None) or {}
    return repr(sorted((k, v) for k, v in options.items() if k not in _PLUMBING))


def prepare(
    recipe: Recipe,
    *,
    models: Mapping[str, Any] | None = None,
    no_code: bool = False,
    build: bool = True,
    fetcher: Fetcher | None = None,
    sandbox: Sandbox | str | None = None,
    unsafe_execution: bool = False,
) -> Prepared:
    """Open, check and wire. models: role -> spec that replaces the recipe's (as by --model). fetcher, sandbox: instead of HTTP, of this machine's
    boxes (Python only)."""
    if models:
        unknown = [r for r in models if r not in recipe.models]
        asked = {r for s in recipe.steps for r in s.op.roles()}
        if any(r not in asked for r in unknown):
            raise ModelSpecError(f"--model {unknown[0]}: no step asks this role.{nearest(unknown[0], asked)}")
        recipe = dataclasses.replace(recipe, models={**recipe.models, **models})
    tables, note = open_tables(recipe)
    scene = Scene((), tables, frozenset(recipe.models), "recipe", recipe.base)
    columns = recipe.check_columns(scene)
    until_of(recipe)
    reads = {step.label: step.op.reads(here) for step, here in recipe.walk(scene)}
    measured = metrics_for(recipe.measure)
    check_gates(recipe.gates, metric_names(), measured)
    for metric in measured:
        for column in metric.reads():
            if column not in columns:
                raise RecipeError(
                    f"measure: {metric.name} reads '{column}', which is no column of the finished rows.{nearest(column, columns)}"
                )
    if recipe.target is not None and recipe.target not in columns:
        raise RecipeError(f"target: '{recipe.target}' is no column of the finished rows.{nearest(recipe.target, columns)}")
    specs = _specs(recipe, no_code)
    embedders = _ports(recipe, "embedders", Embedder)
    learners = _ports(recipe, "learners", (Learner, TextLearner))
    for step, here in recipe.walk(scene):
        for role in step.op.learns():
            if role not in learners:
                raise RecipeError(f"{here.where} asks the learner '{role}', which is not under learners:.{nearest(role, learners)}")
            if isinstance(learners[role], TextLearner):
                learners[role].origin()  # a folder that is not named or not there: said by `check`, not by the run
    _private(recipe, scene, specs, embedders)
    _budgets(recipe, tables)
    built = _models(recipe, specs) if build else {}
    names = {r: f"{m.name} {_answer_options(specs.get(r))}" for r, m in built.items()}
    names |= {f"embedder {r}": embedders[r].name for s in recipe.steps for r in s.op.embeds()}
    prepared = Prepared(
        recipe,
        tables,
        columns,
        reads,
        built,
        learners,
        embedders,
        specs,
        recipe.identity(_digests(tables), names),
        holdout_note=note,
        fetcher=fetcher or _fetcher(recipe),
        sandbox=_sandbox(recipe, sandbox, unsafe_execution) if build else None,
        fed_by=lineage.fed_by(recipe, tables),
    )
    if note:
        prepared.notes.append(note)
    prepared.notes.extend(_replaced(recipe, scene))
    prepared.notes.extend(n for t in tables.values() for n in getattr(t, "notes", ()))
    for name in recipe.card.get("source_licences", ()):
        if name not in tables:
            raise RecipeError(f"card: source_licences: there is no table '{name}'.{nearest(name, tables)}")
    prepared.warnings = card.warnings(recipe.licence, recipe.card, [n for n, t in tables.items() if t.private])
    prepared.notes.extend(lineage.warnings(prepared.fed_by))
    prepared.fan_out = math.prod(step.op.fan_out(here) for step, here in recipe.walk(scene))
    prepared.scene = scene
    return prepared


def _replaced(recipe: Recipe, scene: Scene) -> list[str]:
    """Notes on columns that a step writes anew without having read them: what stood there is lost, which may not be meant."""
    notes, by = [], dict[str, int]()
    for number, (step, here) in enumerate(recipe.walk(scene), 1):
        lost: dict[int, list[str]] = {}
        for column in step.op.writes(here):
            if column in by and column not in step.op.reads(here):
                lost.setdefault(by[column], []).append(column)
            by[column] = number
        for of, names in lost.items():
            notes.append(f"{step.label} (step {number}) replaces the column{'s' * (len(names) > 1)} {', '.join(names)} of step {of}")
    return notes


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


def _ports(recipe: Recipe, kind: str, port: Any) -> dict[str, Any]:
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
        for name in ("tfidf", "hashing"):
            out.setdefault(name, make(name, name))
        out.setdefault("default", out["tfidf"])
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


def _sandbox(recipe: Recipe, given: Sandbox | str | None, unsafe: bool) -> Sandbox | None:
    """given: a tier by name, None for the strongest that holds, or what is there already. NoSandbox, before any call, where a step executes code and nothing here can hold it."""
    if given is not None and not isinstance(given, str):
        return given
    if not any(s.op.executes for s in recipe.steps):
        return None
    from .sandboxes.local import LocalSandbox

    languages = {getattr(s.op, "language", "python") for s in recipe.steps if s.op.executes}
    return LocalSandbox(given, unsafe=unsafe, languages=sorted(languages))


def _private(recipe: Recipe, scene: Scene, specs: Mapping[str, Any], embedders: Mapping[str, Embedder]) -> None:
    """Law 7: a role asked at or after a step that reads a private table must be local, or allowed by name."""
    from .models.spec import is_local

    seen = _carried_round(recipe, scene)
    for role in recipe.allow_private:
        if role not in recipe.models and role not in recipe.embedders and role != "fetcher":
            raise RecipeError(f"allow_private: there is no model role '{role}'.{nearest(role, recipe.models)}")
    for step, here in recipe.walk(scene):
        seen.update(plain_reads(step.op, scene.tables))
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
            if step.op.releases and role in step.op.embeds() and getattr(embedders[role], "learns", False):
                raise PrivacyError(
                    f"{here.where}: the embedder '{role}' would learn from private rows, outside the proof; use hashing, or a local one that is fixed"
                )
            if step.op.releases and not local and role in step.op.embeds():
                raise PrivacyError(
                    f"{here.where} would send private rows to the embedder '{role}', which is not on this machine; no allow_private changes that "
                    "under differential privacy. Use embedders: {default: hashing}, or a local one"
                )
            if seen and not local and role not in recipe.allow_private:
                raise PrivacyError(
                    f"{here.where} would send rows of the private table {', '.join(sorted(seen))} to the role '{role}', whose endpoint is not "
                    f"on this machine. Add it to allow_private: [{role}] if that is meant, or use a local model"
                )


def privacy_shares(recipe: Recipe) -> dict[str, float]:
    """Private table -> share of its budget that the steps take together."""
    out: dict[str, float] = {}
    for step in recipe.steps:
        for name, share in step.op.spends().items():
            out[name] = out.get(name, 0.0) + share
    return out


def taken(recipe: Recipe, tables: Mapping[str, Table]) -> dict[Allowance, float]:
    """Allowance -> share of it that the steps take together, under whatever name: a holdout that was set aside has its table's."""
    out: dict[Allowance, float] = {}
    for name, share in privacy_shares(recipe).items():
        if (a := getattr(tables[name], "allowance", None)) is not None:
            out[a] = out.get(a, 0.0) + share
    return out


def _budgets(recipe: Recipe, tables: Mapping[str, Table]) -> None:
    """Steps that release something of a private table: it has a budget, and their shares of it are at most the whole."""
    first = recipe.steps[0]
    if recipe.want is not None and recipe.repeat is not None and first.op.releases:
        raise RecipeError(
            f"want: {recipe.want:,} would end the loop after the first drafts, before private rows have voted; leave it out: {first.label} says with rows: how "
            "many it chooses"
        )
    for name, share in privacy_shares(recipe).items():
        spenders = {step.label: step.op.spends()[name] for step in recipe.steps if name in step.op.spends()}
        told = ", ".join(f"{label} {part:g}" for label, part in spenders.items())
        if name in tables and getattr(tables[name], "allowance", None) is None:
            raise RecipeError(
                f"{next(iter(spenders))} releases something of table '{name}', which has no privacy budget; give it one: "
                f"{name}: {{path: FILE, budget: {{epsilon: 1, delta: 1e-6}}}}"
            )
        if share > 1 + 1e-9:
            raise RecipeError(
                f"the steps' shares of the privacy budget of table '{name}' are {told}: together {share:g}, expected at most 1"
            )
        require()


def _carried_round(recipe: Recipe, scene: Scene) -> set[str]:
    """Private tables out of which a round of the loop writes what the source reads to plan the next: every step of the loop may see that."""
    seen: set[str] = set()
    carried: set[str] = set()
    if recipe.repeat is None:
        return carried
    walked = recipe.walk(scene)[: len(recipe.repeat.steps)]
    read = {c for step, here in walked[:1] for c in step.op.looks_back(here)}
    for step, here in walked:
        seen.update(plain_reads(step.op, scene.tables))
        if read & set(step.op.writes(here)):
            carried |= seen
    return carried


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
