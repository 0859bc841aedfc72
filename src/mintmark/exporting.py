"""What leaves a run's folder: its rows in other formats, and its answers as a replay file. Neither is written over the run's own files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .core.errors import RunFolderError


def export(folder: str | os.PathLike[str], fmt: str, to: str | os.PathLike[str] | None = None, **options: Any) -> Path:
    """The kept rows of a run in another format: jsonl, csv, parquet, alpaca, chatml, sharegpt, hf, dpo, kto, beir, triples, rl. Returns where it was written."""
    from .folders import refuse_own
    from .stores.atomic import is_private, owner_only
    from .stores.exports import export_rows
    from .text.jsontext import loads

    path = Path(folder) / "data.jsonl"
    if not path.exists():
        raise RunFolderError(f"{folder} holds no data.jsonl; expected the folder of a run that has ended")

    def rows() -> Iterator[dict[str, Any]]:
        with path.open("rb") as file:
            for line in file:
                yield loads(line)

    suffix = {"jsonl": "export.jsonl", "csv": "data.csv", "parquet": "export.parquet", "hf": "hf", "beir": "beir"}.get(fmt, f"{fmt}.jsonl")
    target = to if to is not None else Path(folder) / suffix
    if not str(target).startswith("hf://"):
        refuse_own(Path(folder), Path(target), "export: --to")
    card, manifest = (Path(folder) / name for name in ("README.md", "manifest.json"))
    source = loads(manifest.read_bytes()).get("digital_source_type") if manifest.exists() else ""
    about = {"digital_source_type": source} if source else None
    with owner_only(is_private(Path(folder))):
        found: Path = export_rows(rows, fmt, target, card=card if card.exists() else None, about=about, **options)
    return found


def record(folder: str | os.PathLike[str], to: str | os.PathLike[str]) -> int:
    """Writes a run's answers as a replay file; returns how many. A line names its row, attempt and the messages of the first ask."""
    from .folders import refuse_own
    from .stores.atomic import atomic_write, is_private, owner_only
    from .stores.folder import FolderStore
    from .text.jsontext import dumps, loads
    from .wiring import decoder

    refuse_own(Path(folder), Path(to), "show: --record")
    store = FolderStore(Path(folder), readonly=True)
    count = 0
    firsts: dict[tuple[str, str], list[Any]] = {}
    try:
        with owner_only(is_private(Path(folder))), atomic_write(Path(to)) as file:
            for answer in store.answers():
                if answer.port != "model":
                    continue
                asked = loads(answer.request)["messages"]
                known = firsts.setdefault((answer.row, answer.step), [])
                first = next((m for m in known if m in (asked, asked[:-2])), asked) if answer.attempt % 100 else asked
                if first not in known:
                    known.append(first)
                reply = decoder(answer.model)(answer.raw)
                line = {
                    "row": answer.row,
                    "attempt": answer.attempt,
                    "messages": first,
                    "reply": reply.text,
                    "finish_reason": reply.finish_reason,
                }
                if reply.logprobs is not None:
                    line["logprobs"] = list(reply.logprobs)
                line["usage"] = {"prompt_tokens": reply.tokens_in, "completion_tokens": reply.tokens_out}
                file.write(dumps(line) + b"\n")
                count += 1
    finally:
        store.close()
    return count
