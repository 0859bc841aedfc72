"""giveaway: problems that hold their solution's code, fenced or not; starter code and code of another kind stay."""

from __future__ import annotations

import pytest

import mintmark as mm
from each import each
from mintmark.core.rows import Drop, Row

CODE = "def twice(x):\n    return 2 * x"
SOLUTION = f"Here:\n```python\n{CODE}\n```\nIt doubles."
SHOWN = 'def twice(x):\n    """\n    ```\n    twice(3)\n    ```\n    """\n    return 2 * x'


@pytest.mark.parametrize(
    "problem, solution, gone",
    [
        (f"Write this:\n```python\n{CODE}\n```", SOLUTION, True),
        ("Write this:\n```\n\n  def twice(x):  \n\n      return 2 * x\n```", SOLUTION, True),  # other white space
        (f"Explain {CODE.splitlines()[0]}\nor rather\n{CODE}\nplease", SOLUTION, True),  # not fenced
        (f"Write this:\n```python\n{CODE}\n```", CODE, True),  # a solution without fences
        (f"Explain\n{SHOWN}\nplease", SHOWN, True),  # the fence in its docstring is no block
        ("Type:\n```\nx = 1\n```", "```\nx = 1\n```", True),  # one line, where both fence it
        ("Set x = 1 somewhere.\nx = 1\n", "```\nx = 1\n```", False),  # one line of prose proves nothing
        ("Complete:\n```python\ndef twice(x):\n```", SOLUTION, False),
        ("Write a function `twice` that doubles.", SOLUTION, False),
        (f"```python\n{CODE.replace('twice', 'double')}\n```", SOLUTION, False),
        ("", "", False),
        (None, None, False),
        ("``````", "``````", False),
    ],
)
def test_what_gives_a_solution_away(problem: str, solution: str, gone: bool) -> None:
    (result,) = each(mm.curate.Giveaway("p", "s"), [{"p": problem, "s": solution}])
    assert isinstance(result, Drop) == gone and (gone or isinstance(result, Row))
    assert not gone or result == Drop("given_away", "x = 1" if "x = 1" in problem else "def twice(x):")
