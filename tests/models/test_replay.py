"""Recorded replies: each goes to the row that owns it, whatever the timing, the restarts and the edits; and what a file may not do."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mintmark as mm
from conftest import ledger, write_recipe
from mintmark.core.errors import InputError, NoRecordedReply
from mintmark.core.ports import Answer, Request
from mintmark.models import replay as module
from mintmark.models.replay import ReplayModel
from mintmark.runner.journal import request_bytes


def recorded(path: Path, *replies: Any) -> ReplayModel:
    path.write_text("".join(json.dumps(r) + "\n" for r in replies))
    return ReplayModel(path)


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def ask(model: ReplayModel, request: Request) -> str:
    return asyncio.run(model.complete(request)).text


def test_prompt_ignores_the_system_message_and_messages_do_not(tmp_path: Path) -> None:
    whole = [{"role": "system", "content": "s"}, user("m")]
    model = recorded(tmp_path / "r.jsonl", {"prompt": "p", "reply": "by prompt"}, {"messages": whole, "reply": "by messages"})
    assert ask(model, Request(({"role": "system", "content": "any"}, user("p")))) == "by prompt"
    assert ask(model, Request(tuple(whole))) == "by messages"
    for other in ((user("m"),), ({"role": "system", "content": "other"}, user("m"))):
        with pytest.raises(NoRecordedReply, match=r"r\.jsonl .* begins 'm'"):
            ask(model, Request(other))


def test_a_recorded_row_and_attempt_go_first(tmp_path: Path) -> None:
    """The first line of the file too, whose offset is 0; other rows never get it."""
    lines = [{"prompt": "p", "reply": "r1, again", "row": "r1", "attempt": 1}, {"prompt": "p", "reply": "r1", "row": "r1"}]
    model = recorded(tmp_path / "r.jsonl", *lines, {"prompt": "p", "reply": "anybody"})
    again = (user("p"), {"role": "assistant", "content": "r1"}, user("That answer cannot be used"))
    assert ask(model, Request(again, row="r1", attempt=1)) == "r1, again"
    assert ask(model, Request((user("p"),), row="r1")) == "r1"
    assert ask(model, Request((user("p"),), row="r2")) == "anybody"
    with pytest.raises(NoRecordedReply):
        ask(model, Request((user("p"),), row="r3"))


def play(model: ReplayModel, asks: list[list[str]], order: random.Random, held: dict[bytes, Answer]) -> list[list[str]]:
    """Rows that ask prompts one after another and take random time between; answers are kept in `held` as a journal would."""
    out: list[list[str]] = [[] for _ in asks]

    async def one(i: int) -> None:
        try:
            for step, prompt in enumerate(asks[i]):
                for _ in range(order.randrange(6)):
                    await asyncio.sleep(0)
                request = Request((user(prompt),), row=f"r{i}", step=f"s{step}")
                try:
                    reply = await model.complete(request)
                except NoRecordedReply:
                    out[i].append("miss")
                    return
                out[i].append(reply.text)
                key = f"{i}/{step}".encode()
                held[key] = Answer(key, f"r{i}", f"s{step}", 0, model.name, request_bytes(request), reply.raw)
        finally:
            model.leave(f"r{i}")

    async def go() -> None:
        tasks = []
        for i in range(len(asks)):
            model.enter(f"r{i}", i)
            tasks.append(asyncio.create_task(one(i)))
            for _ in range(order.randrange(3)):
                await asyncio.sleep(0)
        await asyncio.wait_for(asyncio.gather(*tasks), 10)

    asyncio.run(go())
    return out


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=3), min_size=1, max_size=7), st.integers(0, 9), st.integers(0, 2**32))
def test_the_outcome_does_not_depend_on_timing(tmp_path_factory: pytest.TempPathFactory, asks: Any, most: int, seed: int) -> None:
    """Law 3: as if the rows had asked one after another in plan order, a miss included; and nothing waits for ever."""
    path = tmp_path_factory.mktemp("replay") / "r.jsonl"
    left = {p: [f"{p}{k}" for k in range(most if p == "a" else 2)] for p in "abc"}
    path.write_text("".join(json.dumps({"prompt": p, "reply": r}) + "\n" for p in left for r in left[p]))
    expected: list[list[str]] = []
    for row in asks:
        expected.append([])
        for prompt in row:
            expected[-1].append(left[prompt].pop(0) if left[prompt] else "miss")
            if expected[-1][-1] == "miss":
                break
    assert play(ReplayModel(path), asks, random.Random(seed), {}) == expected


def test_edited_parameters_do_not_use_replies_up(tmp_path: Path) -> None:
    """After --changed each row gets the occurrence it had, from the shared journal's count as from a fresh folder."""
    (tmp_path / "r.jsonl").write_text("".join(json.dumps({"prompt": f"say {a}", "reply": f"{a}{i}"}) + "\n" for a in "xy" for i in range(3)))
    recipe = "name: r\nmodels: {{writer: 'replay:r.jsonl'}}\nsteps:\n  - grid: {{a: [x, y], b: [1, 2, 3]}}\n  - write: {{column: t, prompt: 'say {{{{ a }}}}'{}}}\n"
    first = mm.run(write_recipe(tmp_path, recipe.format("")), out=tmp_path / "o", report=False).rows()
    edited = write_recipe(tmp_path, recipe.format(", max_tokens: 99"))
    again = mm.run(edited, out=tmp_path / "o", changed=True, report=False).rows()
    fresh = mm.run(edited, out=tmp_path / "fresh", report=False).rows()
    assert len(again) == 6 and again == first == fresh
    assert {line["state"] for line in ledger(tmp_path / "o")} == {"kept"}


