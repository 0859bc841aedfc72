"""Export of code episodes for reinforcement learning: dialogues with public tests, judged by private ones, as `repair` writes them (with keep: all).

    rl   {id, messages, rewards, reward, turns, public, private, public_tests, private_tests, split}                  one line a row

messages: the whole dialogue, whose assistant messages are the policy's. rewards: one for each of them: the last gets +1 where its program passes the public and
the private tests, else -1; `penalty` (0.2) is taken off for each answer without valid code, which is no program, or one that is no Python. reward: their sum,
the episode's. turns: how many answers. public, private: what the last program came to there, as `execute` says it. The first answer may be another
step's (`write`); it is fenced here, as the policy's would be. Feedback in messages is that of public tests alone (docs/sandbox.md).
split: as in the rows, where they have one. Columns: messages, turns, verdict; public_tests (or public, shown), hidden_tests (or hidden, private_tests,
private, tests), which may be mapped.
Source: RLEF (Gehring et al. 2024, 2410.02089), section 2; the KL term belongs to the trainer. The rewards are of rows that were kept: with keep: passed all are +1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from ..text.code import parsed
from ..text.jsontext import dumps
from .atomic import atomic_write

Rows = Callable[[], Iterator[dict[str, Any]]]
PENALTY = 0.2
_NAMES = {
    "messages": ("messages",),
    "turns": ("turns",),
    "verdict": ("verdict",),
    "public_tests": ("public_tests", "public", "shown"),
    "private_tests": ("hidden_tests", "hidden", "private_tests", "private", "tests"),
}


def write_episodes(rows: Rows, target: Path, first: Mapping[str, Any], mapping: Mapping[str, str], penalty: float = PENALTY) -> Path:
    if not 0 <= penalty < float("inf"):
        raise InputError(f"export: the penalty is {penalty:g}, expected 0 or more; it is taken off")
    at = {field: mapping.get(field) or next((c for c in names if c in first), "") for field, names in _NAMES.items()}
    for field in mapping:
        if field not in _NAMES:
            raise InputError(f"export: --map {field}=...: rl has no field '{field}'; what may be mapped is {', '.join(_NAMES)}")
    for field in (*mapping, *_NAMES):
        if at.get(field, "") not in first:
            listed = ", ".join(c for c in first if c != "id")
            raise InputError(
                f"export: rl needs a column for '{field}', as `repair` writes them; found {listed}. Name it: --map {field}=COLUMN"
            )
    with atomic_write(target) as file:
        for row in rows():
            given = {"id": row.get("id"), **{field: row[column] for field, column in at.items()}}
            split = {"split": row["split"]} if "split" in row else {}
            file.write(dumps(episode(given, penalty) | split) + b"\n")
    return target


def episode(given: Mapping[str, Any], penalty: float = PENALTY) -> dict[str, Any]:
    """The line of one row. InputError for columns that are not of the kind."""
    messages, turns = given["messages"], given["turns"]
    try:
        answers = sum(m["role"] == "assistant" for m in messages)
        codes, public = [t["code"] for t in turns], turns[-1]["verdict"]
    except (TypeError, KeyError, IndexError) as error:
        raise InputError(f"export: rl: row {given['id']} has no dialogue and turns as `repair` writes them") from error
    if answers != len(codes):
        raise InputError(f"export: rl: row {given['id']} has {answers} answers and {len(codes)} turns; expected as many")
    rewards = [0.0 if code and parsed(code) is not None else -penalty for code in codes]
    rewards[-1] += 1.0 if public == given["verdict"] == "passed" else -1.0
    return {
        "id": given["id"],
        "messages": messages,
        "rewards": [round(r, 6) for r in rewards],
        "reward": round(sum(rewards), 6),
        "turns": len(turns),
        "public": public,
        "private": given["verdict"],
        "public_tests": given["public_tests"],
        "private_tests": given["private_tests"],
    }
