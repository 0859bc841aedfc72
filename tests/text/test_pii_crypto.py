"""Addresses and keys by their checksums: published vectors pass, any changed character does not; Keccak against hashlib's SHA-3."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.text.pii import find
from mintmark.text.pii_crypto import BASE58, RIPPLE, base58check, bech32, eip55, keccak_256, monero, private_key

# EIP-55's own test vectors
ETHEREUM = """
0x52908400098527886E0F7030069857D2E4169EE7 0x8617E340B3D01FA5F11F306F4090FD50E238070D 0xde709f2102306220921060314715629080e2fb77
0x27b1fdb04752bbc536007a920d24acb045561c26 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed 0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359
0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB 0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb
""".split()
# BIP 173, BIP 350, the Bitcoin wiki, XRP's account zero, Monero's general fund
OTHERS = """
1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq
BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4 bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0
tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7 rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh
44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A
""".split()
# the Bitcoin wiki's example of the wallet import format, BIP 32's first test vector
KEYS = [
    "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
    "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
]


def test_published_hashes() -> None:
    assert keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak_256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=450))
def test_with_the_other_padding_it_is_sha3(data: bytes) -> None:
    assert keccak_256(data, 6) == hashlib.sha3_256(data).digest()


@pytest.mark.parametrize("address", [*ETHEREUM, *OTHERS])
def test_addresses(address: str) -> None:
    assert [(f.type, f.start, f.end) for f in find(f"send it to {address}, please")] == [("CRYPTO", 11, 11 + len(address))]
    swapped = address[:-1] + address[-1].swapcase() if address[-1].isalpha() else address[:-1] + str((int(address[-1]) + 1) % 8 + 1)
    if len({c.isupper() for c in address[2:] if c.isalpha()}) > 1 or not address.startswith("0x"):
        assert not [f for f in find(f"send it to {swapped}, please") if f.type == "CRYPTO"], swapped


@pytest.mark.parametrize("key", KEYS)
def test_keys_that_spend_are_secrets(key: str) -> None:
    assert private_key(key) and [f.type for f in find(f"I keep {key} safe")] == ["SECRET"]
    assert not private_key(key[:-1] + ("2" if key[-1] == "1" else "1"))


def test_each_alone() -> None:
    assert all(map(eip55, ETHEREUM)) and not eip55("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD")
    assert base58check("rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", alphabet=RIPPLE) and not base58check("rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh")
    assert monero(OTHERS[-1]) and not monero(OTHERS[-1][:-1] + "B") and not monero(OTHERS[-1][:40]) and not base58check("0" * 30)
    assert bech32(OTHERS[2]) and not bech32(OTHERS[2].replace("q", "Q", 1)) and not bech32("bc1bbbbbbbbbbb")
    assert len(set(BASE58)) == len(set(RIPPLE)) == 58


def test_a_commit_and_a_hash_are_no_addresses() -> None:
    assert find("commit 356a192b7913b04c54574d18c28d46e6395428ab, digest 0x356A192b7913b04c54574d18c28d46e6395428ab") == []
