"""transformer: a tiny random encoder, made here without network, learns, honours weights and seeds, and is found by its folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mintmark.core.errors import MintmarkError
from mintmark.learners.transformer import TransformerLearner, build
from mintmark.models.spec import ModelSpec

TABLE = {"text": [f"{'my card is late' if i % 2 else 'the fee is wrong'} number {i % 10}" for i in range(80)]}
LABELS = ["card" if i % 2 else "fee" for i in range(80)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'mintmark[transformers]'")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed: pip install 'mintmark[transformers]'")
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    out = tmp_path_factory.mktemp("tiny")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted({w for t in TABLE["text"] for w in t.split()}), "x", ":", "high", "low"]
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(out)
    torch.manual_seed(0)
    torch.set_num_threads(1)  # threads that spin on a busy machine make minutes of seconds
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
        initializer_range=0.3,
    )
    transformers.BertModel(config).save_pretrained(out)
    return out


def tiny(folder: Path, epochs: int = 6) -> TransformerLearner:
    return TransformerLearner(folder, epochs=epochs, rate=3e-3, tokens=16)


def test_it_learns_and_repeats(folder: Path) -> None:
    import torch

    before = torch.random.get_rng_state()
    one, two, other = (tiny(folder).fit(TABLE, LABELS, seed=s) for s in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert list(one.predict(TABLE)) == LABELS and list(one.classes) == ["card", "fee"]
    assert np.allclose(one.proba(TABLE), two.proba(TABLE), atol=1e-5) and not np.allclose(one.proba(TABLE), other.proba(TABLE), atol=1e-5)
    assert one.proba(TABLE).sum(axis=1) == pytest.approx(np.ones(80))


def test_weights_decide_whom_it_believes(folder: Path) -> None:
    twice = {"text": TABLE["text"] * 2}
    labels = LABELS + [{"card": "fee", "fee": "card"}[c] for c in LABELS]
    for weight, told in (([1.0] * 80 + [0.01] * 80, labels[:80]), ([0.01] * 80 + [1.0] * 80, labels[80:])):
        fitted = tiny(folder).fit(twice, labels, weight=weight)
        assert np.mean([a == b for a, b in zip(fitted.predict(TABLE), told)]) > 0.95


def test_regression_is_in_the_units_of_the_target(folder: Path) -> None:
    table = {"x": ["high", "low"] * 60, "y": [None] * 120}
    fitted = tiny(folder, 12).fit(table, [1_050.0, 950.0] * 60, task="regression")
    assert np.abs(np.array(fitted.predict({"x": ["high", "low"], "y": [None, None]})) - [1_050, 950]).max() < 15


def test_it_is_built_from_a_folder_and_says_what_lacks(folder: Path) -> None:
    built = build(ModelSpec("transformer", folder.name, None, {}, base=str(folder.parent)))
    assert built.name == f"transformer:{folder.name}"
    for lost in (build(ModelSpec("transformer", "", None, {}, base=".")), TransformerLearner(folder / "none")):
        with pytest.raises(MintmarkError, match="save_pretrained"):
            lost.fit(TABLE, LABELS)
