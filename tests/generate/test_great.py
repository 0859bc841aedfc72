"""great: a tiny random causal model, built here, learns a table's sentences; rows are drawn, conditioned, rejected by name, the same again after a resume."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import check_books, ledger
from mintmark.core.errors import InputError, ModelSpecError, RecipeError, RunFolderError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns
from mintmark.learners.causal_lm import CausalLM, build
from mintmark.models.spec import ModelSpec
from mintmark.purging import purge
from mintmark.text.great import encode

TABLE = {
    "animal": ["cat", "dog", "cow"] * 40,
    "says": ["meow", "woof", "moo"] * 40,
    "age": [4, None, 7, 4] * 30,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GPT-2 of 2 layers with random weights and a tokenizer of the characters' bytes; nothing is fetched."""
    pytest.importorskip("torch", reason="torch is not installed: pip install 'mintmark[transformers]'")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed: pip install 'mintmark[transformers]'")
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    lines = [encode({c: TABLE[c][i] for c in TABLE}, TABLE) for i in range(6)]
    special = ["<|endoftext|>"]
    tokenizer.train_from_iterator(
        lines, trainers.BpeTrainer(vocab_size=320, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    )
    torch.manual_seed(1)
    torch.set_num_threads(1)
    config = transformers.GPT2Config(
        vocab_size=tokenizer.get_vocab_size(), n_positions=64, n_embd=64, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, initializer_range=0.12,
    )  # fmt: skip
    out = tmp_path_factory.mktemp("tiny")
    transformers.GPT2LMHeadModel(config).save_pretrained(out)
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=special[0]).save_pretrained(out)
    return out


def recipe(folder: Path, path: Path, private: bool = False, **great: Any) -> Any:
    path.write_text("\n".join(json.dumps({c: TABLE[c][i] for c in TABLE}) for i in range(120)))
    step = {"great": {"from": "real", "learner": "lm", "epochs": 18, "rate": 0.004, "batch": 16, "temperature": 0.7, **great}}
    table = {"path": str(path), "private": private}
    return mm.load({"name": "t", "steps": [step], "learners": {"lm": f"causal_lm:{folder}"}, "tables": {"real": table}})


def test_learns_samples_conditions_and_resumes(folder: Path, tmp_path: Path) -> None:
    given = recipe(folder, tmp_path / "animals.jsonl", given={"animal": ["cow", "cat"]})
    run = mm.run(given, want=60, out=tmp_path / "out", report=False)
    rows, manifest = run.rows(), check_books(tmp_path / "out")
    print(f"{manifest['kept']} kept, {manifest['dropped']} dropped")
    assert len(rows) == 60 and {r["animal"] for r in rows} == {"cow", "cat"}
    right = sum({"cow": "moo", "cat": "meow"}[r["animal"]] == r["says"] for r in rows)
    assert right >= 57, f"the model has learned what goes with what: {right} of 60"
    assert {r["age"] for r in rows} <= {4, 7, None} and len({r["age"] for r in rows}) > 1
    reasons = Counter(line["reason"] for line in ledger(tmp_path / "out") if line["state"] == "dropped")
    assert set(reasons) <= {*mm.generate.Great.drops, "surplus"}
    again = mm.run(given, want=80, out=tmp_path / "out", report=False)
    assert again.rows()[:60] == rows, "learned anew from the same seed: the same rows, and more of them"
    fresh = mm.run(given, want=80, out=tmp_path / "fresh", report=False)
    assert fresh.rows() == again.rows()
    told = [r.manifest["facts"]["great"]["model"] for r in (run, again, fresh)]
    assert "hash of the weights" in told[0] and len(set(told)) == 1


def test_an_unlearned_model_is_rejected_by_name(folder: Path, tmp_path: Path) -> None:
    run = mm.run(recipe(folder, tmp_path / "animals.jsonl", epochs=1, rate=1e-9), out=tmp_path / "out", report=False)
    manifest = check_books(tmp_path / "out")
    assert run.status == "complete" and manifest["planned"] == 120 and manifest["dropped"] > 110
    assert {line["reason"] for line in ledger(tmp_path / "out") if line["state"] == "dropped"} <= set(mm.generate.Great.drops)


