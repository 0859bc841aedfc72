"""Arithmetic in what models write: the final answer, whether two answers are the same number, annotated steps, and small programs.

    last_answer("She makes 9 * 2 = $<<9*2=18>>18 a day.\\nA: $1,018")     ->  "1018"
    same_number("1,000", "1000.0"), same_number("1/2", "50%")            ->  True, True
    annotations("3 + 4 = <<3+4=7>>7 eggs")                               ->  [("3+4", "7")]
    evaluate("10,440 * (2 + 50%) / 2(3)")                                ->  Fraction(39150, 1)
    holds("10*(2/3)", "8")                                               ->  False
    run_program("price = 20 * 1.25\\nprice * 3")                          ->  Fraction(75, 1)

Source: GSM8K (Cobbe et al. 2021, arXiv 2110.14168): answers after '####' or 'A:', calculator annotations <<expression=value>>.
The language is parsed here, never handed to Python: + - * / ^ (also **, ×, ÷), brackets, decimals, thousands commas, 5% = 0.05 (so 200 + 10% is
200.1), 2(3) = 2 * 3 with the rank of a product, 1e5, $. Values are exact fractions of at most 4,096 bits; a text has at most 1,000 characters.

Not covered: units, letters as unknowns, times of day, ¾, chains (a=b=c), functions, remainders. Such steps are not evaluable, never wrong.
"""

import re
from collections.abc import Mapping
from fractions import Fraction

MOST_CHARACTERS, MOST_DEPTH, MOST_BITS, MOST_LINES = 1_000, 40, 4_096, 100
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d*)?|\.\d+"
_TOKEN = re.compile(rf"\s*(?:\$?((?:{_DIGITS})(?:[eE][-+]?\d{{1,2}}(?!\w))?)|(\*\*|[-+*/^%()×·÷−])|([A-Za-z_]\w{{0,63}}))")
_SAME = {"**": "^", "×": "*", "·": "*", "÷": "/", "−": "-"}
_MARK = re.compile(r"####|\bA:")
_ANNOTATION = re.compile(r"<<([^<>]*)>>")
_NUMBER = re.compile(
    rf"([-+−]?)[$€£]?(?:(\d{{1,9}})\s+(\d{{1,9}})/(\d{{1,9}})|((?:{_DIGITS})(?:[eE][-+]?\d{{1,3}})?)(?:/({_DIGITS}))?)(%?)\.?"
)
_DECIMALS = re.compile(r"\.(\d{2,})\s*\Z")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w{0,63})\s*=(.*)")


def last_answer(text: str) -> str | None:
    """What stands after the last '####' or 'A:' to the end of the line, without ',' and '$'; None where there is no mark or nothing after it."""
    marks = list(_MARK.finditer(text))
    if not marks:
        return None
    line = text[marks[-1].end() :].strip().partition("\n")[0]
    return line.replace(",", "").replace("$", "").strip() or None


def number(text: str) -> tuple[Fraction, bool] | None:
    """(value, whether a % stands after it) of '1,000', '-$3.50', '3/4', '1 1/2', '5.'; None for anything else. The % is not applied."""
    found = _NUMBER.fullmatch(text.strip()) if len(text) <= 100 else None
    if found is None:
        return None
    sign, whole, upper, lower, value, by, percent = found.groups()
    try:
        size = Fraction(int(whole)) + Fraction(int(upper), int(lower)) if whole else _literal(value) / _literal(by or "1")
    except ZeroDivisionError:
        return None
    return (size if sign in ("", "+") else -size), bool(percent)


def same_number(a: str, b: str) -> bool:
    """Equal as numbers, to 1 part in 1e9 (near 0 to 1e-12): 5 = 5.0, 1,000 = 1000, 1/2 = 0.5. Where only one has a %, 50% is 0.5 or, the sign left out, 50."""
    one, two = number(a), number(b)
    if one is None or two is None:
        return False
    (x, x_percent), (y, y_percent) = one, two
    if x_percent == y_percent:
        return _close(x, y)
    return _close(x, y) or _close(x / 100 if x_percent else x, y / 100 if y_percent else y)


def _close(x: Fraction, y: Fraction) -> bool:
    return abs(x - y) * 10**12 <= max(abs(x) * 1000, abs(y) * 1000, Fraction(1))


def annotations(text: str) -> list[tuple[str, str]]:
    """(expression, stated value) of each <<expression=value>>, cut at the last '='; without one the stated value is ''."""
    return [(left, right) if equals else (right, "") for left, equals, right in (a.rpartition("=") for a in _ANNOTATION.findall(text))]


def holds(expression: str, stated: str) -> bool | None:
    """Whether the stated value is right; None where either side is not evaluable.

    Right = equal as same_number has it, or, where two decimals or more are stated, less than one unit of the last of them away (10/3 = 3.33).
    """
    value, said = evaluate(expression), evaluate(stated)
    if value is None or said is None:
        return None
    return _close(value, said) or _rounded(value, said, stated)


def same_value(value: Fraction, stated: str) -> bool:
    """Whether a stated answer is this value: as same_number has it, or rounded or cut to two decimals or more, as holds has it."""
    found = number(stated)
    if found is None:
        return False
    said, percent = found
    return _close(value, said) or (percent and _close(value, said / 100)) or _rounded(value, said, stated)


