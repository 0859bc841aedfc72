"""Asserts out of samples: what CodeT's own code takes, of real kinds of samples; what can pass for nobody; hostile text."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.text.assert_samples import asserts_of, functions_of, unbound


@pytest.mark.parametrize(
    "text, found",
    [
        (" add(1, 2) == 3\nassert add(2, 2) == 4\nassert add(2,", ["assert add(1, 2) == 3", "assert add(2, 2) == 4"]),
        ("assert add(1, 2) == 3, 'sum'\nassert other(1)", ["assert add(1, 2) == 3, 'sum'"]),
        ("Here are tests of add:\n```python\nassert add(1) == 1\n```\n", ["assert add(1) == 1"]),
        ("def test_add():\n    assert add(1) == 1\n    assert add(2) == 2\n\ndef test_more():", ["assert add(1) == 1", "assert add(2) == 2"]),
        ("assert add(\n    1,\n) == 1\nimport numpy as np\nx = 3", ["assert add(\n    1,\n) == 1"]),
        ("assert add(1) == 'ä'; boom()", ["assert add(1) == 'ä'"]),
        ("\n".join(["assert add(1) == 1"] * 9), ["assert add(1) == 1"] * 5),
        ("assert ____ == add(1)", ["assert ____ == add(1)"]),
        ("assert add(1) = 1\nassert", []),
        ("", []),
    ],
)  # fmt: skip
def test_asserts(text: str, found: list[str]) -> None:
    assert asserts_of(text, "add") == found


@pytest.mark.parametrize(
    "text, names",
    [
        ("assert add(1) == 3", set()),
        ("assert ____ == add(1)", {"____"}),
        ("assert x.add(1) == sorted([y])", {"x", "y"}),
        ("assert add(1) or ____", set()),
        ("assert ____ or add(1)", {"____"}),
        ("assert add(1) == 1, ____", set()),
        ("assert add(1) == 2 == z", set()),
        ("assert all(add(i) for i in range(n))", {"n"}),
        ("assert (y := add(1)) == y", set()),
        ("assert (lambda q: p)(add) if add(1) else r", set()),
        ("assert help_(add(1))", {"help_"}),
        ("no python (", set()),
    ],
)
def test_what_can_pass_for_nobody(text: str, names: set[str]) -> None:
    assert unbound(text, {"add"}) == names and unbound(text, {"add", *names}) == set()


def test_functions_of_a_prompt() -> None:
    assert functions_of("def a():\n    return 1\n\ndef b(x):\n") == functions_of("def a(): pass\nasync def b(): pass") == ["a", "b"]
    assert functions_of("def (") == []


@given(
    st.text()
    | st.lists(st.sampled_from(["assert ", "f", "(", ")", "==", "1", "\n", "    ", "'", "# ", ";", "\\", "lambda:", "\0"])).map("".join)
)
def test_whatever_the_text_each_is_one_assert(text: str) -> None:
    for one in asserts_of(text, "f", 3):
        (node,) = ast.parse(one).body
        assert isinstance(node, ast.Assert) and "f" in one


def test_hostile_text_ends_soon() -> None:
    for text in (
        "assert f(" + "(" * 50_000,
        "assert f(1)" + "-" * 90_000 + "1",
        "assert " * 200_000 + "f",
        "assert f(" + "1+" * 40_000 + "1) == 1",
    ):
        for one in asserts_of(text, "f"):
            unbound(one, {"f"})
    deep = "assert f(" + "1+" * 700 + "1) == 1"
    assert asserts_of(deep, "f") == [deep] and unbound(deep, {"f"}) == set()
