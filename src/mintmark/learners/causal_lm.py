"""causal_lm: a small causal language model that learns to write lines like those given; what `great` makes tables with.

    pip install 'mintmark[transformers]'        learners: {lm: "causal_lm:models/distilgpt2"}

The model is a folder as `save_pretrained` writes it, with its tokenizer (safetensors; no pickle, no code from the folder, nothing is fetched). AdamW with
linear decay, no warm-up; each line ends with the end-of-text token. Sampling is plain: no top-k, no nucleus. On a graphics card where there is one.
What was learned is kept as safetensors, with the digest that is checked when it is taken up again. The same seed gives the same weights and the same lines on the same machine and number of threads, not on another: floating-point sums differ.
Not covered: adapters, 8 bit, quantised training, several cards. A model that learns real rows can repeat them: measure privacy.
Source: as in GReaT (2210.06280), with the settings of its authors' package as defaults of the step.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..core.errors import MissingExtra, ModelSpecError
from . import quiet

SLACK, TOGETHER = 1.25, 64  # how much longer than the longest line learned a line may be; lines written at once


class CausalLM:
    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.name = f"causal_lm:{folder.name}" if folder else "causal_lm"

    def origin(self) -> str:
        """Of the folder's files, names and contents."""
        found = hashlib.blake2b(digest_size=16)
        for file in sorted(p for p in self._folder().iterdir() if p.is_file()):
            with file.open("rb") as content:
                found.update(file.name.encode("utf-8", "surrogateescape") + hashlib.file_digest(content, hashlib.blake2b).digest())
        return found.hexdigest()

    def _folder(self) -> Path:
        if self.folder is None:
            raise ModelSpecError("learners: causal_lm: expected causal_lm:FOLDER, a causal language model as save_pretrained writes it")
        return self.folder

    def _load(self) -> tuple[Any, Any, str]:
        """Tokenizer, net, device."""
        import torch
        import transformers

        device = "cuda" if torch.cuda.is_available() else "cpu"
        options: dict[str, Any] = dict(local_files_only=True, trust_remote_code=False)
        with quiet(transformers):
            tokenizer: Any = transformers.AutoTokenizer.from_pretrained(self._folder(), **options)
            net: Any = transformers.AutoModelForCausalLM.from_pretrained(self._folder(), use_safetensors=True, **options)
        if tokenizer.eos_token_id is None:
            raise ModelSpecError(f"learners: {self.name}: its tokenizer has no end-of-text token (eos_token)")
        return tokenizer, net.to(device), device

    def restore(self, kept: bytes) -> _Writer:
        """ValueError for what is not the weights of this model."""
        from safetensors.torch import load

        tokenizer, net, device = self._load()
        told, longest = json.loads(kept[8 : 8 + int.from_bytes(kept[:8], "little")])["__metadata__"]["about"].split()
        net.load_state_dict(load(kept), strict=False)  # tied weights are kept once; the digest tells whether all are there
        writer = _Writer(tokenizer, net.eval(), int(longest), device)
        if writer.digest != told:
            raise ValueError(f"what was learned is not of the model in {self.name}")
        return writer

    async def learn(self, texts: Callable[[int], Sequence[str]], *, epochs: int, batch: int, rate: float, seed: int) -> _Writer:
        """Fine-tunes a copy of the folder's model, off the loop: it takes minutes, and a run must still hear that it is to stop."""
        return await asyncio.to_thread(self._learn, texts, epochs, batch, rate, seed)

    def _learn(self, texts: Callable[[int], Sequence[str]], epochs: int, batch: int, rate: float, seed: int) -> _Writer:
        import torch

        tokenizer, net, device = self._load()
        end = tokenizer.eos_token_id
        most = int(getattr(net.config, "max_position_embeddings", 0) or 1024)
        longest, steps, done = 0, 1, 0
        with torch.random.fork_rng():
            torch.manual_seed(seed % 2**63)
            adam = torch.optim.AdamW(net.parameters(), lr=rate)
            net.train()
            for epoch in range(epochs):
                lines = [[*tokenizer(text, add_special_tokens=False)["input_ids"], end] for text in texts(epoch)]
                longest = max(longest, *map(len, lines))
                if longest > most:
                    raise ModelSpecError(f"learners: {self.name} takes {most} tokens, a row has {longest}; use fewer columns")
                steps = epochs * -(-len(lines) // batch)
                for picked in torch.randperm(len(lines)).split(batch):
                    rows = [lines[int(i)] for i in picked]
                    width = max(map(len, rows))
                    ids = torch.tensor([r + [end] * (width - len(r)) for r in rows], device=device)
                    mask = torch.tensor([[1] * len(r) + [0] * (width - len(r)) for r in rows], device=device)
                    for group in adam.param_groups:
                        group["lr"] = rate * (1 - done / steps)
                    adam.zero_grad()
                    told = net(input_ids=ids, attention_mask=mask).logits[:, :-1]
                    goal = ids.masked_fill(mask == 0, -100)[:, 1:]  # the first end of a line counts, what fills it up does not
                    torch.nn.functional.cross_entropy(told.flatten(0, 1).float(), goal.flatten()).backward()
                    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                    adam.step()
                    done += 1
            net.eval()
        return _Writer(tokenizer, net, min(most, math.ceil(SLACK * longest)), device)


class _Writer:
    def __init__(self, tokenizer: Any, net: Any, longest: int, device: str) -> None:
        self._tokenizer, self._net, self._longest, self._device = tokenizer, net, longest, device
        weights = hashlib.blake2b(digest_size=16)
        for name, value in sorted(net.state_dict().items()):
            weights.update(name.encode() + value.detach().cpu().float().numpy().tobytes())
        self.digest = weights.hexdigest()

    def kept(self) -> bytes:
        from safetensors.torch import save

        once = {v.data_ptr(): (name, v) for name, v in sorted(self._net.state_dict().items(), reverse=True)}  # tied weights once
        tensors = {name: v.detach().cpu().contiguous() for name, v in sorted(once.values())}
        found: bytes = save(tensors, {"about": f"{self.digest} {self._longest}"})  # one entry: of several the order would change
        return found

    def write(self, starts: Sequence[str], *, seed: int, temperature: float = 1.0) -> list[str]:
        import torch

        out: list[str] = []
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed % 2**63)
            for at in range(0, len(starts), TOGETHER):
                out += self._some(starts[at : at + TOGETHER], temperature)
        return out

    def _some(self, starts: Sequence[str], temperature: float) -> list[str]:
        import torch

        end = self._tokenizer.eos_token_id
        rows = [self._tokenizer(text, add_special_tokens=False)["input_ids"] for text in starts]
        width = max(map(len, rows))  # padded on the left, so that all go on at the same place
        ids = torch.tensor([[end] * (width - len(r)) + r for r in rows], device=self._device)
        mask = torch.tensor([[0] * (width - len(r)) + [1] * len(r) for r in rows], device=self._device)
        made = self._net.generate(
            input_ids=ids,
            attention_mask=mask,
            do_sample=True,
            temperature=temperature,
            top_k=0,
            top_p=1.0,
            max_new_tokens=max(1, self._longest - min(map(len, rows))),
            pad_token_id=end,
            eos_token_id=end,
        )
        told = self._tokenizer.batch_decode(made[:, width:], skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return [(start + more).partition("\n")[0] for start, more in zip(starts, told, strict=True)]


def build(spec: Any) -> CausalLM:
    """A folder that is not there, or a library that is missing, is refused before the run."""
    if not spec.model:
        return CausalLM(None)
    folder = Path(spec.base) / spec.model
    if not (folder / "config.json").is_file():
        raise ModelSpecError(
            f"learners: {folder} is no model folder; expected causal_lm:FOLDER with config.json, as save_pretrained writes it"
        )
    for library in ("torch", "transformers"):
        if find_spec(library) is None:
            raise MissingExtra(library, "transformers", "causal_lm:")
    return CausalLM(folder)