def _rounded(value: Fraction, said: Fraction, stated: str) -> bool:
    decimals = _DECIMALS.search(stated)  # none in 1e-17
    return decimals is not None and abs(value - said) * 10 ** len(decimals[1]) < 1


def shown(value: Fraction) -> str:
    """For messages: a whole number in full up to 18 digits, anything else to 6 significant digits."""
    if value.denominator == 1 and abs(value) < 10**18:
        return str(int(value))
    try:
        return f"{float(value):.6g}"
    except OverflowError:
        return "a number beyond 1e308"


def evaluate(expression: str) -> Fraction | None:
    """The exact value, or None where the text is outside the language or its bounds, or divides by zero."""
    try:
        return value_of(expression, {})
    except ValueError:
        return None


def run_program(text: str) -> Fraction:
    """The last value of lines 'name = expression' or 'expression'. Empty lines, '#' comments and code fences are passed over.

    ValueError in words, with the line, for whatever cannot be computed.
    """
    names: dict[str, Fraction] = {}
    value: Fraction | None = None
    lines = [line.partition("#")[0].strip() for line in text.splitlines()[: MOST_LINES + 1]]
    if len(lines) > MOST_LINES:
        raise ValueError(f"the program has more than {MOST_LINES} lines")
    for n, line in enumerate(lines, 1):
        if not line or line.startswith("```"):
            continue
        found = _ASSIGNMENT.fullmatch(line)
        try:
            value = value_of(found[2] if found else line, names)
        except ValueError as error:
            raise ValueError(f"line {n}: {error}") from error
        if found:
            names[found[1]] = value
    if value is None:
        raise ValueError("the program is empty")
    return value


def value_of(expression: str, names: Mapping[str, Fraction]) -> Fraction:
    """The exact value of an expression that may use `names`; ValueError in words."""
    return _Reader(expression, names).value()


def _literal(digits: str) -> Fraction:
    return Fraction(digits.replace(",", ""))


class _Reader:
    """Recursive descent, computing as it reads: sum > product > sign > power > percent > number, name or brackets."""

    def __init__(self, text: str, names: Mapping[str, Fraction]) -> None:
        if len(text) > MOST_CHARACTERS:
            raise ValueError(f"the expression has {len(text)} characters, at most {MOST_CHARACTERS} are read")
        self.names, self.depth, self.at = names, 0, 0
        self.tokens: list[tuple[str, str, str]] = []
        place, text = 0, text.strip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise ValueError(f"'{text[place : place + 20].strip()}' is no arithmetic")
            self.tokens.append((found[1] or "", _SAME.get(found[2], found[2]) or "", found[3] or ""))
            place = found.end()

    def sign(self) -> str:
        """The operator or bracket that comes next, '' for anything else."""
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self) -> tuple[str, str, str]:
        if self.at >= len(self.tokens):
            raise ValueError("the expression ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def value(self) -> Fraction:
        value = self.sum()
        if self.at < len(self.tokens):
            raise ValueError(f"'{''.join(self.tokens[self.at])}' is not expected there")
        return value

    def sum(self) -> Fraction:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise ValueError("the expression is nested too deeply")
        value = self.product()
        while self.sign() in ("+", "-"):
            value = _bounded(value + self.product() if self.take()[1] == "+" else value - self.product())
        self.depth -= 1
        return value

    def product(self) -> Fraction:
        value = self.signed()
        while self.sign() in ("*", "/", "("):
            divided = self.sign() == "/"
            if self.sign() == "(":
                if self.tokens[self.at - 1][1] == "%":
                    raise ValueError("'(' is not expected after %")
            else:
                self.take()
            other = self.signed()
            if divided and not other:
                raise ValueError("division by zero")
            value = _bounded(value / other if divided else value * other)
        return value

    def signed(self) -> Fraction:
        minus = False
        while self.sign() in ("+", "-"):
            minus ^= self.take()[1] == "-"
        value = self.power()
        return -value if minus else value

    def power(self) -> Fraction:
        base = self.percent()
        if self.sign() != "^":
            return base
        self.take()
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise ValueError("the expression is nested too deeply")
        by = self.signed()
        self.depth -= 1
        if by.denominator != 1 or abs(by) > MOST_BITS:
            raise ValueError("a power must be a whole number of moderate size")
        if not base and by < 0:
            raise ValueError("division by zero")
        if max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(by.numerator) > 2 * MOST_BITS:
            raise ValueError("the number grows too large")
        return _bounded(base**by.numerator)

    def percent(self) -> Fraction:
        value = self.atom()
        while self.sign() == "%":
            self.take()
            value /= 100
        return _bounded(value)

    def atom(self) -> Fraction:
        digits, sign, name = self.take()
        if digits:
            return _literal(digits)
        if name:
            if name not in self.names:
                raise ValueError(f"'{name}' has no value")
            return self.names[name]
        if sign != "(":
            raise ValueError(f"'{sign}' is not expected there")
        value = self.sum()
        if self.take()[1] != ")":
            raise ValueError("a bracket is not closed")
        return value


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise ValueError("the number grows too large")
    return value
