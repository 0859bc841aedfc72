"""Names and addresses by the words around them: what `pii.py` knows without a shape or a checksum, so with gaps.

    list(persons("ask Dr. Bob Stone"))  ->  [(8, 17)];  list(addresses("at 12 Old Mill Road"))  ->  [(3, 19)]

Names after a title, an introduction ('my name is', in ten languages), a greeting or a label, with a middle initial, and again wherever one of these
stands further on; listed given names (given_names.py) with what may be a surname behind them; streets by number and street word in a dozen languages, post boxes, units. Measured: bench/pii.py.
Not covered: names off the list that stand alone, places, scripts without capitals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from .given_names import GIVEN_NAMES

OFF = "\ue000"  # stands for a placeholder while its text is searched: no pattern matches it

Spans = Iterator[tuple[int, int]]


def spans(pattern: re.Pattern[str], text: str, group: int | str = 0) -> Spans:
    return (m.span(group) for m in pattern.finditer(text))


@cache
def _upper() -> str:
    """The capital letters of the Latin, Greek and Cyrillic blocks, for a character class."""
    return "".join(
        chr(c) for c in (*range(0x41, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x1F00)) if unicodedata.category(chr(c)) == "Lu"
    )


_PARTICLE = r"(?:van|von|de|da|do|dos|del|della|di|der|den|la|le|el|al|bin|ibn|ben|du|af|av|ter|ten|zu|y)"
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Doctor|Sir|Dame|Madam|Rev|Herrn?|Frau|Monsieur|Mme|Mlle|M\.|Madame|Señora?|Sra?|Sig|Sig\.ra|Sig\.na|Signora?|Dhr|Mevr|Mevrouw|Pan|Pani|Hr|Fru)"
_NOT_NAMES = frozenset(
    "i the a an it is not no yes sir madam all there team everyone customer support friend friends what how why when where who which you your we my this that he she they and or but if so"
    " on in at to of for from by with as be being spelled misspelled missing wrong incorrect also still listed very just please hello hi dear bot user monday tuesday wednesday thursday friday saturday sunday".split()
)
_INTRO = (
    r"my (?:full |first |last |middle |maiden )?name is|my name's|name is|(?:was|is|am|are) (?:called|named)|(?:first|last|full|middle|maiden|sur|user|partner's|customer|patient|card ?holder|contact)\s?name\??:?(?: is)?"
    r"|name on the (?:account|card)\??(?: user)?:?|^[>?\s]{0,4}name:|user:|patient:|from:|to:|attn:|contact:|signed,?|yours (?:sincerely|truly|faithfully),?|(?:best|kind|warm) regards,?|sincerely,|cheers,"
    r"|mein name ist|ich hei(?:ß|ss)e|je m'appelle|me llamo|mi nombre es|mi chiamo|meu nome é|ik heet|mijn naam is|jag heter|mitt namn är|jeg heter|nazywam się|(?:directed|written|sung|song|founded) by:?|follow up with|under the name(?: of)?|(?:i'm|i am|this is)(?= \S{1,30} \S)"
)
_STRONG = (
    r"my (?:full |first |last )?name is|my name's|(?:first|last) name\?|name:|mein name ist|je m'appelle|me llamo|mi chiamo|follow up with"
)


@cache
def _name_patterns() -> tuple[re.Pattern[str], ...]:
    up = _upper()
    word = rf"[{up}](?:\.|[^\W\d_]{{1,30}}(?:['-][^\W\d_]{{1,30}}){{0,3}}|'[{up}][^\W\d_]{{1,30}})"
    name = rf"(?P<it>{word}(?:[ ](?:{_PARTICLE}[ ]){{0,2}}{word}){{0,3}})(?!\w)"
    lead = r"(?<!\w)"
    return (
        re.compile(rf"{lead}{_TITLE}\.? (?:(?:Dr|Prof)\. ?)?{name}"),
        re.compile(rf"{lead}(?i:{_INTRO})[ :]{{0,2}}\s{{0,4}}(?:{_TITLE}\.? )?{name}", re.M),
        re.compile(
            rf"(?:^|(?<=\n))(?:Dear|Hi|Hello|Hey|Hallo|Liebe[r]?|Cher|Chère|Hola|Querid[oa]|Ciao|Caro|Cara|Olá|Beste) (?:{_TITLE}\.? )?{name}(?=[,!:.\n-]|$)"
        ),
        re.compile(
            rf"{lead}(?P<it>{word} (?:{word} ){{0,2}}{word})(?= (?:lives at|was born|said|says|asked|replied|wrote|works (?:at|for)|called me)(?!\w))"
        ),
        re.compile(rf"{lead}(?P<it>{word} (?![AI] )[{up}]\.? {word})(?!\w)"),
        re.compile(rf"^[>? ]{{0,4}}(?P<it>{word} {word})(?=\n{{1,2}}[>? ]{{0,4}}[0-9]{{1,6}} )", re.M),
        re.compile(rf"(?i:address|bill to|ship to|recipient|sender)(?:: ?|\n ?){name}(?=[\n,])"),
    )


_LOWER_NAME = re.compile(rf"(?<!\w)(?:{_STRONG}) ?\s?(?P<it>[^\W\d_]{{2,20}}(?: [^\W\d_]{{2,20}})?)(?!\w)")


_PLACE = re.compile(r"(?:San|Santa|Santo|St\.?|Saint|São|Sao|Mount|Lake|Port|Fort|Cape) $")


@cache
def _word_and_name() -> tuple[re.Pattern[str], re.Pattern[str]]:
    up = _upper()
    word = rf"[{up}][^\W\d_]{{1,30}}(?:-[{up}][^\W\d_]{{1,30}})?"
    return re.compile(rf"(?<![\w@.'-]){word}(?!\w)"), re.compile(rf"{word}(?: (?:{_PARTICLE} ){{0,2}}(?:[{up}]\. )?{word}){{0,3}}(?!\w)")


def _listed(text: str) -> Spans:
    """A given name of the list, with what may be surnames behind it; not where it names a saint's town."""
    first, whole = _word_and_name()
    at = 0
    for m in first.finditer(text):
        name = m.group().partition("-")[0]
        if m.start() >= at and (name.capitalize() if name.isupper() else name) in GIVEN_NAMES:
            full = whole.match(text, m.start())
            if full is not None and not _PLACE.search(text, max(0, m.start() - 8), m.start()):
                at = full.end()
                yield full.span()


