"""A person's parts fit together, in every script; the same seed gives the same one."""

from __future__ import annotations

import pytest

pytest.importorskip("faker", reason="faker is not installed: pip install 'mintmark[faker]'")

from mintmark.text.persons import FIELDS, Persons


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "ja_JP", "el_GR", "pl_PL", "pt_BR", "ar_EG", "zh_CN"])
def test_parts_fit(locale: str) -> None:
    people = Persons(locale)
    made = [people.person(seed) for seed in range(40)]
    assert made[7] == Persons(locale).person(7) and len({m["name"] for m in made}) > 20
    for m in made:
        assert set(m) == set(FIELDS) and all(m.values())
        assert m["name"] == f"{m['first_name']} {m['last_name']}"
        assert all(m[part] in m["address"] for part in ("street", "postcode", "city"))
        mailbox, _, host = m["email"].partition("@")
        assert host == "example.org" and mailbox.isascii() and mailbox


def test_unknown_locale() -> None:
    with pytest.raises(ValueError, match="expected one of Faker's"):
        Persons("xx_YY")
