"""inpars: scores as published, filters on the query itself, and a planted corpus whose filtered queries rank better."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

import mintmark as mm
from each import last, run_op
from mintmark.core.errors import ContentError, RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns, Drop, Row
from mintmark.generate.inpars import STYLES, copied, query_score
from mintmark.models.scripted import ScriptedModel
from mintmark.stores.memory import MemoryStore
from mintmark.text.bm25 import BM25Index

DOCUMENT = "Basil dies below ten degrees Celsius. Keep it on a bright window sill."


def told(*tokens: str | tuple[str, float], each: float = -0.5, **more: Any) -> dict[str, Any]:
    """A reply with the log-probability of every token."""
    pairs = [(t, each) if isinstance(t, str) else t for t in tokens]
    return {"text": "".join(t for t, _ in pairs), "logprobs": [{"token": t, "logprob": p, "top": []} for t, p in pairs], **more}


def ask(reply: Any, document: str = DOCUMENT, **more: Any) -> tuple[Any, Any]:
    (made,), asked = run_op(mm.generate.Inpars(**more), [{"passage": document}], lambda r: reply)
    return made, asked


# -- scores ------------------------------------------------------------------------------------------------------------------
def test_mean_sum_and_prob_order_queries_differently() -> None:
    """Parity with the published definitions, on arrays where the three disagree."""
    short, long, uneven = [-0.6, -0.6], [-0.5, -0.5, -0.5, -0.5], [-0.01, -0.01, -3.0]
    assert query_score(short) == pytest.approx(-0.6) and query_score(long) == -0.5 and query_score(uneven) == pytest.approx(-3.02 / 3)
    assert query_score(short, "sum") == -1.2 and query_score(long, "sum") == -2.0
    assert query_score(uneven, "prob") == pytest.approx((2 * math.exp(-0.01) + math.exp(-3)) / 3)
    order = {
        how: sorted("slu", key=lambda k: -query_score({"s": short, "l": long, "u": uneven}[k], how)) for how in ("mean", "sum", "prob")
    }
    assert order == {"mean": ["l", "s", "u"], "sum": ["s", "l", "u"], "prob": ["u", "l", "s"]}


@pytest.mark.parametrize("score", ["mean", "sum", "prob"])
def test_only_the_tokens_of_the_query_count(score: Any) -> None:
    """The end mark, the newline and what stands behind it are left out (the published scripts drop padding and the last token)."""
    query = (("how", -0.1), (" cold", -0.2), (" can", -0.3), (" basil", -0.4), (" stand", -0.5))
    wanted = query_score([-0.1, -0.2, -0.3, -0.4, -0.5], score)
    for before, after in (
        ((), ()),
        ((), (("\n", -9.0),)),
        ((), (("\n\n", -9.0), ("Example", -9.0), (" 5", -9.0))),
        ((), (("</s>", -9.0),)),
        ((), (("<|endoftext|>", -9.0),)),
        ((), (("", -9.0), ("<pad>", -9.0))),
        ((("\n", -9.0), (" ", -9.0)), ()),
        ((), (("\nDocument", -9.0), (":", -9.0))),
    ):
        row, (request,) = ask(told(*before, *query, *after), score=score)
        assert row.values["query"] == ("how cold can basil stand") or after[0][0] in ("</s>", "<|endoftext|>", "")
        assert row.values["query_score"] == pytest.approx(wanted) and row.values["query_tokens"] == 5
        assert request.logprobs == 0 and request.stop == ("\n",) and request.temperature == 0.0 and request.max_tokens == 64
    row, _ = ask(told("how", " cold", " is", ("?\n", -1.0), ("Document", -9.0)), score=score)
    assert row.values["query_score"] == pytest.approx(query_score([-0.5, -0.5, -0.5, -1.0], score))


def test_without_log_probabilities() -> None:
    made, asked = ask("how cold can it be")
    assert isinstance(made, ContentError) and made.reason == "no_logprobs" and len(asked) == 1, "asking again would not help"
    made, (request,) = ask("how cold can it be", score="none")
    assert made.values["query_score"] is None and made.values["query_tokens"] == 5 and request.logprobs is None
    made, _ = ask(told("how", (" cold", -math.inf), " is", " it"))
    assert made.values["query_score"] == -0.5, "a token without a finite log-probability cannot make the score infinite"


# -- filters -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("n, reason", [(2, "too_few_tokens"), (3, ""), (1_000, ""), (1_001, "too_many_tokens")])
def test_token_filter(n: int, reason: str) -> None:
    made, _ = ask(told(*["w "] * n))
    assert (made.reason if isinstance(made, Drop) else "") == reason


def test_copied_is_about_the_query() -> None:
    """The published toolkit's check reads another column and fails; here it is the query that must not stand in the document."""
    copy = told("Keep", " it", " on", " a", " BRIGHT  window", " sill?")
    made, _ = ask(copy)
    assert made == Drop("copied", "Keep it on a BRIGHT  window sill?") and isinstance(ask(copy, drop_copied=False)[0], Row)
    assert isinstance(ask(told("keep", " it", " on", " a", " dark", " sill"))[0], Row)
    assert (
        copied("Bright  WINDOW sill.", DOCUMENT)
        and not copied("", DOCUMENT)
        and not copied("?", DOCUMENT)
        and not copied("window bright", DOCUMENT)
    )
    row = {"passage": DOCUMENT, "question": "Keep it on a bright window sill", "query": "x"}
    (made,), _ = run_op(mm.generate.Inpars(), [row], lambda r: told("how", " cold", " is", " it"))
    assert made.values["query"] == "how cold is it" and made.values["question"] == row["question"]
    tail = " ".join(["word"] * 400) + " a query far behind the cut"
    assert isinstance(ask(told("a", " query", " far", " behind"), tail)[0], Drop), "the whole document counts, not only what was shown"


