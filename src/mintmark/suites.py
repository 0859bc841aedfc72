"""The data of `mintmark bench`: small fixed tables, each cut into three equal parts once and for all.

    train    what a generator sees                fresh    as many real rows that no generator sees: the ceiling
    holdout  what every line is measured against

tables: breast_cancer, wine, iris (classes) and diabetes (a number), as scikit-learn ships them; adult where its folder is given.
text:   library, 150 messages to a library's help desk, written for this project; helpdesk, 600 messages put together from the patterns below, so
        easier to imitate than what people write, and said so in the results; banking77 where its folder is given.

VERSION goes up whenever rows, splits, learners or metrics change: lines of two versions do not compare, nor do lines whose hashes differ.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from .core.errors import InputError, nearest

VERSION = 1
Columns = dict[str, list[Any]]

_PATTERNS = {
    "delivery": ("where is my {item}, it should have come {when}", "the {item} i ordered {when} is still not here", "tracking for the {item} stopped {when}",
                 "{hello} can you tell me when the {item} comes", "driver left the {item} {place}, please send it again"),
    "refund": ("i sent the {item} back {when} and have no money yet", "please refund the {item}, {why}", "how long does a refund for a {item} take",
               "{hello} i was promised my money for the {item} {when}", "want my money back for the {item} because {why}"),
    "fault": ("the {item} does not switch on since {when}", "my {item} broke, {why}", "{hello} the {item} makes a strange noise",
              "there is a crack in the {item} that came {when}", "the {item} stopped working {when}, what now"),
    "account": ("i cannot log in since {when}", "please change the address on my account to {place}", "{hello} my password mail never comes",
                "how do i close my account", "someone ordered a {item} with my account {when}"),
    "invoice": ("i need an invoice for the {item} from {when}", "the invoice for the {item} shows the wrong address", "{hello} please send the bill for my {item} again",
                "why was i billed twice {when}", "my accountant asks for a receipt of the {item}"),
    "stock": ("will you have the {item} again", "is the {item} in your shop {place}", "{hello} do you still sell the {item} in blue",
              "the {item} has been sold out since {when}", "can i reserve a {item} {place}"),
}  # fmt: skip
_SLOTS = {
    "item": ("kettle", "desk lamp", "rucksack", "phone case", "garden chair", "bread knife", "tent", "radio", "bike light", "blanket", "toaster", "printer"),
    "when": ("yesterday", "on monday", "last week", "two weeks ago", "this morning", "before the holidays", "on the 3rd", "in march"),
    "place": ("at the station", "in leeds", "behind the gate", "with a neighbour", "on the high street", "at the back door"),
    "why": ("it is far too small", "it came scratched", "i ordered the wrong one", "it smells of glue", "two parts are missing"),
    "hello": ("hello,", "hi there", "good morning,", "sorry to bother you,", "dear team,"),
    "tail": ("", "", " thanks", " please help", ". order {n}", " asap", " - {name}"),
    "name": ("Ida", "Tom", "Mrs Vale", "J. Okoro", "Lin"),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One table of a suite: the column to predict, the column of texts, the three parts."""

    name: str
    target: str
    train: Columns
    fresh: Columns
    holdout: Columns
    text: str | None = None
    note: str = ""

    def __len__(self) -> int:
        return len(self.train[self.target])


def cases(suite: str, only: Sequence[str] = (), data: Mapping[str, Path] | None = None) -> list[Case]:
    """The cases of a suite; only: some of them by name; data: folders of the two that do not come with us (adult, banking77)."""
    if suite not in SUITES:
        raise InputError(f"bench: there is no suite '{suite}'.{nearest(suite, SUITES)}")
    makers, outside = SUITES[suite]
    for name in data or ():
        if name not in outside:
            raise InputError(f"bench: --data {name}=...: the suite {suite} takes {', '.join(outside)}.{nearest(name, outside)}")
    named = [n for n in (*makers, *outside) if n in makers or n in (data or {})]
    for name in only:
        if name not in named:
            hint = f" It does not come with Mintmark: give --data {name}=DIR." if name in outside else nearest(name, named)
            raise InputError(f"bench: the suite {suite} has no '{name}'.{hint}")
    chosen = [n for n in named if not only or n in only]
    return [makers[n](n) if n in makers else outside[n](n, (data or {})[n]) for n in chosen]


def _cut(name: str, columns: Columns, target: str, text: str | None = None, note: str = "", most: int = 10**9) -> Case:
    order = list(range(len(columns[target])))
    random.Random(0).shuffle(order)
    third = min(most, len(order)) // 3
    train, fresh, holdout = ({c: [v[i] for i in order[k * third : (k + 1) * third]] for c, v in columns.items()} for k in range(3))
    return Case(name, target, train, fresh, holdout, text, note)


def _sklearn(name: str) -> Case:
    from sklearn import datasets

    more = {"scaled": False} if name == "diabetes" else {}
    found = getattr(datasets, f"load_{name}")(**more)
    columns: Columns = {str(n).replace(" ", "_"): found.data[:, j].tolist() for j, n in enumerate(found.feature_names)}
    names = getattr(found, "target_names", None)
    columns["target"] = [float(t) if names is None else str(names[int(t)]) for t in found.target]
    return _cut(name, columns, "target")


def _library(name: str) -> Case:
    from .stores.tables import read_table

    columns: Columns = {"text": [], "intent": []}
    for part in ("messages_train.csv", "messages_test.csv"):
        with resources.as_file(resources.files("mintmark.recipes") / "data" / "classification" / part) as path:
            table = read_table(name, path)
            for c in columns:
                columns[c] += table.column(c)
    return _cut(name, columns, "intent", "text", "written for this project, not by library members")


def _helpdesk(name: str) -> Case:
    rng = random.Random(0)
    labels = [label for label in _PATTERNS for _ in range(100)]

    def fill(pattern: str) -> str:
        return pattern.format(
            **{slot: rng.choice(words) for slot, words in _SLOTS.items() if slot != "tail"}, n=rng.randint(10_000, 99_999)
        )

    texts = [fill(rng.choice(_PATTERNS[label]) + rng.choice(_SLOTS["tail"])) for label in labels]
    return _cut(name, {"text": texts, "topic": labels}, "topic", "text", "put together from 30 patterns: easier than what people write")


def _adult(name: str, folder: Path) -> Case:
    return _cut(name, _file(name, folder / "adults_train.csv"), "income", most=9_000)


def _banking(name: str, folder: Path) -> Case:
    return _cut(name, _file(name, folder / "train.csv"), "category", "text", most=2_310)


def _file(name: str, path: Path) -> Columns:
    from .stores.tables import read_table

    table = read_table(name, path)
    return {c: table.column(c) for c in table.columns}


SUITES: dict[str, tuple[dict[str, Callable[[str], Case]], dict[str, Callable[[str, Path], Case]]]] = {
    "tables": (dict.fromkeys(("breast_cancer", "wine", "iris", "diabetes"), _sklearn), {"adult": _adult}),
    "text": ({"library": _library, "helpdesk": _helpdesk}, {"banking77": _banking}),
}

__all__ = ["SUITES", "VERSION", "Case", "Columns", "cases"]
