"""Tests in JavaScript as calls: every form, what is left alone, hostile text, and node's own word on literals."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.core.plain import Other
from mintmark.text.cases import read_cases
from mintmark.text.js_asserts import read_tests
from mintmark.text.js_values import last_function, number, numbers

UNDEFINED, NAN = Other("undefined"), Other("NaN")
FALSY = (None, False, 0, "", UNDEFINED, NAN, Other("0n"))


def one(text: str) -> tuple[Any, ...]:
    tests = read_tests(text, "f", Other)
    assert not tests.left and len(tests.checks) == 1, tests
    c = tests.checks[0]
    return (c.args, c.relation, c.expected, *([c.tolerance] if c.tolerance else []))


@pytest.mark.parametrize(
    "text, found",
    [
        ("assert.strictEqual(f(1, 'a'), 3);", ((1, "a"), "equals", 3)),
        ("assert.deepStrictEqual(f([1, [2]]), { a: 1, 'b c': [null, undefined], })", (([1, [2]],), "equals", {"a": 1, "b c": [None, UNDEFINED]})),
        ("assert.deepEqual([1], f(2), `why`)", ((2,), "equals", [1])),
        ("assert.notStrictEqual(f(), NaN);", ((), "differs", NAN)),
        ("assert(f(2) === -2.5e3, 'message' + 3);", ((2,), "equals", -2500)),
        ("assert(0x10 == f(2));", ((2,), "equals", 16)),
        ("assert(f(1) !== 'it\\'s \\u00e9\\x41\\n');", ((1,), "differs", "it's éA\n")),
        ("assert(f(1));", ((1,), "none_of", FALSY)),
        ("assert.ok(!f(1));", ((1,), "one_of", FALSY)),
        ("console.assert(f(1_000) === true, 'no')", ((1000,), "equals", True)),
        ("assert f(1) === 12n", ((1,), "equals", Other("12n"))),
        ("assert(f(-12n) === -0x10n)", ((Other("-12n"),), "equals", Other("-16n"))),
        ("assert(Math.abs(f(0.1) - 0.3) < 1e-9);", ((0.1,), "close", 0.3, 1e-9)),
        ("assert(Number.isNaN(f(1)))", ((1,), "equals", NAN)),
        ("assert.deepStrictEqual(f(new Set([1, 2])), new Set())", (({1, 2},), "equals", set())),
        ("assert.throws(() => f(-1), RangeError, 'why');", ((-1,), "raises", ("RangeError",))),
        ("assert.throws(() => { f(-1); });", ((-1,), "raises", ())),
        ("assert.throws(() => f(-1), Error)", ((-1,), "raises", ())),
        ("expect(f(1)).toEqual([-0, Infinity])", ((1,), "equals", [0, float("inf")])),
        ("expect(f(1)).not.toBe(null)", ((1,), "differs", None)),
        ("expect(f(1)).toBeUndefined();", ((1,), "equals", UNDEFINED)),
        ("expect(f(1)).toBeDefined();", ((1,), "differs", UNDEFINED)),
        ("expect(f(1)).not.toBeTruthy();", ((1,), "one_of", FALSY)),
        ("expect(f(1)).toBeCloseTo(0.3, 5);", ((1,), "close", 0.3, 0.5e-5)),
        ("expect(() => f(1)).toThrow(TypeError);", ((1,), "raises", ("TypeError",))),
        ("const xs = [3, 2]; assert.deepEqual(f(xs), [2, 3])", (([3, 2],), "equals", [2, 3])),
        ("const r = f(4);\nassert.strictEqual(r, 8)", ((4,), "equals", 8)),
        ("const assert = require('assert');\nconst { f } = require('./f');\nassert(f(1) === 2)", ((1,), "equals", 2)),
        ("import assert from 'node:assert'\nconst m = require('./m');\nassert(m.f(1) === 2)", ((1,), "equals", 2)),
        ("describe('d', () => { it('i', async () => { expect(await f(1)).toBe(2) }) });", ((1,), "equals", 2)),
        ("function testF() {\n  assert.equal(f(1), 2) // yes\n}\ntestF();", ((1,), "equals", 2)),
        ("/* f */ assert(f(1) === 2); console.log('All tests passed!');", ((1,), "equals", 2)),
    ],
)  # fmt: skip
def test_forms(text: str, found: tuple[Any, ...]) -> None:
    assert one(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "for (const c of [1, 2]) { assert(f(c)) }",
        "assert(f(1) === f(2))",
        "assert(f(1) > 2)",
        "assert(f(x) === 3)",
        "assert.throws(() => f(-1), /can't/)",
        "assert.match(f(1), /a/)",
        "assert.strictEqual(f(1).length, 2)",
        "assert.strictEqual(f(...[1]), 2)",
        "assert.strictEqual(f(`${1}`), 2)",
        "assert(f(1) === 2 && f(2) === 3)",
        "const xs = [1]; xs.push(2); assert.deepEqual(f(xs), 3)",
        "let r = f(2); r = 3; assert(r === 3)",
        "assert.rejects(f(1))",
        "expect(f(1)).toHaveLength(2)",
        "expect(f(1)).toThrow()",
        "if (false) { assert(f(1) === 2) }",
        "assert.strictEqual(f(1), {__proto__: null})",
        "test.skip('x', () => { assert(f(1) === 2) })",
        "assert(f(1) === 'open",
    ],
)
def test_what_is_nothing_of_the_kind_is_left_and_never_half_read(text: str) -> None:
    tests = read_tests(text, "f", Other)
    assert not tests.checks and tests.left
    mixed = read_tests(f"assert(f(5) === 6)\n{text}\n", "f", Other)
    assert [c.args for c in mixed.checks] == [(5,)] and mixed.left


def test_no_test_is_no_check_and_nothing_left() -> None:
    for text in ("", "// assert(f(1) === 2)", "console.log(f(1))", "const assert = require('assert')", "'assert(f(1))'", "assertion(f(1))"):
        assert read_tests(text, "f", Other) == read_tests("", "f", Other), text


def test_last_function() -> None:
    assert last_function("function a() { function b() {} }\nconst c = async (x) => { const d = () => x }") == "c"
    assert last_function("const f = function* () {}\nconst total = (1 + 2)\nlet y = 3") == "f"
    assert last_function("async function* g(x) {}\nclass A { h() {} }") == "g"
    assert last_function("const one = x => x") == "one" and last_function("let z = 1") == "" == last_function("const")


JS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5).filter(lambda k: k != "__proto__"), inner, max_size=3),
    max_leaves=8,
)


@given(JS)
@settings(max_examples=60, deadline=None)
def test_json_is_read_as_what_it_says(value: Any) -> None:
    text = json.dumps(value)  # JSON is JavaScript; Infinity is too
    (check,) = read_tests(f"assert.deepStrictEqual(f({text}), {text})", "f", Other).checks
    assert check.args == (numbers(value),) and repr(check.expected) == repr(numbers(value))


@given(
    st.lists(st.sampled_from("assert ( ) f(1) === ' \" ` { } [ ] expect . toBe \n ; => 1 , /* // \\ new Set - !".split(" ")), max_size=25)
)
@settings(max_examples=200, deadline=None)
def test_any_text_is_survived(parts: list[str]) -> None:
    read_tests("".join(parts), "f", Other)
    last_function("".join(parts))


def test_hostile_text_takes_little_time() -> None:
    started = time.process_time()
    for part in ("'\\", "`a\\", "/* ", "(", "test('a', () => {", "assert(!f(", "- ", "const a = ", "assert\n"):
        read_tests((part * 100_000)[:100_000], "f", Other)
        last_function(part * 20_000)
    assert time.process_time() - started < 15
    with pytest.raises(ValueError, match="at most"):
        read_tests(" " * 100_001, "f", Other)


LITERALS = ["0x1F", "0b101", "0o17", ".5", "5.", "1e3", "1_000.5", "9007199254740993", "1e21", "-0", "'\\u{1F600}\\ud83d\\ude00'", "'a\\\nb'", '"\\0\\v"',
            "`x'y\"`", "[1, [2,], ]", "{a: {b: null}, 'c': 1, 2: 3}", "-(5)", "1e400"]  # fmt: skip


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: apt-get install nodejs")
def test_node_reads_literals_alike() -> None:
    done = subprocess.run(
        ["node", "-p", f"JSON.stringify([{','.join(f'({x})' for x in LITERALS)}])"], capture_output=True, text=True, check=True
    )
    for text, theirs in zip(LITERALS, json.loads(done.stdout), strict=True):
        ours = one(f"assert.deepStrictEqual(f(), {text})")[2]
        assert (ours == float("inf") and theirs is None) or numbers(theirs) == ours, text


def test_a_number_has_one_form() -> None:
    assert [repr(number(x)) for x in (3, 3.0, -0.0, 2.5, 2.0**53, 2**53 - 1, 1e300)] == [
        "3",
        "3",
        "0",
        "2.5",
        "9007199254740992.0",
        str(2**53 - 1),
        "1e+300",
    ]


def test_cases_as_data() -> None:
    tests = read_cases(
        '[{"args": [[3, 1]], "expected": [1, 3]}, {"args": [1], "kwargs": {"k": 2}, "expected": 0.5, "tolerance": 0.1}, {"expected": null}]',
        "f",
    )
    assert tests is not None and [(c.args, c.kwargs, c.relation, c.expected, c.tolerance) for c in tests.checks] == [
        (([3, 1],), {}, "equals", [1, 3], 0.0),
        ((1,), {"k": 2}, "close", 0.5, 0.1),
        ((), {}, "equals", None, 0.0),
    ]
    for text in (
        "",
        "[]",
        "[1]",
        '[{"args": 1, "expected": 2}]',
        '[{"args": []}]',
        '[{"expected": 1, "tolerance": -1}]',
        '[{"expected": 1, "x": 2}]',
        "[" * 10_000,
    ):
        assert read_cases(text, "f") is None


def test_a_number_too_large_for_any_is_infinite() -> None:
    assert numbers([10**400, {"a": -(10**400)}]) == [float("inf"), {"a": float("-inf")}]
    assert read_cases(f'[{{"args": [], "expected": 1, "tolerance": 1{"0" * 400}}}]', "f") is None


def test_no_test_is_dropped_without_a_word() -> None:
    assert len((read_cases(json.dumps([{"args": [1], "expected": 2}] * 2100), "f") or read_tests("", "f", Other)).checks) == 2100
    many = read_tests("assert(f(1) === 2);\n" * 2100, "f", Other)
    assert len(many.checks) == 2000 and len(many.left) == 100
