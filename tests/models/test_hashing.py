"""The embedder that learns nothing: what private rows may be measured with."""

import asyncio

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mintmark.embedders.hashing import DIMENSIONS, HashingEmbedder


@given(st.lists(st.text(), min_size=1, max_size=6), st.text())
def test_a_vector_depends_on_its_own_text_alone(texts: list[str], more: str) -> None:
    embedder = HashingEmbedder()
    alone = np.asarray(asyncio.run(embedder.embed(texts[:1])))
    together = np.asarray(asyncio.run(embedder.fit([more]).embed([*texts, more])))
    assert together.shape == (len(texts) + 1, DIMENSIONS) and np.array_equal(alone[0], together[0])
    assert all(abs(np.linalg.norm(v) - 1) < 1e-9 or not v.any() for v in together)


def test_near_texts_are_near() -> None:
    texts = ["my card was declined at the shop", "the card got declined in a shop", "what is the exchange rate for euros"]
    a, b, c = np.asarray(asyncio.run(HashingEmbedder().embed(texts)))
    assert a @ b > 0.4 > a @ c + 0.1
