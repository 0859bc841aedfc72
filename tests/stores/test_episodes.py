"""Episodes for reinforcement learning: scripted policies through `repair`, exported, read back and judged again from what was exported alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import lines, mintmark
from mintmark.core.errors import InputError, NoSandbox
from mintmark.core.ports import Request
from mintmark.models.scripted import ScriptedModel
from mintmark.sandboxes.local import LocalSandbox
from mintmark.stores.episodes import episode
from mintmark.stores.exports import export_rows

WRONG, RIGHT, OVERFIT, BROKEN = (
    "def add(a, b):\n    return a - b",
    "def add(a, b):\n    return a + b",
    "def add(a, b):\n    return 3",
    "def add(a, b:\n    return a",
)
PUBLIC, PRIVATE = "assert add(1, 2) == 3", "assert add(770011, 770022) == 1540033"
#: policy -> its answers after the first version, its rewards with a penalty of 0.2
POLICIES: dict[str, tuple[list[str], list[float]]] = {
    "repairs at once": ([RIGHT], [0, 1]),
    "repairs at last": ([WRONG, WRONG, RIGHT], [0, 0, 0, 1]),
    "ignores feedback": ([WRONG] * 9, [0, 0, 0, -1]),
    "only talks": (["I see no fault."] * 9, [0, -0.2, -0.2, -1.2]),
    "breaks off, then repairs": ([BROKEN, RIGHT], [0, -0.2, 1]),
    "fits the public test alone": ([OVERFIT], [0, -1]),
}


def sandbox() -> LocalSandbox:
    """One for each run, which closes it."""
    try:
        return LocalSandbox()
    except NoSandbox as error:
        pytest.skip(str(error))


def policy(request: Request) -> str:
    """Which policy it is stands in the problem; how far the dialogue has come in its length."""
    kind = request.messages[1]["content"].splitlines()[0]
    answer = POLICIES[kind][0][(len(request.messages) - 4) // 2]
    return answer if answer.startswith("I ") else f"```python\n{answer}\n```"


def played(folder: Path) -> Any:
    rows = [{"problem": kind, "solution": WRONG, "public_tests": PUBLIC, "hidden_tests": PRIVATE} for kind in POLICIES]
    repair = mm.curate.Repair("solution", "public_tests", "hidden_tests", "problem", turns=3, keep="all", repeats=1, cpu_s=1.0)
    recipe = mm.Recipe("rl", ops=[mm.generate.Read("p"), repair], tables={"p": rows}, models={"writer": ScriptedModel(policy, "policies")})
    return mm.run(recipe, out=folder, sandbox=sandbox(), report=False)


def test_rewards_turn_limit_and_the_way_back(tmp_path: Path) -> None:
    run = played(tmp_path / "r")
    assert run.manifest["kept"] == len(POLICIES)
    done = mintmark("export", "r", "--as", "rl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {e["messages"][1]["content"].splitlines()[0]: e for e in lines(tmp_path / "r" / "rl.jsonl")}
    for kind, (_, rewards) in POLICIES.items():
        e = found[kind]
        assert e["rewards"] == rewards and e["reward"] == pytest.approx(sum(rewards)), kind
        assert [m["role"] for m in e["messages"]] == ["system", *["user", "assistant"] * e["turns"]] and e["turns"] == len(rewards) <= 4
        assert not re.search("770011|770022|1540033", json.dumps(e["messages"])), "no private case in a dialogue"
    assert (found["fits the public test alone"]["public"], found["fits the public test alone"]["private"]) == ("passed", "failed")

    # Read back, the last answer's program judged anew by the tests that came along
    ops = [
        mm.generate.Read("e"),
        mm.curate.Parse(column="last", kind="code", into="code"),
        mm.curate.Execute("code", "both", repeats=1, cpu_s=1.0),
    ]
    table = [
        {"last": e["messages"][-1]["content"], "both": [e["public_tests"], e["private_tests"]], "reward": e["reward"]}
        for e in found.values()
    ]
    again = mm.run(mm.Recipe("back", ops=ops, tables={"e": table}), out=tmp_path / "b", sandbox=sandbox(), report=False)
    assert all((r["verdict"] == "passed") == (r["reward"] > 0) for r in again.rows())
    assert again.manifest["kept"] == len(POLICIES) - 1 and again.manifest["dropped"] == 1, "who only talks has no code"


def test_the_penalty_is_a_parameter(tmp_path: Path) -> None:
    turns = [{"code": c, "verdict": v, "feedback": ""} for c, v in (("", "no_code"), (BROKEN, "error"), (RIGHT, "passed"))]
    messages = [{"role": r, "content": "-"} for r in ("user", "assistant") * 3]
    row = {"id": "a", "messages": messages, "turns": turns, "verdict": "passed", "public_tests": PUBLIC, "private_tests": PRIVATE}
    assert episode(row, 0.5)["rewards"] == [-0.5, -0.5, 1.0] and episode(row, 0)["reward"] == 1.0
    assert episode({**row, "verdict": "flaky"})["reward"] == -1.4, "what passes once and not again has not passed"
    to = export_rows(lambda: iter([row]), "rl", tmp_path / "e", penalty=0.25)
    (back,) = lines(to)
    assert back["reward"] == 0.5 and back["messages"] == messages and (back["public_tests"], back["private_tests"]) == (PUBLIC, PRIVATE)
    mapped = {**{k: v for k, v in row.items() if k != "private_tests"}, "checks": PRIVATE}
    (back,) = lines(export_rows(lambda: iter([mapped]), "rl", tmp_path / "m", mapping={"private_tests": "checks"}))
    assert back["private_tests"] == PRIVATE and "split" not in back
    (back,) = lines(export_rows(lambda: iter([{**row, "split": "test"}]), "rl", tmp_path / "s"))
    assert back["split"] == "test"


@pytest.mark.parametrize(
    "changed, more, message",
    [
        ({"turns": None}, {}, "no dialogue and turns"),
        ({"turns": []}, {}, "no dialogue and turns"),
        ({"messages": [{"role": "assistant", "content": "-"}] * 3}, {}, "3 answers and 1 turns"),
        ({}, {"penalty": -1.0}, "penalty is -1"),
        ({}, {"penalty": float("nan")}, "penalty is nan"),
        ({}, {"mapping": {"verdict": "judged"}}, "needs a column for 'verdict'"),
        ({}, {"mapping": {"reward": "id"}}, "rl has no field 'reward'"),
    ],
)
def test_what_is_no_episode_is_refused_in_words(tmp_path: Path, changed: dict[str, Any], more: dict[str, Any], message: str) -> None:
    turns = [{"code": RIGHT, "verdict": "passed", "feedback": ""}]
    row = {
        "id": "a",
        "messages": [{"role": "assistant", "content": "-"}],
        "turns": turns,
        "verdict": "passed",
        "public": PUBLIC,
        "hidden": PRIVATE,
    }
    with pytest.raises(InputError, match=message):
        export_rows(lambda: iter([{**row, **changed}]), "rl", tmp_path / "x", **more)
    with pytest.raises(InputError, match="has no rewards"):
        export_rows(lambda: iter([row]), "dpo", tmp_path / "x", penalty=0.1)


def test_the_recipe_that_makes_code_exports_as_its_comment_says(tmp_path: Path) -> None:
    """`mintmark new code` names its columns shown and tests: what its own comment told to type was refused."""
    head = {"messages": [], "turns": [], "verdict": "passed", "shown": "assert f(1)", "tests": "assert f(2)"}
    first = {**head, "messages": [{"role": "assistant", "content": "x"}], "turns": [{"code": "x = 1", "verdict": "passed"}]}
    (done,) = lines(export_rows(lambda: iter([first]), "rl", tmp_path / "e.jsonl"))
    assert (done["public_tests"], done["private_tests"], done["rewards"]) == ("assert f(1)", "assert f(2)", [1.0])
    with pytest.raises(InputError, match="rl has no field 'prompt'; what may be mapped is messages, turns, verdict"):
        export_rows(lambda: iter([first]), "rl", tmp_path / "e.jsonl", mapping={"prompt": "problem"})