def persons(text: str) -> Spans:
    names: dict[str, None] = {}
    for found in (*(spans(p, text, "it") for p in _name_patterns()), _listed(text)):
        for start, end in found:
            words = text[start:end].split(" ")
            while words and words[-1].lower().strip(".") in _NOT_NAMES:
                end -= len(words.pop()) + 1
            if words and words[-1].endswith("'s"):
                end -= 2
                words[-1] = words[-1][:-2]
            if words and words[0].lower() not in _NOT_NAMES:
                names[" ".join(words)] = None
                yield start, end
    if not _capitals(text):  # nothing is capitalised: only the surest words before a name count
        for m in _LOWER_NAME.finditer(text):
            if m.group("it").split(" ")[0] not in _NOT_NAMES:
                start, end = m.span("it")
                if m.group("it").split(" ")[-1] in _NOT_NAMES:
                    end = start + len(m.group("it").split(" ")[0])
                yield start, end
    again = [re.escape(n) for n in list(names)[:20] if len(n) > 2]  # a name once known is known again further on
    if again:
        yield from spans(re.compile(rf"(?<!\w)(?:{'|'.join(sorted(again, key=len, reverse=True))})(?!\w)"), text)


_CLEAR_STREETS = r"street|avenue|ave|road|rd|lane|boulevard|blvd|highway|parkway"  # no other sense in a text without capitals
_STREETS = rf"{_CLEAR_STREETS}|st|ln|drive|dr|court|ct|squares?|sq|way|place|pl|plaza|mews|heights|terrace|crescent|close|hwy|pkwy|gardens|grove|row|walk|trail|alley|circle|cir|quay"
_ENDINGS = "straße|strasse|str\\.|gasse|weg|platz|allee|ufer|straat|laan|plein|singel|dreef|baan|steeg|kade|gracht|katu|tie|kuja|gata|gatan|vägen|vej|vejen|gade|veien|utca|ulica|vænget"
_CLEAR_RUES = r"rue|avenue|boulevard|impasse|chemin|calle|avenida|avda\.?|viale|piazza|rua|travessa|praça|callejón|travesía|urbanización|ul\.|ulica|aleja"
_RUES = rf"{_CLEAR_RUES}|av\.|bd|place|allée|quai|c/|plaza|paseo|carrer|via|corso|vicolo|largo|strada|borgo|contrada|camino|cuesta|ronda|rambla|glorieta|pasaje|al\.|plac|pl\.|alameda"
_UNIT = r"(?i:suite|ste|apt|apartment|unit|flat|room|floor|puerta|piso|appartamento|piano|#)\.? ?[0-9]{1,5}[a-z]?(?!\w)"


