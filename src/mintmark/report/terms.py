"""What providers and model licences say about outputs, in one sentence each: what a data card tells of the model that wrote the rows.

Summaries as we know the terms, not legal advice, and terms change: each card says to check them. A model that is not here is unknown, and
the card says that. A family counts wherever its weights are served; where a provider serves it, the provider's terms come on top.
"""

from __future__ import annotations

import re

KNOWN = "as known 2026-11"

# what the model's name holds -> who, terms of its outputs
TERMS: tuple[tuple[str, str, str], ...] = (
    (r"openai:(gpt-(?!oss)|o[1-9]|chatgpt|text-)", "OpenAI", "outputs belong to the customer; they may not be used to develop models that compete with OpenAI"),
    (r"gpt-oss", "OpenAI, open weights", "Apache-2.0, which puts no condition on outputs; OpenAI publishes a usage policy beside it"),
    (r"claude", "Anthropic", "outputs belong to the customer; they may not be used to build a competing product or service or to train competing models"),
    (r"gemini", "Google", "Google claims no ownership of outputs; they may not be used to develop models that compete with its services"),
    (r"gemma", "Google, open weights", "Google claims no rights in outputs; a model trained on them to behave like Gemma falls under the Gemma terms"),
    (r"deepseek", "DeepSeek", "R1 and later weights are MIT, and outputs may be used to train other models; distilled models also carry their base model's licence"),
    (r"llama-?2|llama-?3(?!\.[1-9])", "Meta", "the Llama 2 and 3 licences forbid using outputs to improve any other large language model"),
    (r"llama", "Meta", "since Llama 3.1 outputs may improve other models, whose names must then begin with 'Llama'; other conditions of the licence hold"),
    (r"qwen", "Alibaba", "most Qwen models are Apache-2.0, without a condition on outputs; some sizes have a Qwen licence that asks to name Qwen in models trained on them"),
    (r"mixtral|mistral-7b|open-mistral|mistral-nemo", "Mistral, open weights", "Apache-2.0, which puts no condition on outputs"),
    (r"phi-?[34]", "Microsoft, open weights", "MIT, which puts no condition on outputs"),
)  # fmt: skip


def output_terms(model: str) -> str:
    """One sentence for a model's name ('openai:gpt-5-mini', 'llamacpp:qwen2.5-7b-q4:3f..')."""
    scheme = model.partition(":")[0]
    if scheme == "scripted":
        return "a function that stands in for a model: its author's terms"
    if scheme == "replay":
        return "recorded replies: the terms are those of the model that was recorded, which the file does not name; check them"
    name = model.casefold()
    for pattern, who, terms in TERMS:
        if re.search(pattern, name):
            return f"{who}: {terms} ({KNOWN}; check the provider's terms)"
    return "unknown to us: check the provider's terms and the model's licence before using or sharing the rows"


__all__ = ["KNOWN", "TERMS", "output_terms"]
