"""Which language a text is in: a naive Bayes model of byte n-grams over 139 languages, in process, no network.

    Detector().detect("Das Paket ist noch nicht angekommen.")  ->  ('de', 0.999)
    Detector(["en", "de"]).detect("ok danke")                   ->  ('de', 0.9...)

Source: langid.py (Lui and Baldwin 2012, ACL demo) as kept in py3langid (BSD-3-Clause; its model ships in the wheel, as arrays without pickle).
Takes 0.7 s and about 110 MB once. At most the first 5,000 characters are read. Texts without letters are 'und', 0.0.
Not covered: texts of several languages (the commonest wins), dialects, romanised scripts; two or three words, unless few languages are possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

MOST_CHARACTERS = 5_000
UNKNOWN = "und"


@cache
def _model(among: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(model.nb_classes)
    if unknown := sorted(set(among) - known):
        raise ValueError(f"the language '{unknown[0]}' is not known; codes are of ISO 639-1, such as {', '.join(sorted(known)[:200:8])}")
    if among:
        model.set_languages(list(among))
    return model


class Detector:
    """among: the only languages that can be; ValueError for one that the model does not know."""

    def __init__(self, among: Sequence[str] = ()) -> None:
        self._model = _model(tuple(sorted(set(among))))

    def detect(self, text: str) -> tuple[str, float]:
        """(code, probability under the model), which is near 1 for a sentence whether right or wrong."""
        text = text[:MOST_CHARACTERS]
        if not any(c.isalpha() for c in text):
            return UNKNOWN, 0.0
        language, confidence = self._model.classify(text.encode("utf-8", "replace").decode())
        return str(language), min(1.0, float(confidence))
