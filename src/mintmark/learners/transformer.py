"""transformer: a pretrained encoder, fine-tuned: utility for those who train transformers in the end.

    pip install 'mintmark[transformers]'        learners: {default: "transformer:models/distilbert-base-uncased"}

The model is a folder as `save_pretrained` writes it (safetensors; no pickle, no code from the folder, nothing is fetched). The row is its text; of
several columns "name: cell" after each other. AdamW, batches of 16, 3 epochs, rate 5e-5 with 10 % warm-up and linear decay, 128 tokens at most,
as in Devlin et al. 2019; no tuning, no early stopping. Weighted cross-entropy, or squared error on the scaled target. On a graphics card where
there is one. Not covered: adapters, generative models. Slow on a processor: set `most` and `seeds` of the metric low.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.errors import MissingExtra, ModelSpecError
from ..core.ports import Fitted, Learner
from ..stats.constant import Constant
from . import Goal, quiet

Table = Mapping[str, Sequence[Any]]


class TransformerLearner:
    def __init__(self, folder: Path | None = None, epochs: int = 3, rate: float = 5e-5, batch: int = 16, tokens: int = 128) -> None:
        self.folder, self.epochs, self.rate, self.batch, self.tokens = folder, epochs, rate, batch, tokens
        self.name = f"transformer:{folder.name}" if folder else "transformer"

    def fit(
        self, table: Table, target: Sequence[Any], *, task: str = "classification", weight: Sequence[float] | None = None, seed: int = 0
    ) -> Fitted:
        torch, transformers = _libraries()

        if self.folder is None or not (self.folder / "config.json").is_file():
            raise ModelSpecError(
                f"learners: {self.folder or 'transformer'}: expected transformer:FOLDER, a model as save_pretrained writes it; "
                "download one first, for instance with `hf download distilbert-base-uncased --local-dir FOLDER`"
            )
        goal = Goal(torch, target, weight, task)
        if task != "regression" and len(goal.classes) < 2:
            return Constant(next(iter(goal.classes), None))
        device = "cuda" if torch.cuda.is_available() else "cpu"
        with quiet(transformers), torch.random.fork_rng():
            torch.manual_seed(seed % 2**63)
            options = dict(local_files_only=True, trust_remote_code=False)
            tokenizer = transformers.AutoTokenizer.from_pretrained(self.folder, **options)
            net = transformers.AutoModelForSequenceClassification.from_pretrained(
                self.folder, num_labels=max(1, len(goal.classes)), use_safetensors=True, ignore_mismatched_sizes=True, **options
            ).to(device)
            fitted = _Tuned(tokenizer, net, goal, self.tokens, device)
            texts = _texts(table)
            steps = self.epochs * -(-len(texts) // self.batch)
            adam = torch.optim.AdamW(net.parameters(), lr=self.rate)
            pace = transformers.get_linear_schedule_with_warmup(adam, steps // 10, steps)
            net.train()
            for _ in range(self.epochs):
                for rows in torch.randperm(len(texts)).split(self.batch):
                    loss = goal.loss(fitted.logits([texts[int(i)] for i in rows]), rows)
                    adam.zero_grad()
                    loss.backward()
                    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                    adam.step()
                    pace.step()
            net.eval()
        return fitted


class _Tuned:
    def __init__(self, tokenizer: Any, net: Any, goal: Goal, tokens: int, device: str) -> None:
        self._tokenizer, self._net, self._goal, self.classes = tokenizer, net, goal, goal.classes
        self._tokens, self._device = tokens, device

    def logits(self, texts: list[str]) -> Any:
        batch = self._tokenizer(texts, truncation=True, max_length=self._tokens, padding=True, return_tensors="pt")
        return self._net(**batch.to(self._device)).logits

    def _out(self, table: Table) -> Any:
        torch, _ = _libraries()
        texts = _texts(table)
        with torch.no_grad():
            return torch.cat([self.logits(texts[i : i + 64]).double().cpu() for i in range(0, max(1, len(texts)), 64)])

    def predict(self, table: Table) -> Sequence[Any]:
        return self._goal.read(self._out(table))

    def proba(self, table: Table) -> Any:
        return self._out(table).softmax(1).numpy()


def _texts(table: Table) -> list[str]:
    """One text a row."""
    if len(table) == 1:
        return ["" if c is None else str(c) for c in next(iter(table.values()))]
    return [". ".join(f"{n}: {c}" for n, c in zip(table, row) if c is not None) for row in zip(*table.values())]


def _libraries() -> Any:
    try:
        import torch
        import transformers
    except ImportError as error:
        raise MissingExtra("transformers", "transformers", "the learner transformer") from error
    return torch, transformers


def build(spec: Any) -> Learner:
    return TransformerLearner(Path(spec.base) / spec.model if spec.model else None)
