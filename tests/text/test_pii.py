"""Personal data in text: what is found and what is not, offsets, redacting twice, hostile text, and the figures on Presidio-research's texts."""

from __future__ import annotations

import importlib.util
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from mintmark.text.pii import TYPES, find
from mintmark.text.placeholders import Redactor

FOUND = [  # the part between the bars is of this type
    ("EMAIL", "mail |bob.o'neil+x@mail.example.org|, now"),
    ("EMAIL", "mail |jürgen@müller.de|."),
    ("EMAIL", "mail |bob [at] example [dot] com|"),
    ("PHONE", "ring |+44 7700 900123| today"),
    ("PHONE", "my number is |555 0199 22|"),
    ("PHONE", "|(212) 555-0187|"),
    ("PHONE", "tel. |030 901820|"),
    ("PHONE", "Tel: |٠٣٠ ٩٠١٨٢٠|"),
    ("CARD", "pay with |4111 1111 1111 1111| please"),
    ("CARD", "|5500-0000-0000-0004|"),
    ("IBAN", "to |gb82 west 1234 5698 7654 32| now"),
    ("IP", "from |192.168.0.12|."),
    ("IP", "at |2001:db8::ff00:42:8329|, up"),
    ("MAC", "eth0 |00:1A:2b:3c:4D:5e|"),
    ("URL_SECRET", "see |https://bob:hunter2@example.org/x|."),
    ("URL_SECRET", "see |https://example.org/a?x=1&access_token=abcd1234|, ok"),
    ("JWT", "|eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl|"),
    ("SECRET", "key |sk-proj-abcdefghijklmnop1234|"),
    ("SECRET", "password: |hunter22!|"),
    ("SECRET", "|AKIAIOSFODNN7EXAMPLE|"),
    ("SECRET", "|-----BEGIN RSA PRIVATE KEY-----\nMIIE+/x=\n-----END RSA PRIVATE KEY-----|"),
    ("CRYPTO", "send to |1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2|"),
    ("CRYPTO", "send to |0x52908400098527886E0F7030069857D2E4169EE7|"),
    ("SECRET", "header Authorization: Bearer |abcDEF123456|"),
    ("SECRET", "bot |123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0|"),
    ("SECRET", "AccountKey=|Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6==|"),
    ("URL_SECRET", "post to |https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXX|"),
    ("URL_SECRET", "at |https://b.s3.amazonaws.com/x.csv?X-Amz-Date=1&X-Amz-Signature=0a1b2c3d|"),
    ("URL_SECRET", "in |mongodb+srv://me:pass@db.example.org/x|"),
    ("IP", "at |2001:db8::1|, up"),
    ("GPS", "at |52.52000, 13.40500|"),
    ("GPS", "at |52.52000, 13.40500|, 30 m up"),
    ("GPS", "at |48°51'24\"N 2°21'03\"E|."),
    ("BIRTH_DATE", "She was born on |12 March 1984| in Bonn"),
    ("BIRTH_DATE", "DOB: |1984-03-12|"),
    ("PASSPORT", "passport no. |C01X00T47|"),
    ("PERSON", "ask Dr. |Åsa van der Berg| about it"),
    ("PERSON", "My name is |Bob Stone|, hello"),
    ("PERSON", "Dear |Mary|,"),
    ("PERSON", "signed by |Carl E. Steffensen| today"),
    ("CARD", "card |4111\u200b1111\u200b1111\u200b1111| thanks"),  # invisible characters inside, and one before the next word
    ("CARD", "card |4111 1111 1111 1111|\u200bthanks"),
    ("CARD", "カード番号は|3566002020360505|です"),
    ("CARD", "card |4111.1111.1111.1111| with dots"),
    ("CARD", "|4111 - 1111 - 1111 - 1111|"),
    ("IBAN", "IBAN |DE\u00ad89\u200d3704 0044 0532 0130 00|"),
    ("IBAN", "IBAN: |DE 89 3704 0044 0532 0130 00|"),
    ("IBAN", "IBAN|DE89370400440532013000|"),
    ("EMAIL", "|bob@\u200bexample.com|"),
    ("EMAIL", "|ju\u0308rgen@example.com|"),  # letters and their marks apart, as macOS writes file names
    ("PERSON", "Mein Name ist |Ka\u0308the Großmann|."),
    ("PERSON", "Sig.ra |Bianchi| ha chiamato"),
    ("US_SSN", "SSN |５３６－９０－４３９９|"),
    ("ES_DNI", "DNI: |12.345.678-Z|"),
    ("PHONE", "meine Handynummer ist |01711234567|"),
    ("PHONE", "mi número es |612345678|"),
    ("PHONE", "звоните |8 495 123-45-67|"),
    ("IP", "从|192.0.2.55|登录"),
    ("SECRET", "mot de passe : |Azerty1234|"),
    ("SECRET", "密码：|abc12345|"),
    ("SECRET", "PGPASSWORD=|s3cretpw|"),
    ("BIRTH_DATE", "дата рождения |12.03.1974|"),
    ("BIRTH_DATE", "出生日期：|1974-03-12|"),
    ("BIRTH_DATE", "urodzony |12.03.1974|"),
    ("PERSON", "my name is |patricia stone|"),
    ("ADDRESS", "lives in |12 Old Mill Road|, since"),
    ("ADDRESS", "wohnt |Lindenstraße 5a, 10969 Berlin|."),
    ("ADDRESS", "at |8 rue de la Paix| since"),
    ("ADDRESS", "write to |P.O. Box 123|"),
]
CLEAN = [
    "In 2019-2020 they sold 1,234,567 units at 12.50 each.",
    "23786-17509=6277 and 2400-1100-700=600",
    "Version 1.2.3.4 came on 2024-05-06 at 12:34:56.",
    "std::vector<int> a::b",
    "The order 4111111111111112 is late.",
    "I cannot say; my name is not on the list.",
    "Dear customer, thank you.",
    "She took 1 hour to walk down the road to a place of 24 people.",
    "CAN I SPEAK TO A REAL PERSON?",
    "<EMAIL_1> wrote to <PERSON_2>.",
    "The meeting is on 12 March 1984.",
    "a@b, @home, user@localhost",
    "reset the token: please",
    "odd = l[1::2] + x[-1::-1] and ::1",
    "[-1.93043, -0.23102, -2.44321, -0.47292]",
    "Authorization: see page 3",
    "Firmware 2.4.1.0, Kapitel 1.2.3.4, § 3.1.2.5",
    "12 345 678 inhabitants, 67 413 000 more, 100.000.000 in all",
    "0.1 0.2 0.3 0.4 and 0-306-40615-2",
    "EAN 5901234123457",
]


