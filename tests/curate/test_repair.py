"""repair: who heeds feedback passes, who ignores it runs out of turns, and nothing of the hidden tests gets into any prompt, whatever a candidate tries."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import check_books, ledger, lines
from mintmark.core.context import Context
from mintmark.core.errors import ContentError, NoSandbox, RecipeError
from mintmark.core.op import Scene
from mintmark.core.ports import Outcome, Request, Trial
from mintmark.core.rows import Drop, Row, Tally
from mintmark.core.verdict import Check, called, checks_of
from mintmark.curate.execute import Execute
from mintmark.curate.repair import Repair
from mintmark.models.scripted import ScriptedModel
from mintmark.sandboxes.local import LocalSandbox
from mintmark.sandboxes.scripted import ScriptedSandbox
from mintmark.text.cases import read_all


def reads(text: str, entry: str) -> tuple[list[Check], tuple[str, ...]]:
    return checks_of(read_all((text,), entry))


PUBLIC = "assert add(1, 2) == 3\nassert add(2, 2) == 4\n"
HIDDEN = "assert add(770011, 770022) == 1540033\nassert add(0, -770033) == -770033\n"
SECRETS = [
    x for s in ("770011", "770022", "770033", "1540033") for x in (s, s[::-1])
]  # what no prompt may hold, and what a thief may make of it
WRONG, RIGHT = "def add(a, b):\n    return a - b", "def add(a, b):\n    return a + b"
OVERFIT = "def add(a, b):\n    return {(1, 2): 3, (2, 2): 4}[a, b]"
ROW = {"solution": WRONG, "public": PUBLIC, "hidden": HIDDEN, "problem": "Add two numbers."}


@pytest.fixture
def sandbox() -> Iterator[LocalSandbox]:
    try:
        yield LocalSandbox()
    except NoSandbox as error:
        pytest.skip(str(error))


def op(**params: Any) -> Repair:
    return Repair("solution", "public", "hidden", "problem", **{"repeats": 1, "cpu_s": 0.5, **params})


def fenced(code: str) -> str:
    return f"Here it is:\n```python\n{code}\n```"


def play(policy: Callable[[Request], Any], given: Any, sandbox: Any, **changed: Any) -> tuple[Any, list[Request]]:
    asked: list[Request] = []

    def told(request: Request) -> Any:
        asked.append(request)
        return policy(request)

    ctx = Context(3, {"writer": ScriptedModel(told, "policy")}, sandbox=sandbox).at("repair", "r", Tally())
    try:
        return asyncio.run(given.each(Row("r", {**ROW, **changed}), ctx)), asked
    except ContentError as error:
        return error, asked


def last(request: Request) -> str:
    return request.messages[-1]["content"]


def test_a_policy_that_repairs(sandbox: LocalSandbox) -> None:
    row, asked = play(lambda r: fenced(RIGHT if "add(1, 2) gave -1, expected 3" in last(r) else WRONG), op(), sandbox)
    assert [t["verdict"] for t in row.values["turns"]] == ["failed", "passed"] and len(asked) == 1
    assert row.values["solution"] == RIGHT and (row.values["verdict"], row.values["passed"], row.values["tier"]) == (
        "passed",
        1.0,
        sandbox.tier,
    )
    assert row.values["turns"][0] == {"code": WRONG, "verdict": "failed", "feedback": "add(1, 2) gave -1, expected 3"}
    assert [m["role"] for m in row.values["messages"]] == ["system", "user", "assistant", "user", "assistant"]
    assert row.values["messages"][:-1] == list(map(dict, asked[0].messages)), "the dialogue is what was asked"


def test_a_first_version_that_is_a_whole_answer(sandbox: LocalSandbox) -> None:
    row, asked = play(lambda r: "", op(), sandbox, solution=fenced(RIGHT))
    assert not asked and (row.values["solution"], row.values["verdict"]) == (RIGHT, "passed")
    cases = {"public": [{"args": [1, 2], "expected": 3}], "hidden": [{"args": [770011, 1], "expected": 770012}]}
    row, asked = play(lambda r: fenced(RIGHT if "gave -1, expected 3" in last(r) else WRONG), op(), sandbox, **cases)
    assert row.values["verdict"] == "passed" and len(asked) == 1 and not any(s in str(asked[0].messages) for s in SECRETS)


def test_what_was_told_of_a_version_goes_with_it(tmp_path: Path, sandbox: LocalSandbox) -> None:
    """A mended row said verdict: passed beside the failed cases of the version before, which CodeT would have ranked."""
    rows = [{**ROW, "kind": kind, "solution": code} for kind, code in (("mended", WRONG), ("right", RIGHT))]
    model = ScriptedModel(lambda r: fenced(RIGHT), "mender")
    steps = [mm.generate.Read("p"), Execute("solution", "public", repeats=1), op()]
    recipe = mm.Recipe("told", ops=steps, tables={"p": rows}, models={"writer": model})
    found = {r["kind"]: r for r in mm.run(recipe, out=tmp_path / "r", sandbox=LocalSandbox(sandbox.tier), report=False).rows()}
    assert [found["mended"][c] for c in ("verdict", "cases", "failure", "stdout", "stderr")] == ["passed", None, None, None, None]
    assert (found["right"]["cases"], found["right"]["failure"]) == (["passed", "passed"], "")
    with pytest.raises(RecipeError, match="holds no list"):
        ranked = mm.Recipe("ranked", ops=[*steps, mm.curate.AgreeByExecution("problem")], tables={"p": rows}, models={"writer": model})
        mm.run(ranked, out=tmp_path / "a", sandbox=LocalSandbox(sandbox.tier), report=False)
    own = {"cases": "mine", "solution": WRONG}
    row, _ = play(lambda r: fenced(RIGHT), op(), sandbox, **own)
    assert row.values["cases"] == "mine", "a column of that name alone is no run's"


def test_a_policy_that_ignores_feedback_runs_out_of_turns(sandbox: LocalSandbox) -> None:
    dropped, asked = play(lambda r: fenced(WRONG), op(turns=3), sandbox)
    assert dropped == Drop("not_repaired", "failed; public tests: failed; 3 turns") and len(asked) == 3
    assert len({r.attempt for r in asked}) == 3 and [len(r.messages) for r in asked] == [4, 6, 8]
    kept, asked = play(lambda r: fenced(WRONG), op(turns=1, keep="all"), sandbox)
    assert (kept.values["verdict"], kept.values["passed"], len(kept.values["turns"]), len(asked)) == ("failed", 0.0, 2, 1)


def test_the_forecast_knows_that_a_dialogue_grows(sandbox: LocalSandbox) -> None:
    long = "\n".join(["def add(a, b):", *(f"    a{i} = 'about as long as a program is, {i}'" for i in range(20)), "    return a - b"])
    _, asked = play(lambda r: fenced(long), op(turns=5), sandbox, solution=long)
    told = sum(len(m["content"]) for r in asked for m in r.messages) / 4
    ((calls, tokens_in, _),) = op(turns=5).estimate(Scene()).values()
    assert calls == len(asked) == 5 and told / 1.5 < tokens_in < told * 1.5, (told, tokens_in)


def test_a_program_that_reads_and_prints_is_repaired(sandbox: LocalSandbox) -> None:
    right = "import sys\nprint(sum(map(int, sys.stdin)))"
    cases = {"public": '[{"input": "1\\n2\\n", "output": "3"}]', "hidden": '{"inputs": ["770011\\n770022"], "outputs": ["1540033\\n"]}'}
    row, asked = play(lambda r: fenced(right), op(), sandbox, solution="print(3 - 4)", **cases)
    assert row.values["verdict"] == "passed" and row.values["solution"] == right
    assert row.values["turns"][0]["feedback"] == "the program, given '1\\n2\\n' gave '-1\\n', expected to be printed: '3'"
    prompts = json.dumps([m for r in asked for m in map(dict, r.messages)])
    assert "#main" not in prompts and "reads standard input" in prompts and not any(secret in prompts for secret in SECRETS)
    row, _ = play(lambda r: "no program", op(turns=1, keep="all"), sandbox, solution="", **cases)
    assert row.values["verdict"] in ("error", "failed", "no_code")


def test_hidden_tests_decide(sandbox: LocalSandbox) -> None:
    dropped, _ = play(lambda r: fenced(OVERFIT), op(), sandbox)
    assert dropped == Drop("not_repaired", "error; public tests: passed; 1 turns"), "a table of the public cases is no solution"
    row, asked = play(lambda r: "", op(), sandbox, solution=RIGHT)
    assert not asked and row.values["verdict"] == "passed" and len(row.values["turns"]) == 1, "what passes is not asked about"
    row, asked = play(lambda r: fenced(RIGHT), op(turns=1), sandbox, public="assert add(1, 1) == 3")
    assert row.values["turns"][-1]["verdict"] == "failed" and row.values["verdict"] == "passed", "wrong public tests do not decide"


def test_an_answer_without_a_program_takes_a_turn(sandbox: LocalSandbox) -> None:
    answers = iter(["I am sure it was right.", fenced("def plus(a, b):\n    return a + b"), fenced(RIGHT)])
    row, asked = play(lambda r: next(answers), op(), sandbox)
    assert [t["verdict"] for t in row.values["turns"]] == ["failed", "no_code", "no_code", "passed"]
    assert last(asked[1]).startswith("There is no program in the answer that defines `add`.")
    dropped, _ = play(lambda r: "No.", op(turns=1), sandbox)
    assert dropped == Drop("no_code", "no_code; public tests: no_code; 1 turns")
    kept, _ = play(lambda r: "No.", op(turns=1, keep="all"), sandbox)
    assert (kept.values["solution"], kept.values["verdict"], kept.values["passed"]) == ("", "no_code", 0.0)


def test_without_a_first_version_the_model_writes_it(sandbox: LocalSandbox) -> None:
    row, asked = play(lambda r: fenced(RIGHT), op(entry_point="f"), sandbox, solution=None, f="add")
    assert row.values["solution"] == RIGHT and len(asked) == 1 and "What is tested is `add`." in last(asked[0])
    assert play(lambda r: fenced(RIGHT), op(), sandbox, solution="x = 1")[0] == Drop("no_entry_point")


@pytest.mark.parametrize(
    "code, expected",
    [
        ("def add(a, b):\n    raise KeyError(a)", "add(1, 2) raised KeyError: 1, expected 3"),
        ("def add(a, b):\n    while True: pass", "add(1, 2) had not come to an end after 0.5 s of CPU time."),
        ("def add(a, b:\n    return a", "SyntaxError"),
        (
            "import sys\ndef add(a, b):\n    print('looked at', a, object(), file=sys.stderr)\n    return 0",
            "looked at 1 <object object at 0x...>",
        ),
        ("def add(a, b):\n    import os; os._exit(0)", "add(1, 2)"),
        ("def add(a, b):\n    return object()", "gave no plain value"),
    ],
)
def test_what_goes_back(sandbox: LocalSandbox, code: str, expected: str) -> None:
    kept, asked = play(lambda r: fenced(RIGHT), op(), sandbox, solution=code)
    assert expected in last(asked[0]) and kept.values["verdict"] == "passed"
    again, _ = play(lambda r: fenced(RIGHT), op(), sandbox, solution=code)
    assert again.values["turns"] == kept.values["turns"], "the same fault in the same words, or a replay asks what was never answered"


def test_whole_tests_are_shown_where_they_are_public(sandbox: LocalSandbox) -> None:
    loop = "def check(f):\n    for i in range(3):\n        assert f(i, i) == 2 * i, i\n"
    row, asked = play(lambda r: fenced(RIGHT), op(), sandbox, public=[PUBLIC.replace("3", "-1").replace("4", "0"), loop])
    assert "for i in range(3)" in last(asked[0]) and row.values["turns"][0]["verdict"] == "failed"


STEAL = """
import os, sys, pathlib
PLACES = ("OUTSIDE", "/tmp", "/box", "/dev/shm", ".", "/var/tmp")
def seen():
    out = []
    for place in PLACES:
        for path in pathlib.Path(place).glob("loot*"):
            try: out.append(path.read_text())
            except OSError: pass
    return out
