"""Addresses and keys of crypto currencies by their checksums. `pii.py` looks for them.

    eip55("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed") -> True: the capitals are the checksum

Sources: the Bitcoin wiki (base58check), BIP 173 and 350 (bech32), EIP-55 (Ethereum), the Keccak reference 3.0 (keccak_256, before SHA-3 changed its
padding), Monero's base58 of 8-byte blocks. Not covered: addresses without a checksum (Solana), seed phrases, which words belong to a currency.
"""

from __future__ import annotations

from hashlib import sha256

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BLOCK = {2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8}  # characters of a Monero block -> bytes


def base58check(text: str, size: int = 21, alphabet: str = BASE58) -> bool:
    """`size` bytes and the first four of their double SHA-256: 21 for addresses of Bitcoin, Litecoin, Dogecoin, Tron, Ripple (its own alphabet)."""
    number = 0
    for c in text:
        if (digit := alphabet.find(c)) < 0:
            return False
        number = number * 58 + digit
    if number >> 8 * (size + 4):
        return False
    raw = number.to_bytes(size + 4, "big")
    return sha256(sha256(raw[:size]).digest()).digest()[:4] == raw[size:]


def private_key(text: str) -> bool:
    """A key that spends: Bitcoin's wallet import format (33 or 34 bytes), an extended private key (78)."""
    return base58check(text, 78) if len(text) > 100 else base58check(text, 33) or base58check(text, 34)


def bech32(text: str) -> bool:
    """bech32 or bech32m, of any human part."""
    if text not in (text.lower(), text.upper()):
        return False
    human, _, data = text.lower().rpartition("1")
    values = [*(ord(c) >> 5 for c in human), 0, *(ord(c) & 31 for c in human), *(_BECH32.find(c) for c in data)]
    check = 1
    for v in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ v
        for i, g in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= g if top >> i & 1 else 0
    return check in (1, 0x2BC830A3) and -1 not in values


def eip55(text: str) -> bool:
    """An Ethereum address, 0x and 40 hexadecimal digits: in one case it has no checksum and passes, in mixed case its capitals must be right."""
    digits = text[2:]
    if digits in (digits.lower(), digits.upper()):
        return True
    return all(c.isdigit() or c.isupper() == (int(h, 16) > 7) for c, h in zip(digits, keccak_256(digits.lower().encode()).hex()))


def monero(text: str) -> bool:
    """95 characters (106 with a payment id): blocks of 11 stand for 8 bytes, the last four bytes are the Keccak of the others."""
    raw = b""
    for at in range(0, len(text), 11):
        block, number = text[at : at + 11], 0
        for c in block:
            number = number * 58 + BASE58.find(c)
        size = _BLOCK.get(len(block), 0)
        if number >> 8 * size:
            return False
        raw += number.to_bytes(size, "big")
    return keccak_256(raw[:-4])[:4] == raw[-4:]


_ROUNDS = (
    0x1, 0x8082, 0x800000000000808A, 0x8000000080008000, 0x808B, 0x80000001, 0x8000000080008081, 0x8000000000008009, 0x8A, 0x88, 0x80008009,
    0x8000000A, 0x8000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x800A,
    0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x80000001, 0x8000000080008008,
)  # fmt: skip
_WORD = (1 << 64) - 1


def keccak_256(data: bytes, suffix: int = 1) -> bytes:
    """The hash of Ethereum and Monero. With suffix 6 it is SHA3-256, which the tests compare with hashlib's."""
    rate = 136
    padded = bytearray(data + bytes([suffix]) + bytes(-(len(data) + 1) % rate))
    padded[-1] |= 0x80
    state = [0] * 25
    for at in range(0, len(padded), rate):
        for i in range(rate // 8):
            state[i] ^= int.from_bytes(padded[at + 8 * i : at + 8 * i + 8], "little")
        for constant in _ROUNDS:
            column = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(5)]
            for i in range(25):
                state[i] ^= column[(i - 1) % 5] ^ _turned(column[(i + 1) % 5], 1)
            x, y, word = 1, 0, state[1]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                state[x + 5 * y], word = _turned(word, (t + 1) * (t + 2) // 2 % 64), state[x + 5 * y]
            for row in range(0, 25, 5):
                five = state[row : row + 5]
                state[row : row + 5] = [five[i] ^ (~five[(i + 1) % 5] & _WORD & five[(i + 2) % 5]) for i in range(5)]
            state[0] ^= constant
    return b"".join(word.to_bytes(8, "little") for word in state[:4])


def _turned(word: int, by: int) -> int:
    return (word << by | word >> 64 - by) & _WORD
