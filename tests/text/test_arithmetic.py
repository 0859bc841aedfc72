"""Arithmetic: recorded answers and annotations of four GPT-3 models on GSM8K, exactness against Fraction, the bounds."""

import time
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import lines
from mintmark.text.arithmetic import annotations, evaluate, holds, last_answer, number, run_program, same_number, same_value, shown

MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")


def test_recorded_answers_agree_with_the_recorded_judgement(data: Path) -> None:
    rows = lines(data / "gsm8k" / "example_model_solutions.jsonl")
    agree, right = 0, Counter[str]()
    for row in rows:
        truth = last_answer(row["ground_truth"])
        assert truth is not None
        for model in MODELS:
            answer = last_answer(row[model]["solution"])
            same = answer is not None and same_number(answer, truth)
            agree += same == row[model]["is_correct"]
            right[model] += same
    assert len(rows) * len(MODELS) == 5_276 and agree >= 5_275
    assert [round(100 * right[m] / len(rows), 2) for m in MODELS] == [21.68, 39.04, 34.72, 56.25]
    plain = lines(data / "gsm8k" / "test.jsonl")
    assert all(same_number(last_answer(a["answer"]) or "", last_answer(b["ground_truth"]) or "") for a, b in zip(plain, rows, strict=True))


def test_recorded_annotations(data: Path) -> None:
    verdicts: Counter[bool | None] = Counter()
    faulty: dict[tuple[int, str], bool] = {}
    for i, row in enumerate(lines(data / "gsm8k" / "example_model_solutions.jsonl")):
        for model in MODELS:
            for step in annotations(row[model]["solution"]):
                verdicts[holds(*step)] += 1
                if holds(*step) is False:
                    faulty[i, model] = row[model]["is_correct"]
    assert verdicts[True] + verdicts[False] == 16_652 and verdicts[False] == 52 and verdicts[None] == 41
    assert len(faulty) == 41 and sum(faulty.values()) == 2


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("so 18\nA: 18", "18"), ("#### $1,018.50 ", "1018.50"), ("A: 1\nno, wait\nA: 2\nbye", "2"), ("#### 3\nA: 4", "4"), ("A: 4\n#### 3", "3"),
        ("A:\n7", "7"), ("DATA: 5", None), ("18", None), ("", None), ("A:  ", None), ("Q: how many? A: 4 eggs", "4 eggs"),
    ],
)  # fmt: skip
def test_last_answer(text: str, answer: str | None) -> None:
    assert last_answer(text) == answer


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("5", "5.0", True), ("1,000", "1000", True), ("$3.50", "3.5", True), ("-3", "\u22123", True), ("1/2", "0.5", True), ("1 1/2", "1.5", True), ("18.", "18", True),
        ("50%", "0.5", True), ("50%", "50", True), ("50%", "50.0%", True), ("50%", "5", False), ("0.5%", "0.5", True), ("50", "0.5", False),
        ("0.3333333333333333", "1/3", True), ("3.33", "10/3", False), ("5", "-5", False), ("0", "0.0000000000000555", True), ("0", "0.001", False),
        ("five", "5", False), ("five", "five", False), ("1/0", "1/0", False), ("1,00", "100", False), ("5 eggs", "5", False), ("", "", False), ("9" * 101, "9" * 101, False),
    ],
)  # fmt: skip
def test_same_number(a: str, b: str, same: bool) -> None:
    assert same_number(a, b) is same and same_number(b, a) is same


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2+3*4", 14), ("(2+3)*4", 20), ("8/4/2", 1), ("8/2*4", 16), ("1-2-3", -4), ("-2^2", -4), ("2^3^2", 512), ("2**-1", Fraction(1, 2)), ("(-2)^2", 4),
        ("1.0--2", 3), ("71*+92", 6532), (".5*4.", 2), ("50000*5%", 2500), ("3*(2+150%)", Fraction(21, 2)), ("200+10%", Fraction(2001, 10)), ("5+2(3)", 11), ("1/2(4)", 2),
        ("(1+1)(2+2)", 8), ("12*20,000", 240_000), ("$10,440,000/2", 5_220_000), ("2×3÷4−1", Fraction(1, 2)), ("1e3*1.5E-2", 15), ("0.1+0.2", Fraction(3, 10)), (" 7 ", 7),
        ("", None), ("x", None), ("2x", None), ("2 3", None), ("1,00", None), ("12/1.3333...", None), ("100%.01", None), ("2%(3)", None), ("(2)3", None), ("1/0", None), ("0^-1", None),
        ("(1", None), ("1)", None), ("()", None), ("1+", None), ("*2", None), ("2=2", None), ("2:15", None), ("¾*4", None), ("__import__('os')", None), ("2^0.5", None),
        ("9^9^9^9", None), ("9" * 1_001, None), ("(" * 60 + "1" + ")" * 60, None), ("2^" * 60 + "1", None), ("2^4095*2^4095", None), ("1" + "%" * 900, None),
    ],
)  # fmt: skip
def test_evaluate(text: str, value: Fraction | int | None) -> None:
    assert evaluate(text) == value


