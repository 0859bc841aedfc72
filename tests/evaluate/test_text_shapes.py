"""Audits of texts of other scripts and shapes: a wrong figure that looks right is worse than none."""

from __future__ import annotations

from typing import Any

import numpy as np

from mintmark import audit
from mintmark.stats.encoder import Encoder
from mintmark.text.words import affordable

SUBJECTS, VERBS, THINGS = (
    "我 我们 客户 老板 公司".split(),
    "想要 忘记了 丢失了 取消了 投诉了".split(),
    "信用卡 密码 转账 账单 贷款 余额 利率 存款".split(),
)


def chinese(seed: int, n: int, subjects: list[str] = SUBJECTS) -> list[dict[str, str]]:
    rng = np.random.default_rng(seed)
    return [{"text": "".join(f"{rng.choice(subjects)}{rng.choice(VERBS)}{rng.choice(THINGS)}。" for _ in range(3))} for _ in range(n)]


def told(own: Any, real: Any, *families: str) -> dict[str, Any]:
    return {m.metric: m for m in audit(own, real=real, measure=families)}


def test_chinese_rows_are_told_apart_by_their_words() -> None:
    real = chinese(0, 120)
    alike, apart = (told(chinese(k, 120, s), real, "diversity", "realism") for k, s in ((1, SUBJECTS), (2, ["他们", "银行"])))
    assert alike["realism.c2st_auc"].interval[0] < 0.5 < 0.9 < apart["realism.c2st_auc"].value
    assert any("“他”" in line for line in apart["realism.c2st_auc"].detail["gives_away"])
    assert alike["diversity.vendi"].value < 60 and alike["diversity.self_bleu"].value > 20 and alike["diversity.aps"].value > 0.1
    assert alike["realism.punctuation"].value > 0.9


def test_a_writer_that_collapsed_is_not_as_varied_as_the_real_rows() -> None:
    own, real = (
        [{"text": "I want to cancel my card."}] * 60,
        [{"text": f"I have lost card number {k} near shop {k % 7}."} for k in range(60)],
    )
    found = audit(own, real=real, measure=["diversity"])
    by = {m.metric: m for m in found}
    assert by["diversity.vendi"].value == 1.0 and by["diversity.vendi"].detail["reference"] > 3
    assert "about as varied" not in str(found) and "repeats itself" in str(found)


def test_columns_without_features_are_not_measured() -> None:
    own, real = ([{"id_number": f"A{k:05d}", "code": "web"} for k in range(a, a + 60)] for a in (0, 60))
    found = audit(own, real=real, measure=["diversity", "realism"])
    by = {m.metric: m for m in found}
    assert by["realism.c2st_auc"].value is None and not {"diversity.vendi", "realism.mauve"} & by.keys()
    assert "cannot tell" not in str(found)


def test_emoji_and_conversations_have_words() -> None:
    rng = np.random.default_rng(0)

    def faces(k: str) -> list[dict[str, str]]:
        return [{"text": "".join(rng.choice(list(k), 6))} for _ in range(60)]

    by = told(faces("😀😂👍🎉"), faces("😀😂👍🚀"), "diversity", "realism")
    assert by["realism.c2st_auc"].value > 0.7

    def chat(k: int) -> list[dict[str, Any]]:
        made = [(f"Where is order {i * k}?", f"It left us on day {i}.") for i in range(40)]
        return [{"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]} for q, a in made]

    by = told(chat(3), chat(7), "diversity")
    assert by["diversity.template_rate"].value < 1 or "role" not in str(by)
    assert by["diversity.distinct_1"].value > 0.1  # not the words role, user and content of every turn


def test_single_words_and_empty_texts_have_no_perfect_scores() -> None:
    by = told([{"text": f"word{k}"} for k in range(40)], None, "diversity")
    undefined = {"distinct_2", "distinct_3", "self_repetition", "ngram_frequency", "template_rate"}
    assert {m for m in undefined if by[f"diversity.{m}"].value is None} == undefined
    assert all("no text has" in by[f"diversity.{m}"].caveats[-1] for m in undefined) and by["diversity.distinct_1"].value == 1
    real = [{"text": f"The order number {k} is late."} for k in range(40)]
    by = told([{"text": ""}] * 40, real, "diversity")
    assert by["diversity.near_duplicates"].value == 39 / 40 and abs(by["diversity.vendi"].value - 1) < 1e-9


def test_intervals_stay_within_their_range() -> None:
    rng = np.random.default_rng(3)
    rows = [{"text": " ".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), 5))} for _ in range(60)]
    by = told([*rows, *rows[:3]], rows, "diversity")
    for name, least, most in (("self_bleu", 0, 100), ("self_repetition", 0, 99), ("ngram_frequency", 1, 99), ("chamfer", 0, 2)):
        m = by[f"diversity.{name}"]
        assert least <= m.interval[0] <= m.value <= m.interval[1] <= most, name


