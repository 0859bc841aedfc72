"""Words of scripts that write no blanks: one a character, in every figure that counts words."""

from __future__ import annotations

import pytest

from mintmark.evaluate.diversity import distinct
from mintmark.stats import features
from mintmark.stats.features import kind_of, text_column
from mintmark.text import words as module
from mintmark.text.answers import said
from mintmark.text.overlap import self_bleu, tokens_13a
from mintmark.text.shingles import jaccard, shingles
from mintmark.text.trigram import words_of
from mintmark.text.words import spaced, words


def test_a_character_is_a_word_where_none_are_parted_and_only_there() -> None:
    assert words("The cat’s 3.5 我要信用卡。 สวัส x👍👍 안녕 하세요") == "The cat’s 3.5 我 要 信 用 卡 。 ส ว ั ส x👍👍 안녕 하세요".split()
    latin = "Zoë's naïve café, 10% off!"
    assert spaced(latin) == latin
    assert module.UNSPACED == features.UNSPACED and all(spaced(t) == features.spaced(t) for t in ("我要ab", latin, "x👍"))


@pytest.mark.parametrize("one, other", [("我想取消我的信用卡。", "我想取消他的信用卡。"), ("ฉันต้องการยกเลิกบัตร", "ฉันต้องการยกเลิกบัญชี")])
def test_two_sentences_that_share_nearly_all_are_told_to(one: str, other: str) -> None:
    assert distinct([one, other], 1) < 0.7
    assert min(self_bleu([one, other])) > 50
    assert jaccard(shingles(one), shingles(other)) > 0.4
    assert len(words_of(one)) > 8


def test_bleu_parts_chinese_characters_as_sacrebleus_zh_does() -> None:
    zh = pytest.importorskip("sacrebleu.tokenizers.tokenizer_zh").TokenizerZh()
    for text in ("我要退掉iPhone 15手机", "价格是3.5元", "The cat sat, twice."):
        assert tokens_13a(text) == zh(text).split()


def test_kinds_of_columns_in_chinese() -> None:
    texts = [f"我想在{k}号之前取消我的信用卡申请" for k in "一二三四五六七八九十"] * 4
    assert kind_of([t + str(i) for i, t in enumerate(texts)]) == "text"
    assert kind_of([f"王小{c}" for c in "明红军华丽强磊洋艳勇杰娟涛超霞平刚桂英兰玲凤"] * 2) == "category"
    assert kind_of([f"{a}{b}" for a in "赵钱孙李周吴" for b in "明红军华丽强"]) == "id"


def test_the_text_column_of_a_table_that_has_no_other() -> None:
    same = ["The cat sat on the mat."] * 50
    assert text_column({"text": same}) == text_column({"text": same, "label": ["a"] * 50}, "label") == "text"
    assert text_column({"text": same, "tone": ["a", "b"] * 25}) is None  # levels, as far as one can tell
    assert text_column({"label": ["a", "b"] * 25}) is None
    assert text_column({"n": list(range(50))}) is None
    assert text_column({"text": [f"word{k}" for k in range(50)]}) == "text"


def test_conversations_are_read_as_what_is_said() -> None:
    chat = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]}]
    shared = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": None}]
    assert said([chat, None, shared, []]) == ["Hi\nHello", None, "Hi", ""]
    other = [[{"verdict": "supported", "content": "x"}], [{"text": "x"}]]
    assert said(other) is other and said([[], None]) == [[], None]
