"""A model that is a Python function: the public fake for tutorials and tests, and the way in for a user's own generator.

scripted:module:function names a function in a module beside the recipe (loaded from that file alone) or in an installed one. It takes the
Request (or, if its parameter is called `prompt`, the last user message) and returns text, or {"text", "finish_reason", "tokens_in", ...}.
It may be async. It runs with the rights of the process: `check` lists it, `--no-code` refuses it.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..core.errors import ModelSpecError
from ..core.ports import Reply, Request
from ..text.jsontext import dumps, loads
from .spec import ModelSpec

_FIELDS = ("finish_reason", "tokens_in", "tokens_out", "tokens_reasoning", "tokens_cached", "cost_usd", "reasoning", "logprobs")
_NUMBERS = {"tokens_in", "tokens_out", "tokens_reasoning", "tokens_cached", "cost_usd"}


class ScriptedModel:
    """`name` carries a hash of the function's source: an edited function is another model, and asked anew."""

    local = True

    def __init__(self, function: Callable[..., Any], name: str = "", source: str | None = None) -> None:
        """source: what the name's hash is of; default the function's own text. A module beside the recipe counts whole."""
        self._function = function
        if source is None:
            try:
                source = inspect.getsource(function)
            except (OSError, TypeError):
                source = repr(function)
        code = getattr(function, "__code__", None)  # two lambdas on one line share their source, not their constants
        source += repr([c for c in getattr(code, "co_consts", ()) if isinstance(c, (str, int, float))])
        self.name = (
            f"scripted:{name or getattr(function, '__name__', 'function')}:{hashlib.blake2b(source.encode(), digest_size=4).hexdigest()}"
        )
        parameters = list(inspect.signature(function).parameters)
        self._wants_prompt = parameters[:1] == ["prompt"]
        self.calls = 0

    async def complete(self, request: Request) -> Reply:
        self.calls += 1
        given = next((m["content"] for m in reversed(request.messages) if m["role"] == "user"), "") if self._wants_prompt else request
        try:
            made = self._function(given)
            if inspect.isawaitable(made):
                made = await made
        except SystemExit as error:  # it would end the whole run without a word
            raise RuntimeError(f"{self.name} called exit({error.code if error.code is not None else ''})") from error
        if not isinstance(made, (str, Mapping)):
            raise TypeError(f"{self.name} returned {type(made).__name__}; expected text, or a mapping such as {{'text': ...}}")
        return self.decode(request, dumps({"text": made} if isinstance(made, str) else dict(made)))

    def decode(self, request: Request, raw: bytes) -> Reply:
        told = loads(raw)
        for k in _NUMBERS & set(told):  # they are added up: a negative or missing one would make budgets and costs wrong
            if told[k] is not None and (isinstance(told[k], bool) or not isinstance(told[k], (int, float)) or told[k] < 0):
                raise TypeError(f"{self.name} returned {k}={told[k]!r}; expected a number of 0 or more")
        given = {k: told[k] for k in _FIELDS if k in told and (told[k] is not None or k not in _NUMBERS - {"cost_usd"})}
        return Reply("" if told.get("text") is None else str(told["text"]), raw=raw, **given)

    async def aclose(self) -> None:
        pass


def build(spec: ModelSpec) -> ScriptedModel:
    function, source = load_function(f"models: {spec.role}: scripted:{spec.model}", spec.model, spec.base)
    return ScriptedModel(function, spec.model, source)


def load_function(where: str, named: str, base: str) -> tuple[Callable[..., Any], str | None]:
    """MODULE:FUNCTION from a module beside the recipe (that file alone), whose source comes too, or from an installed one."""
    module_name, _, function_name = named.partition(":")
    if not re.fullmatch(r"[A-Za-z_][\w.]*", module_name) or not re.fullmatch(r"[A-Za-z_]\w*", function_name):
        raise ModelSpecError(f"{where}: expected MODULE:FUNCTION")
    path = Path(base) / (module_name.replace(".", "/") + ".py")
    try:
        if path.is_file():
            key = f"mintmark_scripted_{hashlib.blake2b(str(path.resolve()).encode(), digest_size=6).hexdigest()}"
            found = importlib.util.spec_from_file_location(key, path)
            if found is None or found.loader is None:
                raise ModelSpecError(f"{where}: {path} cannot be loaded")
            module = importlib.util.module_from_spec(found)
            sys.modules[key] = module
            found.loader.exec_module(module)
        else:
            module = importlib.import_module(module_name)
    except ImportError as error:
        raise ModelSpecError(f"{where}: there is no {path.name} beside the recipe and no installed module '{module_name}'") from error
    except Exception as error:
        raise ModelSpecError(f"{where}: loading {path.name} failed: {type(error).__name__}: {error}") from error
    function = getattr(module, function_name, None)
    if not callable(function):
        raise ModelSpecError(f"{where}: the module has no function '{function_name}'")
    return function, path.read_text("utf-8", "replace") if path.is_file() else None
