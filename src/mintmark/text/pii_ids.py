"""National identity numbers, cards and IBANs: their shapes and their checksums. `pii.py` looks for them.

    luhn("4111111111111111") -> True;  iban("gb82 west 1234 5698 7654 32") -> True

Bare runs of digits pass a one-digit checksum once in about ten, so such numbers also need a word near them (`context`).
Sources: ISO/IEC 7812-1 (Luhn), ISO 13616 (IBAN, with the lengths of the SWIFT registry), ISO 7064, the national authorities' rules.
Not covered: numbers without a public rule (driving licences, passports: by context in `pii.py`), identity numbers of other countries.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple


def luhn(digits: str) -> bool:
    return sum(sum(divmod(2 * int(d), 10)) if i % 2 else int(d) for i, d in enumerate(reversed(digits))) % 10 == 0


def _weighted(digits: str, weights: Sequence[int] | str) -> int:
    return sum(int(d) * w for d, w in zip(digits, map(int, weights)))


def _date(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def _yymmdd(d: str) -> bool:
    return _date(2000 + int(d[:2]), int(d[2:4]), int(d[4:6])) or _date(1900 + int(d[:2]), int(d[2:4]), int(d[4:6]))


def _ddmmyy(d: str) -> bool:
    return _yymmdd(d[4:6] + d[2:4] + d[:2])


# -- cards and accounts ------------------------------------------------------------------------------------------------
_CARD = re.compile(
    r"(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01]|720)\d{12,13}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,16}"
    r"|(?:6011|64[4-9]\d|65\d\d|62\d\d)\d{12,15}|35\d{14,17}|(?:2131|1800)\d{11}|(?:5[06-9]|6\d)\d{10,17})"
)


def card(digits: str) -> bool:
    """A prefix and length that a card network uses, and Luhn."""
    return len(set(digits)) > 1 and _CARD.fullmatch(digits) is not None and luhn(digits)


IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        r"([A-Z]{2})(\d\d)",
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18"
        "GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15"
        "OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30",
    )
}


def mod97(text: str) -> int:
    """ISO 7064 MOD 97-10 of letters and digits, A = 10."""
    return int("".join(str(int(c, 36)) for c in text)) % 97


def iban(text: str) -> bool:
    flat = re.sub(r"[ -]", "", text).upper()
    return IBAN_LENGTHS.get(flat[:2]) == len(flat) and flat.isascii() and flat.isalnum() and mod97(flat[4:] + flat[:4]) == 1


# -- national numbers: text with separators taken out, upper case -> whether it can be one ------------------------------
def _ssn(d: str) -> bool:
    return d[:3] not in ("000", "666") and d[0] != "9" and d[3:5] != "00" and d[5:] != "0000" and len(set(d)) > 1


def _itin(d: str) -> bool:
    return d[0] == "9" and 50 <= int(d[3:5]) <= 99


def _nino(s: str) -> bool:
    return s[:2] not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")


def _nhs(d: str) -> bool:
    return len(set(d)) > 1 and (11 - _weighted(d, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 == int(d[9])


def _mod_11_10(d: str) -> bool:
    """ISO 7064 MOD 11,10."""
    product = 10
    for c in d[:-1]:
        product = ((int(c) + product) % 10 or 10) * 2 % 11
    return len(set(d)) > 1 and (11 - product) % 10 == int(d[-1])


def _steuer_id(d: str) -> bool:
    """One digit of the first ten stands there twice or three times, each other at most once."""
    most = max(d[:10].count(c) for c in d[:10])
    return most in (2, 3) and len(set(d[:10])) == 11 - most and _mod_11_10(d)


def _nir(s: str) -> bool:
    return 97 - int(s[:13].replace("2A", "19").replace("2B", "18")) % 97 == int(s[13:])


def _dni(s: str) -> bool:
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(s[:-1].translate(str.maketrans("XYZ", "012"))) % 23] == s[-1]


_CF_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [1, 0, 5, 7, 9, 13, 15, 17, 19, 21] * 2 + [2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]))  # fmt: skip


def _codice_fiscale(s: str) -> bool:
    total = sum(_CF_ODD[c] if i % 2 == 0 else int(c, 36) - (10 if c.isalpha() else 0) for i, c in enumerate(s[:15]))
    return chr(65 + total % 26) == s[15]


def _bsn(d: str) -> bool:
    return len(set(d)) > 1 and (_weighted(d[:8], [9, 8, 7, 6, 5, 4, 3, 2]) - int(d[8])) % 11 == 0


def _cpf(d: str) -> bool:
    return len(set(d)) > 1 and all(_weighted(d[:n], list(range(n + 1, 1, -1))) * 10 % 11 % 10 == int(d[n]) for n in (9, 10))


def _pesel(d: str) -> bool:
    dated = _date(2000 + int(d[:2]), int(d[2:4]) % 20, int(d[4:6])) or _date(1900 + int(d[:2]), int(d[2:4]) % 20, int(d[4:6]))
    return dated and (10 - _weighted(d, "1379137913") % 10) % 10 == int(d[10])


def _personnummer(d: str) -> bool:
    return _yymmdd(d[-10:]) and luhn(d[-10:])


def _hetu(s: str) -> bool:
    return _ddmmyy(s) and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(s[:6] + s[-4:-1]) % 31] == s[-1]


def _fodselsnummer(d: str) -> bool:
    return (
        _ddmmyy(str(int(d[0]) % 4) + d[1:])
        and _weighted(d[:10], "3761894521") % 11 == 0
        and _weighted(d, "54327654321") % 11 == 0
    )  # fmt: skip


def _rijksregister(d: str) -> bool:
    return any(97 - int(lead + d[:9]) % 97 == int(d[9:]) for lead in ("", "2"))


def _ahv(d: str) -> bool:
    return _weighted(d, "1313131313131") % 10 == 0


def _resident(s: str) -> bool:
    check = _weighted(s, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11
    return _date(int(s[6:10]), int(s[10:12]), int(s[12:14])) and "10X98765432"[check] == s[17]


_D5 = ["0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"]  # fmt: skip
_P8 = ["0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"]


def _verhoeff(d: str) -> bool:
    c = 0
    for i, x in enumerate(reversed(d)):
        c = int(_D5[c][int(_P8[i % 8][int(x)])])
    return c == 0


def _tfn(d: str) -> bool:
    return len(set(d)) > 1 and _weighted(d, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0


def _kimlik(d: str) -> bool:
    n = [int(c) for c in d]
    return (sum(n[0:9:2]) * 7 - sum(n[1:8:2])) % 10 == n[9] and sum(n[:10]) % 10 == n[10]


def _curp(s: str) -> bool:
    values = ["0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ".index(c) for c in s[:17]]
    return (10 - sum(v * (18 - i) for i, v in enumerate(values)) % 10) % 10 == int(s[17])


def _eleven(digits: str, weights: Sequence[int] | str, tens: int = 0) -> bool:
    """The last digit is what the weighted others lack to a multiple of 11; `tens` stands for 10, 0 for 11."""
    rest = -_weighted(digits[: len(weights)], weights) % 11
    return len(set(digits)) > 1 and (tens if rest == 10 else rest) == int(digits[-1])


def _svnr(d: str) -> bool:
    return _weighted(d, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == int(d[3]) and d[0] != "0"


def _pps(s: str) -> bool:
    total = _weighted(s[:7], [8, 7, 6, 5, 4, 3, 2]) + 9 * (ord(s[8]) - 64 if s[8:] not in ("", "W") else 0)
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == s[7]


def _rodne_cislo(s: str) -> bool:
    d = s.replace("/", "")
    month = int(d[2:4]) % 50
    dated = _yymmdd(f"{d[:2]}{month - 20 if month > 20 else month:02d}{d[4:6]}")
    return dated and (len(d) == 9 or int(d[:9]) % 11 % 10 == int(d[9]))


def _cnp(d: str) -> bool:
    rest = _weighted(d, "279146358279") % 11
    return _yymmdd(d[1:7]) and (1 if rest == 10 else rest) == int(d[12])


def _egn(d: str) -> bool:
    return _date(2000 + int(d[:2]), int(d[2:4]) % 20, int(d[4:6])) and _weighted(d, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == int(d[9])


def _isikukood(d: str) -> bool:
    rest = _weighted(d, "1234567891") % 11
    rest = _weighted(d, "3456789123") % 11 % 10 if rest == 10 else rest
    return _yymmdd(d[1:7]) and rest == int(d[10])


def _rut(s: str) -> bool:
    rest = -_weighted(s[-2::-1], [2, 3, 4, 5, 6, 7, 2, 3, 4]) % 11
    return len(set(s)) > 2 and "0123456789K"[rest] == s[-1]


def _nric(s: str) -> bool:
    total = _weighted(s[1:8], "2765432") + (4 if s[0] in "TG" else 3 if s[0] == "M" else 0)
    letters = {"S": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}[{"T": "S", "G": "F"}.get(s[0], s[0])]
    return letters[10 - total % 11 if s[0] == "M" else total % 11] == s[8]


def _hkid(s: str) -> bool:
    s = re.sub(r"[()]", "", s)
    total = sum((36 if c == " " else int(c, 36)) * w for c, w in zip(s[:-1].rjust(8), range(9, 1, -1)))
    return "0123456789A"[-total % 11] == s[-1]


def _taiwan(s: str) -> bool:
    letter = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(s[0]) + 10
    return (letter // 10 + letter % 10 * 9 + _weighted(s[1:], [8, 7, 6, 5, 4, 3, 2, 1, 1])) % 10 == 0


def _thai(d: str) -> bool:
    return (11 - _weighted(d, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 10 == int(d[12])


def _rnokpp(d: str) -> bool:
    return len(set(d)) > 1 and _weighted(d, [-1, 5, 7, 9, 4, 6, 10, 5, 7]) % 11 % 10 == int(d[9])


def _snils(d: str) -> bool:
    total = _weighted(d, "987654321") % 101
    return len(set(d)) > 1 and (0 if total == 100 else total) == int(d[9:])


def _inn(d: str) -> bool:
    first = _weighted(d, [7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10
    return len(set(d)) > 1 and first == int(d[10]) and _weighted(d, [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == int(d[11])


def _kennitala(d: str) -> bool:
    return _ddmmyy(d) and d[9] in "089" and -_weighted(d, "32765432") % 11 == int(d[8])


def _jmbg(d: str) -> bool:
    year = int(d[4:7])
    return _date(year + (2000 if year < 800 else 1000), int(d[2:4]), int(d[:2])) and _eleven(d, "765432765432")


def _ird(d: str) -> bool:
    d = d.rjust(9, "0")
    rest = -_weighted(d, "32765432") % 11
    rest = -_weighted(d, "74325276") % 11 if rest == 10 else rest
    return 10_000_000 <= int(d) <= 150_000_000 and rest == int(d[8])


class Id(NamedTuple):
    """context: words one of which must stand within 60 characters before, or ''. The pattern stands between two non-word borders."""

    type: str
    pattern: str
    check: Callable[[str], bool]
    context: str = ""


NATIONAL_IDS = (
    Id("US_SSN", r"\d{3}([- ])\d\d\1\d{4}", _ssn),
    Id("US_SSN", r"\d{9}", _ssn, r"\bssn\b|social.security"),
    Id("US_ITIN", r"9\d\d([- ])\d\d\1\d{4}", _itin),
    Id("UK_NINO", r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]", _nino),
    Id("UK_NHS", r"\d{3}[- ]?\d{3}[- ]?\d{4}", _nhs, r"\bnhs\b|health service"),
    Id("FR_NIR", r"[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:2[AB]|\d\d) ?\d{3} ?\d{3} ?\d\d", _nir),
    Id("DE_STEUER_ID", r"[1-9]\d ?\d{3} ?\d{3} ?\d{3}", _steuer_id, r"steuer|idnr|\btin\b|tax"),
    Id("ES_DNI", r"(?:\d{8}|\d\d\.\d{3}\.\d{3}|[XYZ][-.]?\d{7})[- ]?[A-HJ-NP-TV-Z]", _dni),
    Id("IT_CODICE_FISCALE", r"[A-Z]{6}[0-9L-NP-V]{2}[A-EHLMPR-T][0-9L-NP-V]{2}[A-Z][0-9L-NP-V]{3}[A-Z]", _codice_fiscale),
    Id("NL_BSN", r"\d{9}|\d{4}[. ]\d\d[. ]\d{3}", _bsn, r"\bbsn\b|burgerservice|\bsofi"),
    Id("BR_CPF", r"\d{3}\.\d{3}\.\d{3}-\d\d", _cpf),
    Id("BR_CPF", r"\d{11}", _cpf, r"\bcpf\b"),
    Id("PL_PESEL", r"\d{11}", _pesel, r"pesel"),
    Id("SE_PERSONNUMMER", r"(?:19|20)?\d{6}[-+]\d{4}", _personnummer),
    Id("FI_HETU", r"\d{6}[-+ABCDEFU-Y]\d{3}[0-9A-FHJ-NPR-Y]", _hetu),
    Id("NO_FODSELSNUMMER", r"\d{6} ?\d{5}", _fodselsnummer),
    Id("DK_CPR", r"\d{6}-?\d{4}", _ddmmyy, r"\bcpr\b|personnummer"),
    Id("BE_RIJKSREGISTER", r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d", _rijksregister),
    Id("CH_AHV", r"756\.?\d{4}\.?\d{4}\.?\d\d", _ahv),
    Id("CN_RESIDENT_ID", r"[1-8]\d{16}[0-9X]", _resident),
    Id("IN_AADHAAR", r"[2-9]\d{3}([ -]?)\d{4}\1\d{4}", _verhoeff, r"aadha+r|uidai|\buid\b"),
    Id("IN_PAN", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]", lambda s: True, r"\bpan\b|permanent account"),
    Id("KR_RRN", r"\d{6}-[1-8]\d{6}", _yymmdd),
    Id("AU_TFN", r"\d{3} ?\d{3} ?\d{3}", _tfn, r"\btfn\b|tax file"),
    Id("CA_SIN", r"\d{3}([- ]?)\d{3}\1\d{3}", luhn, r"\bsin\b|social insurance"),
    Id("TR_KIMLIK", r"[1-9]\d{10}", _kimlik, r"kimlik|\btckn?\b|t\.c\."),
    Id("ZA_ID", r"\d{6} ?\d{4} ?\d{3}", lambda d: _yymmdd(d) and luhn(d), r"\bid\b|identity"),
    Id("MX_CURP", r"[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d", _curp),
    Id("PT_NIF", r"[1-3]\d{2} ?\d{3} ?\d{3}", lambda d: _eleven(d, "98765432"), r"\bnif\b|contribuinte|fiscal"),
    Id("AT_SVNR", r"\d{4} ?\d{6}", _svnr, r"svnr|sozialversicherung|\bsv-?n"),
    Id("IE_PPS", r"\d{7}[A-W][A-IW]?", _pps),
    Id("CZ_SK_RODNE_CISLO", r"\d{6}/\d{3,4}", _rodne_cislo),
    Id("RO_CNP", r"[1-9]\d{12}", _cnp, r"\bcnp\b"),
    Id("BG_EGN", r"\d{10}", _egn, r"\bегн\b|\begn\b"),
    Id("HR_OIB", r"\d{11}", _mod_11_10, r"\boib\b"),
    Id("EE_LT_PERSONAL_CODE", r"[1-8]\d{10}", _isikukood, r"isikukood|asmens kod|personal code"),
    Id("GR_AMKA", r"\d{11}", lambda d: _ddmmyy(d) and luhn(d), r"αμκα|\bamka\b"),
    Id("IS_KENNITALA", r"\d{6}-?\d{4}", _kennitala, r"kennitala|\bkt\."),
    Id("JMBG", r"\d{13}", _jmbg, r"jmbg|јмбг|em[sš]o|matični"),
    Id("UA_RNOKPP", r"\d{10}", _rnokpp, r"рнокпп|\bіпн\b|rnokpp"),
    Id("RU_SNILS", r"\d{3}-\d{3}-\d{3} \d\d", _snils),
    Id("RU_INN", r"\d{12}", _inn, r"\bинн\b|\binn\b"),
    Id("IL_ID", r"\d{9}|\d{8}-\d", luhn, r"teudat|zehut|israeli id|זהות"),
    Id("CL_RUT", r"\d{1,2}\.\d{3}\.\d{3}-[0-9K]", _rut),
    Id("CL_RUT", r"\d{7,8}-[0-9K]", _rut, r"\brut\b|\brun\b"),
    Id("AR_CUIT", r"(?:20|2[34567]|3[034])-\d{8}-\d", lambda d: _eleven(d, "5432765432", 9)),
    Id("SG_NRIC", r"[STFGM]\d{7}[A-Z]", _nric),
    Id("HK_ID", r"[A-Z]{1,2}\d{6}\([0-9A]\)", _hkid),
    Id("TW_ID", r"[A-Z][1289]\d{8}", _taiwan, r"\bid\b|identity|身[分份]證"),
    Id("TH_ID", r"\d-\d{4}-\d{5}-\d\d-\d", _thai),
    Id("TH_ID", r"[1-8]\d{12}", _thai, r"thai id|บัตรประชาชน|citizen id"),
    Id("JP_MY_NUMBER", r"\d{4}([ -]?)\d{4}\1\d{4}", lambda d: _eleven(d, "65432765432"), r"my ?number|マイナンバー|個人番号"),
    Id("NZ_IRD", r"\d{2,3}-?\d{3}-?\d{3}", _ird, r"\bird\b|inland revenue"),
)
