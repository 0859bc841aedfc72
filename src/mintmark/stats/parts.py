"""Cells that are no plain number, day or category, taken apart into some that are, and put together again in the form they came in.

    Moments  2024-05-17T08:30, 17.05.2024, 08:30, datetime and time objects -> a day and the time of day (whole steps: 900 s where all are quarters)
             and, where they differ, the offset from UTC, as a category
    Mixed    12, 'unknown', 7, '<5'; 12,50; 1.234,5; $1,200.00; 85 % -> a number, and a category of the words that stand in its place
    Padded   '01099', '80331' -> a number, written with the zeros that it had

Times are what the clock showed. Not covered: dates without a year, ambiguous dates within one column (day first where every cell allows it); numbers
with units of several kinds in one column (5 kg, 300 g).
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

NUMBER = "\0number"
FORMATS = ("%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y")
CLOCKS = ("%H:%M", "%H:%M:%S")
_LIKE = re.compile(r"\d{1,4}[-/.:]\d{1,2}([-/.:]\d{1,4})?\b")
_OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)\Z")
_NUMERAL = re.compile(
    r"(?P<sign>-?)(?P<before>(?:[€$£¥₹]\s?)?)(?P<digits>(?P<whole>\d{1,3}(?:(?P<group>[.,'\u2019 \u00a0\u202f])\d{3})(?:(?P=group)\d{3}){0,4}|\d{1,15})"
    r"(?:(?P<mark>[.,])\d{1,9})?)(?P<after>(?:\s?(?:[€$£¥₹%]|EUR|USD|GBP|CHF))?)\Z",
    re.ASCII,
)
_MOMENTS = (datetime.date, datetime.time)


class Part(Protocol):
    def apart(self, cells: Sequence[Any]) -> dict[str, list[Any]]: ...
    def join(self, parts: Mapping[str, Sequence[Any]]) -> list[Any]: ...


@dataclass(frozen=True)
class Plain:
    name: str

    def apart(self, cells: Sequence[Any]) -> dict[str, list[Any]]:
        return {self.name: list(cells)}

    def join(self, parts: Mapping[str, Sequence[Any]]) -> list[Any]:
        return list(parts[self.name])


@dataclass(frozen=True)
class Moments:
    """form: date, datetime, time (objects), iso, or a strptime format. unit: seconds between the times of day; 0 = days alone."""

    name: str
    form: str
    days: bool = True
    unit: float = 0.0
    sep: str = "T"
    suffix: str = ""
    spec: str = "seconds"
    zone: Any = None
    zones: bool = False  # cells have different suffixes

    @property
    def _time(self) -> str:
        return f"{self.name}\0time" if self.days else self.name

    def apart(self, cells: Sequence[Any]) -> dict[str, list[Any]]:
        read = [_read(c, self.form) for c in cells]
        out: dict[str, list[Any]] = {}
        if self.days:
            out[self.name] = [None if m is None else m.date() for m in read]
        if self.unit:
            out[self._time] = [None if m is None else round(_seconds(m) / self.unit) for m in read]
        if self.zones:
            out[f"{self.name}\0zone"] = [None if m is None else _offset(c) for c, m in zip(cells, read, strict=True)]
        return out

    def join(self, parts: Mapping[str, Sequence[Any]]) -> list[Any]:
        n = len(next(iter(parts.values())))
        days = parts[self.name] if self.days else [datetime.date(1970, 1, 1)] * n
        steps = parts[self._time] if self.unit else [0] * n
        zones = parts[f"{self.name}\0zone"] if self.zones else [self.suffix] * n
        last = round(86_400 / self.unit) - 1 if self.unit else 0
        return [
            None if None in (d, s, z) else self._write(d, min(max(0, s), last) * self.unit, z)
            for d, s, z in zip(days, steps, zones, strict=True)
        ]

    def objects(self, cells: Sequence[Any], times: bool) -> list[Any]:
        """Dates, or with `times` moments, which compare as days do where their text does not: 05.09.2022 < 01.12.2022."""
        return [m if m is None or times else m.date() for m in (_read(c, self.form) for c in cells)]

    def written(self, objects: Sequence[Any]) -> list[Any]:
        return self.join(replace(self, form="datetime").apart(objects))

    def _write(self, day: datetime.date, seconds: float, zone: str) -> Any:
        moment = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(seconds=seconds)
        if self.form == "date":
            return day
        if self.form == "datetime":
            return moment.replace(tzinfo=self.zone)
        if self.form == "time":
            return moment.time()
        if self.form == "iso":
            return moment.isoformat(self.sep, self.spec) + zone if self.unit else day.isoformat()
        return moment.strftime(self.form)


@dataclass(frozen=True)
class Numeral:
    """How a column's texts write numbers: a mark before the decimals, one between thousands, a sign of what they count before or after. decimals: None = as many as it takes."""

    mark: str = "."
    group: str = ""
    before: str = ""
    after: str = ""
    decimals: int | None = None

    @classmethod
    def of(cls, cells: Sequence[str]) -> Numeral | None:
        """That of the cells that are numbers; None where they have nothing beside digits, are of several kinds, or codes (00123)."""
        found = [m for c in cells if (m := _NUMERAL.match(c))]
        marks, groups = {m["mark"] for m in found} - {None}, {m["group"] for m in found} - {None}
        if groups <= {",", "."} and (groups & marks or any(m["whole"].startswith("0") for m in found if m["group"])):
            marks, groups = marks | groups, set()  # 0,125: what looked like a thousand was none
        written = {(m["before"], m["after"]) for m in found}
        if len(written) != 1 or not (marks or groups or any(*written)) or len(groups) > 1 or (len(marks) > 1 and groups):
            return None
        before, after = written.pop()
        mark = (
            Counter(c for m in found for c in m["digits"] if c in marks).most_common(1)[0][0] if marks else "," if groups == {"."} else "."
        )
        read = [m["digits"] for m in found]
        if any(len(r) > 1 and r[0] == "0" and r[1].isdigit() for r in read):
            return None
        if groups and not marks and groups != {","} and not before + after and len({len(r) for r in read}) == 1:
            return None  # 555 123 456 is no amount
        places = {max((len(r) - 1 - r.rfind(x) for x in marks if x in r), default=0) for r in read}
        return cls(mark, next(iter(groups), ""), before, after, places.pop() if len(places) == 1 else None)

    def read(self, cell: str) -> int | float | None:
        found = _NUMERAL.match(cell)
        if not found or (found["before"], found["after"]) != (self.before, self.after):
            return None
        digits = found["digits"].replace(self.group, "") if self.group else found["digits"]
        value = float(found["sign"] + digits.replace(",", "."))
        return int(value) if self.decimals == 0 and value.is_integer() else value

    def write(self, value: float) -> str:
        places = self.decimals
        if places is None:
            places = 0 if float(value).is_integer() else len(f"{value:.9f}".rstrip("0").partition(".")[2])
        text = f"{abs(value):,.{places}f}".translate({ord(","): self.group, ord("."): self.mark})
        return f"{'-' if value < 0 and any(c in '123456789' for c in text) else ''}{self.before}{text}{self.after}"


