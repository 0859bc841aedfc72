"""Tests taken apart: each alone with what they share, and back together without some."""

from __future__ import annotations

import pytest

from mintmark.text.asserts import read_tests
from mintmark.text.single_tests import kept, singles

HUMANEVAL = (
    "META = {'a': 1}\n\ndef check(candidate):\n    x = [1]\n    assert candidate(x) == 1  # first\n    assert candidate([]) is None\n"
)
UNITTEST = "class T(TestCase):\n    def setUp(self): pass\n    def test_a(self):\n        self.assertEqual(f(1), 2)\n        self.assertTrue(f(3))\n    def test_b(self):\n        with self.assertRaises(ValueError):\n            f(-1)\n"
LOOP = "cases = [(1, 2)]\nfor x, y in cases:\n    assert f(x) == y\nwith pytest.raises(ValueError):\n    f(-1)\n"


@pytest.mark.parametrize(
    "text, count", [("assert f(1) == 2\nassert f(2)", 2), (HUMANEVAL, 2), (UNITTEST, 3), (LOOP, 2), ("x = 1", 1), ("no code", 1)]
)
def test_each_alone(text: str, count: int) -> None:
    alone = singles(text)
    assert len(alone) == count
    assert kept(text, set(range(count))) == text and kept(text, set()) == ""
    if count > 1:
        assert [kept(text, {i}) for i in range(count)] == alone
        assert kept(text, set(range(1, count))) not in (text, "")


def test_what_is_shared_stays_and_empty_functions_go() -> None:
    one, two = singles(HUMANEVAL)
    assert [(c.args, c.relation) for c in read_tests(one, "f").checks] == [(([1],), "equals")]
    assert "META" in two and "x = [1]" in two and "candidate(x)" not in two
    raises = singles(UNITTEST)[2]
    assert "setUp" in raises and "test_a" not in raises and read_tests(raises, "f").checks[0].relation == "raises"


def test_cases_of_a_json_list_are_tests() -> None:
    text = '[{"args": [1], "expected": 2},\n {"args": [2], "expected": 3}]'
    assert singles(text) == ['[{"args":[1],"expected":2}]', '[{"args":[2],"expected":3}]']
    assert kept(text, {0, 1}) == text and kept(text, {1}) == '[{"args":[2],"expected":3}]' and kept(text, set()) == ""


def test_doctests_and_helpers() -> None:
    assert singles(">>> f(1)\n2\n>>> f(2)\n4\n") == [">>> f(1)\n2\n>>> f(2)\n4\n"]
    helped = "def near(a, b):\n    assert abs(a - b) < 1\nassert f(1) == 1\nassert f(2) == 2\n"
    assert len(singles(helped)) == 2 and all("def near" in s for s in singles(helped))
    assert singles("assert f(1)\n" * 4000) == ["assert f(1)\n" * 4000], "too long to be taken apart"