def add(a, b):
    for place in PLACES[ONLY]:
        try:
            with open(f"{place}/loot{a}", "w") as f: f.write(f"{a} {b} {a}"[::-1])
        except OSError: pass
    os.environ["LOOT"] = str(a)
    print(a, b, seen(), dict(os.environ)); print(a, b, seen(), file=sys.stderr); sys.stderr.flush()
    %s
"""
WAYS = {
    "by raising": 'raise ValueError(f"{a} {b} {seen()}")',
    "by its value": 'return f"{a} {b} {seen()}"',
    "by the kind of error": 'raise type(f"E{a}_{b}", (Exception,), {})(seen())',
    "by exit": 'sys.exit(f"{a} {b}")',
    "only where it is not public": "return {(1, 2): 3, (2, 2): 4}.get((a, b)) or [a, b]",
    "while it is right": "return a + b",
}


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder that every user may write to; pytest's own lie in one that is closed to others."""
    with tempfile.TemporaryDirectory(prefix="mintmark-loot-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


@pytest.mark.parametrize("tier", ["bwrap", "landlock", "rlimits"])
@pytest.mark.parametrize(
    "hidden", [HIDDEN, "def check(f):\n    for x in (770011, 770022):\n        assert f(x, 770033) == x + 770033, x\n"]
)
def test_no_hidden_case_gets_into_any_prompt(tmp_path: Path, outside: Path, hidden: str, tier: str) -> None:
    """Candidates that print, raise, return, write down and read again what they were called with; the second run begins when hidden tests have run in the
    first. The step after it is shown all that it wrote. Limits alone hold nothing back, which shows that the attack works."""
    asked: list[str] = []
    unsafe = tier == "rlimits"
    steal = STEAL.replace("OUTSIDE", str(outside)).replace("ONLY", ":1" if unsafe else ":")

    def policy(request: Request) -> str:
        asked.append(json.dumps([dict(m) for m in request.messages]))
        if request.schema:
            return '{"good": {"reason": "-", "score": 1}}'
        return fenced(steal % list(WAYS.values())[len(asked) % len(WAYS)])

    rows = [{**ROW, "hidden": hidden, "kind": kind, "solution": steal % way} for kind, way in WAYS.items()]
    shown = ["problem", "solution", "turns", "messages", "verdict", "passed"]
    ops = [mm.generate.Read("p"), op(keep="all", turns=2), mm.curate.Judge(shown, {"good": "Is it?"}, model="writer")]
    for number in range(2):
        try:
            sandbox = LocalSandbox(tier, unsafe=unsafe)
        except NoSandbox as error:
            pytest.skip(str(error))
        sources = [{**r, "solution": f"# {number}\n{r['solution']}"} for r in rows]
        recipe = mm.Recipe("steal", ops=ops, tables={"p": sources}, models={"writer": ScriptedModel(policy, "w")})
        run = mm.run(recipe, out=tmp_path / f"r{number}", sandbox=sandbox, concurrency=2, report=False)
        check_books(tmp_path / f"r{number}")
        kept = run.rows()
        assert len(kept) == len(rows) and {r["verdict"] for r in kept} >= {"failed", "passed"}
        if unsafe:
            continue
        written = [{k: v for k, v in r.items() if k != "hidden"} for r in kept]
        assert not any(s in json.dumps(written) for s in SECRETS), "no column but the hidden tests themselves holds any of them"
        assert not any(s in json.dumps(line, default=str) for line in ledger(tmp_path / f"r{number}") for s in SECRETS)
    leaked = [s for s in SECRETS for prompt in asked if s in prompt]
    assert len(asked) > 4 * len(rows) and bool(leaked) == unsafe, leaked[:3]
    assert unsafe or not any(outside.iterdir())


def test_the_attack_would_be_seen(sandbox: LocalSandbox) -> None:
    """The same candidate does give its arguments away where they are public: the test above is not blind."""
    _, asked = play(lambda r: fenced(RIGHT), op(), sandbox, solution=STEAL.replace("ONLY", ":") % WAYS["by raising"], public=HIDDEN)
    assert "770011 770022" in last(asked[0])


def test_hidden_runs_come_last_and_in_boxes_of_their_own() -> None:
    def outcome(trial: Trial) -> Outcome:
        good = "a + b" in trial.source
        return Outcome(
            "ran", "scripted", answers=tuple(["value", c.args[0] + c.args[1] if good else 0] for c in trial.calls), stdout=repr(trial.calls)
        )

    fake = ScriptedSandbox(outcome)
    row, asked = play(lambda r: fenced(RIGHT), op(repeats=3), fake)
    assert [[c.args[0] for c in t.calls] for t in fake.asked] == [[1, 2], [1, 2], *[[770011, 0]] * 3]
    assert [t.repeat for t in fake.asked] == [0, 0, 0, 1, 2] and row.values["verdict"] == "passed" and len(asked) == 1


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"public": "hidden"}, "public and hidden are one column"),
        ({"code": "hidden"}, "code and hidden are one column"),
        ({"problem": "hidden"}, "problem and hidden are one column"),
        ({"code": "public"}, "code and public are one column"),
        ({"prompt": "{{ problem }} {{ hidden }}"}, "a prompt names 'hidden'"),
        ({"feedback_prompt": "{{ feedback }} {{ failure }}"}, "a prompt names 'failure'"),
        ({"prompt": "{{ stdout }}"}, "a prompt names 'stdout'"),
    ],
)
def test_a_recipe_that_would_show_hidden_tests_is_refused(changed: dict[str, str], message: str) -> None:
    given = Repair(**{"code": "solution", "public": "public", "hidden": "hidden", "problem": "problem", **changed})
    with pytest.raises(RecipeError, match=re.escape(message)):
        given.check(Scene((*ROW, "failure", "stdout")))
    if "prompt" in "".join(changed):  # and where nobody checks, it cannot be rendered
        error, asked = play(lambda r: fenced(RIGHT), given, ScriptedSandbox(), failure="add(770011)", stdout="770011")
        assert isinstance(error, ContentError) and not asked


