"""Counterfactual texts: each word of one group becomes its counterpart of the other, in both directions at once, with its case.

    Swaps().swap("Her father told John that he missed her.")   ->  Swap('His mother told Patricia that she missed him.', 'both', ...)
    Swaps({"black": "white"}, groups=("black", "white"), gender=False)

Names are a lexicon of their own, matched with their capital; a group word inside a proper name (Burger King, Boys Town) stays. `her` is him or
his, and `his` is her or hers, by light rules on the words around. Swapping is an involution by construction: a text is changed only if swapping
the changed one gives it back, letter for letter; otherwise it is left as it is, and `why` says so.
Source: counterfactual data augmentation, Lu et al. 2018 (1807.11714) and Zhao et al. 2018 (1804.06876); names in pairs, Hall Maudslay et al.
2019 (1909.00871). Rules and words are our own.
Not covered: languages other than English; who is meant (a name outside the lexicon keeps its gender while its pronoun changes); facts that a swap
makes false (She gave birth); a misread `her` that reads back alike (gave her money). Words in addresses and hyphened words (man-made) stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .gender_words import NAMES, ONE_WAY, PAIRS

PRONOUNS = ("her", "his", "him", "hers")
MOST = 1_000_000  # characters

_PERSONAL = frozenset((*PRONOUNS, "he", "she", "himself", "herself"))
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NEXT = re.compile(r"[ \t\n]+[\"“‘']?([^\W_]+(?:['’][^\W\d_]+)*)[\"”]?(?=[\W]|\Z)")
_BEFORE = re.compile(r"([^\W\d_]+)[ \t\n]+\Z")
_SLASHED = re.compile(r"/(?:her|his|him|hers)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"://|@\w|\bwww\.|\w\.\w+[./]\w|\A/\w|\w/\w+/\w")
# what follows an object: her | his own | hers is ...: words that cannot open a noun phrase after "her"
_CLOSED = frozenset(
    """a an the this that these those some any no each every all both either neither another enough much
    i you he she it we they me us them him her his hers himself herself itself themselves who whom whose which what when where why how whether
    of in on at by for with from to into onto upon about above across after against along among around as before behind below beneath beside besides
    between beyond despite down during except inside like near off onto out outside over past since than through throughout till toward towards
    under underneath unless until up via within without and or but nor so yet if because although though while whereas
    is are was were be been being am do does did has have had will would shall should can could may might must isn't wasn't aren't weren't
    doesn't didn't don't won't wouldn't can't couldn't shouldn't hasn't haven't hadn't
    again back backstage away home there here now then today tonight tomorrow yesterday already always never ever once twice soon later anyway alone
    too also either instead together everywhere somewhere anywhere forever afterwards not n't just even please said says""".split()
)
_DEGREE = frozenset(
    "very most more less least quite rather really so too not just only even still almost always never ever now once".split()
)
_NOT_ADVERBS = frozenset(
    "family early only elderly lovely lonely friendly daily weekly monthly yearly ugly silly curly deadly lively costly belly bully lily ally jelly "
    "homely kindly holy assembly reply supply melancholy butterfly anomaly".split()
)
_GIVE = frozenset(
    "give gave gives given giving tell told tells telling offer offered offers send sent sends hand handed show showed shows shown teach taught pay "
    "paid cost costs ask asked asks lend lent buy bought owe owed owes".split()
)
_SENSE = frozenset(
    "see saw sees seeing seen hear heard watch watched watching find found catch caught keep kept keeps leave left stop stopped".split()
)
_STATE = frozenset(
    """happy sad angry mad sick afraid nervous anxious uncomfortable jealous proud unhappy upset furious cry laugh smile feel go know do get take leave
    come stay find see think look eat sleep seem appear realise realize understand wait win lose pay die live move try stop start pass drive win run
    sit stand speak talk walk carry build keep become decide finish forget remember learn read write open close sing dance fall change""".split()
)
_RENDER = frozenset(
    """let lets letting make made makes making help helped helps helping watch watched watches watching see saw sees seeing seen hear heard hears
    hearing have had feel felt drive drives drove get gets got find found think thought consider considered keep kept leave left""".split()
)
_NUMBERS = frozenset("two three four five six seven eight nine ten twenty fifty hundred several many few".split())
_CALL = frozenset("call called calls calling name named names".split())
_NOUNS_IN_ING = frozenset(
    "wedding clothing painting drawing building earring ring king thing string wing being feeling meaning training".split()
)


@dataclass(frozen=True, slots=True)
class Swap:
    """text: the counterfactual, or the text itself. group: of the text as given: a group's name, 'both', or None. words: (was, became).
    why: '' where it was swapped, else no_words, not_reversible or too_long."""

    text: str
    group: str | None
    words: tuple[tuple[str, str], ...] = ()
    why: str = ""


