"""Programs in models' answers: which block counts, what is still a program, and what none."""

from __future__ import annotations

import pytest

from mintmark.text.code import answer_of, blocks, code_of, functions, last_function, parsed, program, unfenced

ADD = "def add(a, b):\n    return a + b"


@pytest.mark.parametrize(
    "reply, expected",
    [
        (f"Here:\n```python\n{ADD}\n```\nDone.", ADD),
        (f"```\n{ADD}\n```", ADD),
        (f"It was\n```python\nadd(1, 2)\n```\nbut should be\n```python\n{ADD}\n```\nso that\n```\n>>> add(1, 2)\n3\n```", ADD),
        (f"```python\ndef add(a):\n    pass\n```\nBetter:\n```python\n{ADD}\n```", ADD),
        (f"```python\n{ADD}", ADD),  # cut, or never closed
        (ADD, ADD),
        ("```python\ndef add(a, b:\n    return a\n```", "def add(a, b:\n    return a"),  # a syntax error is still a program
        ("```python\nadd = lambda a, b: a + b\n```", "add = lambda a, b: a + b"),
        ("I would use def add for that.", ""),
        ("```python\ndef adder(a, b):\n    return a + b\n```", ""),
        (f"No fences are wanted here: {ADD}", ""),
        ("", ""),
    ],
)
def test_the_program_in_an_answer(reply: str, expected: str) -> None:
    assert code_of(reply, "add") == expected


IN_DOCSTRING = 'def add(a, b):\n    """\n    ```\n    add(1, 2)\n    ```\n    """\n    return a + b'


@pytest.mark.parametrize(
    "text, expected",
    [
        (f"\ufeff{ADD}", ADD),
        (IN_DOCSTRING, IN_DOCSTRING),  # it is Python as it is
        (f"So:\n```python\n{IN_DOCSTRING}\n```\nDone.", IN_DOCSTRING),
        (f"1. So:\n\n    ```py\n    {ADD.replace(chr(10), chr(10) + '    ')}\n    ```\nDone.", ADD),
        (f"```python\n{ADD}```", ADD),
        (f"In ```add```\nis all:```python\n{ADD}\n```", ADD),
        (f"```python\r\n{ADD}\r\n```\r\nDone.", f"{ADD}\r"),
        (f"```python\n{ADD}\n```\nUse:\n```python\nprint(add(1, 2))\n```\nOutput:\n```\n3 items\n```", ADD),
        ("```python\ndef plus(a, b):\n    return a + b\n```\n```\nno Python\n```", "def plus(a, b):\n    return a + b"),
        ("```js\nconst add = (a, b) => a + b\n```", "const add = (a, b) => a + b"),
        ("```python\nprint(2 * int(input()))\n```\nInput:\n```\n2\n```\nOutput:\n```\n4\n```", "print(2 * int(input()))"),
        ("I cannot.", "I cannot."),
    ],
)
def test_what_is_run_of_a_whole_answer(text: str, expected: str) -> None:
    assert program(text, "add") == expected


def test_what_a_cell_says() -> None:
    assert answer_of([{"role": "user", "content": "Add."}, {"role": "assistant", "content": ADD}]) == ADD == answer_of({"content": ADD})
    assert answer_of(None) == answer_of([]) == answer_of([{"role": "assistant", "content": None}]) == "" and answer_of(ADD) == ADD
    with pytest.raises(ValueError, match="a list of 2, expected one program"):
        answer_of([ADD, ADD])


def test_tests_out_of_fences() -> None:
    assert unfenced("Here:\n```python\nassert f(1)\n```\nand\n```python\nassert f(2)\n```") == "assert f(1)\nassert f(2)"
    assert unfenced("```\n>>> f(1)\n2\n```\n```bash\npip install pytest\n```") == ">>> f(1)\n2"
    assert unfenced('```json\n[{"args": [1], "expected": null}]\n```') == '[{"args": [1], "expected": null}]'
    assert unfenced("const s = `a`") == "const s = `a`" and unfenced("\ufeffassert f(1)") == "assert f(1)"


def test_a_method_is_found_by_its_class() -> None:
    source = "class Stack:\n    def push(self, x):\n        pass"
    assert code_of(f"```python\n{source}\n```", "Stack.push") == source and code_of(f"```\n{source}\n```", "push") == source


def test_last_function_and_blocks() -> None:
    assert last_function("def a(): pass\ndef b(): pass\nx = 1") == "b" and last_function("def (") == last_function("x = 1") == ""
    assert last_function("def a():\n    def inner(): pass\n") == "a"
    assert last_function("So:\n\n  ```python\n  def a(x):\n      return x\n  ```\ndef ine it") == "a"
    assert last_function("def a(): pass\ndef b(x:\n    return (\n") == "b", "a program that is broken off is still about its function"
    assert blocks("```py\n\nx = 1\n```\n```\n \n```\n") == ["x = 1"] and blocks("none") == []


def test_code_too_long_to_be_read_is_not_parsed() -> None:
    """The judge reads a candidate's text; what is longer than the bound is looked at by patterns alone, at its beginning."""
    long = "def f():\n    return 1\n" + "x = 1\n" * 20_000
    assert parsed(long) is None and functions(long) == [] and last_function(long) == "f"
    assert functions(long[:600]) == ["f"]


def test_what_an_answer_in_fences_defines_last() -> None:
    for code, name in (
        ("def f(x):\n    return x", "f"),
        ("async def f(x):\n    return x", "f"),
        ("class A:\n    def f(self):\n        return 1", "A"),
    ):
        assert last_function(f"Here it is:\n```python\n{code}\n```\nDone, it's fine.") == last_function(code) == name
