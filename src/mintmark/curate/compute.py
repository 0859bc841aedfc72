"""compute: computes what a model wrote as a small arithmetic program, writes the result, and drops rows whose stated answer is another number.

    compute: {expression: program, into: result, equals: answer}

The program is lines 'name = expression' or 'expression'; the last value counts. It is parsed by text/arithmetic.py and never run as code:
+ - * / ^, brackets, decimals, percent, names given on earlier lines; exact fractions, bounded in length, depth and size.
Source: Program of Thoughts (Chen et al. 2023, arXiv 2211.12588), PAL (Gao et al. 2023, arXiv 2211.10435): the model plans, the machine computes.
An answer rounded or cut to two decimals or more is right (3.33 for 10/3). Not covered: units in the answer; Python (loops, functions, comparisons).
Drops: not_computable (outside the language, division by zero, too large), wrong_answer.
One row: program='left = 16 - 3 - 4\\nleft * 2', answer='$18', result=18. One drop: wrong_answer, 'the program gives 18, the answer says 26'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.arithmetic import run_program, same_value, shown


@dataclass(frozen=True)
class Compute(Op):
    """Reads `expression`, and `equals` where given; writes `into`: a whole number where it is one below 2^63, else a float. expression:
    the column with the program. equals: a column whose number must be the same."""

    expression: str
    into: str = "result"
    equals: str | None = None
    name: ClassVar[str] = "compute"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = (
        "Chen et al. 2023, Program of Thoughts Prompting (arXiv 2211.12588)",
        "Gao et al. 2023, PAL: Program-aided Language Models (arXiv 2211.10435)",
    )
    drops: ClassVar[Mapping[str, str]] = {
        "not_computable": "the program is outside the language, divides by zero or grows too large",
        "wrong_answer": "the stated answer is not the number that the program gives",
    }

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.expression,) if self.equals is None else (self.expression, self.equals)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.into,)

    def each(self, row: Row, ctx: Context) -> Result:
        value = row.values[self.expression]
        try:
            result = run_program("" if value is None else str(value)[:100_000])
            plain = int(result) if result.denominator == 1 and abs(result) < 2**63 else float(result)
        except (ValueError, OverflowError) as error:
            return Drop("not_computable", str(error)[:200])
        if self.equals is not None:
            stated = row.values[self.equals]
            if isinstance(stated, bool) or not same_value(result, str(stated)):
                return Drop("wrong_answer", f"the program gives {shown(result)}, the answer says {str(stated)[:80]}")
        return row.with_values({self.into: plain})
