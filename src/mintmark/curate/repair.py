"""repair: has a model mend a program until its public tests pass; hidden tests decide, once, at the end.

    repair: {code: solution, public: public_tests, hidden: hidden_tests, problem: problem, turns: 3}

The program is run against the public tests; of the first that fails, what was called, what came and what was expected goes back into the dialogue,
with what the program wrote to standard error, and the model writes the whole program anew, at most `turns` times. Where `code` is empty it writes the
first version too. When the public tests pass, or the turns are used up, the last version is run against the hidden tests in fresh boxes. Nothing of that run
but its status and the share passed leaves it: no prompt comes after it, and no column or drop says what was called, expected, printed or raised (docs/sandbox.md).
Writes: the code column (the last version), turns [{code, verdict, feedback}] (every version with its public verdict), messages [{role, content}]
(the dialogue as it was), verdict and passed (of the hidden tests, as `execute` says them), strength, tier. What an `execute` before it wrote of a version that
is no more (cases, failure, stdout, stderr) becomes null. Tests and boxes are as in `execute`; every answer
is journaled. `keep: all` keeps rows that were not mended too, for `export --as rl`.
Drops: not_repaired (the hidden tests do not pass; detail: statuses alone), no_code (the last answer holds no program), no_tests, no_entry_point.
One row: id='3f0c...', solution='def add(a, b): ...', verdict='passed', turns=[{'code': ..., 'verdict': 'failed', 'feedback': 'add(2, 2) gave 0,
expected 4'}, {'code': ..., 'verdict': 'passed', 'feedback': ''}]
Source: RLEF (Gehring et al. 2024, 2410.02089), section 2, without its training; self-repair (Olausson et al. 2023, 2306.09896).
Not covered: whether the public tests are right. A right program that a wrong public test fails is sent back to be mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal, NamedTuple

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Scene
from ..core.params import within
from ..core.ports import PROGRAM, Message
from ..core.rows import Drop, Result, Row
from ..core.verdict import Check, CodeVerdict, called, checks_of
from ..prompting import Asking, built_in
from ..prompting.prompt import compiled
from ..text.cases import read_all, texts
from ..text.code import answer_of, code_of, last_function, program

MOST_SHOWN = 2_000  # characters of standard error, and of a test, that go back
_ADDRESS = re.compile(r"0x[0-9a-f]{6,16}")  # another one in every run
_OF_RUNS = ("failure", "stdout", "stderr")  # what `execute` writes of a run, which may have been one of hidden tests
_OF_VERSION = ("cases", *_OF_RUNS)  # ... and of the version that it ran


class _Tests(NamedTuple):
    checks: list[Check]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Repair(Asking):
    """code: the column with the program, which is mended in place. public: the column with the tests whose failures go back. hidden: the column with the tests
    that decide. problem: the column with what is to be solved. entry_point: the column with the name of what is tested, where the last function of
    the first version is not it. turns: versions that the model may write, 1 to 20. keep: passed | all. cpu_s: CPU seconds for a run. memory_mb: address
    space. repeats: fresh boxes in which what passes the hidden tests must pass. exact: whether types count. feedback_prompt: the
    template for what goes back, with `feedback` and `verdict`."""

    code: str
    public: str
    hidden: str
    problem: str
    entry_point: str | None = None
    turns: int = 3
    keep: Literal["passed", "all"] = "passed"
    cpu_s: float = 4.0
    memory_mb: int = 768
    repeats: int = 2
    exact: bool = True
    prompt: str = field(default_factory=partial(built_in, "repair"))
    feedback_prompt: str = field(default_factory=partial(built_in, "repair_feedback"))
    name: ClassVar[str] = "repair"
    executes: ClassVar[bool] = True
    words_out: ClassVar[int] = 250
    cites: ClassVar[tuple[str, ...]] = ("Olausson et al. 2023, Is self-repair a silver bullet for code generation? (2306.09896)",)
    drops: ClassVar[Mapping[str, str]] = {
        "not_repaired": "the last version does not pass the hidden tests",
        "no_code": "the last answer holds no program that defines what is tested",
        "no_tests": "there are no public tests or no hidden ones, or they test nothing",
        "no_entry_point": "nothing says which function is tested",
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, low, high in (("turns", 1, 20), ("cpu_s", 0.01, 3600), ("memory_mb", 64, 1 << 20), ("repeats", 1, 100)):
            within(name, getattr(self, name), low, high)

    def prompts(self) -> tuple[str, ...]:
        return (self.prompt, self.feedback_prompt)

    def gives(self) -> tuple[str, ...]:
        return ("problem", "entry_point", "feedback", "verdict")

    def calls(self) -> float:
        return float(self.turns)

    def estimate(self, scene: Scene) -> Mapping[str, tuple[float, float, float]]:
        """The whole dialogue is asked each time: with every version, and what went back for it."""
        first, back = ((p.characters + 160 * len(p.variables)) / 4 for p in self.compiled())
        tokens_in = sum(first + turn * (self.words_out + back) for turn in range(1, self.turns + 1))
        return {role: (calls, tokens_in, out) for role, (calls, _, out) in super().estimate(scene).items()}

    def reads(self, scene: Scene) -> tuple[str, ...]:
        named = (self.code, self.public, self.hidden, self.problem, *filter(None, [self.entry_point]))
        return tuple(dict.fromkeys((*named, *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.code, "turns", "messages", "verdict", "passed", "strength", "tier", *self._told(scene.columns))

    def _told(self, columns: Iterable[str]) -> tuple[str, ...]:
        """The columns of an `execute` before: all of them are there, and none is put in here."""
        known = set(columns) - set(self.reads(Scene()))
        return _OF_VERSION if known.issuperset(_OF_VERSION) else ()

    def check(self, scene: Scene) -> None:
        named = {"code": self.code, "public": self.public, "problem": self.problem, "entry_point": self.entry_point}
        for what, column in named.items():
            if column == self.hidden:
                raise RecipeError(f"{scene.where}: {what} and hidden are one column, '{column}'; the hidden tests would not be hidden")
        if self.code == self.public:
            raise RecipeError(f"{scene.where}: code and public are one column, '{self.code}'")
        for column in super().reads(scene):
            if column == self.hidden or column in _OF_RUNS:
                raise RecipeError(
                    f"{scene.where}: a prompt names '{column}', which may hold hidden tests; of the public run it gets `feedback`"
                )

    async def each(self, row: Row, ctx: Context) -> Result:
        with ctx.refusing(f"column '{self.code}'"):
            source = answer_of(row.values[self.code])
        entry = str(row.values[self.entry_point] or "") if self.entry_point else last_function(source)
        public, hidden = (_tests(row.values[c], entry) for c in (self.public, self.hidden))
        whole = any(c.call.function == PROGRAM for c in (*public.checks, *hidden.checks))
        if not entry and not whole:
            return Drop("no_entry_point")
        entry = "" if whole else entry  # any program will do
        first = source = program(source, entry)
        if not public.checks or not hidden.checks:
            return Drop("no_tests", f"no {'hidden' if public.checks else 'public'} ones")
        given = {k: v for k, v in row.values.items() if k != self.hidden and k not in _OF_RUNS}
        given |= {"problem": row.values[self.problem], "entry_point": entry or "the program, which reads standard input and prints"}
        messages: list[Message] = [*compiled(self.prompt).messages(given)]
        turns: list[dict[str, str]] = []
        asked = 0
        if source.strip():
            messages.append({"role": "assistant", "content": f"```python\n{source.strip()}\n```"})
            turns.append(await self._turn(ctx, source, entry, public))
        while asked < self.turns and (not turns or turns[-1]["verdict"] != "passed"):
            if turns:
                messages += compiled(self.feedback_prompt).messages({**given, **turns[-1]})
            reply, _ = await self.reply(ctx, tuple(messages), sample=asked)
            asked += 1
            messages.append({"role": "assistant", "content": reply})
            turns.append(await self._turn(ctx, code_of(reply, entry), entry, public))
        source = turns[-1]["code"]
        decided = await self._run(ctx, source, entry, hidden, self.repeats) if source else CodeVerdict("no_code", "")
        if self.keep == "passed" and decided.status != "passed":
            told = f"{decided.status}; public tests: {turns[-1]['verdict']}; {asked} turns"
            return Drop("not_repaired" if source else "no_code", told)
        values = {
            self.code: source,
            "turns": turns,
            "messages": [dict(m) for m in messages],
            "verdict": decided.status,
            "passed": sum(c == "passed" for c in decided.cases) / len(hidden.checks),
            "strength": decided.strength,
            "tier": decided.tier,
            **(dict.fromkeys(self._told(row.values)) if source != first else {}),
        }
        return row.with_values(values)

    async def _run(self, ctx: Context, source: str, entry: str, tests: _Tests, repeats: int) -> CodeVerdict:
        limits = {"cpu_s": self.cpu_s, "memory_mb": self.memory_mb}
        return await ctx.verdict(source, tests.checks, repeats=repeats, exact=self.exact, tests=tests.texts, entry=entry, **limits)

    async def _turn(self, ctx: Context, source: str, entry: str, public: _Tests) -> dict[str, str]:
        if not source:
            return {
                "code": "",
                "verdict": "no_code",
                "feedback": f"There is no program in the answer{f' that defines `{entry}`' if entry else ''}.",
            }
        verdict = await self._run(ctx, source, entry, public, 1)
        return {"code": source, "verdict": verdict.status, "feedback": self._feedback(verdict, public)}

    def _feedback(self, verdict: CodeVerdict, public: _Tests) -> str:
        """'' for what passed. The same words for the same fault, so that a replayed run asks the same: no times, no addresses."""
        bad = next((i for i, case in enumerate(verdict.cases) if case != "passed"), None)
        if verdict.status == "passed" or bad is None:
            return "" if verdict.status == "passed" else verdict.detail
        check, told = public.checks[bad], verdict.detail
        if verdict.status == "timeout":
            told = f"{called(check.call)} had not come to an end after {self.cpu_s:g} s of CPU time."
        if check.relation == "holds":
            told += f"\nThe tests:\n{public.texts[int(check.call.function.removeprefix('tests '))][:MOST_SHOWN]}"
        if verdict.stderr.strip():
            told += f"\nStandard error:\n{verdict.stderr.strip()[-MOST_SHOWN:]}"
        return _ADDRESS.sub("0x...", told)


def _tests(given: Any, entry: str) -> _Tests:
    return _Tests(*checks_of(read_all(texts(given), entry)))
