"""Models without HTTP of their own: scripted, replay, llama.cpp in process and over its own server."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import mintmark, write_recipe
from mintmark.core.errors import InputError, ModelSpecError, NoRecordedReply
from mintmark.core.ports import Request
from mintmark.models.replay import ReplayModel
from mintmark.models.scripted import ScriptedModel
from mintmark.models.spec import build_model, parse_spec
from mintmark.stores.memory import MemoryStore
from mintmark.testing import check_model


def test_scripted_contract_and_identity() -> None:
    check_model(ScriptedModel(lambda prompt: f"said {prompt}"))
    check_model(ScriptedModel(lambda request: {"text": "x", "tokens_out": 3, "finish_reason": "stop"}))
    assert ScriptedModel(lambda prompt: "a").name != ScriptedModel(lambda prompt: "b" + "").name


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (None, "returned NoneType; expected text"),
        (7, "returned int"),
        (["a", "b"], "returned list"),
        ({"text": "x", "tokens_in": -5}, "tokens_in=-5"),
        ({"text": "x", "cost_usd": "free"}, "cost_usd='free'"),
    ],
)
def test_scripted_says_what_it_cannot_use(made: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        asyncio.run(ScriptedModel(lambda request: made).complete(Request(({"role": "user", "content": "x"},))))


def test_scripted_exit_fails_the_row_not_the_run() -> None:
    def leave(prompt: str) -> str:
        if prompt == "2":
            sys.exit(7)
        return prompt

    ops = [mm.generate.Grid({"a": [1, 2, 3]}), mm.generate.Write(prompt="{{ a }}", column="t")]
    made = mm.run(mm.Recipe("leaving", ops, models={"writer": ScriptedModel(leave)}), store=MemoryStore(), report=False)
    assert made.manifest["kept"] == 2 and made.manifest["failed"] == 1


def test_scripted_null_text_is_an_empty_answer() -> None:
    reply = asyncio.run(
        ScriptedModel(lambda request: {"text": None, "tokens_in": None}).complete(Request(({"role": "user", "content": "x"},)))
    )
    assert (reply.text, reply.tokens_in) == ("", 0)


def test_scripted_from_a_module_beside_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("def answer(prompt):\n    return prompt.upper()\n")
    recipe = "name: s\nmodels: {writer: 'scripted:helper:answer'}\nsteps:\n  - grid: {a: [x, y]}\n  - write: {column: t, prompt: 'say {{ a }}'}\n"
    path = write_recipe(tmp_path, recipe)
    assert sorted(r["t"] for r in mm.run(path, out=tmp_path / "o", report=False).rows()) == ["SAY X", "SAY Y"]
    told = mintmark("check", "recipe.yaml", cwd=tmp_path)
    assert "scripted:helper:answer" in told.stdout
    (tmp_path / "failing.py").write_text("def answer(prompt):\n    return None if 'y' == prompt[-1] else 'x'\n")
    ran = mintmark("run", "recipe.yaml", "--model", "writer=scripted:failing:answer", "--out", "failing", cwd=tmp_path)
    assert "write: 1 failed (error)" in ran.stdout  # a run says where its rows were lost, and why
    assert "[]" not in (tmp_path / "failing" / "README.md").read_text().split("Models: ")[1].splitlines()[0]
    assert mintmark("run", "recipe.yaml", "--no-code", cwd=tmp_path).returncode == 2
    for spec, words in (
        ("scripted:nothere:f", "no nothere.py beside"),
        ("scripted:helper:nope", "no function"),
        ("scripted:../x:f", "MODULE:FUNCTION"),
    ):
        with pytest.raises(ModelSpecError, match=words):
            build_model(parse_spec("writer", spec, base=str(tmp_path)))


def replay(path: Path, *replies: dict[str, Any]) -> ReplayModel:
    path.write_text("".join(json.dumps(r) + "\n" for r in replies))
    return ReplayModel(path)


def test_replay_contract(tmp_path: Path) -> None:
    check_model(
        replay(tmp_path / "r.jsonl", {"prompt": "Say hello.", "reply": "hello", "usage": {"prompt_tokens": 3, "completion_tokens": 1}})
    )


def test_replay_gives_occurrences_in_plan_order(tmp_path: Path) -> None:
    """Row 2 asks before row 1 does, and still gets the second reply; a re-ask is a further ask of the same prompt; then a miss."""
    model = replay(tmp_path / "r.jsonl", *({"prompt": "p", "reply": r} for r in ("one", "one again", "two")))
    p = {"role": "user", "content": "p"}

    async def go() -> list[str]:
        out: dict[str, str] = {}
        model.enter("r1", 1)
        model.enter("r2", 2)

        async def second() -> None:
            out["r2"] = (await model.complete(Request((p,), row="r2"))).text
            model.leave("r2")

        task = asyncio.create_task(second())
        await asyncio.sleep(0.01)
        assert not task.done()
        out["r1"] = (await model.complete(Request((p,), row="r1"))).text
        more = ({"role": "assistant", "content": "one"}, {"role": "user", "content": "again"})
        out["r1b"] = (await model.complete(Request((p, *more), row="r1", attempt=1))).text
        model.leave("r1")
        await task
        model.enter("r3", 3)
        with pytest.raises(NoRecordedReply, match="begins 'p'"):
            await model.complete(Request((p,), row="r3"))
        return [out["r1"], out["r1b"], out["r2"]]

    assert asyncio.run(go()) == ["one", "one again", "two"]


@pytest.mark.parametrize("line", ["nope", "[1]", '{"prompt": "x"}', '{"reply": "x"}', '{"messages": 5, "reply": "x"}', "[" * 100_000])
def test_replay_refuses_rubbish_with_the_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "r.jsonl").write_text('{"prompt": "a", "reply": "b"}\n' + line + "\n")
    with pytest.raises(InputError, match="line 2"):
        ReplayModel(tmp_path / "r.jsonl")


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from conftest import TOOLS

    if not (TOOLS / "tiny_gguf.py").exists():
        pytest.skip("../shared/tools/tiny_gguf.py is absent")
    if importlib.util.find_spec("xllamacpp") is None or importlib.util.find_spec("gguf") is None:
        pytest.skip("xllamacpp or gguf is not installed: pip install 'mintmark[local,dev]'")
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    subprocess.run([sys.executable, str(TOOLS / "tiny_gguf.py"), "write", str(path)], check=True, capture_output=True)
    return path


RECIPE = """
name: tiny
models: {{writer: {spec}}}
steps:
  - grid: {{a: [1, 2, 3]}}
  - write:
      prompt: "row {{{{ a }}}}"
      max_tokens: 200
      logprobs: true
      attempts: 5
      schema:
        type: object
        properties: {{age: {{type: integer, minimum: 0, maximum: 120}}, tone: {{enum: [warm, cold]}}}}
        required: [age, tone]
        additionalProperties: false
