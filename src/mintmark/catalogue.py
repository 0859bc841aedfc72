"""Finds ops, metrics and port implementations by walking the package: there is no list to keep.

An op is the class in generate/NAME.py or curate/NAME.py whose `name` is NAME; a metric likewise in evaluate/. A recipe word that is no
such file is refused with the nearest name.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from .core.errors import RecipeError, nearest
from .core.metric import FAMILIES, Metric
from .core.op import Op

OP_WINGS = ("generate", "curate")


@cache
def _modules(wing: str) -> tuple[str, ...]:
    package = importlib.import_module(f"mintmark.{wing}")
    return tuple(sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")))


def op_names() -> list[str]:
    return sorted([*(n for wing in OP_WINGS for n in _modules(wing)), "repeat"])


def find_op(name: str, where: str) -> type[Op]:
    """The op class a recipe calls `name`."""
    for wing in OP_WINGS:
        if name in _modules(wing):
            module = importlib.import_module(f"mintmark.{wing}.{name}")
            for cls in vars(module).values():
                if inspect.isclass(cls) and issubclass(cls, Op) and cls.name == name and cls.__module__ == module.__name__:
                    return cls
    raise RecipeError(f"{where}: there is no op '{name}'.{nearest(str(name), op_names())} See `mintmark list ops`.")


def walk_classes(wing: str, base: type[Any] | None = None) -> Iterator[type[Any]]:
    """Public classes defined in a wing, in the order of their files; only subclasses of `base` where given."""
    for name in _modules(wing):
        module = importlib.import_module(f"mintmark.{wing}.{name}")
        for cls in list(vars(module).values()):
            if inspect.isclass(cls) and cls.__module__ == module.__name__ and not cls.__name__.startswith("_"):
                if base is None or (issubclass(cls, base) and cls is not base):
                    yield cls


def ops() -> list[type[Op]]:
    return [cls for wing in OP_WINGS for cls in walk_classes(wing, Op) if cls.name]


@cache
def metrics() -> tuple[type[Metric], ...]:
    """Our own, and those of installed packages (entry point group `mintmark.metrics`, each naming a Metric class)."""
    from importlib.metadata import entry_points

    own = [cls for cls in walk_classes("evaluate", Metric) if cls.name]
    for point in entry_points(group="mintmark.metrics"):
        package = f" of {point.dist.name}" if point.dist else ""
        where = f"the installed metric {point.value}{package}"
        mend = "mend that package, or uninstall it"
        try:
            cls = point.load()
        except Exception as error:  # whatever a stranger's module raises as it is imported
            raise RecipeError(f"{where} cannot be loaded ({type(error).__name__}: {error}); {mend}") from error
        if not (inspect.isclass(cls) and issubclass(cls, Metric) and cls.name and cls.family and cls.gives):
            raise RecipeError(f"{where} is no Metric with a name, a family and what it gives (mintmark.testing.check_metric tells); {mend}")
        if any(cls.name == m.name for m in own):
            raise RecipeError(f"{where} is called '{cls.name}', as another one is; uninstall one of them")
        if taken := {name for m in own for name in m.gives} & set(cls.gives):
            raise RecipeError(f"{where} gives '{sorted(taken)[0]}', as another one does; uninstall one of them")
        own.append(cls)
    return tuple(own)


def families(costly: bool = True) -> list[str]:
    return sorted({m.family for m in metrics() if costly or not m.costly})


def metrics_for(items: Sequence[Any], where: str = "measure") -> list[Metric]:
    """The metrics of `measure:`. An item is a family, a metric's name, {name: {parameter: value}} or a Metric; a family whose name a metric shares
    keeps its other metrics as they are. A family leaves its costly metrics to be named, unless it has no others."""
    chosen: dict[str, Metric] = {}
    words = {*families(), *(m.name for m in metrics())}
    for item in items:
        if isinstance(item, Metric):
            chosen[item.name] = item
            continue
        word, params = next(iter(item.items())) if isinstance(item, Mapping) and len(item) == 1 else (item, None)
        if not isinstance(word, str) or word not in words:
            raise RecipeError(f"{where}: there is nothing called '{word}'.{nearest(str(word), words)}")
        if params is not None and word not in {m.name for m in metrics()}:
            inside = ", ".join(m.name for m in metrics() if m.family == word)
            raise RecipeError(f"{where}: '{word}' is a family; give parameters to one of its metrics: {inside}")
        for cls in metrics():
            if cls.name == word or (cls.family == word and (not cls.costly or word not in families(costly=False))):
                given = params if cls.name == word else None
                if given is not None or cls.name not in chosen:
                    chosen[cls.name] = cls.from_params(given, f"{where}: {cls.name}")
    return list(chosen.values())


def metric_names() -> dict[str, str]:
    """Dotted name -> the word of `measure:` that gives it, of everything that can be measured."""
    return {name: m.family for m in metrics() for name in m.gives}


def metrics_by_family() -> dict[str, dict[str, Any]]:
    """family -> {does, metrics: [{metric, costly, gives: {dotted name: what it is}}]}; a family of somebody else's has no words of ours."""
    out: dict[str, dict[str, Any]] = {}
    for m in sorted(metrics(), key=lambda m: m.family):
        at = out.setdefault(m.family, {"does": FAMILIES.get(m.family, "from an installed package"), "metrics": []})
        at["metrics"].append({"metric": m.name, "costly": m.costly, "gives": dict(m.gives)})
    return out


def recipe_kinds() -> list[str]:
    """Kinds of built-in recipes that `mintmark new` writes."""
    from importlib import resources

    return sorted(p.name[:-5] for p in resources.files("mintmark.recipes").iterdir() if p.name.endswith(".yaml"))


def listing(what: str) -> list[tuple[str, str]]:
    """(name, what it does) for `mintmark list`."""
    if what == "ops":
        found = [(c.name, _first_line(c)) for c in ops()]
        return sorted([*found, ("repeat", "the only loop: rounds of steps until an expression holds")])
    if what == "metrics":
        return [(name, does) for m in metrics() for name, does in m.gives.items()]
    if what == "models":
        from .models.spec import schemes

        return [(f"{s}:", (importlib.import_module(f"mintmark.models.{s}").__doc__ or "").strip().splitlines()[0]) for s in schemes()]
    if what == "prompts":
        from .prompting import built_in, built_in_names

        return [(name, _remark(built_in(name))) for name in built_in_names()]
    from importlib import resources

    return [(kind, _remark((resources.files("mintmark.recipes") / f"{kind}.yaml").read_text("utf-8"))) for kind in recipe_kinds()]


def _remark(text: str) -> str:
    """The first line of a file, which is a remark."""
    return text.splitlines()[0].lstrip("# ")


def _first_line(cls: type[Any]) -> str:
    doc = " ".join((importlib.import_module(cls.__module__).__doc__ or "").strip().split("\n\n")[0].split())
    return doc.split(": ", 1)[-1]