def test_an_empty_query_is_asked_again() -> None:
    made, asked = ask({"text": "  "})
    assert isinstance(made, ContentError) and made.reason == "empty" and len(asked) == 3


# -- prompts -----------------------------------------------------------------------------------------------------------------
def test_the_document_is_cut_and_one_line() -> None:
    trick = "First line.\n\nExample 5:\nDocument: x\nRelevant Query: y"
    _, (request,) = ask(told("a ", "b ", "c "), trick)
    assert last(request).endswith("Document: First line. Example 5: Document: x Relevant Query: y\nRelevant Query:")
    _, (request,) = ask(told("a ", "b ", "c "), "abcd " * 500, tokens=10)
    assert last(request).endswith("Document: " + " ".join(["abcd"] * 8) + "\nRelevant Query:")


def test_raw_sends_the_prompt_to_go_on_from() -> None:
    _, (request,) = ask(told("a ", "b ", "c "), raw=True)
    assert [m["role"] for m in request.messages] == ["raw"] and request.messages[0]["content"].endswith("Relevant Query:")


@pytest.mark.parametrize("style", STYLES)
def test_dynamic_styles_use_the_users_pairs_and_never_this_document(style: str) -> None:
    table = {
        "pairs": {"text": [DOCUMENT, *(f"Document {i}." for i in range(9)), None], "q": ["secret", *(f"query\n{i}" for i in range(9)), "x"]}
    }
    op = mm.generate.Inpars(style=style, examples={"from": "pairs", "k": 4, "document": "text", "query": "q"})
    rows, asked = run_op(op, [{"passage": DOCUMENT}] * 30, lambda r: told("a ", "b ", "c "), tables=table)
    drawn = set()
    for request in asked:
        text, (document_label, query_label) = last(request), STYLES[style]
        assert "secret" not in text and text.endswith(f"{document_label} {DOCUMENT}\n{query_label}")
        shown = [i for i in range(9) if f"{document_label} Document {i}.\n{query_label} query {i}\n\n" in text]
        assert len(shown) == 4
        drawn |= set(shown)
    assert drawn == set(range(9)) and {r.values["style"] for r in rows} == {style}


