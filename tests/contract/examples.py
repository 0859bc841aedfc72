"""One example of every op for `check_op`, and where each port implementation is started for real. A new op adds a line here."""

from __future__ import annotations

import json
from typing import Any

import mintmark as mm
from conftest import ROOT
from mintmark.core.context import Context
from mintmark.core.ports import Allowance, Request
from mintmark.core.rows import Columns
from mintmark.embedders.hashing import HashingEmbedder
from mintmark.embedders.tfidf import TfidfEmbedder
from mintmark.fetchers.scripted import ScriptedFetcher
from mintmark.learners.boosting import BoostingLearner
from mintmark.learners.linear import LinearLearner
from mintmark.models.scripted import ScriptedModel
from mintmark.noise.scripted import ScriptedReleaser
from mintmark.sandboxes.scripted import ScriptedSandbox
from mintmark.stores.corpus import Corpus
from mintmark.testing import instance_of

TEXTS = [
    "the cat sat on the mat by the door",
    "The cat  sat on the mat by the DOOR",
    "the cat sat on the mat by the window",
    "a completely different sentence about fees and cards",
    "short",
    "",
    "answer: 1,234.5",
    "positive indeed",
    "so 2 + 3 = <<2+3=5>>5 and <<5*x=9>>9 apples",
    "so 2 + 3 = <<2+3=6>>6 apples",
]
ROWS = [
    {
        "text": t,
        "label": "ab"[i % 2],
        "score": float(i),
        "small": i > 6,
        "options": [{"text": t, "label": "a"}, {"text": "other", "label": "b"}, {"text": "more", "label": "b"}],
        "start": 100 * i,
        "round": 1 + i % 2,
        "sum": f"n = {i}\nn * {i % 3}",
        "code": "def add(a, b):\n    return a + b" if i % 3 else "x",
        "tests": ["assert add(1, 2) == 3", f"assert add(1, {i}) == 4", "for i in (1, 2):\n    assert add(i, i)"],
        "hidden": ["assert add(2, 1) == 3", f"assert add(2, {i % 4}) == 3"],
        "entry": "add",
        "cases": ["passed" if i % 3 else "failed", "passed", "error"],
        "times": [2, 1, 4],
        "sql": f"SELECT {i}" if i % 3 else "",
        "rows": [[i]],
        "database": {"t": [{"a": i}]},
        "cited": f"{t} [1]. And {i} of them [{i % 4}].",
    }
    for i, t in enumerate(TEXTS)
]
REAL = Columns(
    "real",
    {
        "text": [f"real text number {i} about {'fees' if i % 2 else 'rooms'} and more of it" for i in range(60)],
        "label": ["ab"[i % 2] for i in range(60)],
        "size": [float(i % 17) + i / 100 for i in range(60)],
    },
)
LABELLED = Columns("labelled", {"text": REAL.data["text"], "label": REAL.data["label"], "score": REAL.data["size"]})
SECRET = Columns("secret", {k: REAL.data[k] for k in ("text", "label")}, True, Allowance("secret", "5e" * 16, 1.0, 1e-3, 60))
PEOPLE = Columns("people", {"text": TEXTS, "label": [r["label"] for r in ROWS], "start": [r["start"] for r in ROWS]})
VISITS = Columns("visits", {"text": [TEXTS[i % 7] for i in range(60)], "paid": [i % 7 + i / 10 for i in range(60)]})
GAPPY = Columns("gappy", {"label": ["a", "b", None] * 20, "start": [i % 9 * 100 for i in range(60)]})
TASKS = Columns("tasks", {"instruction": ["Name a colour.", "Name a town."], "input": ["", "France"], "output": ["red", "Lyon"]})


def context() -> Context:
    writer = ScriptedModel(answer, "example")
    pages = {"https://example.org/a": ("text/html", b"<title>A</title><p>hello")}
    return Context(
        fetcher=ScriptedFetcher(pages),
        seed=7,
        models=dict.fromkeys(("writer", "judge", "user"), writer),
        tables={
            "real": REAL,
            "tasks": TASKS,
            "labelled": LABELLED,
            "secret": SECRET,
            "public": Corpus("public", ROOT / "README.md"),
            "people": PEOPLE,
            "visits": VISITS,
            "gappy": GAPPY,
        },
        learners={"linear": LinearLearner(), "boosting": BoostingLearner(), "parrot": Parrot()},
        embedders={"default": TfidfEmbedder(), "hashing": HashingEmbedder()},
        releaser=ScriptedReleaser(),
        sandbox=ScriptedSandbox(),
    )


