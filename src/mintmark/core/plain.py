"""Plain values as JSON that keeps their types, and whether two are the same. What crosses into a box and out of it is this and nothing else.

    pack((1, {"a": 2.0}))  ->  ["t", 1, ["d", ["a", 2.0]]]

None, bool, int, float, str stand for themselves (long integers and infinities are tagged); l t s f d b are list, tuple, set, frozenset,
dict, bytes; v is a value of the standard library's by the parts that make it (complex, Decimal, date ...); u is NaN, which is the same as itself here, or
a value that only another language has (Other). What is made of one of these counts as what it holds, whatever it says of itself: a Counter is a dict, an
IntEnum an int. Anything else is no plain value. Comparing never hashes what it is given and calls no method of it, so a value out of a box can neither fake
equality nor make the judge slow with colliding hashes. `pack` and `unpack` run in the box too, as text, and so import nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own would cost every box more than all the rest of its start
if TYPE_CHECKING:
    from typing import Any

MOST_DEPTH = 60
_TAGS: dict[type, str] = {list: "l", tuple: "t", set: "s", frozenset: "f"}
_PLAIN = (bool, int, float, str, bytes, dict, *_TAGS)
_VALUES = {  # name: its module, and the attributes that make it anew; none where its text does
    "complex": ("builtins", "real imag"),
    "range": ("builtins", "start stop step"),
    "Decimal": ("decimal", ""),
    "Fraction": ("fractions", "numerator denominator"),
    "date": ("datetime", "year month day"),
    "time": ("datetime", "hour minute second microsecond"),
    "datetime": ("datetime", "year month day hour minute second microsecond"),
    "timedelta": ("datetime", "days seconds microseconds"),
}


class Other:
    """A value that Python has none for, by its name in the language that has it: undefined, NaN, 3n."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Other) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return self.name


def pack(value: Any, depth: int = 0, other: Any = None) -> Any:
    """other: makes of what is not plain what stands for it; without it that is a ValueError."""
    kind: Any = type(value)
    if depth > MOST_DEPTH:
        raise ValueError(f"nested deeper than {MOST_DEPTH}")
    if value is None or kind is bool or kind is str:
        return value
    if other and hasattr(kind, "_fields") and issubclass(kind, tuple):  # its fields have names there too
        return other(value)
    if kind not in _PLAIN and (base := next((b for b in kind.__mro__ if b in _PLAIN), None)):
        kind = base
        if kind in (int, float, str, bytes):
            value = kind.__pos__(value) if kind in (int, float) else kind.__getitem__(value, slice(None))
    if kind is str:
        return value
    if kind is int:
        return value if -(1 << 63) <= value < 1 << 63 else ["i", hex(value)]
    if kind is float:
        if value != value:
            return ["u", "NaN"]
        return ["x", repr(value)] if value in (float("inf"), float("-inf")) else value
    if kind is bytes:
        return ["b", value.hex()]
    if kind is Other:
        return ["u", value.name]
    if kind is dict:
        return ["d", *([pack(k, depth + 1, other), pack(v, depth + 1, other)] for k, v in dict.items(value))]
    if kind in _TAGS:
        return [_TAGS[kind], *(pack(v, depth + 1, other) for v in kind.__iter__(value))]
    module, parts = _VALUES.get(kind.__name__, ("", ""))
    if module and kind.__module__ == module and getattr(value, "tzinfo", None) is None:
        return ["v", kind.__name__, *(pack(p) for p in ([getattr(value, p) for p in parts.split()] or [str(value)]))]
    if other:
        return other(value)
    raise ValueError(f"{kind.__name__} is no plain value")


def unpack(packed: Any, other: Any = None) -> Any:
    """The value of `pack`; only for what this side packed itself: it hashes."""
    if type(packed) is not list:
        return packed
    tag, *rest = packed
    if tag == "i":
        return int(rest[0], 16)
    if tag == "x":
        return {"inf": float("inf"), "-inf": float("-inf")}[rest[0]]
    if tag == "b":
        return bytes.fromhex(rest[0])
    if tag == "u":
        return Other(rest[0]) if rest[0] != "NaN" else float("nan")
    if tag == "v":
        return getattr(__import__(_VALUES[rest[0]][0]), rest[0])(*map(unpack, rest[1:]))
    if tag == "d":
        return {unpack(k, other): unpack(v, other) for k, v in rest}
    if other and tag == "o":
        return other(*rest)
    return {"l": list, "t": tuple, "s": set, "f": frozenset}[tag](unpack(r, other) for r in rest)


def canonical(packed: Any, exact: bool = True) -> str:
    """One text for equal values, ValueError for what `pack` never makes: sets and dicts sorted, -0.0 as 0.0.
    exact=False: numbers as Python's == sees them, 1 == 1.0 == True."""
    from json import dumps

    if type(packed) is list:
        tag, *rest = packed
        if tag in ("i", "x", "b", "u") and len(rest) == 1 and type(rest[0]) is str:
            return dumps(packed)
        if tag == "d":
            pairs = sorted(f"[{canonical(p[0], exact)},{canonical(p[1], exact)}]" for p in rest)
            return f'["d",{",".join(pairs)}]'
        if tag in ("l", "t", "s", "f", "v"):
            parts = [canonical(p, exact) for p in rest]
            return f'["{"s" if tag == "f" and not exact else tag}",{",".join(sorted(parts) if tag in "sf" else parts)}]'
    elif type(packed) in (int, float, bool) and (not exact or type(packed) is float):
        return dumps(int(packed) if not exact and packed == int(packed) else packed + 0.0, allow_nan=False)
    elif packed is None or type(packed) in (str, int, bool):
        return dumps(packed)
    raise ValueError("no packed value")


def same(expected: Any, found: Any, exact: bool = True, tolerance: float = 0.0) -> bool:
    """Of two packed values. tolerance: the most that two numbers may differ, also inside lists, tuples and the values of dicts."""
    try:
        return _same(expected, found, exact, tolerance)
    except (ValueError, TypeError, IndexError, OverflowError, RecursionError):  # a found value that is none
        return False


def _same(expected: Any, found: Any, exact: bool, tolerance: float) -> bool:
    if tolerance and all(type(v) in (int, float) for v in (expected, found)):
        return bool(abs(expected - found) <= tolerance)
    if tolerance and type(expected) is list and type(found) is list and expected[0] in ("l", "t", "d"):
        ours, theirs = expected[1:], found[1:]
        if expected[0] != found[0] or len(ours) != len(theirs):
            return False
        if expected[0] == "d":
            ours, theirs = (sorted(((canonical(k, exact), v) for k, v in side), key=lambda p: p[0]) for side in (ours, theirs))
            return all(a[0] == b[0] and _same(a[1], b[1], exact, tolerance) for a, b in zip(ours, theirs))
        return all(_same(a, b, exact, tolerance) for a, b in zip(ours, theirs))
    return canonical(expected, exact) == canonical(found, exact)