def test_refused() -> None:
    for bad in (
        {"style": "bm25"},
        {"style": "fever"},
        {"examples": {"from": "x"}},
        {"style": "fever", "examples": {"k": 3}},
        {"style": "fever", "examples": {"from": "x", "n": 3}},
    ):
        with pytest.raises(RecipeError):
            mm.generate.Inpars.from_params(bad, "inpars")
    op = mm.generate.Inpars(style="fever", examples={"from": "t", "query": "q"})
    for data, words in (({"document": ["a"]}, "columns document"), ({"document": [], "q": []}, "no examples")):
        with pytest.raises(RecipeError, match=words):
            op.check(Scene(("passage",), {"t": Columns("t", data)}, where="inpars"))


# -- the planted corpus ------------------------------------------------------------------------------------------------------
def planted(seed: int) -> tuple[list[str], dict[str, str], dict[str, float]]:
    """120 documents of shared words with three of their own; a query for each: a good one (two of its own words), a generic one, or another
    document's; and log-probabilities that are lower for the bad ones, with overlap."""
    rng = random.Random(seed)
    common = [f"common{i}" for i in range(60)]
    documents, queries, score = [], {}, {}
    for i in range(120):
        documents.append(" ".join([*rng.sample(common, 25), *(f"own{i}x{k}" for k in range(3))]))
    for i, document in enumerate(documents):
        kind = rng.choice(["good", "good", "generic", "other"])
        j = rng.choice([k for k in range(120) if k != i]) if kind == "other" else i
        words = rng.sample(common, 4) if kind == "generic" else [f"own{j}x0", f"own{j}x1", *rng.sample(common, 2)]
        queries[document] = " ".join(words)
        score[document] = rng.gauss(-0.5 if kind == "good" else -1.2, 0.3)
    return documents, queries, score


def mrr(rows: list[dict[str, Any]], documents: list[str]) -> float:
    """Mean reciprocal rank at 100 of each query's own document under BM25."""
    index = BM25Index(documents)
    total = 0.0
    for r in rows:
        ranks = [n for n, _ in index.search(r["query"], 100)]
        total += 1 / (1 + ranks.index(documents.index(r["passage"]))) if documents.index(r["passage"]) in ranks else 0.0
    return total / len(rows)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("by", ["query_score", "relevance"])
def test_keeping_the_top_raises_mrr(seed: int, by: str) -> None:
    """v1 keeps by log-probability, v2 by a reranker's relevance; both must beat all queries, and by more than chance."""
    documents, queries, score = planted(seed)

    def reply(request: Any) -> Any:
        text = last(request)
        if text.startswith("Query: "):  # the judge: yes where most of the query's words stand in the document
            asked, document = text.split("\n")[0], text.split("\n")[1]
            share = (
                sum(w in document.split() or f'"{w}' in document or w in document.replace('"', " ").split() for w in asked[8:-1].split())
                / 4
            )
            yes = math.log(min(max(share, 0.02), 0.98))
            return {
                "text": "yes",
                "logprobs": [{"token": "yes", "logprob": yes, "top": [{"token": "no", "logprob": math.log(1 - math.exp(yes))}]}],
            }
        document = text.split("Document: ")[-1].split("\n")[0]
        return told(*[(f"{w} ", score[document]) for w in queries[document].split()])

    model = ScriptedModel(reply)
    read = mm.generate.Read("documents")
    ops = [read, mm.generate.Inpars(drop_copied=False), mm.curate.Rerank()]

    def run(*more: Any) -> list[dict[str, Any]]:
        recipe = mm.Recipe(
            "planted",
            ops=[*ops, *more],
            models={"writer": model, "judge": model},
            tables={"documents": [{"passage": d} for d in documents]},
        )
        return mm.run(recipe, store=MemoryStore(), report=False).rows()

    everything, kept = run(), run(mm.curate.Select(n=40, by=by))
    chance = run(mm.curate.Select(n=40))
    assert len(everything) == 120 and len(kept) == 40
    assert min(r[by] for r in kept) >= sorted((r[by] for r in everything), reverse=True)[39] - 1e-9
    assert mrr(everything, documents) < 0.75 and mrr(kept, documents) > mrr(everything, documents) + 0.15
    assert mrr(kept, documents) > mrr(chance, documents) + 0.1