def test_two_steps_with_one_prompt_keep_their_own_replies_after_a_restart(tmp_path: Path) -> None:
    """The journal holds what step s0 got; s1, asked after the restart, gets the next occurrence and not s0's."""
    path = tmp_path / "r.jsonl"
    model = recorded(path, *({"prompt": "p", "reply": r} for r in ("one", "two", "three")))
    held: dict[bytes, Answer] = {}
    assert play(model, [["p"]], random.Random(0), held) == [["one"]]
    restarted = ReplayModel(path)
    restarted.prime(held.values())
    assert ask(restarted, Request((user("p"),), row="r0", step="s1")) == "two"
    assert ask(restarted, Request((user("p"),), row="r0", step="s0", temperature=1.0)) == "one"
    assert ask(restarted, Request((user("p"),), row="r1", step="s0")) == "three"


def test_usage_is_counted_and_never_invented(tmp_path: Path) -> None:
    model = recorded(
        tmp_path / "r.jsonl",
        {"prompt": "p", "reply": "a", "usage": {"prompt_tokens": 5, "completion_tokens": 2}, "finish_reason": "length", "logprobs": [{"token": "a"}]},
        {"prompt": "p", "reply": "b", "usage": {"prompt_tokens": -5, "completion_tokens": "x"}, "finish_reason": None},
    )
    first, second = (asyncio.run(model.complete(Request((user("p"),), row=r))) for r in ("r1", "r2"))
    assert (first.tokens_in, first.tokens_out, first.cost_usd, first.finish_reason) == (5, 2, 0.0, "length") and first.logprobs
    assert (second.tokens_in, second.tokens_out, second.finish_reason) == (0, 0, "stop")
    assert model.decode(Request((user("p"),)), first.raw) == first


@pytest.mark.parametrize("more", [{"row": 5}, {"row": "r", "attempt": "x"}, {"row": "r", "attempt": True}, {"messages": [{"role": "user"}]}])
def test_wrong_fields_are_refused_with_the_line(tmp_path: Path, more: dict[str, Any]) -> None:
    line = {"reply": "b", **({} if "messages" in more else {"prompt": "a"}), **more}
    with pytest.raises(InputError, match="line 2"):
        recorded(tmp_path / "r.jsonl", {"prompt": "a", "reply": "b"}, line)


def test_hostile_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LINE", 1000)
    (tmp_path / "long.jsonl").write_bytes(b'{"prompt": "a", "reply": "b"}\n' + b"x" * 5000)
    with pytest.raises(InputError, match=r"long.jsonl, line 2 is longer than 1,000 bytes"):
        ReplayModel(tmp_path / "long.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n\n")
    with pytest.raises(InputError, match="holds no replies"):
        ReplayModel(tmp_path / "empty.jsonl")
    with pytest.raises(InputError, match="cannot be read"):
        ReplayModel(tmp_path)
    model = recorded(tmp_path / "r.jsonl", {"prompt": "a", "reply": "b"})
    (tmp_path / "r.jsonl").write_text("[1, 2]" * 20)
    with pytest.raises(InputError, match="changed while it was in use"):
        ask(model, Request((user("a"),)))
