"""The tables that a recipe names: opened, what may be released of the private ones, and a holdout where there is none."""

from __future__ import annotations

import math
import os
import unicodedata
from collections.abc import Mapping
from typing import Any

from .core.errors import RecipeError, nearest
from .core.ports import Allowance, Table
from .core.recipe import Recipe
from .reading import several_paths
from .stats.one_cell import contents, plain
from .text.looks import as_seen

HELD_OUT_SHARE = 0.2


def open_tables(recipe: Recipe) -> tuple[dict[str, Table], str]:
    """The named tables; where there is a target and a table 'real' but no 'holdout', 20 % of real is set aside before any step."""
    from .stores.corpus import Corpus
    from .stores.tables import read_table, set_aside

    tables: dict[str, Any] = {}
    for name, given in recipe.tables.items():
        if not isinstance(name, str) or not name.isidentifier():
            raise RecipeError(f"tables: '{name}' is no usable name; use letters, digits and _")
        private, corpus, budget = False, False, None
        if isinstance(given, Mapping) and ("path" in given or "private" in given or "corpus" in given):
            extra = set(given) - {"path", "private", "corpus", "budget"}
            if extra or "path" not in given:
                raise RecipeError(
                    f"tables: {name}: expected {{path: FILE, private: true, budget: {{...}}}} or {{path: FILE, corpus: true}}, found {sorted(given)}"
                )
            for key in ("private", "corpus"):
                if not isinstance(given.get(key, False), bool):
                    raise RecipeError(f"tables: {name}: {key} is {given[key]!r}, expected true or false")
            private, corpus, budget = given.get("private", False) or "budget" in given, given.get("corpus", False), given.get("budget")
            given = given["path"]
            if corpus and (private or not isinstance(given, (str, os.PathLike))):
                raise RecipeError(
                    f"tables: {name}: a corpus is one public file or folder, of text that is searched and never read by a step"
                )
        if isinstance(given, Table):
            tables[name] = given
            continue
        if isinstance(given, (str, os.PathLike)) and not str(given).startswith("hf://"):
            given = os.path.join(recipe.base, os.fspath(given))
        elif several_paths(given):
            given = [os.path.join(recipe.base, os.fspath(g)) for g in given]
        tables[name] = Corpus(name, given) if corpus else read_table(name, given, private=private)
        if budget is not None:
            tables[name].allowance = _allowance(name, tables[name], budget)
    note = ""
    if "real" in tables and "holdout" not in tables and recipe.target is not None:
        real = tables["real"]
        stratify = recipe.target if recipe.target in real.columns else None
        tables["real"], tables["holdout"] = set_aside(real, HELD_OUT_SHARE, stratify, recipe.seed)
        how = f", stratified by {stratify}" if stratify else ""
        told = f"{len(tables['holdout'])} of the {len(real)} rows of 'real' ({HELD_OUT_SHARE:.0%}) were set aside{how}"
        if real.allowance is not None:  # the data card, too, prints this: no count
            told = f"about {HELD_OUT_SHARE:.0%} of 'real' was set aside, each row by its own content"
        note = f"no holdout was given: {told}, before any step read them"
    return tables, note


def _allowance(name: str, table: Table, budget: Any) -> Allowance:
    """budget: {epsilon, delta, person: COLUMN} of a table; one with a budget is private."""
    where, known = f"tables: {name}: budget", ("epsilon", "delta", "person")
    if not isinstance(budget, Mapping) or not {"epsilon", "delta"} <= set(budget) <= set(known):
        raise RecipeError(
            f"{where}: expected {{epsilon: 1, delta: 1e-6}}, and person: COLUMN where a person may have several rows; found {budget!r}"
        )
    for key in ("epsilon", "delta"):
        if isinstance(budget[key], bool) or not isinstance(budget[key], (int, float)):
            raise RecipeError(f"{where}: {key} is {budget[key]!r}, expected a number")
    person = budget.get("person")
    if person is not None and person not in table.columns:
        raise RecipeError(f"{where}: person: the table has no column '{person}'.{nearest(str(person), table.columns)}")
    who = [plain(p) for p in table.column(person)] if person is not None else []
    if None in who:
        raise RecipeError(
            f"{where}: person: {who.count(None):,} rows of '{person}' have no value: whose they are is not known, so nobody's rows can be told to count as "
            "one. Fill them in, or leave these rows out"
        )
    twice = len(set(who)) - len({_spelled(p) for p in who if p is not None})
    if twice:
        raise RecipeError(
            f"{where}: person: {twice:,} values of '{person}' differ from another only in case, blanks or how letters are encoded: somebody under two spellings "
            "would be protected as two. Write each person in one way; people who do differ by that alone need a number of their own"
        )
    people = len(set(who)) if person is not None else len(table)
    epsilon, delta = float(budget["epsilon"]), float(budget["delta"])
    if not 0 < epsilon < math.inf:
        raise RecipeError(f"{where}: epsilon is {epsilon:g}, expected more than 0: at 0 nothing may be learned from the rows")
    if not 0 < delta < 1 / people:
        raise RecipeError(
            f"{where}: delta is {delta:g}, expected more than 0 and less than 1 / {people:,} ({'people' if person else 'rows'}): "
            "at 1/n the guarantee allows that somebody's row is published whole"
        )
    data = contents(table.column(c) for c in table.columns)
    return Allowance(name, data, epsilon, delta, people, person, table.digest)


def _spelled(person: str) -> str:
    """A person's value as people tell values apart, who do not see a blank at its end."""
    return " ".join(as_seen(unicodedata.normalize("NFKC", person))[0].split()).casefold()
