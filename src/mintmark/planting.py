"""`mintmark canaries`: a private table with canaries mixed in, and the canaries kept aside to measure with.

    mintmark canaries letters.csv --column text -n 100 --out planted
    tables: {real: {path: planted/planted.jsonl, private: true}, canaries_in: planted/canaries_in.jsonl, canaries_out: planted/canaries_out.jsonl}
    measure: [privacy]

The canaries that went in and those that did not are drawn from one bag. Other cells of a canary's row are those of a real row drawn at random, ids
too. The files hold private rows and are readable by their owner alone; a data set made of a planted table is for measuring, not for publishing.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .core.errors import InputError, RunFolderError, nearest


def plant(table: Any, column: str, n: int = 100, out: str | os.PathLike[str] = "planted", times: int = 1, seed: int = 0) -> dict[str, int]:
    """planted.jsonl (the table, and each of n canaries `times` over), canaries_in.jsonl, canaries_out.jsonl (n each); rows in each file."""
    from .stores.atomic import atomic_write
    from .stores.tables import read_table
    from .text.canaries import make
    from .text.jsontext import dumps

    if n < 1 or times < 1:
        raise InputError(f"canaries: found n {n} and times {times}, expected 1 or more")
    given = read_table("table", table)
    if column not in given.columns:
        raise InputError(f"canaries: the table has no column '{column}'.{nearest(column, given.columns)}")
    cells = {c: given.column(c) for c in given.columns}
    try:
        bag = make([str(c) for c in cells[column] if c is not None], 2 * n, seed)
    except ValueError as error:
        raise InputError(f"canaries: {column}: {error}") from error
    rng = random.Random(seed)
    rows = [dict(zip(cells, row)) for row in zip(*cells.values())]
    made = [{**rng.choice(rows), column: text} for text in rng.sample(bag, 2 * n)]
    mixed = rows + made[:n] * times
    rng.shuffle(mixed)
    folder = Path(out)
    if (folder / "planted.jsonl").exists():
        raise RunFolderError(f"{folder} holds a planted table already, whose canaries would be lost; choose another --out")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files: dict[str, Sequence[dict[str, Any]]] = {"planted": mixed, "canaries_in": made[:n], "canaries_out": made[n:]}
    for name, lines in files.items():
        with atomic_write(folder / f"{name}.jsonl") as file:
            os.chmod(file.name, 0o600)
            file.writelines(dumps(line) + b"\n" for line in lines)
    return {name: len(lines) for name, lines in files.items()}