"""


def test_llamacpp_in_process_and_over_http(gguf: Path, tmp_path: Path) -> None:
    """A real llama.cpp answers a structured recipe in process and over HTTP; log-probabilities and embeddings arrive."""
    from mintmark.embedders.llamacpp import LlamaCppEmbedder
    from mintmark.embedders.openai import OpenAIEmbedder
    from mintmark.models.llamacpp import LlamaCpp

    model = build_model(parse_spec("writer", {"spec": f"llamacpp:{gguf}", "n_threads": 1, "n_ctx": 1024}))
    assert isinstance(model, LlamaCpp) and str(gguf.parent) not in model.name
    address = model.server.listening_address
    for number, spec in enumerate((f"{{spec: 'llamacpp:{gguf}', n_threads: 1, n_ctx: 1024}}", f"'openai:tiny@{address}/v1'")):
        folder = tmp_path / str(number)
        folder.mkdir()
        run = mm.run(write_recipe(folder, RECIPE.format(spec=spec)), out=folder / "o", concurrency=2, report=False)
        rows = run.rows()
        assert len(rows) == 3 and all(r["tone"] in ("warm", "cold") and 0 <= r["age"] <= 120 for r in rows)
        assert all(isinstance(r["age_logprob"], float) and r["age_logprob"] <= 0 for r in rows)
    own = LlamaCppEmbedder(gguf)
    vectors = asyncio.run(own.embed(["hello world", "hello there", "zzz"]))
    assert len(vectors) == 3 and len({len(v) for v in vectors}) == 1 and len(vectors[0]) > 8
    over_http = OpenAIEmbedder("tiny", own._server.listening_address + "/v1")
    again = asyncio.run(over_http.embed(["hello world", "hello there", "zzz"]))
    assert [round(x, 4) for x in again[0][:5]] == [round(x, 4) for x in vectors[0][:5]]