@cache
def _address_patterns(lower: bool) -> tuple[re.Pattern[str], ...]:
    """Words of a name begin with a capital; in a text without any (`lower`) they need not, and only street words of one sense count."""
    head = r"[^\W\d_]" if lower else f"[{_upper()}]"
    streets, rues = (_CLEAR_STREETS, _CLEAR_RUES) if lower else (_STREETS, _RUES)
    part = rf"{head}[^\W_.'-]{{0,25}}(?:[.'-][^\W_]{{0,25}})?"
    number = r"[0-9]{1,5}(?:[-/][0-9]{1,4}|[ -]?[A-Za-z](?!\w))?"
    unit = rf"(?:[, \n]{{1,3}}{_UNIT})"
    of = r"(?:(?i:de|du|des|la|le|les|del|della|dos|da|do|di|l'|d') ?){0,3}"
    city = rf"(?:,? ?\n? ?{part}(?:[ -]{part}){{0,3}}\n?,? ?(?:[A-Za-z]{{2}}|{part}(?: {part})?) [0-9]{{5}}(?:-[0-9]{{4}})?(?!\w))"
    sources = (
        rf"(?<![\w.,$€£])(?:[0-9]{{1,6}} )?{number},? (?:(?:{part}|[0-9]{{1,3}}(?:st|nd|rd|th)) ){{1,4}}(?i:{streets})(?!\w)\.?{unit}{{0,2}}{city}?",
        rf"(?<!\w)(?:[0-9]{{4,5}} )?(?:{part} )?{head}[^\W_]{{1,25}}(?:-[^\W_]{{1,25}}){{0,2}}-?(?i:{_ENDINGS}) {number}(?!\w)(?:,? [0-9]{{4,5}} {part})?{unit}?",
        rf"(?<!\w)(?:[0-9]{{1,5}} ?(?:bis|ter)?,? )?(?i:{rues}) {of}{part}(?: {part}){{0,3}},? (?:nº ?)?{number}(?!\w){unit}?",
        rf"(?<![\w.,$€£])[0-9]{{1,5}} ?(?:bis|ter)?,? (?i:{rues}) {of}{part}(?: {part}){{0,2}}(?:,? [0-9]{{5}} {part})?",
        r"(?<!\w)(?i:p\.? ?o\.? ?box|postbox|postfach|apartado|psc [0-9]{1,5},? box|unit [0-9]{1,5},? box) [0-9]{1,6}(?:,? ?\n? ?[A-Za-z]{3} [A-Za-z]{2} [0-9]{5})?(?!\w)",
        rf"(?<![\w.,$€£]){number} {part}(?: {part}){{0,3}}{unit}",
        r"(?<!\w)(?i:suite|apt|apartment)\.? [0-9]{1,5}[a-z]?(?!\w)",
        rf"(?i:address(?: is| to| with)?|lives? at|located at|meet (?:you|me) at|sen[dt] to|return to)\s?:?\s{{0,3}}(?P<it>[0-9]{{1,6}} {part}[^.!?;\n{OFF}]{{0,60}}?[0-9]{{1,5}}[^.!?;{OFF}]{{0,60}}?(?= (?:in|for|after|and|with|as|when|before)(?!\w)|[.!?;](?:\s|$)|\n\n|$))",
    )  # fmt: skip
    return tuple(re.compile(s) for s in sources)


def addresses(text: str) -> Spans:
    for pattern in _address_patterns(not _capitals(text)):
        for start, end in spans(pattern, text, "it" if "it" in pattern.groupindex else 0):
            yield start, start + len(text[start:end].rstrip(" .,'-\n"))


def _capitals(text: str) -> bool:
    return any(c.isupper() for c in text[:2000])
