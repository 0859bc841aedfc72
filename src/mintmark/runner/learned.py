"""A text learner whose weights are kept: law 4 for what is learned. The journal holds their hash, the run's folder the file of that name.

    runs/NAME/learned/3f0c....safetensors        (0600 in the folder of a run with a private table; `mintmark purge` removes it)

The file is there before the journal names it, and the journal names it before a line is written with it. A run that goes on reads it and learns nothing.
Where it is gone or changed, it is learned again: the same weights take its place; where they are others (another machine, another number of threads), the
run is refused, since its later rows would come of another model than its first. key = hash(learner's name, of what it starts, settings, the lines).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from hashlib import blake2b

from ..core.errors import RunFolderError
from ..core.ports import Answer, Store, TextLearner, TextWriter
from ..text.jsontext import dumps
from .journal import Committer, Known


class Learned:
    def __init__(self, inner: TextLearner, known: Known, committer: Committer, store: Store) -> None:
        self.inner, self._known, self._committer, self._store = inner, known, committer, store
        self.name = inner.name

    def origin(self) -> str:
        return self.inner.origin()

    def restore(self, kept: bytes) -> TextWriter:
        return self.inner.restore(kept)

    async def learn(self, texts: Callable[[int], Sequence[str]], *, epochs: int, batch: int, rate: float, seed: int) -> TextWriter:
        asked = {"origin": await asyncio.to_thread(self.origin), "epochs": epochs, "batch": batch, "rate": rate, "seed": seed}
        lines = blake2b(dumps(list(texts(0))), digest_size=16).hexdigest()
        request = dumps({**asked, "lines": lines})
        key = blake2b(f"learner {self.name}\x1f".encode("utf-8", "surrogatepass") + request, digest_size=16).digest()
        found = self._known.find(key)
        if found is not None:
            kept = await asyncio.to_thread(self._store.get_file, _file(found.raw))
            if kept is not None and _hash(kept) == found.raw:
                return await asyncio.to_thread(self.inner.restore, kept)
        writer = await self.inner.learn(texts, epochs=epochs, batch=batch, rate=rate, seed=seed)
        kept = await asyncio.to_thread(writer.kept)
        if found is not None and _hash(kept) != found.raw:
            raise RunFolderError(
                f"{_file(found.raw)} is gone or changed, and {self.name} learned again has other weights here than those this run began with; "
                "restore the file, or choose another folder with --out"
            )
        await asyncio.to_thread(self._store.put_file, _file(_hash(kept)), kept)
        if found is None:
            await self._committer.put(Answer(key, "", "", 0, self.name, request, _hash(kept), port="learner"))
        return writer


def _hash(kept: bytes) -> bytes:
    return blake2b(kept, digest_size=16).digest()


def _file(digest: bytes) -> str:
    return f"learned/{digest.hex()}.safetensors"
