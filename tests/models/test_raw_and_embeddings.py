"""Raw completions (prefix generation, InPars on models without a chat template) and embeddings, over HTTP and in llama.cpp itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from test_local import gguf  # noqa: F401  the fixture

import mintmark as mm
from conftest import lines, mintmark, write_recipe
from mintmark.core.errors import BadRequest, PrivacyError
from mintmark.core.ports import Request
from mintmark.models.spec import build_model, parse_spec
from mintmark.text.jsontext import dumps, loads
from server import Server

PREFIX = "<|start_header_id|>system<|end_header_id|>\n\nYou know tides.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n"


def recipe(folder: Path, url: str, steps: str, more: str = "") -> Path:
    return write_recipe(folder, f"name: raw\nmodels: {{writer: 'openai:m@{url}'}}\n{more}\nsteps:\n{steps}")


def test_prefix_goes_to_completions_as_it_stands(tmp_path: Path) -> None:
    steps = """  - grid: {n: [1, 2, 3]}
  - prefix: {template: llama3, system: 'You know {{ "tides" }}.', column: instruction}
"""
    with Server() as server:
        done = mintmark("run", recipe(tmp_path, server.url, steps), "--out", "run", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert server.paths["/v1/completions"] == 3 and server.requests == 3
        assert all(b["prompt"] == PREFIX and "messages" not in b and b["stop"] == ["<|eot_id|>"] for b in server.bodies)
        assert len({b["seed"] for b in server.bodies}) == 3, "one prompt, three samples"
        assert mintmark("run", "recipe.yaml", "--out", "run", cwd=tmp_path).returncode == 0 and server.requests == 3
        assert all(len(r["instruction"].split()) == 10 for r in lines(tmp_path / "run/data.jsonl"))


def test_inpars_raw_reads_the_logprobs_of_completions(tmp_path: Path) -> None:
    steps = "  - grid: {passage: [the tide is high at noon]}\n  - inpars: {style: inpars, raw: true}\n"
    with Server() as server:
        (row,) = mm.run(recipe(tmp_path, server.url, steps), out=tmp_path / "run", report=False).rows()
    assert row["query_score"] == -0.5 and row["query_tokens"] == 10
    assert server.bodies[0]["prompt"].endswith("Document: the tide is high at noon\nRelevant Query:")


def test_a_chat_only_api_refuses_raw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k" * 20)
    model = build_model(parse_spec("writer", "anthropic:claude"))
    with pytest.raises(BadRequest, match="no raw completion"):
        asyncio.run(model.complete(Request(({"role": "raw", "content": "x"},), max_tokens=5)))


def test_llamacpp_goes_on_from_raw_text(gguf: Path) -> None:  # noqa: F811
    model = build_model(parse_spec("writer", {"spec": f"llamacpp:{gguf}", "n_threads": 1, "n_ctx": 1024}))

    async def go() -> None:
        raw = Request(({"role": "raw", "content": "<|im_start|>user\n"},), max_tokens=8, logprobs=0, row="r", seed=3)
        in_process = await model.complete(raw)
        assert in_process.tokens_out == 8 and in_process.logprobs and all(t["logprob"] <= 0 for t in in_process.logprobs)
        assert model.decode(raw, in_process.raw) == in_process
        served = build_model(parse_spec("w", f"openai:tiny@{model.server.listening_address}/v1"))  # type: ignore[attr-defined]
        over_http = await served.complete(raw)
        assert over_http.tokens_out == 8 and over_http.text
        chat = await model.complete(Request(({"role": "user", "content": "hi"},), max_tokens=8, row="r", seed=3))
        assert chat.tokens_in > in_process.tokens_in, "the chat template is around the one and not the other"
        await served.aclose()
        await model.aclose()

    asyncio.run(go())


EMBED = """
  - read: docs
  - retrieve: {from: docs, query: question, method: embedding, k: 1, embedder: far}
"""
TABLE = [{"text": f"passage number {i}", "question": f"Passage number {i}"} for i in range(8)]


def test_embeddings_are_journaled_and_never_bought_twice(tmp_path: Path) -> None:
    with Server() as server:
        more = f"embedders: {{far: 'openai:e@{server.url}'}}\ntables: {{docs: docs.jsonl}}"
        path = recipe(tmp_path, server.url, EMBED, more)
        (tmp_path / "docs.jsonl").write_bytes(b"".join(dumps(r) + b"\n" for r in TABLE))
        done = mintmark("run", path, "--out", "run", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        rows = lines(tmp_path / "run/data.jsonl")
        assert all(r["retrieved"][0]["text"].lower() == r["question"].lower() for r in rows), "the server folds case: each finds its own"
        asked = [t for b in server.bodies for t in b["input"]]
        assert len(asked) == len(set(asked)) == 16, "8 passages and 8 questions, each once"
        before = server.requests
        for name in ("rows", "data.jsonl"):
            target = tmp_path / "run" / name
            [p.unlink() for p in target.iterdir()] if target.is_dir() else target.unlink()
        assert mintmark("run", "recipe.yaml", "--out", "run", cwd=tmp_path).returncode == 0
        assert server.requests == before and lines(tmp_path / "run/data.jsonl") == rows, "the journal gave every vector"


def test_a_private_table_reaches_no_far_embedder(tmp_path: Path) -> None:
    (tmp_path / "docs.jsonl").write_text('{"text": "secret", "question": "who"}\n')
    more = "embedders: {far: 'openai:e@https://example.org/v1'}\ntables: {docs: {path: docs.jsonl, private: true}}"
    path = recipe(tmp_path, "http://127.0.0.1:9/v1", EMBED, more)
    with pytest.raises(PrivacyError, match="private table docs to the role 'far'"):
        mm.check(path)
    told = mintmark("check", path, "--set", "allow_private=[far]", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert loads(mintmark("check", path, "--set", "allow_private=[far]", "--json", cwd=tmp_path).stdout)["rows"] == 1
