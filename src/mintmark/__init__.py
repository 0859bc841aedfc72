"""Mintmark: synthetic data made with large language models, generated, curated and evaluated in one run.

    import mintmark as mm
    run = mm.run(mm.load("recipe.yaml"), want=500)
    recipe = mm.Recipe("tickets", ops=[mm.generate.Grid(...), mm.generate.Write(...), mm.curate.Dedup(...)])

Everything heavy is imported where it is used; this module stays under 0.2 s.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from . import curate as _curate
from . import evaluate as _evaluate
from . import generate as _generate

__version__ = "0.1.0"

_FROM_API = ("Run", "audit", "check", "export", "load", "preview", "purge", "run", "run_generations", "show", "spent")
_FROM_CORE = {
    "Recipe": "recipe",
    "Repeat": "recipe",
    "Row": "rows",
    "Drop": "rows",
    "Pending": "rows",
    "Op": "op",
    "Scope": "op",
    "Metric": "metric",
    "Measurement": "metric",
    "Gate": "metric",
    "Request": "ports",
    "Reply": "ports",
    "Context": "context",
    "MintmarkError": "errors",
}


class _Wing(ModuleType):
    """A wing by its classes: mm.generate.Grid. `mm.curate` is also the verb: mm.curate(table, recipe)."""

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            catalogue = importlib.import_module("mintmark.catalogue")
            for cls in catalogue.walk_classes(self.__name__.rpartition(".")[2]):
                if cls.__name__ == name:
                    return cls
        raise AttributeError(f"{self.__name__} has no '{name}'")

    def __call__(self, *args: Any, **options: Any) -> Any:
        if self.__name__ != "mintmark.curate":
            raise TypeError(f"{self.__name__} is not callable")
        return importlib.import_module("mintmark.api").curate(*args, **options)


for _wing in (_curate, _evaluate, _generate):
    _wing.__class__ = _Wing


def __getattr__(name: str) -> Any:
    if name in _FROM_API:
        return getattr(importlib.import_module("mintmark.api"), name)
    if name in _FROM_CORE:
        return getattr(importlib.import_module(f"mintmark.core.{_FROM_CORE[name]}"), name)
    if name == "testing":
        return importlib.import_module("mintmark.testing")
    raise AttributeError(f"module 'mintmark' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *_FROM_API, *_FROM_CORE, "curate", "generate", "evaluate", "testing"})