@pytest.mark.parametrize("kind, marked", FOUND)
def test_found(kind: str, marked: str) -> None:
    before, inside, after = marked.split("|")
    text = before + inside + after
    assert [(f.type, text[f.start : f.end]) for f in find(text)] == [(kind, inside)]


@pytest.mark.parametrize("text", CLEAN)
def test_clean(text: str) -> None:
    assert find(text) == []


def test_a_plain_address_on_the_web_only_where_asked() -> None:
    assert find("see https://example.org/a.") == []
    assert find("see https://example.org/a.", ["URL"]) == [("URL", 4, 25)]
    with pytest.raises(ValueError, match="no type MAIL"):
        find("x", ["MAIL"])


def test_equal_values_share_a_number_and_old_placeholders_keep_theirs() -> None:
    redactor = Redactor()
    assert redactor.redact("Mr. Stone <EMAIL_4>: a@x.org, b@x.org, A@X.org. Stone agreed.") == (
        "Mr. <PERSON_1> <EMAIL_4>: <EMAIL_5>, <EMAIL_6>, <EMAIL_5>. <PERSON_1> agreed."
    )
    assert redactor.redact("again b@x.org") == "again <EMAIL_6>"


PIECES = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            [p.replace("|", "") for _, p in FOUND] + CLEAN + ["<EMAIL_1>", "<PERSON_99>", "Mr. ", "born ", "tel ", " ", "\n", "+49 "]
        ),
        st.text(alphabet="0123456789 .-+()@:/<>_ABab'", max_size=30),
    ),
    max_size=6,
)


@given(PIECES)
@settings(max_examples=120, deadline=None)
def test_any_text(parts: list[str]) -> None:
    text = "".join(parts)
    found = find(text, TYPES)
    assert all(0 <= a.start < a.end <= len(text) for a in found)
    assert all(a.end <= b.start for a, b in zip(found, found[1:]))
    once = Redactor().redact(text)
    assert Redactor().redact(once) == once and find(once) == []
    kept = re.split(r"<[A-Z_]+_[0-9]{1,6}>", once)
    at = 0
    for piece in kept:  # what was not replaced stands as it stood, in order
        at = text.find(piece, at)
        assert at >= 0
        at += len(piece)


HOSTILE = {
    "letters": "a", "digits": "1", "at signs": "@", "groups": "123 456 7890 ", "born": "born Jan ", "iban": "GB82 ", "keys": "-----BEGIN PRIVATE KEY-----",
    "names": "Name: Aa ", "streets": "address: 12 Aa bb 1", "links": "http://", "blanks": " ",
    "ethereum": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD ",
}  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_takes_linear_time(piece: str) -> None:
    """A megabyte takes 1 to 3 CPU seconds; a tenth of that for most here. The bound is above what it takes, far below what is quadratic."""
    size = 1_000_000 if piece in ("a", "1") else 100_000
    text = piece * (size // len(piece))
    begun = time.process_time()
    find(text)
    assert time.process_time() - begun < 6e-6 * size + 1


def test_the_library_is_not_asked_without_end() -> None:
    begun = time.process_time()
    assert len(find("(212) 555-0187 and " * 5_000)) == 5_000
    assert time.process_time() - begun < 3


def load_bench() -> Any:
    spec = importlib.util.spec_from_file_location("bench_pii", ROOT / "bench" / "pii.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_presidio_texts(data: Path) -> None:
    """Measured 2026-11-21: found, right; the bound is that less a margin. Names and streets are what context gives, not a recogniser."""
    table = load_bench().measure(json.loads((data / "presidio_pii" / "synth_dataset_v2.json").read_text()))
    for kind in ("CARD", "EMAIL", "IBAN", "IP", "URL", "US_SSN"):
        assert table[kind]["found"][0] == table[kind]["found"][1] == table[kind]["right"][0] == table[kind]["right"][1], kind
    assert sum(table[k]["found"][1] for k in ("CARD", "EMAIL", "IBAN", "IP", "URL", "US_SSN", "PHONE")) == 365
    for kind, recall, precision in (("PHONE", 0.97, 0.97), ("PERSON", 0.54, 0.92), ("ADDRESS", 0.42, 0.97)):
        (found, gold), (right, finds) = table[kind]["found"], table[kind]["right"]
        assert found / gold >= recall and right / finds >= precision, (kind, table[kind])


def test_sums_are_no_phones(data: Path) -> None:
    """GSM8K: full of numbers, of people with a title and no other personal data. Measured: 2 phones, no other number in 1,319 problems."""
    lines = (data / "gsm8k" / "test.jsonl").read_text().splitlines()[:500]
    found = [f.type for line in lines for f in find(line) if f.type != "PERSON"]
    assert len(found) <= 3 and set(found) <= {"PHONE", "ADDRESS"}
