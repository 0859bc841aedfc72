"""Personal data in text: where it stands, by shape, checksum and the words around it.

    find("mail bob@example.org, card 4111 1111 1111 1111")  ->  [Found(type='EMAIL', start=5, end=20), Found(type='CARD', start=27, end=46)]

Decided by shape and checksum: EMAIL, CARD, IBAN, IP, MAC, CRYPTO, JWT, SECRET (API keys, private keys, `password=...`), URL_SECRET (an address that
carries a password or token), GPS, national ids (pii_ids.py). By a library: PHONE (phonenumbers, as written in `regions`; after a word such as
'phone' any 7 to 15 digits). By context alone, so with gaps: PERSON (after a title, 'my name is', a greeting, a label, or a given name of our list), ADDRESS (number and street
word), BIRTH_DATE, PASSPORT, DRIVING_LICENCE. URL is off unless asked for.
Source: the entity types follow Presidio's (github.com/microsoft/presidio); patterns are our own. Measured: bench/pii.py.
Not covered: names off the list and places without a context, other scripts' names, spelled-out digits; meaning. What it
leaves is not free of personal data.

All patterns are bounded, so time is linear in the text; the library and the slow checksums are asked at most LIBRARY_TRIES times a
text, what comes after passes by shape.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from .looks import as_seen, same_length, unseen
from .pii_context import OFF, Spans, addresses, persons, spans
from .pii_crypto import RIPPLE, base58check, bech32, eip55, monero, private_key
from .pii_ids import IBAN_LENGTHS, NATIONAL_IDS, card, iban, luhn

REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "SE", "CH")
LIBRARY_TRIES, MOST_LABELLED = 500, 100
SAY_NOTHING = ("", "text", "number", "office", "desk")  # as names of columns; in a text they tell of a phone


class Found(NamedTuple):
    """text[start:end] is of this type."""

    type: str
    start: int
    end: int


# -- kinds: each yields (start, end) of what it finds in plain(text) -----------------------------------------------------
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%'-]{1,64}@(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w-])")
_EMAIL_SPELLED = re.compile(
    r"(?<![\w.])[\w.+%-]{1,64} ?[\[({] ?at ?[\])}] ?[\w-]{1,63}(?: ?[\[({] ?dot ?[\])}] ?[\w-]{2,63}|\.[\w-]{2,63}){1,5}", re.I
)


def _email(text: str) -> Spans:
    if "@" in text:
        yield from spans(_EMAIL, text)
    yield from spans(_EMAIL_SPELLED, text)


_CARD = re.compile(
    r"(?<![A-Za-z0-9.])(?:[0-9](?:[ -]?[0-9]){11,18}|[0-9]{4}(?:\s?[ .\n-]\s?[0-9]{4}){3})(?![A-Za-z0-9-]|\.[0-9])"
)  # letters of scripts without blanks may stand beside it

_GOODS = re.compile(r"\b(?:ean|gtin|isbn|upc|barcode)\W{0,3}\Z", re.I)
_CARD_WORD = re.compile(r"\b(?:cards?|cc|visa|mastercard|amex|carte|karte|tarjeta|carta|cartão)\b", re.I)


def _card(text: str) -> Spans:
    for m in _CARD.finditer(text):
        digits = re.sub(r"[^0-9]", "", m.group())
        if _GOODS.search(text, max(0, m.start() - 12), m.start()):
            continue
        if card(digits) or (_CARD_WORD.search(text, max(0, m.start() - 40), m.start()) and len(set(digits)) > 1 and luhn(digits)):
            yield m.span()


_IBAN = re.compile(r"(?:(?<![A-Za-z0-9])|(?<=IBAN)|(?<=iban))(?=[A-Za-z]{2} ?[0-9]{2}[ -]?[A-Za-z0-9])")


def _iban(text: str) -> Spans:
    for m in _IBAN.finditer(text):
        start = end = m.start()
        left = IBAN_LENGTHS.get(text[start : start + 2].upper(), 0)
        for end in range(start, min(start + 46, len(text))):
            c = text[end]
            if not left or not ((c.isascii() and c.isalnum()) or c in " -"):
                break
            left -= c not in " -"
        else:
            end = min(start + 46, len(text))
        if not left and iban(text[start:end]):
            yield start, end


_IP4 = re.compile(
    r"(?<![A-Za-z0-9_.])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?![A-Za-z0-9_]|\.[0-9])"
)
_NO_IP = re.compile(
    r"(?:version|release|firmware|software|build|bios|driver|v\.?|sections?|chapters?|clauses?|paragraphs?|kapitel|abschnitt|ziffer|paragraaf|chapitre|sección|§{1,2}|№)\s?$",
    re.I,
)  # before versions and numbers of sections
_IP6 = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]{0,4}:)[0-9A-Fa-f:]{2,39}(?:\.[0-9.]{5,12})?(?![\w:])")


def _ip(text: str) -> Spans:
    for m in _IP4.finditer(text):
        if not _NO_IP.search(text[max(0, m.start() - 12) : m.start()]):
            yield m.span()
    for m in _IP6.finditer(text):
        if m.group().count(":") > 1 and len(m.group().replace(":", "")) > 3 and _DIGIT.search(m.group()):  # ::1 is nobody, l[1::2] a slice
            try:
                ipaddress.IPv6Address(m.group())
            except ValueError:
                continue
            yield m.span()


_MAC = re.compile(
    r"(?<![\w:.-])(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])|(?<![\w.])(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}(?!\w|\.[0-9])"
)
_JWT = re.compile(r"(?<![\w.-])eyJ[\w-]{5,4000}\.[\w-]{5,8000}\.[\w-]{0,2000}", re.A)
_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[\w+/=\s,:.]|-(?!-)){0,8000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)"
    r"|(?<![\w-])(?:sk-(?:ant-|proj-|or-)?[\w-]{20,200}|(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_\w{36,255}|github_pat_\w{22,255}|glpat-[\w-]{20,64}"
    r"|xox[abeoprs]-[\w-]{10,250}|AIza[\w-]{35}|hf_[A-Za-z0-9]{30,64}|[srp]k_(?:live|test)_\w{16,250}|SG\.[\w-]{16,64}\.[\w-]{16,64}|npm_\w{36}"
    r"|nsec1[02-9ac-hj-np-z]{58}|AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}|pypi-[\w-]{50,250}|shpat_[0-9a-f]{32}|dop_v1_[0-9a-f]{64}|ya29\.[\w-]{20,500}"
    r"|GOCSPX-[\w-]{28}|SK[0-9a-f]{32}|dapi[0-9a-f]{32}|gsk_\w{50,60}|r8_\w{37,40}|xai-\w{60,90}|pplx-\w{40,60}|hv[sb]\.[\w-]{24,200}|ATATT3[\w=-]{60,300}|sq0[a-z]{3}-[\w-]{22,50}"
    r"|dckr_pat_[\w-]{27}|glsa_\w{32}_[0-9a-f]{8}|lin_api_\w{40}|ntn_\w{40,50}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|[0-9]{8,10}:AA[\w-]{33})(?![\w-])",
    re.A,
)
_NAMED_KEY = re.compile(
    r"(?<![^\W_])(?:api[_ -]?key|access[_ -]?key|secret(?:[_ -]?key)?|(?:auth|access|bearer|refresh)[_ -]?token|token|(?:pg|db|my|user|admin|root)?passw(?:or)?d|pwd|passphrase|authorization|account[_ -]?key"
    r"|passwort|kennwort|mot de passe|contraseña|senha|palavra-passe|wachtwoord|lösenord|adgangskode|passord|salasana|parool|hasło|heslo|jelszó|parolă?|şifre|пароль|密码|密碼|パスワード|비밀번호)"
    r"(?:['\"]?\s{0,3}[:=]\s{0,3}['\"]?|\s(?:is|was|ist|lautet|est|es|è|é)\s['\"]?)(?:(?:bearer|basic)\s)?(?P<it>(?=[^\s'\"<>,;]{0,199}[0-9])[^\s'\"<>,;" + OFF + r"]{6,200})", re.I
)  # fmt: skip


def _secret(text: str) -> Spans:
    yield from spans(_KEY, text)
    yield from spans(_NAMED_KEY, text, "it")
    yield from (m.span() for m in _SPENDS.finditer(text) if private_key(m.group()))


_URL = re.compile(r"(?<![\w])(?:https?|ftp|ssh|git|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqp)://[^\s<>\"'`" + OFF + r"]{3,2000}|(?<![\w.@/])www\.[^\s<>\"'`" + OFF + r"]{3,500}", re.I)  # fmt: skip
_URL_SECRET = re.compile(
    r"://[^/\s:@]{0,100}:[^/\s@]{1,200}@|//hooks\.slack\.com/services/\w|//discord(?:app)?\.com/api/webhooks/[0-9]|//api\.telegram\.org/bot[0-9]"
    r"|[?&#;](?:[\w.-]{0,30}(?:token|api_?key|secret|passw(?:or)?d|pwd|signature)|sig|key|auth|code|session(?:_?id)?|sid|jwt)=[^&#\s]{4}", re.I
)  # fmt: skip


def _url(text: str) -> Spans:
    for m in _URL.finditer(text):
        yield m.start(), m.start() + len(m.group().rstrip(".,;:!?)]}"))


def _url_secret(text: str) -> Spans:
    return ((a, b) for a, b in _url(text) if _URL_SECRET.search(text, a, b))


_CRYPTO: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile(r"(?<!\w)[13LMDTA9][1-9A-HJ-NP-Za-km-z]{25,33}(?!\w)"), base58check),
    (re.compile(r"(?<!\w)r[1-9A-HJ-NP-Za-km-z]{24,34}(?!\w)"), lambda t: base58check(t, alphabet=RIPPLE)),
    (re.compile(r"(?<!\w)(?:bc|ltc|tb|addr|stake|cosmos|npub)1[02-9ac-hj-np-z]{11,120}(?!\w)", re.I), bech32),
    (re.compile(r"(?<!\w)0x[0-9A-Fa-f]{40}(?!\w)"), eip55),
    (re.compile(r"(?<!\w)[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}(?!\w)"), monero),
)
_SPENDS = re.compile(r"(?<!\w)(?:[5KL9c][1-9A-HJ-NP-Za-km-z]{50,51}|[xyzt]prv[1-9A-HJ-NP-Za-km-z]{107})(?!\w)")


def _crypto(text: str) -> Spans:
    for shape, check in _CRYPTO:
        yield from (m.span() for n, m in enumerate(shape.finditer(text)) if n >= LIBRARY_TRIES or check(m.group()))


_GPS = re.compile(
    r"(?<![\w.])[-+]?(?:[0-8]?[0-9]\.[0-9]{4,15}|90\.0{4,15})°?\s?[NS]?\s?[,;/ ]\s?[-+]?(?:1[0-7][0-9]|[0-9]?[0-9])\.[0-9]{4,15}°?(?:\s?[EW](?!\w))?(?![\w.]*[0-9])"
    r"|(?<![\w.])[0-9]{1,2}\s?°\s?[0-9]{1,2}\s?['′]\s?(?:[0-9]{1,2}(?:\.[0-9]{1,6})?\s?[\"″]|'')?\s?[NS][,; ]{1,3}[0-9]{1,3}\s?°\s?[0-9]{1,2}\s?['′]\s?(?:[0-9]{1,2}(?:\.[0-9]{1,6})?\s?[\"″]|'')?\s?[EWO]"
)
_LISTED = re.compile(r"\s?,\s{0,2}[-+]?[0-9]{1,3}\.[0-9]{4}"), re.compile(r"\.[0-9]{4,20}(?:e[-+]?[0-9]{1,3})?,\s{0,2}$")


def _gps(text: str) -> Spans:
    """A pair; not two of a longer list of decimals."""
    for start, end in spans(_GPS, text):
        if not _LISTED[0].match(text, end) and not _LISTED[1].search(text[max(0, start - 32) : start]):
            yield start, end


_MONTHS = (
    "jan(?:uar[iy]|vier|uary)?|feb(?:ruar[iy]|ruary)?|f[ée]vrier|m[aä]r(?:ch|z|s)?|apr(?:il)?|avril|ma[iy]|ju(?:ne?|ni|in)|jul[iy]?|juillet|aug(?:ust)?|ao[uû]t|sept?(?:ember|embre)?"
    "|o[ck]t(?:ober|obre)?|nov(?:ember|embre)?|de[cz](?:ember)?|d[ée]cembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|octubre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
)
_BORN = re.compile(
    r"(?<!\w)(?:born|birth(?:day|date)?|d\.?o\.?b\.?|geb(?:oren|urtsdatum|\.)|n[ée]e?(?= le)|naissance|nacid[oa]|nacimiento|nat[oa](?= il)|nascita|nascid[oa]|nascimento|geboortedatum|f[öø]d[dt]|urodzon[yaei]|urodzenia|narozen[aý]?|narození|született|születési(?: dátum| idő)?|syntynyt|doğum(?: tarihi)?|născut(?:ă)?|дата рождения|родил(?:ся|ась)|дата народження)(?!\w)"
    r"|出生|生年月日|생년월일",
    re.I,
)
_DATE = re.compile(
    rf"(?<!\w)(?:[0-9]{{1,2}}(?:st|nd|rd|th|\.|er|º)?(?: of| de)? (?:{_MONTHS})\.?,?(?: de)? [0-9]{{2,4}}|(?:{_MONTHS})\.? [0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{2,4}}"
    r"|[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.] ?)[0-9]{1,2}\2[0-9]{2,4})(?![0-9])",
    re.I,
)


def _birth_date(text: str) -> Spans:
    """A whole date within 40 characters after a word of birth, no digit between."""
    for m in _BORN.finditer(text):
        date = _DATE.search(text, m.end(), m.end() + 70)
        if date and date.start() <= m.end() + 40 and not _DIGIT.search(text, m.end(), date.start()):
            yield date.span()


_DIGIT = re.compile(r"[0-9]")
_PAPERS = {
    kind: re.compile(
        rf"(?<!\w){word}\.?(?: (?:number|no\.?|nr\.?|id|#)){{0,2}}(?:\s{{0,2}}(?:is|:|#|=)){{0,2}}\s{{0,2}}(?P<it>(?=[A-Z0-9 -]{{0,15}}[0-9]{{3}}|(?:[A-Z0-9-]{{0,5}}[0-9]){{3}})[A-Z0-9][A-Z0-9-]{{4,16}}[A-Z0-9])(?!\w)",
        re.I,
    )
    for kind, word in {
        "PASSPORT": r"(?:passport|reisepass(?:nummer)?|passeport|pasaporte|passaporto)",
        "DRIVING_LICENCE": r"driv(?:er|ing)(?:'?s)? licen[cs]e",
    }.items()
}

# -- phones --------------------------------------------------------------------------------------------------------------
_PHONE = re.compile(
    r"(?<![A-Za-z0-9_.@/$€£#-])(?:\+|\()?[0-9](?:[ ()./-]{0,3}[0-9]){6,16}(?:\s?(?:x|ext\.?|extension)\s?[0-9]{1,6})?(?![\w@]|[.,/:-][0-9])",
    re.I,
)
_PHONE_WORD = re.compile(
    r"(?:phone|tel(?:efon[eo]?|éphone|\.)?|mobile|mobil|cell|handy|fax|desk|office|whatsapp|sms|call (?:me|us|him|her|them)|(?:call|text|ring|dial)|reach me|number"
    r"|(?:telefon|telefoon|handy|mobil|ruf)nummer|puhelin(?:numero)?|cellulare|celular|móvil|portable|(?:mon|mi|mein|meine|mijn|mitt|mit|il mio|meu|moj|mój) (?:n[úu]m[eé]ro?|nummer)"
    r"|телефон\w{0,3}|звон\w{1,4}|(?:мой )номер|电话|電話(?:番号)?|手机|전화)\W"
    r"[^0-9" + OFF + r"]{0,24}$", re.I
)  # fmt: skip
_PHONE_AFTER = re.compile(r"[ -]{1,3}(?:office|fax|mobile|cell|home|work|desk)(?!\w)", re.I)
# Without such a word: a country code, a leading zero or bracket, three groups or more. Sums look alike: 2400-1100-700, 23786 - 17509
_PHONE_SHAPE = re.compile(
    r"\+|0[0-9]+[ ()./-]|\(|[2-9][0-9]{2}-[0-9]{3}-[0-9]{4}(?![0-9])|[0-9]{1,5}([ .])[0-9]{1,5}(?:\1[0-9]{1,5}){1,4}$"
)
_THOUSANDS = re.compile(
    r"[1-9][0-9]?([ .])[0-9]{3}(?:\1[0-9]{3})*|[1-9][0-9]{0,2}(?:[ .]000)+|[0-9]\.[0-9]+(?: [0-9]\.[0-9]+)+"
)  # 12 345 678, 1.5 2.25 3.5
_SUM = re.compile(r"\s?[=*/+<>]|\s-\s?[0-9]")
_DATE_LIKE = re.compile(
    r"(?:19|20)[0-9]{2}([-/. ])(?:0?[1-9]|1[0-2])\1[0-3]?[0-9]|[0-3]?[0-9]([-/. ])[0-3]?[0-9]\2(?:19|20)?[0-9]{2}|(?:19|20)[0-9]{2} ?[-/] ?(?:19|20)[0-9]{2}"
)


def _phone(regions: Sequence[str]) -> Callable[[str], Spans]:
    def look(text: str) -> Spans:
        tries = 0
        for m in _PHONE.finditer(text):
            shown, (start, end) = m.group(), m.span()
            digits = sum(c.isdigit() for c in re.split("[xe]", shown, maxsplit=1, flags=re.I)[0])
            if not 7 <= digits <= 15 or _DATE_LIKE.fullmatch(shown):
                continue
            if _PHONE_WORD.search(text[max(0, start - 36) : start]) or _PHONE_AFTER.match(text, end):
                yield start, end
            elif _PHONE_SHAPE.match(shown) and not _SUM.match(text, end) and not _THOUSANDS.fullmatch(shown):
                tries += 1
                if tries > LIBRARY_TRIES or _is_phone(shown, tuple(regions)):
                    yield start, end

    return look


def _is_phone(shown: str, regions: tuple[str, ...]) -> bool:
    """A number of the numbering plan: with its country code, or as written in one of the regions."""
    import phonenumbers as plan

    if shown.startswith("00"):
        shown = "+" + shown[2:].lstrip(" -")
    for region in (None,) if shown[0] == "+" else regions:
        try:
            number = plan.parse(shown, region)
        except plan.NumberParseException:
            continue
        if plan.is_valid_number(number) if region else plan.is_possible_number(number):
            return True
    return False


# -- all of it -----------------------------------------------------------------------------------------------------------
def _national(kind: str) -> Callable[[str], Spans]:
    rules = [(_border(r.pattern), r.check, re.compile(r.context, re.I) if r.context else None) for r in NATIONAL_IDS if r.type == kind]

    def look(text: str) -> Spans:
        for pattern, check, context in rules:
            if context is not None and not context.search(text):
                continue
            for m in pattern.finditer(text):
                if (context is None or context.search(text, max(0, m.start() - 60), m.start())) and check(_flat(m.group())):
                    yield m.span()

    return look


def _border(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])(?<![0-9]-)(?:{pattern})(?!\w|[.-][0-9])", re.I | re.A)


def _flat(text: str) -> str:
    return re.sub(r"[ .+-]", "", text).upper()


@cache
def _detectors(regions: tuple[str, ...]) -> dict[str, Callable[[str], Spans]]:
    """type -> what finds it; where two find the same characters, the one further up has them."""
    first = {
        "URL_SECRET": _url_secret,
        "JWT": lambda t: spans(_JWT, t),
        "SECRET": _secret,
        "EMAIL": _email,
        "IBAN": _iban,
        "CRYPTO": _crypto,
    }
    middle = {"MAC": lambda t: spans(_MAC, t), "IP": _ip, "URL": _url, "GPS": _gps, "BIRTH_DATE": _birth_date}
    papers = {kind: (lambda t, p=p: spans(p, t, "it")) for kind, p in _PAPERS.items()}
    ids = {kind: _national(kind) for kind in dict.fromkeys(r.type for r in NATIONAL_IDS)}
    last = {"CARD": _card, "PHONE": _phone(regions), "ADDRESS": addresses, "PERSON": persons}
    return {**first, **middle, **papers, **ids, **last}


TYPES = tuple(_detectors(()))
DEFAULT_TYPES = tuple(t for t in TYPES if t != "URL")
PLACEHOLDER = re.compile(r"<([A-Z][A-Z_]{1,40})_([0-9]{1,12})>")


More = Callable[[str], Iterable[Found]] | None


def find(text: str, types: Collection[str] = DEFAULT_TYPES, regions: Sequence[str] = REGIONS, more: More = None) -> list[Found]:
    """What stands where, in order, without overlap. more: what else finds something; what we found goes first. ValueError for a type that
    there is not."""
    unknown = set(types) - set(TYPES)
    if unknown:
        raise ValueError(f"there is no type {', '.join(sorted(unknown))}; known are {', '.join(TYPES)}")
    taken = bytearray(len(text))
    out: list[Found] = []
    for found in _read(text, types, tuple(regions), more):
        if found.end > found.start and taken.find(1, found.start, found.end) < 0:
            taken[found.start : found.end] = b"\1" * (found.end - found.start)
            out.append(found)
    return sorted(out, key=lambda f: f.start)


def labelled(
    text: str, label: str, types: Collection[str] = DEFAULT_TYPES, regions: Sequence[str] = REGIONS, more: More = None
) -> list[Found]:
    """What stands in a cell or field: a short one also by its name, as "phone: 4155552671" is found where the bare number is not."""
    before = f"{re.sub(r'[_.-]+', ' ', label)}: " if label.lower() not in SAY_NOTHING and len(text) <= MOST_LABELLED else ""
    found = find(before + text, types, regions, more)
    return [Found(f.type, max(0, f.start - len(before)), f.end - len(before)) for f in found if f.end > len(before)]


def _read(text: str, types: Collection[str], regions: tuple[str, ...], more: More) -> Iterator[Found]:
    """What stands in the text as it looks, and then as it is: a zero-width blank may split a number, or part it from the next word."""
    if not text.isascii() and unseen().search(text):
        seen, at = as_seen(text)
        ends = [*at[1:], len(text)]
        yield from (Found(f.type, at[f.start], ends[f.end - 1]) for f in _read(seen, types, regions, more) if f.end > f.start)
    plain = text if text.isascii() else text.translate(same_length())
    plain = PLACEHOLDER.sub(lambda m: OFF * len(m.group()), plain)
    for kind, look in _detectors(regions).items():
        if kind in types:
            yield from (Found(kind, *span) for span in look(plain))
    yield from more(plain) if more is not None else ()