@pytest.mark.parametrize("wrong", [{"turns": 0}, {"cpu_s": 0}, {"repeats": 0}, {"memory_mb": 1}, {"keep": "some"}, {"attempts": 0}])
def test_parameters_are_refused_in_words(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match="expected"):
        Repair.from_params({"code": "a", "public": "b", "hidden": "c", "problem": "d", **wrong}, "repair")


def test_every_turn_is_journaled_and_resumed(tmp_path: Path) -> None:
    state = {"broken": True, "calls": 0}

    def policy(request: Request) -> str:
        state["calls"] += 1
        if len(request.messages) == 6 and state["broken"]:
            raise RuntimeError("the second turn is lost")
        return fenced(RIGHT if len(request.messages) == 6 else WRONG + f"  # {len(request.messages)}")

    fake = ScriptedSandbox(
        lambda t: Outcome("ran", "scripted", answers=tuple(["value", sum(c.args) if "+" in t.source else 0] for c in t.calls))
    )
    recipe = mm.Recipe("resume", ops=[mm.generate.Read("p"), op()], tables={"p": [ROW]}, models={"writer": ScriptedModel(policy, "w")})
    first = mm.run(recipe, out=tmp_path / "r", sandbox=fake, report=False)
    assert first.manifest["failed"] == 1 and state["calls"] == 2 and len(fake.asked) == 2
    state["broken"] = False
    again = mm.run(recipe, out=tmp_path / "r", sandbox=fake, report=False, retry_failed=True)
    assert again.manifest["kept"] == 1 and state["calls"] == 3, "the first turn's answer is recalled, not bought again"
    assert len(fake.asked) == 2 + 1 + 1, "so are the boxes' answers"
    assert [t["verdict"] for t in again.rows()[0]["turns"]] == ["failed", "failed", "passed"]