def join(parts: tuple[tuple[str, Fraction | None], str, tuple[str, Fraction | None]]) -> tuple[str, Fraction | None]:
    (a, x), op, (b, y) = parts
    text = f"({a}) {op} ({b})"
    if x is None or y is None or (op == "/" and not y):
        return text, None
    return text, {"+": x + y, "-": x - y, "*": x * y, "/": x / y if y else None}[op]


TREES = st.recursive(
    st.one_of(
        st.integers(0, 99).map(lambda n: (str(n), Fraction(n))), st.integers(0, 999).map(lambda n: (f"{n / 100:.2f}", Fraction(n, 100)))
    ),
    lambda part: st.tuples(part, st.sampled_from("+-*/"), part).map(join),
    max_leaves=12,
)


@given(TREES)
def test_exact_as_fractions_are(tree: tuple[str, Fraction | None]) -> None:
    text, value = tree
    assert evaluate(text) == value
    assert value is None or holds(text, f"{value.numerator}/{value.denominator}") is True


@given(st.text("0123456789.,+-*/^%() e$=xA:#<>\n", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for step in annotations(text):
        assert holds(*step) in (True, False, None)
    assert evaluate(text) is None or isinstance(evaluate(text), Fraction)
    assert last_answer(text) != "" and (number(text) is None or same_number(text, text))


@pytest.mark.parametrize(
    ("expression", "stated", "verdict"),
    [
        ("10/3", "3.3333333333333335", True), ("10/3", "3.33", True), ("2/3", "0.66", True), ("2/3", "0.67", True), ("2/3", "0.68", False), ("10/3", "3", False),
        ("10/3", "3.3", False), ("3*3", "9.90", False), ("35*(1/2)", "17.0", False), ("0.1+0.2-0.3", "5.551115123125783e-17", True), ("1/2", "1/2", True),
        ("20,000/400", "5", False), ("5*x", "25", None), ("5*5", "", None), ("400-250", "150 000", None),
    ],
)  # fmt: skip
def test_holds(expression: str, stated: str, verdict: bool | None) -> None:
    assert holds(expression, stated) is verdict


def test_same_value() -> None:
    third = Fraction(10, 3)
    assert same_value(third, "$3.33") and same_value(third, "3.3333333333333335") and same_value(third, "10/3")
    assert not same_value(third, "3.3") and not same_value(third, "3") and not same_value(third, "3.35") and not same_value(third, "three")
    assert same_value(Fraction(1, 2), "50%") and same_value(Fraction(50), "50%") and not same_value(Fraction(1, 2), "50")
    assert same_value(Fraction(10) ** 22, str(1e22)) and same_value(Fraction(1, 10**7), "1e-07")
    assert [shown(x) for x in (Fraction(18), third, Fraction(10) ** 20, Fraction(7) ** 1000)] == [
        "18",
        "3.33333",
        "1e+20",
        "a number beyond 1e308",
    ]


def test_annotations() -> None:
    assert annotations("a <<3+4=7>>7 b <<x=1=2>> <<8.5>> <<>> <<1=2") == [("3+4", "7"), ("x=1", "2"), ("8.5", ""), ("", "")]


def test_programs() -> None:
    assert run_program("```python\n# eggs\nleft = 16 - 3 - 4  # a day\n\nprice = left * 2\n```") == 18
    assert run_program("a = 2\na = a * a\na + 1") == 5 and run_program("3 * 4") == 12
    for text, words in (
        ("a = 1\nb + 1", "line 2: 'b' has no value"), ("", "the program is empty"), ("# nothing", "the program is empty"), ("a = 1 /0", "line 1: division by zero"),
        ("a == 2", "line 1"), ("import os", "line 1: 'import' has no value"), ("a = 9\n" + "a = a * a\n" * 30, "grows too large"), ("1\n" * 101, "more than 100 lines"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            run_program(text)


@pytest.mark.parametrize("unit", ["<<", "<<1", "A:", "#", "####\n", " ", "1 ", "9", "1,111", "(", "-", "a=1\n"])
def test_hostile_repeats_take_linear_time(unit: str) -> None:
    before = time.process_time()
    text = unit * 50_000
    for step in annotations(text)[:10]:
        holds(*step)
    last_answer(text)
    assert evaluate(text) is None and number(text) is None
    with pytest.raises(ValueError):
        run_program(text)
    assert time.process_time() - before < 2