def test_long_texts_are_cut_alike_and_the_figures_say_so() -> None:
    own = [{"text": f"The parcel number {k} came on day {k * k}."} for k in range(11)]
    by = told([*own, {"text": "word " * 80_000}], None, "diversity")
    assert "the first 333,333 characters of each text" in by["diversity.distinct_1"].caveats
    texts, said = affordable(["abc", "a" * 100], 20)
    assert [*map(len, texts)] == [3, 10] and said == ("the first 10 characters of each text",) and affordable(["abc"]) == (["abc"], ())
    lone = Encoder({"text": ["good " * 5_000 + "end", "bad " * 6_000 + "stop"]})
    assert {"“good”", "“bad”"} <= set(lone.names()) and not {"“end”", "“stop”"} & set(lone.names())


def test_answers_from_a_context_are_checked_against_it_though_no_step_did() -> None:
    def rows(wrong: int) -> list[dict[str, Any]]:
        return [
            {
                "question": f"When was tower {i} built?",
                "context": [f"Tower {i} was built in {1800 + i} by Anna Smith.", f"Mill {i} burned down in {1700 + i} after a storm."],
                "answer": f"Tower {i} was built in {1800 + i} [1]. "
                + (f"Mill {i} burned down in {1700 + i} [3]." if i < wrong else f"Mill {i} burned down in {1700 + i} [1][2]."),
            }
            for i in range(20)
        ]

    by = told(rows(5), None, "faithfulness")
    recall, precision = by["faithfulness.citation_recall"], by["faithfulness.citation_precision"]
    assert recall.value == (15 * 1 + 5 * 0.5) / 20  # [3] is not there
    assert abs(precision.value - (15 * 2 / 3 + 5 * 1) / 20) < 1e-9  # [1] of the second sentence adds nothing
    assert (
        recall.detail["floor"] < recall.value and "by words" in recall.caveats[0] and "5 a document that is not there" in recall.caveats[1]
    )
    assert by["faithfulness.answer_in_source"].value > 0.8
    assert not [m for m in told([{**r, "answer": "It is."} for r in rows(0)], None, "faithfulness") if "citation" in m]


def test_a_real_table_of_few_different_rows_is_not_split() -> None:
    own, real = [{"label": "abc"[k % 3]} for k in range(60)], [{"label": "aabc"[k % 4]} for k in range(80)]
    found = audit(own, real=real, target="label")
    assert any("too much alike" in note for note in found.summary.notes)
    c2st = next(m for m in found if m.metric == "realism.c2st_auc")
    assert c2st.detail.get("reference") is None and c2st.value < 0.75


def test_a_table_of_labels_gives_nobody_away_and_a_family_without_a_figure_is_named() -> None:
    rows = [{"label": "abc"[k % 3]} for k in range(60)]
    shown = str(audit(rows, real=rows))
    assert "gives real rows away" not in shown and "repeat each other" in shown
    unique = [{"n": k, "m": k * 7} for k in range(60)]
    assert "gives real rows away" in str(audit(unique, real=unique))
    found = audit(chinese(0, 30), measure=["bias", "diversity"])
    assert any("asked for" in note and note.endswith(": bias") for note in found.summary.notes)