def test_recorded_programs_of_a_real_model(data: Path, tmp_path: Path) -> None:
    """CodeGen's samples for HumanEval as a policy that draws again: the examples in the problem are public, the benchmark's tests hidden. `repair` ends at the
    first sample that passes the examples, judges it as `execute` does, and shows no case that is not an example."""
    folder = data / "humaneval_codegen16b"
    with gzip.open(folder / "HumanEval.jsonl.gz", "rt") as file:
        items = sorted((json.loads(line) for line in file), key=lambda r: r["task_id"])  # as the recorded samples are
    recorded = lines(folder / "codegen16B_code_solution.jsonl")
    rows, samples = [], {}
    for item, told in zip(items, recorded, strict=True):
        if len(rows) < 12 and reads(item["prompt"], item["entry_point"])[0] and not reads(item["test"], item["entry_point"])[1]:
            samples[item["task_id"]] = [item["prompt"] + s for s in told["samples"]]
            row = {
                "task": item["task_id"],
                "entry": item["entry_point"],
                "problem": f"{item['task_id']}\n{told['prompt']}",
                "public": item["prompt"],
            }
            rows.append({**row, "hidden": item["test"], "solution": samples[item["task_id"]][0]})

    def policy(request: Request) -> str:
        return fenced(samples[request.messages[1]["content"].splitlines()[0]][len(request.messages) // 2 - 1])

    def run(name: str, *ops: Any) -> list[dict[str, Any]]:
        try:
            sandbox = LocalSandbox()
        except NoSandbox as error:
            pytest.skip(str(error))
        models = {"writer": ScriptedModel(policy, "codegen")}
        recipe = mm.Recipe(name, ops=[mm.generate.Read("p"), *ops], tables={"p": rows}, models=models)
        return mm.run(recipe, out=tmp_path / name, sandbox=sandbox, report=False).rows()

    mended = run("mended", op(entry_point="entry", keep="all", turns=2, exact=False))
    ends = [len(r["turns"]) for r in mended]
    assert len(mended) == 12 and set(ends) == {1, 2, 3}, ends
    for row in mended:
        assert all(t["verdict"] != "passed" for t in row["turns"][:-1]), "it ends where the examples pass"
        assert [t["code"].strip() for t in row["turns"]] == [c.strip() for c in samples[row["task"]][: len(row["turns"])]]
    rows = [{**r, "verdict": None, "ours": r["verdict"]} for r in mended]
    judged = run("judged", Execute("solution", "hidden", "entry", repeats=1, cpu_s=0.5, exact=False))
    assert [r["verdict"] for r in judged] == [r["ours"] for r in judged] and 1 <= sum(r["ours"] == "passed" for r in judged) <= 11
    shown = 0
    for row in mended:
        public, hidden = ({called(c.call) for c in reads(row[t], row["entry"])[0]} for t in ("public", "hidden"))
        assert not any(case in t["feedback"] for case in hidden - public for t in row["turns"])
        shown += sum(any(case in t["feedback"] for case in public) for t in row["turns"])
    assert shown >= 5, "what goes back does name the examples"
