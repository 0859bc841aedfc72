"""A model that is a Python function: the public fake for tutorials and tests, and the way in for a user's own generator.

scripted:module:function names a function in a module beside the recipe (loaded from that file alone) or in an installed one. It takes the
Request (or, if its parameter is called `prompt`, the last user message) and returns text, or {"text", "finish_reason", "tokens_in", ...}.
It may be async. It runs with the rights of the process: `check` lists it, `--no-code` refuses it.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..core.errors import ContentError, ModelSpecError, nearest
from ..core.ports import Reply, Request
from ..text.jsontext import dumps, loads
from .spec import ModelSpec

_FIELDS = ("text", "finish_reason", "tokens_in", "tokens_out", "tokens_reasoning", "tokens_cached", "cost_usd", "reasoning", "logprobs")


class ScriptedModel:
    """`name` carries a hash of the function's source: an edited function is another model, and asked anew."""

    local = True

    def __init__(self, function: Callable[..., Any], name: str = "") -> None:
        self._function = function
        digest = hashlib.blake2b(_source(function).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
        self.name = f"scripted:{name or getattr(function, '__name__', 'function')}:{digest}"
        try:
            self._wants_prompt = list(inspect.signature(function).parameters)[:1] == ["prompt"]
        except ValueError:  # a function written in C
            self._wants_prompt = False
        self.calls = 0

    async def complete(self, request: Request) -> Reply:
        self.calls += 1
        given = next((m["content"] for m in reversed(request.messages) if m["role"] == "user"), "") if self._wants_prompt else request
        made = self._function(given)
        if inspect.isawaitable(made):
            made = await made
        return self.decode(request, dumps(self._told(made)))

    def _told(self, made: Any) -> dict[str, Any]:
        if isinstance(made, Reply):
            made = {k: getattr(made, k) for k in _FIELDS}
        told = {"text": made} if isinstance(made, str) else made
        if not isinstance(told, Mapping) or not isinstance(told.get("text"), str):
            raise ContentError("no_text", f"{self.name} returned {type(made).__name__}, expected text, or a mapping with text")
        for key, value in told.items():
            if key not in _FIELDS:
                raise ContentError("no_text", f"{self.name} returned '{key}', which a reply does not have.{nearest(str(key), _FIELDS)}")
            if key.startswith("tokens_") and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
                raise ContentError("no_text", f"{self.name} returned {key} = {value!r}, expected a whole number")
        return dict(told)

    def decode(self, request: Request, raw: bytes) -> Reply:
        told = loads(raw)
        return Reply(str(told.get("text", "")), raw=raw, **{k: told[k] for k in _FIELDS[1:] if k in told})

    async def aclose(self) -> None:
        pass


def _source(function: Callable[..., Any]) -> str:
    """What tells two functions apart: source, constants (two lambdas on one line share their source), defaults, and plain closed-over values.

    Never an address, which is another one in the next process.
    """
    if isinstance(function, functools.partial):
        return _source(function.func) + _plain([*function.args, *sorted(function.keywords.items())])
    code = getattr(function, "__code__", None)
    try:
        source = inspect.getsource(function if code is not None or inspect.isclass(function) else type(function))
    except (OSError, TypeError):
        source = code.co_code.hex() + repr(code.co_names) if code is not None else type(function).__qualname__
    if code is None:
        return source + _plain(sorted(getattr(function, "__dict__", {}).items()))
    source += repr([c for c in code.co_consts if isinstance(c, (str, int, float))])
    cells = [c.cell_contents for c in getattr(function, "__closure__", None) or () if _filled(c)]
    defaults = [*(getattr(function, "__defaults__", None) or ()), *sorted((getattr(function, "__kwdefaults__", None) or {}).items())]
    return source + (_plain([*defaults, *cells]) if defaults or cells else "")


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


def _plain(values: list[Any]) -> str:
    """The values that print the same in every process; of others only their type."""

    def one(value: Any) -> Any:
        if value is None or isinstance(value, (str, bytes, int, float)):
            return value
        if isinstance(value, (list, tuple)):
            return [one(v) for v in value]
        if isinstance(value, dict):
            return [[one(k), one(v)] for k, v in value.items()]
        return type(value).__qualname__

    return repr(one(values))


def build(spec: ModelSpec) -> ScriptedModel:
    where = f"models: {spec.role}: scripted:{spec.model}"
    module_name, _, function_name = spec.model.partition(":")
    if not re.fullmatch(r"[A-Za-z_][\w.]*", module_name) or not re.fullmatch(r"[A-Za-z_]\w*", function_name):
        raise ModelSpecError(f"{where}: expected scripted:MODULE:FUNCTION")
    path = Path(spec.base) / (module_name.replace(".", "/") + ".py")
    key = f"mintmark_scripted_{hashlib.blake2b(str(path.resolve()).encode(), digest_size=6).hexdigest()}"
    try:
        if path.is_file():
            found = importlib.util.spec_from_file_location(key, path)
            if found is None or found.loader is None:
                raise ModelSpecError(f"{where}: {path} cannot be loaded")
            module = importlib.util.module_from_spec(found)
            sys.modules[key] = module
            found.loader.exec_module(module)
        else:
            module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if path.is_file() or not f"{module_name}.".startswith(f"{error.name}."):
            raise ModelSpecError(f"{where}: loading {module_name} failed: {error}") from error
        raise ModelSpecError(f"{where}: there is no {path.name} beside the recipe and no installed module '{module_name}'") from error
    except Exception as error:
        raise ModelSpecError(f"{where}: loading {path.name} failed: {type(error).__name__}: {error}") from error
    function = getattr(module, function_name, None)
    if not callable(function):
        raise ModelSpecError(f"{where}: the module has no function '{function_name}'")
    return ScriptedModel(function, f"{module_name}:{function_name}")
