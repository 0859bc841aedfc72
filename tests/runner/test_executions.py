"""What a run says of the code it executed: the same after a resume, our own faults apart, and in words where a verdict is worth less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mintmark as mm
from mintmark.core.ports import Outcome, Trial
from mintmark.curate.execute import Execute
from mintmark.runner.executions import caveats, lines
from mintmark.sandboxes.scripted import ScriptedSandbox

CODE = "def f(x):\n    return {0}\n"
LOOP = "def test_all():\n    for i in range(2):\n        assert f(i) == 3\n"
ROWS = [
    {"c": CODE.format(3), "t": "assert f(0) == 3"},
    {"c": CODE.format(3), "t": "assert f(0) == 3"},  # equal: one candidate
    {"c": CODE.format(4), "t": "assert f(0) == 3"},
    {"c": CODE.format(5), "t": "assert f(0) == 3"},
    {"c": CODE.format(6), "t": LOOP},
]


def answered(trial: Trial) -> Outcome:
    value = int(trial.source.split()[-1])
    if value == 5 and answered.broken:  # type: ignore[attr-defined]
        return Outcome("sandbox_error", "rlimits", detail="no box")
    answers: tuple[Any, ...] = (["value", None],) if trial.tests else (["value", value],)
    return Outcome("ran", "rlimits", "CPython 3.11.2", answers, requeued=int(value == 4))


def test_counts_hold_over_a_resume(tmp_path: Path) -> None:
    recipe = mm.Recipe("counted", ops=[mm.generate.Read("p"), Execute("c", "t", keep=("passed", "failed"))], tables={"p": ROWS})
    answered.broken = True  # type: ignore[attr-defined]
    first = mm.run(recipe, out=tmp_path / "o", sandbox=ScriptedSandbox(answered), report=False)
    told = first.manifest["execution"]["execute"]
    assert first.exit_code == 3 and told["sandbox_errors"] == 1 and "wait for the next run" in str(first.manifest["facts"])
    answered.broken = False  # type: ignore[attr-defined]
    again = mm.run(recipe, out=tmp_path / "o", sandbox=ScriptedSandbox(answered), report=False)
    one = again.manifest["execution"]["execute"]
    assert again.exit_code == 0
    assert one == {
        "runs": 6,  # two candidates passed, and ran twice
        "candidates": 4,
        "requeued": 1,
        "sandbox_errors": 0,
        "outcomes": {"ran": 6},
        "tiers": {"rlimits": 6},
        "runtimes": {"CPython 3.11.2": 6},
        "strengths": {"exact": 3, "proxied": 1},
        "verdicts": {"passed": 3, "failed": 2},
    }
    words = again.manifest["facts"]["execute"]
    assert (
        words["tier"].startswith("6 of 6 runs") and "limits alone" in words["tier"] and words["proxied"].startswith("1 of 4 verdicts (25%)")
    )
    assert set(words) == {"tier", "proxied", "requeued"}
    (line,) = lines(again.manifest["execution"])
    assert "verdicts passed 3, failed 2; strengths exact 3, proxied 1; tiers rlimits 6" in line and "1 requeued, 0 sandbox errors" in line


def test_drops_are_counted_by_their_status_and_what_holds_needs_no_words(tmp_path: Path) -> None:
    recipe = mm.Recipe(
        "held",
        ops=[mm.generate.Read("p"), Execute("c", "t", keep=("passed",), repeats=1)],
        tables={"p": [*ROWS[:3], {"c": "", "t": "assert f(0) == 3"}]},
    )
    boxes = ScriptedSandbox(lambda t: Outcome("ran", "bwrap", "x", (["value", int(t.source.split()[-1])],)))
    run = mm.run(recipe, out=tmp_path / "o", sandbox=boxes, report=False)
    assert run.manifest["execution"]["execute"]["verdicts"] == {"failed": 1, "passed": 2, "no_code": 1} and "facts" not in run.manifest
    assert caveats(run.manifest["execution"]) == {}


def test_verdicts_are_of_the_step_that_wrote_them(tmp_path: Path) -> None:
    ops = [mm.generate.Read("p"), Execute("c", "t", repeats=1), mm.curate.Mutants("c", "t", repeats=1)]
    recipe = mm.Recipe("both", ops=ops, tables={"p": ROWS[:1]})
    boxes = ScriptedSandbox(lambda t: Outcome("ran", "bwrap", "x", (["value", 3 if "return 3" in t.source else 4],)))
    told = mm.run(recipe, out=tmp_path / "o", sandbox=boxes, report=False).manifest["execution"]
    assert (told["execute"]["verdicts"], told["mutants"]["verdicts"]) == ({"passed": 1}, {})


def test_a_run_without_code_says_nothing_of_it(tmp_path: Path) -> None:
    run = mm.run(mm.Recipe("none", ops=[mm.generate.Read("p")], tables={"p": [{"x": 1}]}), out=tmp_path / "o", report=False)
    assert "execution" not in run.manifest