class Parrot:
    """A TextLearner that says what it has heard, from the start that is given; sometimes half of it."""

    name, digest, lines = "parrot", "00", ()

    async def learn(self, texts: Any, **how: Any) -> Any:
        self.lines = tuple(texts(0))
        return self

    def origin(self) -> str:
        return self.digest

    def kept(self) -> bytes:
        return "\n".join(self.lines).encode()

    def restore(self, kept: bytes) -> Any:
        self.lines = tuple(kept.decode().split("\n"))
        return self

    def write(self, starts: Any, *, seed: int, temperature: float = 1.0) -> list[str]:
        fits = {start: [line for line in self.lines if line.startswith(start)] or ["nothing"] for start in set(starts)}
        told = [fits[start][(seed + k) % len(fits[start])] for k, start in enumerate(starts)]
        return [line[: len(line) // 2] if (seed + k) % 7 == 0 else line for k, line in enumerate(told)]


def answer(request: Request) -> Any:
    """An answer that fits the request's schema, or plain text; of letters with its log-probability."""
    last = request.messages[-1]["content"]
    if "Instruction:" in last:
        return " Say hello.\n2. Input:\n<noinput>\n2. Output:\nHello!\n###\n3. Instruction: Count.\n3. Input:\n<noinput>\n3. Output:\n1 2 3"
    if "fenced block" in request.messages[0]["content"]:
        return "It should add:\n```python\ndef add(a, b):\n    return a + b\n```"
    if "one letter only" in request.messages[0]["content"]:
        return {"text": "A", "logprobs": [{"token": "A", "logprob": -0.1, "top": [{"token": "B", "logprob": -2.4}]}]}
    if "yes or no" in request.messages[0]["content"]:
        return "yes" if len(last) % 2 else "no"
    return f"made from {last}" if request.schema is None else json.dumps(instance_of(request.schema))


OPS: list[Any] = [
    mm.generate.Read("real"),
    mm.generate.Documents("real"),
    mm.generate.Documents("real", clean=True),
    mm.generate.Grid({"a": [1, 2, 3], "b": ["x", "y"]}),
    mm.generate.Grid({"a": {"values": [1, 2], "weights": [3, 1]}}, 10),
    mm.generate.Synthesize("real", target="label"),
    mm.generate.Synthesize("real", columns=("label", "size"), constraints=("size < 14",), balance="label"),
    mm.generate.Children("visits", of="people", key="text"),
    mm.curate.Impute("gappy", mark="filled"),
    mm.generate.Tabulate(
        schema={"age": {"type": "whole", "low": 0, "high": 99}, "twice": {"derive": "age + age + score"}, "score": {}}, rows=2
    ),
    mm.generate.Tabulate(describe="real", columns=("label", "size"), rows=2),
    mm.generate.Tabulate(examples="real", label="label", columns=("label", "size"), k=2, format="csv"),
    mm.generate.Great("real", "parrot", ("label", "size"), epochs=1),
    mm.generate.Great("real", "parrot", ("label", "size"), {"label": ["a", "b"]}, epochs=1),
    mm.generate.Balance(column="a", to=3, values=["x", "y"]),
    mm.generate.Balance(to=2, columns={"a": [1, 2], "label": "real.label"}, more={"b": ["x", "y"]}),
    mm.generate.Examples("real", match="label", k=2),
    mm.generate.Examples("real", k=2, pick="similar", by="text"),
    mm.generate.Examples("real", k=3, pick="diverse"),
    mm.generate.Examples("real", k=3, pick="mmr", by="text", embedder="default", tokens=60),
    mm.generate.Examples("real", k=3, pick="vote_k"),
    mm.generate.Examples("real", k=4, pick="balanced", balance="label"),
    mm.generate.Chunk(column="text", words=4, overlap=2),
    mm.generate.Retrieve("real", query="text", k=3, words=6, overlap=2),
    mm.generate.Retrieve("real", query="text", method="hybrid"),
    mm.generate.Negatives("real", query="text", positive="label", k=3, words=6, overlap=2),
    mm.generate.Negatives("real", query="text", positive="text", k=2, depth=5, pick="top"),
    mm.generate.Fetch(column="text", allow=("example.org",)),
    mm.curate.Execute("code", "tests"),
    mm.curate.Execute("code", "tests", "entry", keep=("passed", "failed"), exact=False),
    mm.curate.Repair("code", "tests", "hidden", "text", turns=2),
    mm.curate.Repair("code", "tests", "hidden", "text", "entry", keep="all", repeats=1),
    mm.curate.GatherTests("tests", "entry", code="code", most=2, into="asserts"),
    mm.curate.AgreeByExecution("label"),
    mm.curate.AgreeByExecution("label", times="times", score="tests", best=1, take=1),
    mm.curate.Mutants("code", "tests", most=3),
    mm.curate.ExecuteSql("sql", setup="text", expected="rows", keep=("failed", "error")),
    mm.curate.ExecuteSql("sql", tables="database", reference="sql", engine="sqlite", ordered=True),
    mm.generate.Write(prompt="Say {{ text }} {{ label }}", column="out"),
    mm.generate.Draw(
        {
            "n": {"distribution": "poisson", "mu": 3},
            "twice": {"expression": "n + n + score"},
            "d": {"by": "label", "values": {"a": [1], "b": [2]}},
        }
    ),
    mm.generate.Draw({"verb": ["bake", "hide"], "features": {"some": ["twist", "moral"], "most": 1}}),
    mm.generate.Attributes(of="label", classes=["a", "b"], about="messages", length=[10, 20], values=3, most=2),
    mm.generate.Persona("text", n=2, hops=1),
    mm.generate.Chain([{"ask": "q", "prompt": "About {{ text }}"}, {"ask": "a", "prompt": "{{ q }}", "as": "code", "check": "a != ''"}]),
    mm.generate.Dialogue(turns=[1, 3], topic="text"),
    mm.generate.Evolve(column="text", judged_by="judge", answer="reply"),
    mm.generate.Parents("real"),
    mm.generate.Vote("secret", "text", rows=3, label="label", labels=["a", "b"], vary={"tone": ["plain", "cross"]}),
    mm.generate.Marginals("secret", {"label": {"levels": ["a", "b"]}}),
    mm.generate.EvolveRows("secret", {"label": {"levels": ["a", "b"]}, "text": {"levels": ["x"], "missing": True}}, rows=4),
    mm.curate.Elect("secret", "text", rows=4),
    mm.generate.Topics(["fees", "rooms"]),
    mm.generate.Cover("real.text", "text", per_round=3),
    mm.generate.Prefix("chatml", system="You know {{ label }}."),
    mm.generate.GroundedQa("text"),
    mm.generate.GroundedQa("text", kind="unanswerable"),
    mm.generate.Inpars("text", score="none"),
    mm.generate.Inpars("text", "fever", {"from": "real", "k": 2, "document": "text", "query": "label"}, score="none"),
    mm.generate.Candidates("{{ text }}", temperatures=[0.1, 1.0]),
    mm.generate.ToolDialogue([{"name": "look", "description": "looks", "parameters": {"type": "object"}}], most_calls=2, without=1.0),
    mm.generate.Perturb("text", ["typos", "negation", "contrast"], "label", {"contrast": {"a": "b", "b": "a"}}),
    mm.generate.Instruct("tasks", k=1),
    mm.generate.Swap("text", pairs={"cat": "dog", "fees": "rooms"}, groups=["left", "right"]),
    mm.generate.Swap("text", "replace", {"cat": "dog"}, groups=["left", "right"], share=0.5, otherwise="drop"),
    mm.curate.Compare("label", "options"),
    mm.curate.Rate("label", "options"),
    mm.curate.Probe("label", "text"),
    mm.curate.Probe("text", "label", samples=2, model="judge"),
    mm.curate.Prefer("score", "options"),
    mm.curate.Instruction("text", "alpaca", output="label"),
    mm.curate.Judge(["text", "label"], {"clear": "Is it clear?", "fits": {"ask": "Does it fit {{ label }}?", "scale": [0, 2]}}, votes=2),
    mm.curate.Judge(["options"], {"clear": {"ask": "Is it clear?", "least": 3}}, least=0.5, into="rubric"),
    mm.curate.Faithful("text", "label"),
    mm.curate.Citations("text", "label"),
    mm.curate.Citations("cited", ["text", "label"], by="ngrams", least=0.1),
    mm.curate.Selfcheck("text", "options"),
    mm.curate.Selfcheck("text", "options", most=1.9, least=3),
    mm.curate.Agree("label", samples=2),
    mm.curate.Agree("label", labels="real.label", least=0),
    mm.curate.Agree(columns=["score", "text"], kind="number"),
    mm.curate.Confidence("label"),
    mm.curate.Confidence(logprob="score", least=0.5),
    mm.curate.SmallModelLoss("label"),
    mm.curate.SmallModelLoss("label", ["score"], folds=2, least=0.4),
    mm.curate.Columns(keep=["text"], rename={"label": "name"}),
    mm.curate.Columns(drop=["sum", "options"]),
    mm.curate.Near("text", 0.7),
    mm.curate.Pii("text"),
    mm.curate.Pii(columns=("text", "options"), action="flag"),
    mm.curate.Pii("text", action="drop", types=("EMAIL",)),
    mm.curate.Redact("text"),
    mm.curate.Redact(columns=("text", "options"), types=("EMAIL", "PERSON")),
    mm.curate.Refusal("text"),
    mm.curate.Refusal("text", action="flag"),
    mm.curate.Refusal("text", action="strip"),
    mm.curate.Contamination("real.text", "text", n=5),
    mm.curate.Contamination(("real.text", "real.label"), columns=("text", "label"), n=3, share=0.2, action="flag"),
    mm.curate.Contamination("real.text", "code", kind="code", n=4, shortest=3),
    mm.curate.Giveaway("text", "code"),
    mm.curate.Repetition("text", {"top_2": 0.3, "run": None}, from_words=2),
    mm.curate.Repetition("text", action="flag"),
    mm.curate.Language("text", least=0.2),
    mm.curate.Language("text", keep=("en",), among=("en", "de")),
    mm.curate.TemplateRate("text", most=0.15, words=2),
    mm.curate.TemplateRate("text", most=0.1, words=2, where="anywhere", action="flag"),
    mm.curate.Range("score", least=1, most=7),
    mm.curate.Range("label", one_of=["a"]),
    mm.curate.Constraint("score >= 2 and label != text"),
    mm.curate.Gibberish("text"),
    mm.curate.Gibberish("text", like="real.text", share=0.05, action="flag"),
    mm.curate.Toxicity("text", words=("cat",)),
    mm.curate.Toxicity("text", "sentence", False, action="flag"),
    mm.curate.Injection("text", "clean"),
    mm.curate.Injection("text", "drop"),
    mm.curate.Roundtrip("label", "text", "score"),
    mm.curate.ClosedBook("label", "score", samples=2),
    mm.curate.Rerank("label", "text", least=0.5),
    mm.curate.Mentions(column="text", words=["label"]),
    mm.curate.Rederive(rationale="text", answer="score", question="label", samples=2),
    mm.curate.Rederive(rationale="text", answer="score", kind="number"),
    mm.curate.Length(column="text", words=(2, 8)),
    mm.curate.Length(column="text", words=(1, "score")),
    mm.curate.Pattern(column="text", drop="fees", keep=["cat", "answer"]),
    mm.curate.Parse(column="text", kind="number", into="n"),
    mm.curate.Parse(column="text", kind="label", labels=["positive", "negative"], into="l"),
    mm.curate.Quote(quote="label", passage="text", answer="label", near="score"),
    mm.curate.Quote(quote="text", passage="text", answer="label", answer_f1=0.5),
    mm.curate.Dedup(column="text"),
    mm.curate.Dedup(columns=("text", "label"), near=None),
    mm.curate.Novelty("text"),
    mm.curate.Novelty("text", 0.2, against="real.text", script="any"),
    mm.curate.Arithmetic("text"),
    mm.curate.Compute("sum", equals="score"),
    mm.curate.Compute("text"),
    mm.curate.Critic("real", ["text"], share=0.3),
    mm.curate.Critic("labelled", ["text", "score"], weigh="odds", clip=5.0, label="label", test="labelled", learner="linear"),
    mm.curate.Imp("labelled", ["text"], "label"),
    mm.curate.Imp("real", ["text"], "label", "dimp", clip=4.0, test="labelled"),
    mm.curate.Sungen(["text"], "label", rounds=3),
    mm.curate.Sungen(["text", "score"], "label", rounds=2, test="labelled", learner="boosting", clip=3.0),
    mm.curate.Select(n=2, by="score", per="label"),
    mm.curate.Select(share=0.5),
    mm.curate.Even("label", "small"),
    mm.curate.Even("label", "small", "weigh", ["a", "b"]),
    mm.curate.LabelErrors("label", ("text",)),
    mm.curate.LabelErrors("label", ("score", "text"), "drop", "boosting", 3),
    mm.curate.LabelErrors("label", ("text",), "correct"),
    mm.curate.CleanSet("label", ("text", "score"), examples=2),
    mm.curate.Distil("label", ("text",), 2.0),
    mm.curate.Relabel("text", "label", ["a", "b"], only="not small", models=["judge", "user"], votes=2),
    mm.curate.Relabel("text", "label", "real.label", examples="options"),
    mm.curate.Shuffle(),
    mm.curate.Split({"train": 0.75, "test": 0.25}, stratify="label"),
]
