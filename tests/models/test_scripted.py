"""Functions as models: their name tells two of them apart in every process, and what they may return."""

from __future__ import annotations

import asyncio
import functools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from mintmark.core.errors import ContentError, ModelSpecError
from mintmark.core.ports import Reply, Request
from mintmark.models.scripted import ScriptedModel
from mintmark.models.spec import build_model, parse_spec

HI = Request(({"role": "system", "content": "s"}, {"role": "user", "content": "hi"}), row="r")


def said(function: Any) -> Reply:
    return asyncio.run(ScriptedModel(function).complete(HI))


def fixed(text: str, end: str = "") -> Any:
    def answer(prompt: str) -> str:
        return text + end

    return answer


def test_what_a_function_is_given_and_may_return() -> None:
    async def later(request: Request) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"text": request.row, "tokens_out": 4, "finish_reason": "length", "logprobs": [{"token": "r", "logprob": -0.5}]}

    reply = said(later)
    assert (reply.text, reply.tokens_out, reply.finish_reason, reply.logprobs) == ("r", 4, "length", [{"token": "r", "logprob": -0.5}])
    assert said(lambda prompt: prompt + "!").text == "hi!"
    assert said(lambda request: Reply("whole", tokens_in=2, reasoning="why")).reasoning == "why"
    assert said(fixed("\ud800 lone")).text == "\ud800 lone"


@pytest.mark.parametrize("made, words", [(None, "NoneType"), (3, "int"), ({"txt": "a"}, "dict"), ({"text": "a", "token_in": 1}, "Did you mean 'tokens_in'"), ({"text": "a", "tokens_in": "x"}, "whole number")])
def test_what_it_may_not_return(made: Any, words: str) -> None:
    with pytest.raises(ContentError, match=words):
        said(lambda prompt: made)


def test_names_tell_functions_apart_and_not_processes() -> None:
    def partial(k: str, prompt: str) -> str:
        return k

    names = [ScriptedModel(f).name for f in (fixed("a"), fixed("b"), fixed("a", "."), functools.partial(partial, "a"), functools.partial(partial, "b"), eval("lambda prompt: 'q'"), str)]
    assert len(set(names)) == len(names)
    assert ScriptedModel(fixed("a")).name == names[0]
    code = (
        "from mintmark.models.scripted import ScriptedModel\nclass C:\n  def __init__(self, k): self.k = k\n  def __call__(self, prompt): return self.k\n"
        "print([ScriptedModel(f).name for f in (eval('lambda prompt: prompt'), C('a'), C('b'), C(object()))])"
    )
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": str(ROOT / "src")}).stdout for _ in range(2)}
    assert len(runs) == 1 and len(set(eval(runs.pop()))) == 4


def test_loading_a_module_beside_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "inner.py").write_text("def f(prompt):\n    return __name__\n")
    before = list(sys.path)
    model = build_model(parse_spec("writer", "scripted:pkg.inner:f", base=str(tmp_path)))
    assert asyncio.run(model.complete(HI)).text.startswith("mintmark_scripted_") and sys.path == before
    (tmp_path / "needy.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(ModelSpecError, match="loading needy failed: No module named 'nothing_of_this_name'"):
        build_model(parse_spec("writer", "scripted:needy:f", base=str(tmp_path)))
    with pytest.raises(ModelSpecError, match="no nowhere_of_all.py beside the recipe"):
        build_model(parse_spec("writer", "scripted:nowhere_of_all:f", base=str(tmp_path)))