def test_the_folder_stays_as_it_is_and_seeds_tell_apart(folder: Path) -> None:
    before = {f.name: f.read_bytes() for f in folder.iterdir()}
    lm = CausalLM(folder)
    learned = [asyncio.run(lm.learn(lambda epoch: ["a is 1", "b is 2"], epochs=2, batch=2, rate=1e-3, seed=s)) for s in (1, 1, 2)]
    assert {f.name: f.read_bytes() for f in folder.iterdir()} == before
    assert learned[0].digest == learned[1].digest
    lines = [w.write(["a is", "b"], seed=5) for w in learned]
    assert lines[0] == lines[1] and lines[0] != learned[0].write(["a is", "b"], seed=6)
    assert all(a.startswith(b) and "\n" not in a for a, b in zip(lines[0], ["a is", "b"], strict=True))
    with pytest.raises(ModelSpecError, match="takes 64 tokens"):
        asyncio.run(lm.learn(lambda epoch: ["x " * 200], epochs=1, batch=1, rate=1e-3, seed=1))


def test_what_was_learned_is_kept_and_taken_up_again(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given, out = recipe(folder, tmp_path / "animals.jsonl", private=True, epochs=2), tmp_path / "out"
    first = mm.run(given, out=out, report=False)
    (file,) = (out / "learned").iterdir()
    kept = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600 and (out / "learned").stat().st_mode & 0o777 == 0o700
    assert b"cow" not in kept, "weights alone, not the rows"
    learn, learned = CausalLM._learn, []
    monkeypatch.setattr(CausalLM, "_learn", lambda self, *a: learned.append(1) or learn(self, *a))
    more = mm.run(given, want=130, out=out, report=False)
    assert more.manifest["planned"] > first.manifest["planned"] == 120 and not learned, "taken up, not learned"
    file.write_bytes(kept[:-4] + b"\0\0\0\1")
    mm.run(given, want=131, out=out, report=False)
    assert learned == [1] and file.read_bytes() == kept, "changed: learned again, to the same weights"
    file.unlink()
    monkeypatch.setattr(CausalLM, "_learn", lambda self, texts, epochs, *a: learn(self, texts, epochs + 1, *a))
    with pytest.raises(RunFolderError, match="gone or changed.*restore the file"):
        mm.run(given, want=132, out=out, report=False)
    file.write_bytes(kept)
    assert mm.run(given, want=132, out=out, report=False).manifest["planned"] >= more.manifest["planned"]
    assert purge(out).removed["learned"] > 0 and not out.exists()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"columns": ["nope"]}, "no column|has the columns"),
        ({"given": {"animal": "owl"}}, "given: animal is 'owl'"),
        ({"given": {"age": ["four"]}}, "age is 'four'"),
        ({"given": {"animal": []}}, "without a value"),
        ({"given": {"animal": "cat"}, "start": "age"}, "either given or start"),
        ({"start": "age", "columns": ["animal"]}, "not among its columns"),
        ({"epochs": 0}, "at least 1"),
        ({"temperature": 0}, "above 0"),
    ],
)
def test_refused(params: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        op = mm.generate.Great.from_params({"from": "real", **params}, "great")
        op.check(Scene((), {"real": Columns("real", TABLE)}, where="great"))


def test_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(ModelSpecError, match="is no model folder"):
        build(ModelSpec("causal_lm", "nowhere", None, {}, base=str(tmp_path)))
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1}\n{"a": 2}\n')
    made = mm.load({"name": "t", "steps": [{"great": {"from": "real", "learner": "boosting"}}], "tables": {"real": str(path)}})
    with pytest.raises(RecipeError, match="learns no texts"):
        mm.run(made, out=tmp_path / "out")
    path.write_text('{"a": [1]}\n{"a": [2]}\n')
    parrot = mm.Recipe("t", ops=[mm.generate.Great("real", "p")], learners={"p": Deaf()}, tables={"real": str(path)})
    with pytest.raises(InputError, match="no cell that a sentence can hold"):
        mm.run(parrot, out=tmp_path / "out2")


class Deaf:
    name = "deaf"

    origin = restore = lambda *given: "-"

    async def learn(self, texts: Any, **how: Any) -> Any:
        return texts(0)


def test_check_refuses_what_the_run_would(tmp_path: Path) -> None:
    """`check` said fine of a recipe whose learner named no folder."""
    (tmp_path / "t.csv").write_text("a,b\n" + "1,x\n2,y\n" * 20)
    head: dict[str, Any] = {"name": "g", "tables": {"t": str(tmp_path / "t.csv")}}
    with pytest.raises(ModelSpecError, match="expected causal_lm:FOLDER"):
        mm.check(mm.load({**head, "steps": [{"great": {"from": "t"}}]}))
    with pytest.raises(ModelSpecError, match="nowhere is no model folder"):
        mm.check(mm.load({**head, "learners": {"lm": "causal_lm:nowhere"}, "steps": [{"great": {"from": "t", "learner": "lm"}}]}))
