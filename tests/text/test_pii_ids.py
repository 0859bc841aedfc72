"""National numbers: published examples pass, any one changed digit of a checksummed one does not."""

from __future__ import annotations

import pytest

from mintmark.text.pii import find
from mintmark.text.pii_ids import NATIONAL_IDS, card, iban, luhn

GOOD = {  # type: sentence, of which the number is the last part after the bar
    "US_SSN": "my number |123-45-6789",
    "US_ITIN": "my number |912-71-1234",
    "UK_NINO": "number |QQ 12 34 56 C".replace("QQ", "AB"),
    "UK_NHS": "NHS number |943 476 5919",
    "FR_NIR": "sécu |2 55 08 14 168 025 38",
    "DE_STEUER_ID": "Steuer-ID |86 095 742 719",
    "ES_DNI": "dni |12345678Z",
    "IT_CODICE_FISCALE": "cf |RSSMRA85T10A562S",
    "NL_BSN": "BSN |111222333",
    "BR_CPF": "documento |529.982.247-25",
    "PL_PESEL": "PESEL |44051401359",
    "SE_PERSONNUMMER": "nr |811218-9876",
    "FI_HETU": "tunnus |131052-308T",
    "NO_FODSELSNUMMER": "nr |150219 51940",
    "DK_CPR": "CPR |010180-1234",
    "BE_RIJKSREGISTER": "nr |85.07.30-033.28",
    "CH_AHV": "AHV |756.9217.0769.85",
    "CN_RESIDENT_ID": "id |11010519491231002X",
    "IN_AADHAAR": "Aadhaar |2341 2341 2346",
    "IN_PAN": "PAN |ABCPE1234F",
    "KR_RRN": "no |900101-1234567",
    "AU_TFN": "TFN |123 456 782",
    "CA_SIN": "SIN |046 454 286",
    "TR_KIMLIK": "kimlik no |10000000146",
    "ZA_ID": "ID |8001015009087",
    "MX_CURP": "curp |BOXW310820HNERXN09",
    "PT_NIF": "NIF |123 456 789",
    "AT_SVNR": "SVNR |1237 010180",
    "IE_PPS": "number |1234567FA",
    "CZ_SK_RODNE_CISLO": "číslo |710319/2745",
    "RO_CNP": "CNP |1630615123457",
    "BG_EGN": "ЕГН |7523169263",
    "HR_OIB": "OIB |33392005961",
    "EE_LT_PERSONAL_CODE": "isikukood |37605030299",
    "GR_AMKA": "ΑΜΚΑ |01013099997",
    "IS_KENNITALA": "kennitala |120174-3399",
    "JMBG": "JMBG |0101006500006",
    "UA_RNOKPP": "РНОКПП |1759013776",
    "RU_SNILS": "nr |112-233-445 95",
    "RU_INN": "ИНН |500100732259",
    "IL_ID": "teudat zehut |039337423",
    "CL_RUT": "número |12.531.909-2",
    "AR_CUIT": "número |20-05536168-2",
    "SG_NRIC": "number |S1234567D",
    "HK_ID": "number |A123456(3)",
    "TW_ID": "ID number |A123456789",
    "TH_ID": "number |1-2345-45678-78-1",
    "JP_MY_NUMBER": "my number |1234 5678 9018",
    "NZ_IRD": "IRD |49-091-850",
}
ONLY_DATED = {"US_SSN", "US_ITIN", "UK_NINO", "DK_CPR", "IN_PAN", "KR_RRN"}  # without a check digit


def test_every_kind_has_an_example() -> None:
    assert set(GOOD) == {r.type for r in NATIONAL_IDS}


@pytest.mark.parametrize("kind", GOOD)
def test_published_examples(kind: str) -> None:
    before, number = GOOD[kind].split("|")
    text = f"Well, {before}{number}, thanks."
    assert [(f.type, text[f.start : f.end]) for f in find(text)] == [(kind, number)]
    if kind not in ONLY_DATED:
        last = max(i for i, c in enumerate(number) if c.isdigit()) - (kind == "IS_KENNITALA")  # there the last tells the century
        wrong = number[:last] + str((int(number[last]) + 1) % 10) + number[last + 1 :]
        assert not [f for f in find(f"Well, {before}{wrong}, thanks.") if f.type == kind]


def test_numbers_that_need_a_word_are_silent_without_it() -> None:
    assert find("order 9434765919 of 111222333 boxes, parts 44051401359") == []


def test_cards_and_accounts() -> None:
    assert card("4111111111111111") and not card("4111111111111112") and not card("0000000000000000") and luhn("79927398713")
    assert iban("gb82 west 1234 5698 7654 32") and iban("DE89370400440532013000") and not iban("DE89370400440532013001")
    assert not iban("DE8937040044053201300") and not iban("GB82WEST1234569876543٢") and not iban("XX82WEST12345698765432")
