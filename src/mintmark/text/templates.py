"""Prompt templates: Jinja's immutable sandbox behind an allow list that is checked on the parsed tree, before anything is compiled.

Jinja folds constants while compiling, so `9**99999999` would already run there; and no sandbox stops a loop. Therefore a template may
only hold what its cost can be bounded for: text, columns, their fields and items, arithmetic without powers, if, at most two nested loops
over lists or short ranges, and the filters, tests and methods listed here. Values are data: they are never rendered again.

A column whose name has blanks or signs is row['Age (years)'].

    Template("Write about {{ topic }}.{% for e in examples %}\\n- {{ e.text }}{% endfor %}").render({"topic": "fees", "examples": [...]})
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

MOST_SOURCE, MOST_OUTPUT, MOST_RANGE, MOST_LOOPS, MOST_NESTED_ITEMS = 100_000, 2_000_000, 10_000, 2, 1_000
FILTERS = frozenset(
    (
        "abs capitalize count d default dictsort e escape first float int items join last length list lower map max min "
        "reject rejectattr replace reverse round select selectattr sort string sum title tojson trim truncate unique "
        "upper wordcount indent"
    ).split()
)
TESTS = frozenset(
    (
        "boolean defined divisibleby eq equalto even false float ge greaterthan gt in integer iterable le lessthan "
        "lower lt mapping ne none number odd sequence string true undefined upper"
    ).split()
)
METHODS = frozenset(
    ("capitalize count endswith get items keys lower split splitlines startswith strip lstrip rstrip title upper values").split()
)
_NODES = frozenset(
    (
        "Template Output TemplateData Name Const Getattr Getitem Slice For If CondExpr Filter Test Compare Operand And "
        "Or Not Neg Pos Add Sub Mul Div FloorDiv Mod Concat List Tuple Dict Pair Keyword Call"
    ).split()
)


@cache
def _environment() -> Any:
    import jinja2
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset(("*", "%", "+", "**"))

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            for side in (left, right):
                if not isinstance(side, (int, float, bool)) and not (operator == "+" and isinstance(side, (str, list, tuple))):
                    raise SecurityError(f"'{operator}' is for numbers here, found {type(side).__name__}")
                if isinstance(side, int) and abs(side) > 10**18:
                    raise SecurityError(f"a number of {len(str(side))} digits is too large")
            return super().call_binop(context, operator, left, right)

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, Mapping) and attribute in obj:
                return obj[attribute]
            return super().getattr(obj, attribute)

    environment = Environment(
        undefined=jinja2.StrictUndefined, autoescape=False, finalize=lambda v: "" if v is None else v, keep_trailing_newline=True
    )
    environment.globals = {"range": environment.globals["range"]}
    environment.filters["tojson"] = to_json
    return environment


_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def to_json(value: Any, indent: int | None = None) -> str:
    """JSON for a model to read: letters as they are (Jinja's own filter escapes for HTML: it's becomes it\\u0027s), on one line unless
    indented, with other line ends, control characters and lone surrogates escaped."""
    return _UNSEEN.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(value, ensure_ascii=False, sort_keys=True, indent=indent))


class Template:
    """ValueError at construction for what is refused (says the line and what to do), and at render for values that do not fit."""

    def __init__(self, source: str) -> None:
        import jinja2
        from jinja2 import meta

        if not isinstance(source, str):
            raise ValueError(f"found {type(source).__name__}, expected text")
        if len(source) > MOST_SOURCE:
            raise ValueError(f"the template has {len(source):,} characters, at most {MOST_SOURCE:,} are read")
        self.source = source
        environment = _environment()
        try:
            tree = environment.parse(source)
        except jinja2.TemplateSyntaxError as error:
            hint = "; a column whose name has blanks or signs is {{ row['its name'] }}" if "end of print" in str(error.message) else ""
            raise ValueError(f"line {error.lineno}: {error.message}{hint}") from error
        except (RecursionError, MemoryError) as error:
            raise ValueError("the template is nested too deeply") from error
        self._nested = _check(tree)
        names = meta.find_undeclared_variables(tree) - {"range"}
        self._items = _items_of_row(tree) if "row" in names else None
        self.variables: tuple[str, ...] = tuple(sorted(names if self._items is None else names - {"row"} | self._items))
        try:
            self._compiled = environment.from_string(source)
        except Exception as error:
            raise ValueError(f"the template cannot be compiled ({type(error).__name__}: {error})") from error
        self._plain = source if not self.variables and "{" not in source else None

    def render(self, values: Mapping[str, Any]) -> str:
        """The text for one row. ValueError names what was missing or unfit."""
        if self._plain is not None:
            return self._plain
        if self._nested:
            for name in self.variables:
                value: Any = values.get(name)
                if hasattr(value, "__len__") and len(value) > MOST_NESTED_ITEMS:
                    raise ValueError(f"'{name}' has {len(value):,} items, at most {MOST_NESTED_ITEMS} go through nested loops")
        try:
            text: str = self._compiled.render(values if self._items is None else {**values, "row": values})
        except Exception as error:
            raise ValueError(f"{type(error).__name__}: {error}"[:300]) from error
        if len(text) > MOST_OUTPUT:
            raise ValueError(f"the rendered text has {len(text):,} characters, at most {MOST_OUTPUT:,} are allowed")
        return text


def _items_of_row(tree: Any) -> set[str] | None:
    """The columns that are read as row['a name']; None where `row` is used otherwise, so is a column itself."""
    from jinja2 import nodes

    items = [n for n in tree.find_all(nodes.Getitem) if isinstance(n.node, nodes.Name) and n.node.name == "row"]
    named = {n.arg.value for n in items if isinstance(n.arg, nodes.Const) and isinstance(n.arg.value, str)}
    uses = sum(n.name == "row" for n in tree.find_all(nodes.Name))
    return named if uses == len(items) and len(named) == len({str(n.arg) for n in items}) else None


def _check(tree: Any) -> bool:
    """Refuses what is not on the lists; returns whether loops are nested."""
    from jinja2 import nodes

    nested = False

    def fail(node: Any, what: str) -> ValueError:
        return ValueError(f"line {node.lineno}: {what}")

    def visit(node: Any, depth: int, size: int) -> None:
        nonlocal nested
        kind = type(node).__name__
        if kind == "Pow":
            raise fail(node, "a power (**) is not allowed; compute it before, in a column")
        if kind not in _NODES:
            word = {"Assign": "set", "AssignBlock": "set", "CallBlock": "call", "FromImport": "import"}.get(kind, kind.lower())
            raise fail(node, f"'{word}' is not allowed; use columns, if, for and the usual filters")
        if kind in ("Getattr", "Name"):
            name = node.attr if kind == "Getattr" else node.name
            if name.startswith("_"):
                raise fail(node, f"'{name}' begins with an underscore, which is not allowed")
            if kind == "Name" and name in ("self", "caller", "varargs", "kwargs"):
                raise fail(node, f"'{name}' is Jinja's own and not allowed; call the column something else")
        if kind == "Getattr" and not isinstance(node, nodes.Call) and node.attr in ("format", "format_map", "mro"):
            raise fail(node, f"'.{node.attr}' is not allowed")
        if kind == "Getitem" and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str) and node.arg.value.startswith("_"):
            raise fail(node, f"'{node.arg.value}' begins with an underscore, which is not allowed")
        if kind in ("Mul", "Mod"):
            for side in (node.left, node.right):
                if isinstance(side, (nodes.TemplateData, nodes.List, nodes.Tuple, nodes.Concat)) or (
                    isinstance(side, nodes.Const) and isinstance(side.value, str)
                ):
                    raise fail(node, "repeating or formatting text with * or % is not allowed; write it out, or loop")
        if kind == "Const" and isinstance(node.value, int) and abs(node.value) > 10**18:
            raise fail(node, "a number of that size is not allowed")
        if kind == "Filter":
            _check_filter(node, fail)
        if kind == "Test" and node.name not in TESTS:
            raise fail(node, f"the test '{node.name}' is not allowed; known are {', '.join(sorted(TESTS))}")
        if kind == "Call":
            is_range = isinstance(node.node, nodes.Name) and node.node.name == "range"
            is_method = isinstance(node.node, nodes.Getattr) and node.node.attr in METHODS
            if not is_range and not is_method:
                called = getattr(node.node, "name", None) or getattr(node.node, "attr", "that")
                raise fail(node, f"calling '{called}' is not allowed; methods are {', '.join(sorted(METHODS))}, functions: range")
            if node.dyn_args is not None or node.dyn_kwargs is not None:
                raise fail(node, "* and ** in a call are not allowed")
            if is_range:
                size *= _range_size(node, fail)
        if kind == "For":
            if node.recursive:
                raise fail(node, "a recursive loop is not allowed")
            depth += 1
            nested = nested or depth > 1
            if depth > MOST_LOOPS:
                raise fail(node, f"loops are nested {depth} deep, at most {MOST_LOOPS} are allowed")
            if isinstance(node.iter, nodes.Call) and isinstance(node.iter.node, nodes.Name):
                size *= _range_size(node.iter, fail)
                if size > 10 * MOST_RANGE:
                    raise fail(node, f"these loops run {size:,} times, at most {10 * MOST_RANGE:,} are allowed")
        for child in node.iter_child_nodes():
            visit(child, depth, size)

    try:
        visit(tree, 0, 1)
    except RecursionError as error:
        raise ValueError("the template is nested too deeply") from error
    return nested


def _range_size(node: Any, fail: Any) -> int:
    from jinja2 import nodes

    numbers = []
    for arg in node.args:
        value = arg.node if isinstance(arg, nodes.Neg) else arg
        if not isinstance(value, nodes.Const) or not isinstance(value.value, int):
            raise fail(node, f"range() takes plain numbers here, up to {MOST_RANGE:,}; loop over a list column instead")
        numbers.append(-value.value if isinstance(arg, nodes.Neg) else value.value)
    try:
        size = len(range(*numbers))
    except (TypeError, ValueError, OverflowError) as error:
        raise fail(node, f"range(): {error}") from error
    if size > MOST_RANGE:
        raise fail(node, f"range() of {size:,} steps, at most {MOST_RANGE:,} are allowed")
    return max(size, 1)


def _check_filter(node: Any, fail: Any) -> None:
    from jinja2 import nodes

    if node.name not in FILTERS:
        raise fail(node, f"the filter '{node.name}' is not allowed; known are {', '.join(sorted(FILTERS))}")
    args = [*node.args, *(k.value for k in node.kwargs)]
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise fail(node, "* and ** in a filter are not allowed")
    strict = node.name in (
        "replace",
        "join",
        "indent",
        "map",
        "select",
        "reject",
        "selectattr",
        "rejectattr",
        "sort",
        "unique",
        "sum",
        "max",
        "min",
        "truncate",
    )
    for arg in args:
        if not strict:
            continue
        if not isinstance(arg, nodes.Const):
            raise fail(node, f"the filter '{node.name}' takes plain values here, no expressions")
        names = node.name not in ("replace", "join", "indent", "truncate")  # the others take names of attributes
        if isinstance(arg.value, str) and (len(arg.value) > 100 or (names and (arg.value.startswith("_") or "._" in arg.value))):
            raise fail(node, f"the filter '{node.name}' is not allowed with {arg.value[:30]!r}")
        if isinstance(arg.value, int) and abs(arg.value) > 100_000:
            raise fail(node, f"the filter '{node.name}' is not allowed with a number of that size")
    if node.name == "indent" and any(isinstance(a.value, int) and a.value > 100 for a in args):
        raise fail(node, "the filter 'indent' takes at most 100 spaces")
    if node.name in ("map", "select", "reject") and node.args and node.args[0].value not in FILTERS | TESTS:
        raise fail(node, f"{node.name}({node.args[0].value!r}) is not allowed")
    if node.name in ("map", "select", "reject") and node.args and node.args[0].value in ("replace", "join", "indent"):
        raise fail(node, f"{node.name}({node.args[0].value!r}) is not allowed")
