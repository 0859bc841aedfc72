"""Model specs: 'openai:gpt-5-mini', 'openai:qwen2.5:7b@http://127.0.0.1:11434/v1', or a mapping {spec, temperature, rpm, price, ...}.

A scheme is a file in models/ with `build(spec) -> Model`; there is no list to add it to.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from ..core.errors import ModelSpecError, nearest
from ..core.params import within
from ..core.ports import Model

OPTIONS: dict[str, type | tuple[type, ...]] = {
    "temperature": (int, float),
    "top_p": (int, float),
    "max_tokens": int,
    "reasoning_effort": str,
    "stop": list,
    "rpm": (int, float),
    "tpm": (int, float),
    "price": dict,
    "timeout_s": (int, float),
    "patience_s": (int, float),
    "api_key_env": str,
    "api_key_file": str,
    "json_mode": str,
    "n_threads": int,
    "n_ctx": int,
    "n_parallel": int,
    "extra": dict,
}
RANGES: dict[str, tuple[float, ...]] = {
    **dict.fromkeys(("max_tokens", "n_threads", "n_ctx", "n_parallel"), (1,)),
    **dict.fromkeys(("rpm", "tpm", "timeout_s"), (0.001,)),
    "temperature": (0, 5),
    "top_p": (0, 1),
    "patience_s": (0,),
}
ADDRESS = re.compile(r"(?<=.)@((localhost|\d+(\.\d+){3}|[\w-]+(\.[\w-]+)*\.[a-z]{2,}|[\w-]+(?=:\d))(:\d+)?(/\S*)?)\Z", re.IGNORECASE)


@dataclass(frozen=True)
class ModelSpec:
    """scheme: the file in models/. model: the provider's model name, a file, or module:function. base: the recipe's folder."""

    scheme: str
    model: str
    base_url: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    role: str = ""
    base: str = "."


@cache
def schemes() -> tuple[str, ...]:
    package = importlib.import_module("mintmark.models")
    return tuple(
        m.name for m in pkgutil.iter_modules(package.__path__) if hasattr(importlib.import_module(f"mintmark.models.{m.name}"), "build")
    )


def parse_spec(role: str, given: str | Mapping[str, Any], base: str = ".") -> ModelSpec:
    """ModelSpecError names the role, what was found, and the nearest scheme or option."""
    options: dict[str, Any] = {}
    if isinstance(given, Mapping):
        options = {k: v for k, v in given.items() if k != "spec"}
        if not isinstance(given.get("spec"), str):
            raise ModelSpecError(f"models: {role}: the mapping has no spec:; expected {{spec: 'openai:MODEL', ...}}")
        given = str(given["spec"])
        for key, value in options.items():
            if key not in OPTIONS:
                raise ModelSpecError(f"models: {role}: there is no option '{key}'.{nearest(str(key), OPTIONS)}")
            if not isinstance(value, OPTIONS[key]) or isinstance(value, bool):
                raise ModelSpecError(f"models: {role}: {key} is {value!r}, which does not fit")
            if key in RANGES and isinstance(value, (int, float)):
                try:
                    within(key, value, *RANGES[key])
                except ValueError as error:
                    raise ModelSpecError(f"models: {role}: {error}") from error
        if options.get("json_mode", "auto") not in ("auto", "native", "prompt"):
            raise ModelSpecError(f"models: {role}: json_mode is '{options['json_mode']}', expected auto, native or prompt")
    assert isinstance(given, str)
    scheme, colon, rest = given.partition(":")
    if not colon or not rest:
        raise ModelSpecError(f"models: {role}: found '{given}', expected SCHEME:MODEL such as openai:gpt-5-mini or replay:replies.jsonl")
    if scheme not in schemes():
        raise ModelSpecError(f"models: {role}: there is no model scheme '{scheme}'.{nearest(scheme, schemes())}")
    at = max(rest.rfind("@http://"), rest.rfind("@https://"))
    model, url = (rest[:at], rest[at + 1 :]) if at >= 0 else (rest, None)
    if url is None and scheme in ("openai", "anthropic") and (meant := ADDRESS.search(rest)):  # or it would go to the provider itself
        raise ModelSpecError(
            f"models: {role}: '{meant[0]}' looks like an address without http:// or https://; did you mean {scheme}:{rest[: meant.start()]}@http://{meant[1]}?"
        )
    if not model:
        raise ModelSpecError(f"models: {role}: '{given}' names no model before the @; for a server with one model any name will do")
    if url is not None and not urlsplit(url).hostname:
        raise ModelSpecError(f"models: {role}: '{url}' is no address; expected http://HOST:PORT/v1")
    return ModelSpec(scheme, model, url, options, role, base)


def build_model(spec: ModelSpec) -> Model:
    model: Model = importlib.import_module(f"mintmark.models.{spec.scheme}").build(spec)
    return model


def loopback(url: str) -> bool:
    """Whether an address is this machine: localhost, 127.0.0.0/8 or ::1."""
    host = (urlsplit(url).hostname or "").lower()
    if host in ("localhost", "::1"):
        return True
    parts = host.split(".")
    return len(parts) == 4 and all(p.isdigit() and int(p) < 256 for p in parts) and parts[0] == "127"


def is_local(spec: ModelSpec) -> bool:
    """In process, or on a loopback address: private rows may go there, and it costs nothing."""
    if spec.scheme in ("openai", "anthropic"):
        return spec.base_url is not None and loopback(spec.base_url)
    return True
