"""Invented persons of a locale whose parts fit together: the e-mail is the name's, the address is the street, postcode and city.

    Persons("de_DE").person(7)  ->  {'sex': 'f', 'first_name': 'Inge', 'last_name': 'Roht', 'name': 'Inge Roht', 'email': 'inge.roht@example.org', ...}

Words are Faker's (extra `faker`): the same seed gives the same person for the same version of it. E-mail addresses end in example.org, which nobody
can own (RFC 2606); phone numbers may be somebody's. Not covered: whether the postcode is that of the city; names by how frequent they are.
"""

from __future__ import annotations

import random
import re
import unicodedata
from typing import Any

FIELDS = (
    "name",
    "first_name",
    "last_name",
    "sex",
    "email",
    "phone",
    "street",
    "postcode",
    "city",
    "address",
    "birth_date",
    "company",
    "job",
)


class Persons:
    """ValueError for a locale that Faker does not have; ImportError where it is not installed."""

    def __init__(self, locale: str) -> None:
        import faker
        from faker.config import AVAILABLE_LOCALES

        if locale not in AVAILABLE_LOCALES:
            raise ValueError(f"locale is {locale!r}, expected one of Faker's such as en_US, de_DE, fr_FR, ja_JP")
        self._faker = faker.Faker(locale, use_weighting=False)
        self._city_first = locale.startswith("en_")

    def person(self, seed: int) -> dict[str, Any]:
        """FIELDS of one person."""
        fake, rng = self._faker, random.Random(seed)
        fake.seed_instance(seed)
        sex = rng.choice("fm")
        first = fake.first_name_female() if sex == "f" else fake.first_name_male()
        last = (getattr(fake, "last_name_female", fake.last_name) if sex == "f" else getattr(fake, "last_name_male", fake.last_name))()
        street, postcode, city = (" ".join(str(part).split()) for part in (fake.street_address(), fake.postcode(), fake.city()))
        mailbox = ".".join(filter(None, map(_ascii, (first, last)))) or f"person{rng.randrange(10**6)}"
        return {
            "sex": sex, "first_name": first, "last_name": last, "name": f"{first} {last}",
            "email": f"{mailbox}@example.org", "phone": fake.phone_number(),
            "street": street, "postcode": postcode, "city": city,
            "address": f"{street}, {city} {postcode}" if self._city_first else f"{street}, {postcode} {city}",
            "birth_date": f"{rng.randint(1930, 2006)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
            "company": fake.company(), "job": fake.job(),
        }  # fmt: skip


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")
