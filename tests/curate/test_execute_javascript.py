"""execute with language: javascript: every status, what counts as equal, no node, no readable test; and tests as data in both languages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import NoSandbox
from mintmark.core.ports import Trial
from mintmark.core.rows import Drop, Row
from mintmark.curate.execute import Execute
from mintmark.sandboxes import languages
from mintmark.sandboxes.local import LocalSandbox
from mintmark.sandboxes.scripted import ScriptedSandbox

TESTS = "assert.strictEqual(add(1, 2), 3);\nassert.strictEqual(add(-1, 1), 0);\n"
CODES = {
    "right": ("function add(a, b) { return a + b }", "passed"),
    "arrow": ("const add = async (a, b) => a + b;", "passed"),
    "wrong": ("function add(a, b) { return a - b }", "failed"),
    "text": ("function add(a, b) { return String(a + b) }", "failed"),
    "raises": ("function add(a, b) { throw new TypeError('no') }", "error"),
    "loops": ("function add(a, b) { for (;;); }", "timeout"),
    "eats": ("function add(a, b) { const all = []; for (;;) all.push(new Array(2e7).fill(all)) }", "limit"),
    "exits": ("function add(a, b) { process.exit(0) }", "error"),
    "patches": ("require('assert').strictEqual = () => {}; JSON.stringify = () => '3'; function add(a, b) {}", "failed"),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[LocalSandbox]:
    try:
        made = LocalSandbox(languages=["javascript"])
    except NoSandbox as error:
        pytest.skip(str(error))
    yield made
    asyncio.run(made.aclose())


def one(op: Execute, sandbox: Any, code: str, tests: Any) -> Any:
    async def go() -> Any:
        return await op.each(Row("r", {"c": code, "t": tests, "f": "f"}), Context(sandbox=sandbox))

    return asyncio.run(go())


def js(**more: Any) -> Execute:
    return Execute("c", "t", language="javascript", **{"cpu_s": 1.0, "repeats": 1, "memory_mb": 256, **more})


def test_answers_as_models_give_them_and_code_that_defines_nothing(sandbox: LocalSandbox) -> None:
    fenced = "Sure:\n```js\nconst add = (a, b) => a + b\n```\nUse it so:\n```js\nadd(1, 2)\n```\n"
    assert one(js(), sandbox, fenced, f"```javascript\n{TESTS}```").values["verdict"] == "passed"
    row = one(Execute("c", "t", "f", language="javascript", repeats=1), sandbox, "let x = 1", "expect(() => f(1)).toThrow()")
    assert row.values["verdict"] == "error" and "finds no f in the code" in row.values["failure"]


def test_every_status_in_a_run(tmp_path: Path, sandbox: LocalSandbox) -> None:
    rows = [{"kind": k, "c": code, "t": TESTS} for k, (code, _) in CODES.items()]
    run = mm.run(mm.Recipe("js", ops=[mm.generate.Read("p"), js(repeats=2)], tables={"p": rows}), out=tmp_path / "r", report=False)
    made = {r["kind"]: r for r in run.rows()}
    assert {k: r["verdict"] for k, r in made.items()} == {k: status for k, (_, status) in CODES.items()}
    assert (
        "TypeError: no" in made["raises"]["stderr"]
        and "candidate.js" in made["raises"]["stderr"]
        and made["wrong"]["cases"] == ["failed", "failed"]
    )
    told = run.manifest["execution"]["execute"]
    assert set(told["runtimes"]) <= {made for made in told["runtimes"] if made.startswith("Node ")} and told["strengths"] == {
        "exact": len(CODES)
    }


VALUES = [  # what f gives, what is expected, whether that passes
    ("undefined", "undefined", True),
    ("null", "undefined", False),
    ("NaN", "NaN", True),
    ("-0", "0", True),
    ("3", "3.0", True),
    ("'3'", "3", False),
    ("3n", "3n", True),
    ("3n", "3", False),
    ("2 ** 53", "9007199254740992", True),
    ("2 ** 53 - 1", "9007199254740991", True),
    ("1e21", "1e21", True),
    ("0.1 + 0.2", "0.30000000000000004", True),
    ("0.1 + 0.2", "0.3", False),
    ("1 / 0", "Infinity", True),
    ("[1, , 3]", "[1, undefined, 3]", True),
    ("({ b: 1, a: [2] })", "{ a: [2], b: 1 }", True),
    ("Object.create(null, { a: { value: 1, enumerable: true } })", "{ a: 1 }", True),
    ("new (class A { constructor() { this.a = 1 } })()", "{ a: 1 }", False),
    ("new Set([2, 1])", "new Set([1, 2])", True),
    ("[2, 1]", "new Set([1, 2])", False),
    ("new Map([['a', 1]])", "{ a: 1 }", False),
    ("'\\ud83d\\ude00é\\u0000'", "'😀é\\0'", True),
    ("true", "1", False),
    ("[]", "{}", False),
]


def test_what_counts_as_equal(sandbox: LocalSandbox) -> None:
    for made, expected, passes in VALUES:
        row = one(js(), sandbox, f"const f = () => {made}", f"assert.deepStrictEqual(f(), {expected})")
        assert (row.values["verdict"] == "passed") is passes, (made, expected, row.values)
    for made, said, passes in (
        ("[]", "assert(f())", True),
        ("''", "assert(f())", False),
        ("0n", "assert(!f())", True),
        ("NaN", "expect(f()).toBeFalsy()", True),
        ("true", "assert(f() !== 1)", True),
        ("0", "expect(f()).not.toBe(false)", True),
        ("1", "assert.notStrictEqual(f(), 1)", False),
    ):
        assert (one(js(), sandbox, f"const f = () => {made}", said).values["verdict"] == "passed") is passes, (made, said)
    thrown = "function f() { throw new RangeError('x') }"
    for said, status in (
        ("assert.throws(() => f())", "passed"),
        ("assert.throws(() => f(), TypeError)", "failed"),
        ("assert(f() === 1)", "error"),
    ):
        assert one(js(), sandbox, thrown, said).values["verdict"] == status


def test_arguments_arrive_as_they_were_written(sandbox: LocalSandbox) -> None:
    code = "const f = (...xs) => xs.map(x => x instanceof Set ? 'Set' + x.size : x === undefined ? 'undefined' : typeof x + JSON.stringify(x, (k, v) => typeof v === 'bigint' ? `${v}n` : v))"
    row = one(js(), sandbox, code, "assert.deepEqual(f(1.5, [null], {a: 'é'}, new Set([1]), undefined, 2n, -Infinity), "
              "['number1.5', 'object[null]', 'object{\"a\":\"é\"}', 'Set1', 'undefined', 'bigint\"2n\"', 'numbernull'])")  # fmt: skip
    assert row.values["verdict"] == "passed", row.values


def test_tests_as_data_in_both_languages(sandbox: LocalSandbox) -> None:
    cases = '[{"args": [[3, 1.0, 2]], "expected": [1, 2, 3]}]'
    assert one(js(), sandbox, "function f(xs) { return xs.sort() }", cases).values["verdict"] == "passed"
    python = one(Execute("c", "t", repeats=1, exact=False), sandbox, "def f(xs):\n    return sorted(xs)\n", cases)
    assert python.values["verdict"] == "passed" and python.values["strength"] == "exact"


def test_tests_that_cannot_be_read_are_no_tests() -> None:
    never = ScriptedSandbox()
    dropped = one(js(), never, "function f(x) { return x }", "assert(f(1) === 1);\nfor (const x of [1]) assert(f(x) === x)")
    assert isinstance(dropped, Drop) and dropped.reason == "no_tests" and "for (const x" in dropped.detail
    assert one(js(), never, "function f(x) {}", '[{"args": [], "kwargs": {"a": 1}, "expected": 1}]').reason == "no_tests"
    assert one(js(), never, "function f(x) {}", "console.log(1)").reason == "no_tests"
    assert one(js(), never, "let x = 1", "assert(f(1))").reason == "no_code"
    assert not never.asked


def test_expected_values_stay_outside() -> None:
    fake = ScriptedSandbox()
    one(js(), fake, "function f(x) {}", "assert.strictEqual(f(1), 4711, 'because')")
    assert fake.asked and "4711" not in repr(fake.asked) and fake.asked[0].language == "javascript"
    assert Trial("s", ()).key() != Trial("s", (), language="javascript").key()


def test_parameters_are_checked() -> None:
    with pytest.raises(ValueError, match="language is 'cobol', expected one of python, javascript"):
        Execute("c", "t", language="cobol")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="call_cpu_s: javascript"):
        js(call_cpu_s=1.0)


def test_without_node_nothing_runs_and_the_install_line_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sandbox: LocalSandbox
) -> None:
    monkeypatch.setitem(languages.LANGUAGES, "absent", replace(languages.LANGUAGES["javascript"], program="no-such-node"))
    with pytest.raises(NoSandbox, match="needs no-such-node, which is not installed: apt-get install nodejs"):
        languages.runtime("absent", lambda p: True)
    with pytest.raises(NoSandbox, match="no language 'cobol'"):
        LocalSandbox(languages=["cobol"])
    script = tmp_path / "wrapped"
    script.write_text("#!/bin/sh\nexec node\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin")
    monkeypatch.setitem(languages.LANGUAGES, "wrapped", replace(languages.LANGUAGES["javascript"], program="wrapped"))
    with pytest.raises(NoSandbox, match="a script around one"):
        languages.runtime("wrapped", lambda p: True)
    with pytest.raises(NoSandbox, match="may not read"):
        languages.runtime("javascript", lambda p: False)
