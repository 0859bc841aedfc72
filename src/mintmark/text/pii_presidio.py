"""What the pattern recognisers of Microsoft Presidio find beside our own: some 90, most of them national numbers. Optional: extra `presidio`.

    find("ABA routing number 121000358")  ->  [Found(type='ABA_ROUTING_NUMBER', start=19, end=28)]

The recognisers are called one by one: no spaCy model, no engine, no words of context. So only what scores SURE or more counts: a checksum that holds, or
a shape that Presidio takes for strong. Not used: URL, dates and UUIDs, which name nobody.
Presidio asks tldextract about the domain of an e-mail, and that fetches the public suffix list from the internet: here it has its snapshot.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

from .pii import Found

SURE = 0.5
SKIPPED = {"URL", "DATE_TIME", "UUID"}
OURS = {"EMAIL_ADDRESS": "EMAIL", "CREDIT_CARD": "CARD", "IBAN_CODE": "IBAN", "IP_ADDRESS": "IP", "MAC_ADDRESS": "MAC"}


@cache
def _recognizers() -> list[Any]:
    import presidio_analyzer.predefined_recognizers as predefined
    from presidio_analyzer import PatternRecognizer
    from tldextract import TLDExtract

    offline = TLDExtract(suffix_list_urls=(), cache_dir=None)

    class Email(predefined.EmailRecognizer):  # type: ignore[misc]
        def validate_result(self, pattern_text: str) -> bool:
            return bool(offline(pattern_text).suffix)

    kinds = [k for k in vars(predefined).values() if inspect.isclass(k) and issubclass(k, PatternRecognizer)]
    made: list[Any] = [(Email if k is predefined.EmailRecognizer else k)() for k in kinds if k is not PatternRecognizer]
    return [r for r in made if not SKIPPED & set(r.supported_entities)]


def find(text: str) -> list[Found]:
    found = [r for recognizer in _recognizers() for r in recognizer.analyze(text, recognizer.supported_entities) or () if r.score >= SURE]
    found.sort(key=lambda r: (-r.score, r.start - r.end))
    return [Found(OURS.get(r.entity_type, r.entity_type), r.start, r.end) for r in found]
