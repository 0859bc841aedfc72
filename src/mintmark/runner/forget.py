"""Rows that failed are taken out of their parts, so that they are asked again, and so is all that was computed from their absence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..core.ports import Record, Store
from .stages import Part, Stage


def forget_failures(store: Store, stages: Sequence[Stage], steers: bool, every: bool) -> None:
    """Rows failed(endpoint); with `every` (--retry-failed) all failed ones.

    What stands behind a TABLE step depends on which rows came before: it is made again, from the journal, at no cost. So is whatever a
    source that steers has planned since: with that row kept it would have planned other rows at the same places.
    """

    def again(r: Record) -> bool:
        return r.state == "failed" and (every or r.reason == "endpoint")

    if steers:
        _forget_since(store, stages, again)
        return
    for k, stage in enumerate(stages):
        found = False
        for part in list(stage.parts):
            gone = {r.p for r in store.scan_part(part.name, ()) if again(r)}
            if gone:
                found = True
                _leave(store, stage, part, lambda r, gone=gone: r.p not in gone)  # type: ignore[misc]
        if found:
            for later in stages[k + 1 :]:
                later.clear()


def _forget_since(store: Store, stages: Sequence[Stage], again: Callable[[Record], bool]) -> None:
    """Everything from the first row on that is to be asked again; the part that tells of that row goes last, lest a kill hide it."""
    places = [(k, part) for k, stage in enumerate(stages) for part in stage.parts]
    found = ((r.p, k, part) for k, part in places for r in store.scan_part(part.name, ()) if again(r))
    first = min(found, default=None, key=lambda t: t[0])
    if first is None:
        return
    for k, part in sorted(places, key=lambda place: place == first[1:]):
        if part.high >= first[0]:
            _leave(store, stages[k], part, lambda r: r.p < first[0])


def _leave(store: Store, stage: Stage, part: Part, stays: Callable[[Record], bool]) -> None:
    left = [r for r in store.scan_part(part.name) if stays(r)]
    if left:
        store.put_part(part.name, left)
    else:
        store.drop_part(part.name)
        stage.parts.remove(part)
