"""execute, in a run of its own: rows accounted for, every status, resumed without running anything again, cheats not kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import mintmark
from mintmark.core.context import Context
from mintmark.core.errors import NoSandbox, RecipeError
from mintmark.core.ports import Outcome, Trial
from mintmark.core.rows import Drop, Row
from mintmark.curate.execute import Execute
from mintmark.sandboxes.local import LocalSandbox
from mintmark.sandboxes.scripted import ScriptedSandbox

TESTS = "assert add(1, 2) == 3\nassert add(-1, 1) == 0\n"
CODES = {
    "right": ("def add(a, b):\n    return a + b\n", "passed"),
    "wrong": ("def add(a, b):\n    return a - b\n", "failed"),
    "raises": ("def add(a, b):\n    raise ValueError('no')\n", "error"),
    "loops": ("def add(a, b):\n    while True: pass\n", "timeout"),
    "eats": ("def add(a, b):\n    return bytearray(4 << 30)\n", "limit"),
    "exits": ("import os\ndef add(a, b):\n    os._exit(0)\n", "error"),
    "equals all": ("class A:\n    def __eq__(self, o): return True\ndef add(a, b):\n    return A()\n", "failed"),
    "patches": ("import builtins\nbuiltins.AssertionError = ValueError\ndef add(a, b):\n    return None\n", "failed"),
    "frames": (
        "import sys\ndef add(a, b):\n    f = sys._getframe()\n    while f:\n        for v in f.f_locals.values():\n"
        "            if isinstance(v, str) and 'assert' in v: return eval(v.split('==')[1].split()[0])\n        f = f.f_back\n    return None\n",
        "failed",
    ),
}


@pytest.fixture
def sandbox() -> Iterator[LocalSandbox]:
    try:
        yield LocalSandbox()
    except NoSandbox as error:
        pytest.skip(str(error))


def recipe(keep: list[str]) -> mm.Recipe:
    rows = [{"kind": k, "solution": code, "tests": TESTS} for k, (code, _) in CODES.items()]
    ops = [mm.generate.Read("problems"), Execute("solution", "tests", cpu_s=0.5, keep=tuple(keep))]
    return mm.Recipe("code", ops=ops, tables={"problems": rows})


def test_every_status_and_nothing_runs_twice(tmp_path: Path, sandbox: LocalSandbox) -> None:
    run = mm.run(recipe([]), out=tmp_path / "all", sandbox=sandbox, report=False)
    rows = {r["kind"]: r for r in run.rows()}
    assert {k: r["verdict"] for k, r in rows.items()} == {k: status for k, (_, status) in CODES.items()}
    assert rows["right"]["passed"] == 1.0 and rows["wrong"]["cases"] == ["failed", "failed"] and "add(1, 2)" in rows["wrong"]["failure"]
    assert "ValueError: no" in rows["raises"]["stderr"] and {r["tier"] for r in rows.values()} == {sandbox.tier}
    assert run.manifest["kept"] == len(CODES) and run.status == "complete"

    def never(trial: Trial) -> Outcome:
        raise AssertionError("what stands in the journal is not run again")

    kept = mm.run(recipe(["passed"]), out=tmp_path / "all", sandbox=ScriptedSandbox(never), changed=True, report=False)
    assert [r["kind"] for r in kept.rows()] == ["right"], "none that cheats is kept"
    assert kept.manifest["dropped"] == len(CODES) - 1


def test_the_command_line_shows_what_ran(tmp_path: Path, sandbox: LocalSandbox) -> None:
    lines = [{"solution": CODES[k][0], "tests": TESTS} for k in ("right", "wrong")]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "r.yaml").write_text(
        "name: c\ntables: {p: p.jsonl}\nsteps:\n  - read: {from: p}\n  - execute: {code: solution, tests: tests, keep: [passed]}\n"
    )
    assert mintmark("run", "r.yaml", "--out", "o", cwd=tmp_path).returncode == 0
    (row,) = [json.loads(line) for line in (tmp_path / "o" / "data.jsonl").read_text().splitlines()]
    shown = mintmark("show", "o", row["id"], cwd=tmp_path)
    assert shown.returncode == 0 and "verdict: passed" in shown.stdout and "2 calls, outcome: " in shown.stdout, shown.stderr


def test_a_tier_is_chosen_by_name(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text(json.dumps({"solution": CODES["right"][0], "tests": TESTS}) + "\n")
    (tmp_path / "r.yaml").write_text(
        "name: c\ntables: {p: p.jsonl}\nsteps:\n  - read: {from: p}\n  - execute: {code: solution, tests: tests}\n"
    )
    done = mintmark("run", "r.yaml", "--out", "o", "--sandbox", "chroot", cwd=tmp_path)
    assert done.returncode == 2 and "no tier 'chroot'; there are bwrap, landlock" in done.stderr
    try:
        LocalSandbox("landlock")
    except NoSandbox as error:
        pytest.skip(str(error))
    assert mintmark("run", "r.yaml", "--out", "o", "--sandbox", "landlock", cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "o" / "manifest.json").read_text())["execution"]["execute"]["tiers"] == {"landlock": 2}


def test_our_fault_leaves_rows_for_the_next_run(tmp_path: Path) -> None:
    faulty = ScriptedSandbox(lambda trial: Outcome("sandbox_error", "scripted", detail="no box"))
    run = mm.run(recipe([]), out=tmp_path / "r", sandbox=faulty, report=False)
    assert run.exit_code == 3 and run.manifest["kept"] == 0
    again = mm.run(recipe([]), out=tmp_path / "r", sandbox=ScriptedSandbox(), report=False, retry_failed=True)
    assert again.exit_code == 0 and again.manifest["kept"] == len(CODES)


async def _one(op: Execute, sandbox: Any, **values: Any) -> Any:
    return await op.each(Row("r", values), Context(sandbox=sandbox))


def one(op: Execute, sandbox: Any, **values: Any) -> Any:
    import asyncio

    return asyncio.run(_one(op, sandbox, **values))


def test_flaky_is_told(sandbox: LocalSandbox) -> None:
    answers = iter([3, 3, 4])

    def outcome(trial: Trial) -> Outcome:
        value = next(answers)
        return Outcome("ran", "scripted", answers=(["value", value],))

    fake = ScriptedSandbox(outcome)
    row = one(Execute("c", "t", repeats=5), fake, c="def f():\n    return 3\n", t="assert f() == 3")
    assert row.values["verdict"] == "flaky" and [t.repeat for t in fake.asked] == [0, 1, 2]


def test_expected_values_and_tests_stay_outside() -> None:
    fake = ScriptedSandbox()
    one(Execute("c", "t"), fake, c="def f(x):\n    return x\n", t="assert f(1) == 4711, 'because'")
    assert fake.asked and all("4711" not in repr(trial) for trial in fake.asked)


LOOP = "def check(candidate):\n    for i in range(3):\n        assert candidate(i) == [i], help_(i)\n"
HELP = "def help_(x):\n    return str(x)\n"


@pytest.mark.parametrize(
    "code, verdict",
    [
        ("def f(x):\n    return [x]\n", "passed"),
        ("def f(x):\n    return x\n", "failed"),
        ("def f(x):\n    raise KeyError(x)\n", "error"),
        ("def f(x):\n    return object()\n", "error"),
        ("class A:\n    def __eq__(s, o): return True\ndef f(x):\n    return A()\n", "error"),
        ("class A(list):\n    def __eq__(s, o): return True\ndef f(x):\n    return A()\n", "failed"),
        ("import json\ndef f(x):\n    return json.loads('{')\n", "error"),
        ("def f(x):\n    while True: pass\n", "timeout"),
        ("import os\ndef f(x):\n    os._exit(0)\n", "error"),
        ("import builtins\nbuiltins.AssertionError = ValueError\ndef f(x):\n    return 0\n", "failed"),
        (
            "import os\ndef f(x):\n    for n in range(3, 64):\n        try: os.write(n, b'[\"value\",null]\\n' * 9)\n        except OSError: pass\n    return 0\n",
            "failed",
        ),
        ("import sys, gc\ndef f(x):\n    return [o for o in gc.get_objects() if type(o) is str and 'candidate(i)' in o]\n", "failed"),
        ("def f(x):\n    return {i * (2 ** 61 - 1) for i in range(60_000)}\n", "timeout"),
    ],
)
def test_what_is_more_than_calls_runs_against_proxies(sandbox: LocalSandbox, code: str, verdict: str) -> None:
    row = one(Execute("c", "t", "f", cpu_s=0.5), sandbox, c=code + HELP, t=LOOP, f="f")
    assert (row.values["verdict"], row.values["strength"], len(row.values["cases"])) == (verdict, "proxied", 1), row.values["failure"]


def test_calls_and_the_rest_are_told_apart(sandbox: LocalSandbox) -> None:
    tests = ["assert f(1) == [1]", LOOP, "no python", "x = 1"]
    row = one(Execute("c", "t", "f"), sandbox, c="def f(x):\n    return [1]\n" + HELP, t=tests, f="f")
    assert row.values["cases"] == ["passed", "failed"] and row.values["verdict"] == "failed"
    assert one(Execute("c", "t"), sandbox, c="def f(): pass", t=["no python", "x = 1"]).reason == "no_tests"


RIGHT = "def f(x):\n    return [x]\n"


@pytest.mark.parametrize(
    "code, tests",
    [
        (f"Sure:\n```python\n{RIGHT}```\nSo `f(1)` is `[1]`.", "assert f(1) == [1]"),
        (f"First\n```python\ndef f(x):\n    return x\n```\nNo:\n```python\n{RIGHT}```\n```\n[1]\n```", "assert f(1) == [1]"),
        (f"\ufeff{RIGHT}", "\ufeffassert f(1) == [1]"),
        ([{"role": "user", "content": "f?"}, {"role": "assistant", "content": f"```\n{RIGHT}```"}], "assert f(1) == [1]"),
        (RIGHT, "My tests:\n```python\nassert f(1) == [1]\n```"),
        (RIGHT, [{"args": [1], "expected": [1]}]),
        (RIGHT, {"args": [1], "expected": [1]}),
        (RIGHT, "import pytest\n@pytest.mark.parametrize('x, y', [(1, [1]), (2, [2])])\ndef test_f(x, y):\n    assert f(x) == y\n"),
        (RIGHT, "from solution import f as g, helper\nfor x in range(3):\n    assert g(x) == [x]\n"),
    ],
)
def test_answers_and_tests_as_models_give_them(sandbox: LocalSandbox, code: str, tests: Any) -> None:
    for op, given in ((Execute("c", "t", "f", repeats=1), {"f": "f"}), (Execute("c", "t", repeats=1), {})):
        row = one(op, sandbox, c=code, t=tests, **given)
        assert row.values["verdict"] == "passed", row.values["failure"]
        wrong = json.loads(json.dumps(code).replace("[x]", "[x, 0]"))
        assert set(one(op, sandbox, c=wrong, t=tests, **given).values["cases"]) == {"failed"}


def test_many_programs_in_a_row_are_refused() -> None:
    with pytest.raises(RecipeError, match="column 'c' holds a list of 2, expected one program in a row"):
        one(Execute("c", "t"), ScriptedSandbox(), c=[RIGHT, RIGHT], t="assert f(1) == [1]")


def test_code_without_the_function_is_an_error_whatever_is_expected(sandbox: LocalSandbox) -> None:
    for tests in (
        "import pytest\nwith pytest.raises(KeyError):\n    f(1)\n",
        "for x in [1]:\n    try:\n        f(x)\n    except Exception:\n        pass\n    assert True is not x\n",
    ):
        row = one(Execute("c", "t", "f", repeats=1), sandbox, c="def g(x):\n    return x\n", t=tests, f="f")
        assert row.values["verdict"] == "error" and "f" in row.values["failure"], row.values


def test_an_exception_is_caught_by_its_bases(sandbox: LocalSandbox) -> None:
    code = "import json\ndef f(x):\n    return json.loads(x)\n"
    for tests in (
        "with pytest.raises(ValueError):\n    f('{')\n",
        "for x in ['{']:\n    try:\n        f(x)\n    except ValueError:\n        continue\n    assert False\n",
    ):
        assert one(Execute("c", "t", repeats=1), sandbox, c=code, t=tests).values["verdict"] == "passed"


def test_an_empty_answer_counts_where_all_stay() -> None:
    """Or pass@k would be that of those who answered."""
    fake = ScriptedSandbox(lambda trial: Outcome("ran", "scripted", answers=(["missing", "f"],) * len(trial.calls)))
    given = {"c": "", "t": ["assert f(1) == 1", "assert f(2) == 2"], "f": "f"}
    row = one(Execute("c", "t", "f"), fake, **given)
    assert (row.values["verdict"], row.values["cases"]) == ("error", ["error", "error"])
    assert one(Execute("c", "t", "f", keep=("passed",)), fake, **given).reason == "no_code"
    assert one(Execute("c", "t"), fake, c="", t="assert f(1)").reason == "no_code"
    assert one(Execute("c", "t", "f"), fake, **{**given, "f": None}) == Drop("no_code", "f is empty")


@pytest.mark.parametrize(
    "tests, why",
    [
        ("assert f(1) ==", "the tests are no Python"),
        ('[{"input": 1, "output": 2}]', "this is another"),
        ("print(f(1))", "nothing is asserted"),
        ([], "there are none"),
    ],
)
def test_tests_that_are_none_say_why(tests: Any, why: str) -> None:
    dropped = one(Execute("c", "t"), ScriptedSandbox(), c="def f(x): pass", t=tests)
    assert dropped.reason == "no_tests" and why in dropped.detail


def test_the_line_that_did_not_hold_is_told(sandbox: LocalSandbox) -> None:
    row = one(Execute("c", "t", repeats=1), sandbox, c=RIGHT, t="for x in range(3):\n    assert f(x) == [x]\n    assert f(x) == x\n")
    assert row.values["failure"] == "the tests raised AssertionError: assert f(x) == x, expected no exception"


@pytest.mark.parametrize("wrong", [{"cpu_s": 0}, {"repeats": 0}, {"memory_mb": 1}, {"keep": ("good",)}])
def test_parameters_are_refused_in_words(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Execute("c", "t", **wrong)


def test_tests_of_a_program_that_were_never_a_text(sandbox: LocalSandbox) -> None:
    """APPS's as an object, and the program among blocks that show what it reads and prints."""
    code = "So:\n```python\nprint(2 * int(input()))\n```\nInput:\n```\n2\n```\nOutput:\n```\n4\n```"
    row = one(Execute("c", "t", repeats=1), sandbox, c=code, t={"inputs": ["2\n", "5\n"], "outputs": ["4\n", "10\n"]})
    assert row.values["cases"] == ["passed", "passed"], row.values["failure"]
