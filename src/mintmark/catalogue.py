"""Finds ops, metrics and port implementations by walking the package: there is no list to keep.

An op is the class in generate/NAME.py or curate/NAME.py whose `name` is NAME; a metric likewise in evaluate/. A recipe word that is no
such file is refused with the nearest name.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Any

from .core.errors import RecipeError, nearest
from .core.metric import Metric
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


def metrics() -> list[type[Metric]]:
    return [cls for cls in walk_classes("evaluate", Metric) if cls.name]


def families() -> list[str]:
    return sorted({m.family for m in metrics()})


def metric_names() -> dict[str, str]:
    """Dotted name -> family, of everything that can be measured."""
    return {name: m.family for m in metrics() for name in m.gives}


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

    return [(kind, _remark((resources.files("mintmark.recipes") / f"{kind}.yaml").read_text())) for kind in recipe_kinds()]


def _remark(text: str) -> str:
    """The first line of a file, which is a remark."""
    return text.splitlines()[0].lstrip("# ")


def _first_line(cls: type[Any]) -> str:
    doc = " ".join((importlib.import_module(cls.__module__).__doc__ or "").strip().split("\n\n")[0].split())
    return doc.split(": ", 1)[-1]