class Swaps:
    """pairs: word of the first group -> word of the second, taken in lower case, with a capital and in capitals; words written with a capital only
    so. gender: the built-in words and pronouns, and with `names` first names. ValueError for pairs that are not one to one."""

    def __init__(
        self, pairs: Mapping[str, str] | None = None, groups: tuple[str, str] = ("male", "female"), gender: bool = True, names: bool = True
    ) -> None:
        if len(set(groups)) != 2 or "both" in groups:
            raise ValueError(f"groups must be two names, none of them 'both'; found {', '.join(groups)}")
        self.groups = groups
        self._forms: dict[str, tuple[str, int]] = {}  # a word as it stands in a text -> its counterpart, and the word's own group
        for a, b in (pairs or {}).items():
            if not a or not b or {a, b} & self._forms.keys() or a.lower() == b.lower():
                raise ValueError(f"the pair {a} / {b}: each word must stand in one pair alone")
            self._add(a, b, 0)
            self._add(b, a, 1)
        if gender:
            given = set(self._forms)
            for a, b in (*PAIRS, *(NAMES if names else ())):
                if not {a, b} & given:  # pairs of one's own come first
                    self._add(a, b, 0)
                    self._add(b, a, 1)
            for a, b in (*ONE_WAY.items(), *((p, p) for p in PRONOUNS)):
                if a not in given:
                    self._add(a, b, 1 - self._forms[b][1] if b in self._forms else int(a in ("her", "hers")))
        if not self._forms:
            raise ValueError("there are no pairs to swap")
        self._pronouns = {f for f in self._forms if f.lower() in PRONOUNS} if gender else set()
        forms = "|".join(re.escape(f).replace("'", "['’]") for f in sorted(self._forms, key=lambda f: (-len(f), f)))
        self._found = re.compile(rf"(?<![\w@#])(?:{forms})(?![\w@])(?!-(?!in-law|to-be)\w)")

    def _add(self, a: str, b: str, side: int) -> None:
        own: list[Callable[[str], str]] = [str, str.upper]
        styles = own if a != a.lower() or b != b.lower() else [*own, _capital, str.title]
        for style in styles:
            if len(a) > 1 or style is str:
                self._forms.setdefault(style(a), (style(b), side))

    def swap(self, text: str) -> Swap:
        """The counterfactual of a text, where there is one that swaps back."""
        if len(text) > MOST:
            return Swap(text, None, why="too_long")
        made, words, sides = self._once(text)
        group = None if not sides else "both" if len(sides) > 1 else self.groups[min(sides)]
        if not words:
            return Swap(text, None, why="no_words")
        if self._once(made)[0] != text:
            return Swap(text, group, why="not_reversible")
        return Swap(made, group, tuple(words))

    def _once(self, text: str) -> tuple[str, list[tuple[str, str]], set[int]]:
        out: list[str] = []
        words: list[tuple[str, str]] = []
        sides: set[int] = set()
        end = 0
        heading = _is_heading(text)
        for match in self._found.finditer(text):
            found = match.group()
            if _in_address(text, match) or (not heading and self._in_name(text, match)):
                continue
            new, side = self._forms[found.replace("’", "'")]
            if found in self._pronouns:
                new = _styled(_resolve(found.lower(), text, match), found)
            out += [text[end : match.start()], new]
            end = match.end()
            words.append((found, new))
            sides.add(side)
        return "".join(out) + text[end:], words, sides

    def _in_name(self, text: str, match: re.Match[str]) -> bool:
        """A common word with a capital right after a capitalised word that is none of ours and opens no sentence: Burger King."""
        word = match.group()
        if word[1:] != word[1:].lower() or word[0] == word[0].lower() or word.lower() not in self._forms or word.lower() in _PERSONAL:
            return False
        before = re.search(r"([^\W\d_]+) \Z", text[max(0, match.start() - 40) : match.start()])
        if before is None or not before.group(1)[0].isupper() or before.group(1) in self._forms or before.group(1) == "I":
            return False
        opening: str = text[: match.start() - len(before.group())].rstrip(" \"'“‘([*-")
        return opening != "" and not opening.endswith((".", "!", "?", ":", ";", "\n"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _styled(word: str, like: str) -> str:
    return word.upper() if like.isupper() else _capital(word) if like[0].isupper() else word


def _is_heading(text: str) -> bool:
    """More than 6 of 10 words with a capital: capitals tell nothing here."""
    words: list[str] = _WORD.findall(text[:10_000])
    return sum(w[0].isupper() for w in words) > 0.6 * len(words)


def _in_address(text: str, match: re.Match[str]) -> bool:
    """Part of a URL, a mail address or a path."""
    left = re.search(r"\S*\Z", text[max(0, match.start() - 200) : match.start()])
    right = re.match(r"\S*", text[match.end() : match.end() + 200])
    token = (left.group() if left else "") + match.group() + (right.group() if right else "")
    return _ADDRESS.search(token) is not None


def _resolve(word: str, text: str, match: re.Match[str]) -> str:
    """The counterpart of her, his, him or hers where it stands."""
    if word in ("him", "hers"):
        return {"him": "her", "hers": "his"}[word]
    after, capital = _after(text, match.end())
    if word == "his":
        return "her" if _opens_noun(after) else "hers"
    found = _BEFORE.search(text[max(0, match.start() - 40) : match.start()])
    before = found.group(1).lower() if found else ""
    first = after[0] if after else ""
    is_object = (
        not _opens_noun(after)
        or (before in _GIVE and first in _NUMBERS)
        or (before in _RENDER and first in _STATE)
        or (before in _SENSE and first.endswith("ing") and first not in _NOUNS_IN_ING)
        or (before in _CALL and capital)
    )
    return "him" if is_object else "his"


def _after(text: str, start: int) -> tuple[list[str], bool]:
    """Up to five words that follow with nothing but spaces and quotation marks between, in lower case; whether the first has a capital."""
    out: list[str] = []
    capital = False
    at, stop = start, min(len(text), start + 120)
    if alternative := _SLASHED.match(text, at, stop):  # his/her book: what follows both
        at = alternative.end()
    while len(out) < 5 and (match := _NEXT.match(text, at, stop)):
        out.append(match.group(1).lower().replace("’", "'"))
        capital = capital or (len(out) == 1 and match.group(1)[0].isupper())
        at = match.end()
    return out, capital


def _opens_noun(words: list[str]) -> bool:
    """Whether these words can be what a possessive stands before; adverbs are looked through."""
    for k, word in enumerate(words):
        adverb = word in _DEGREE or (word.endswith("ly") and len(word) > 4 and word not in _NOT_ADVERBS)
        if adverb and k < 3:
            continue
        return word not in _CLOSED
    return False
