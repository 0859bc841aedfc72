"""Templates (H2), JSON repair (R14), YAML, names, expressions, shingles: meaning and hostile input."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.text.expr import Expr
from mintmark.text.jsontext import dumps, loads
from mintmark.text.names import inside, plain, slug
from mintmark.text.shingles import fold, jaccard, near_copies, shingles
from mintmark.text.structured import BrokenSchema, NotJSON, Schema
from mintmark.text.templates import Template
from mintmark.text.yaml_strict import dump_yaml, load_yaml

SCHEMA = Schema({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]})
ATTACKS = [
    "{{ ''.__class__.__mro__ }}", "{{ cycler.__init__ }}", "{{ x|attr('__class__') }}", "{{ range(1000000000)|list }}", "{{ 'a' * 3000000000 }}",
    "{{ 9**99999999 }}", "{% include 'x' %}", "{% import 'x' as y %}", "{% extends 'x' %}", "{{ '{:>9999999999}'.format(1) }}", "{{ '%9999999999d' % 1 }}",
    "{{ x|center(1000000000) }}", "{% set a = 'x' %}", "{% macro f() %}{{ f() }}{% endmacro %}", "{{ lipsum(n=1000000) }}", "{{ x['__class__'] }}",
    "{{ x|map('attr', '__class__')|list }}", "{{ x|map(attribute='__class__')|list }}", "{{ self.x }}", "{% for a in x recursive %}{{ loop(x) }}{% endfor %}",
    "{{ [0] * 999999999 }}", "{{ namespace(a=1) }}", "{{ x|format(1) }}", "{{ x|replace('', y) }}", "{{ dict(a=1) }}", "{{ x|indent(100000000) }}",
    "{% for a in x %}{% for b in x %}{% for c in x %}.{% endfor %}{% endfor %}{% endfor %}", "{{ _private }}", "{{ x.format(y) }}", "{% with a = 1 %}{% endwith %}",
    "{% call f() %}{% endcall %}", "{{ x|random }}", "{{ x|join(y) }}", "{{ x|sort(attribute='a.__class__') }}", "{{ range(*x) }}", "{{", "{% for %}",
]  # fmt: skip


@pytest.mark.parametrize("source", ATTACKS)
def test_templates_refuse_at_once(source: str) -> None:
    began = time.monotonic()
    with pytest.raises(ValueError):
        Template(source)
    assert time.monotonic() - began < 1


def test_templates_bound_what_values_can_do() -> None:
    for source, values in (
        ("{{ x * y }}", {"x": "a" * 100, "y": 10**9}),
        ("{{ x % y }}", {"x": "%999999999d", "y": 1}),
        ("{% for a in x %}{% for b in x %}{% endfor %}{% endfor %}", {"x": list(range(5000))}),
        ("{{ x }}", {"x": "a" * 3_000_000}),
        ("{{ x.y }}", {"x": {}}),
        ("{{ x[y] }}", {"x": "", "y": "__class__"}),
    ):
        with pytest.raises(ValueError):
            Template(source).render(values)
    assert Template("{{ x }}").render({"x": "{{ 7*7 }}"}) == "{{ 7*7 }}", "values are never rendered again"


def test_templates_do_what_prompts_need() -> None:
    t = Template(
        "{{ a|upper }}{% if b %} b{% else %} no{% endif %}{% for e in es %}\n{{ loop.index }}. {{ e.text }}{% endfor %}{{ n + 1 }}{{ gone }}"
    )
    assert t.variables == ("a", "b", "es", "gone", "n")
    assert t.render({"a": "x", "b": 0, "es": [{"text": "one"}, {"text": "two"}], "n": 2, "gone": None}) == "X no\n1. one\n2. two3"


@pytest.mark.parametrize(
    "answer",
    [
        '{"text": "a"}',
        '```json\n{"text": "a",}\n```',
        "{'text': 'a'}",
        'Sure: {"text": "a"} ok?',
        '{text: "a"}',
        '{"b": 1} {"text": "a"}',
        '{"text": "a"} // x',
    ],
)
def test_json_is_mended(answer: str) -> None:
    assert SCHEMA.read(answer) == {"text": "a"}


@given(st.text(max_size=40), st.integers(1, 60))
@settings(max_examples=150, deadline=None)
def test_a_cut_object_is_never_closed(text: str, cut: int) -> None:
    whole = json.dumps({"text": text})
    part = whole[: max(0, len(whole) - cut)]
    with pytest.raises(NotJSON):
        SCHEMA.read(part)
    assert SCHEMA.read(whole) == {"text": text}


def test_schema_faults_are_told_by_path() -> None:
    with pytest.raises(BrokenSchema, match="text: 5 is not of type"):
        SCHEMA.read('{"text": 5}')
    for rubbish in ("I'm sorry, but no.", "", '{"text": NaN}', "[" * 100_000, "{" * 100_000):
        with pytest.raises(ValueError):
            SCHEMA.read(rubbish)
    for bad in ({"type": "strin"}, {"properties": 3}, 5):
        with pytest.raises(ValueError):
            Schema(bad)  # type: ignore[arg-type]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False) | st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=20),
    lambda c: st.lists(c, max_size=4) | st.dictionaries(st.text(alphabet="abcxyz_", min_size=1, max_size=6), c, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_yaml_round_trip(value: Any) -> None:
    assert load_yaml(dump_yaml({"v": value})) == {"v": value}


def test_yaml_stays_text_where_people_mean_text() -> None:
    assert load_yaml("a: yes\nb: 2024-01-01\nc: 12:30\nd: 007\ne: 1e-3\nf: on\ng: ~\nh: 1_000\n") == {
        "a": "yes", "b": "2024-01-01", "c": "12:30", "d": "007", "e": 0.001, "f": "on", "g": None, "h": "1_000",
    }  # fmt: skip


@given(
    st.one_of(st.integers(-(10**40), 10**40), st.text(), st.floats(allow_nan=False, allow_infinity=False), st.lists(st.text(), max_size=3))
)
@settings(max_examples=200, deadline=None)
def test_json_text_is_lossless(value: Any) -> None:
    back = loads(dumps(value))
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a\0b", "CON", "x" * 300, "x.", "a\nb", "-rf", "", "..", "💥", "nul.txt"])
def test_hostile_names(name: str, tmp_path: Any) -> None:
    """H4."""
    made = slug(name)
    assert made and len(made) <= 90 and "/" not in made and not made.startswith((".", "-")) and "\0" not in made
    assert inside(tmp_path, made).parent == tmp_path.resolve()
    if ".." in name or name.startswith("/"):
        with pytest.raises(ValueError):
            inside(tmp_path, "../x" if ".." in name else name)


def test_terminal_text_is_plain() -> None:
    """H11."""
    assert plain("\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07 \u202eabc\u202c\x07 tab\tline\n") == "red link abc tab\tline\n"


def test_powers_equality_and_sides() -> None:
    assert Expr("w / (h / 100) ** 2").evaluate({"w": 70, "h": 175}) == 70 / (175 / 100) ** 2
    for text in ("9 ** 9 ** 9", "(-8) ** 0.5", "0 ** -1"):
        with pytest.raises(ValueError, match="cannot be evaluated"):
            Expr(text).evaluate({})
    assert Expr("a + b == c").evaluate({"a": 0.1, "b": 0.2, "c": 0.3}) and not Expr("a == b").evaluate({"a": 10**15, "b": 10**15 + 1})
    assert not Expr("a != 0.3").evaluate({"a": 0.1 + 0.2}) and Expr("a == 'x'").evaluate({"a": "x"})
    assert Expr("a < b").evaluate({"a": "2022-09-05", "b": "2022-12-01"})
    with pytest.raises(ValueError, match="days written as 05.09.2022 have no order as text"):
        Expr("a < b").evaluate({"a": "05.09.2022", "b": "01.12.2022"})
    left, op, right = Expr("a * 2 >= b").sides or ()
    assert (left.text, op, right.names) == ("a * 2", ">=", ("b",)) and Expr("a < b < c").sides is None


def test_a_template_reads_columns_of_any_name() -> None:
    odd = Template("{{ row['Age (years)'] }} and {{ n }}{% if row['a.b'] %}!{% endif %}")
    assert odd.variables == ("Age (years)", "a.b", "n") and odd.render({"Age (years)": 7, "a.b": 1, "n": 2}) == "7 and 2!"
    own = Template("{{ row }} {{ row['x'] }}")  # then it is a column
    assert own.variables == ("row",) and own.render({"row": {"x": 1}}) == "{'x': 1} 1"
    with pytest.raises(ValueError, match=r"has blanks or signs is \{\{ row\['its name'\] \}\}"):
        Template("{{ Age (years) }} {{ Ward name }}")


def test_odd_names_stand_between_backticks() -> None:
    names = ("Age (years)", "weight.kg", "class", "max-temp", "n")
    rule = Expr("`Age (years)` >= 18 and `class` == '`n`'", names)
    assert rule.names == ("Age (years)", "class") and rule.evaluate({"Age (years)": 20, "class": "`n`"}) is True
    left, _, right = Expr("`weight.kg` / 2 == `class`", names).sides or ()
    assert (left.text, left.names, left.name, right.name) == ("`weight.kg` / 2", ("weight.kg",), "", "class")
    for text, hint in {
        "Age (years) > 1": "`Age (years)`",
        "weight.kg > 1": "`weight.kg`",
        "max-temp > 1": "`max-temp`",
        "class > 1": "`class`",
    }.items():
        with pytest.raises(ValueError, match=r"between backticks, such as " + re.escape(hint)):
            Expr(text, names)
    with pytest.raises(ValueError, match="uses 'none of them'"):
        Expr("`none of them` > 1", names)


@pytest.mark.parametrize(
    "text",
    ["kept ** 'x'", "kept.__class__", "print(1)", "kept and", "[1]", "'a' * 9", "kept > 100000000000000000000", "x" * 600, "(" * 200],
)
def test_expressions_refuse(text: str) -> None:
    with pytest.raises(ValueError):
        Expr(text, ("kept",))


def test_expressions_compute() -> None:
    assert (
        Expr("kept >= 200 or round == 5 and not failed > 3", ("kept", "round", "failed")).evaluate({"kept": 1, "round": 5, "failed": 0})
        is True
    )
    assert Expr("kept * 2 + 1", ("kept",)).evaluate({"kept": 4}) == 9


def test_near_means_jaccard_of_bigrams() -> None:
    assert fold("  A  b\tC ") == "a b c" and shingles("One two") == {"one", "two"} and shingles("a b c") == {"a b", "b c"}
    assert jaccard({"a", "b"}, {"b", "c"}) == pytest.approx(1 / 3)
    base = "one two three four five six seven eight nine ten eleven"
    found = near_copies([base + " twelve", base.replace("six", "x"), "other words here entirely"], [base])
    assert found[0] is not None and found[0][1] == pytest.approx(10 / 11) and found[1] is None and found[2] is None


@pytest.mark.parametrize(
    ("text", "said"), [("a:\n\t- b\n", "line 2, column 1: a tab; indent with blanks"), ("a: @b\n", "column 4: '@' cannot begin a value")]
)
def test_what_cannot_begin_a_value_is_named(text: str, said: str) -> None:
    """'found character that cannot start any token': which one, nobody saw, least of all a tab."""
    with pytest.raises(ValueError, match=re.escape(said)):
        load_yaml(text, "r.yaml")