def numbers_in(columns: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """One column of several tables, with numbers in the place of texts where all of them write numbers in one form (12,50; $1,200.00; 85 %); else as it is."""
    texts = [[c for c in cells if isinstance(c, str)] for cells in columns]
    if not any(texts) or not all(_NUMERAL.match(c) for found in texts for c in found[:20]):  # most columns end here
        return list(columns)
    forms = [Numeral.of(found) for found in texts if found]
    written = {(f.mark, f.before, f.after) for f in forms if f}
    if None in forms or len(written) > 1 or len({f.group for f in forms if f and f.group}) > 1:
        return list(columns)
    form = max((f for f in forms if f), key=lambda f: f.group)
    read = [[form.read(c) if isinstance(c, str) else c for c in cells] for cells in columns]
    return list(columns) if any(v is None and c is not None for a, b in zip(columns, read) for c, v in zip(a, b)) else list(read)


@dataclass(frozen=True)
class Mixed:
    """strings: numbers are written as text, as `form` says where it is given. words: there are some."""

    name: str
    strings: bool
    form: Numeral | None = None
    words: bool = True

    def apart(self, cells: Sequence[Any]) -> dict[str, list[Any]]:
        numbers = self.objects(cells, False) if self.form else list(cells)
        numbers = [number_of(c) for c in numbers]
        words = [NUMBER if v is not None else None if c is None else c for c, v in zip(cells, numbers, strict=True)]
        return {f"{self.name}\0word": words, self.name: numbers} if self.words else {self.name: numbers}

    def join(self, parts: Mapping[str, Sequence[Any]]) -> list[Any]:
        numbers = self.written(parts[self.name])
        return [v if w == NUMBER else w for w, v in zip(parts[f"{self.name}\0word"], numbers, strict=True)] if self.words else numbers

    def objects(self, cells: Sequence[Any], times: bool) -> list[Any]:
        """Numbers in the place of their texts, with which one can reckon."""
        read = [self.form.read(c) if self.form and isinstance(c, str) else None for c in cells]
        return [c if v is None else v for c, v in zip(cells, read, strict=True)]

    def written(self, objects: Sequence[Any]) -> list[Any]:
        write = self.form.write if self.form else str if self.strings else None
        return [write(v) if write and isinstance(v, (int, float)) else v for v in objects]


@dataclass(frozen=True)
class Padded:
    """Digits of one width, some with zeros in front: to see them as numbers among words loses every postcode of a region."""

    name: str
    width: int

    def apart(self, cells: Sequence[Any]) -> dict[str, list[Any]]:
        return {self.name: [None if c is None else int(c) for c in cells]}

    def join(self, parts: Mapping[str, Sequence[Any]]) -> list[Any]:
        return [None if v is None else str(v).zfill(self.width) for v in parts[self.name]]


def part_of(name: str, cells: Sequence[Any]) -> Part:
    """How this column is taken apart."""
    found = [c for c in cells if c is not None]
    some = found[:: max(1, len(found) // 200)]
    if found and all(isinstance(c, _MOMENTS) for c in some):
        return _moments(name, found, _object_form(found))
    if found and all(isinstance(c, str) and _LIKE.match(c) for c in some):
        for form in ("iso", *FORMATS, *(f"{f} {c}" for f in FORMATS for c in CLOCKS), *CLOCKS):
            if all(_read(c, form) is not None for c in some) and all(_read(c, form) is not None for c in found):
                return _moments(name, found, form)
    if found and all(isinstance(c, str) for c in found) and any(_NUMERAL.match(c) for c in some):
        numeral = Numeral.of(found)
        other = [c for c in found if numeral is None or numeral.read(c) is None]
        lists = any(set(w) <= set("0123456789.,; ") for w in {*other})  # 1,2,3 among 1,2: answers, not numbers
        if numeral is not None and not lists and 2 * len(other) <= len(found) and len({*other}) <= 50:
            return Mixed(name, True, numeral, bool(other))
    kinds = {type(c) for c in some}
    if len(kinds) > 1 or kinds == {str}:
        numbers = sum(number_of(c) is not None for c in found)
        words = {c for c in found if isinstance(c, str) and number_of(c) is None}
        if 0.5 * len(found) <= numbers < len(found) and kinds == {str} and len({len(c) for c in found}) == 1:
            if all(c.isascii() and c.isdecimal() for c in found):
                return Plain(name) if len(set(found)) == len(found) else Padded(name, len(found[0]))  # all different: an identifier
        codes = any(w[:1] == "0" and w.isdecimal() for w in words)  # 01234 among them: postcodes, not numbers
        if (
            not codes
            and 0.5 * len(found) <= numbers < len(found)
            and 1 <= len(words) <= 50
            and all(isinstance(c, (int, float, str)) for c in found)
        ):
            return Mixed(name, strings=all(isinstance(c, str) for c in found))
    return Plain(name)


def number_of(cell: Any) -> int | float | None:
    """The number that a cell is, or that its text is the shortest form of."""
    if isinstance(cell, str):
        try:
            value: int | float = int(cell) if cell.lstrip("-").isdecimal() else float(cell)
        except ValueError:
            return None
        return (
            value
            if str(value) == cell or (isinstance(value, float) and value == value and abs(value) < 1e300 and "_" not in cell)
            else None
        )
    return cell if isinstance(cell, (int, float)) and not isinstance(cell, bool) else None


def _object_form(found: Sequence[Any]) -> str:
    if all(isinstance(c, datetime.time) for c in found):
        return "time"
    return "datetime" if any(isinstance(c, datetime.datetime) for c in found) else "date"


def _moments(name: str, found: Sequence[Any], form: str) -> Moments:
    read = [m for c in found if (m := _read(c, form)) is not None]
    days = form != "time" and form not in CLOCKS
    unit = step_of([_seconds(m) for m in read]) if form not in ("date", *FORMATS) else 0.0
    if form != "iso":
        zone = next((c.tzinfo for c in found if isinstance(c, datetime.datetime)), None)
        return Moments(name, form, days, unit, zone=zone)
    first = next((c for c in found if len(c) > 10), "")
    if not first:
        return Moments(name, form)
    offsets = Counter(map(_offset, found))
    spec = (
        "microseconds"
        if unit < 0.001
        else "milliseconds"
        if unit < 1
        else "seconds"
        if first.count(":") - first[19:].count(":") >= 2
        else "minutes"
    )
    return Moments(name, form, days, unit or 86_400.0, first[10], offsets.most_common(1)[0][0], spec, zones=len(offsets) > 1)


def step_of(seconds: Sequence[float]) -> float:
    """The largest of the usual steps that all of them are multiples of; 0 where all are 0."""
    import numpy as np

    micro = np.unique(np.round(np.asarray(seconds) * 1e6).astype(np.int64))
    if not micro.any():
        return 0.0
    for step in (3600, 1800, 900, 300, 60, 1, 0.001):
        if not (micro % round(step * 1e6)).any():
            return float(step)
    return 1e-6


def _seconds(m: datetime.datetime) -> float:
    return m.hour * 3600 + m.minute * 60 + m.second + m.microsecond / 1e6


def _offset(cell: str) -> str:
    return found.group() if (found := _OFFSET.search(cell[10:])) else ""


def _read(cell: Any, form: str) -> datetime.datetime | None:
    if isinstance(cell, datetime.datetime):
        return cell
    if isinstance(cell, datetime.date):
        return datetime.datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, datetime.time):
        return datetime.datetime.combine(datetime.date(1970, 1, 1), cell)
    if not isinstance(cell, str):
        return None
    try:
        if form == "iso":
            return datetime.datetime.fromisoformat(cell) if len(cell) >= 10 and cell[4:5] == "-" == cell[7:8] else None
        return datetime.datetime.strptime(cell, form)
    except ValueError:
        return None
