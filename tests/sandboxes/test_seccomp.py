"""The filter, run by a small BPF interpreter over made-up calls; the kernel's own headers for the numbers where they are installed."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from mintmark.sandboxes.seccomp import ALLOW, ARCHITECTURES, ENOSYS, EPERM, KILL, denied, program


def decide(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter returns for one call."""
    data = struct.pack("<iIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *(list(arguments) + [0] * 6)[:6])
    code = list(struct.iter_unpack("<HBBI", program(machine)))
    at, value = 0, 0
    while True:
        op, yes, no, k = code[at]
        at += 1
        if op == 0x06:
            return k
        if op == 0x20:
            value = struct.unpack_from("<I", data, k)[0]
        elif op == 0x54:
            value &= k
        else:
            at += yes if (value == k if op == 0x15 else value >= k) else no


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_every_denied_call_is_refused_and_plain_ones_are_not(machine: str) -> None:
    assert all(decide(machine, n) == EPERM for n in denied(machine).values())
    plain = {"x86_64": (0, 1, 3, 9, 12, 202, 231, 257, 44, 45), "aarch64": (63, 64, 57, 222, 214, 98, 94, 56, 206, 207)}[machine]
    assert all(decide(machine, n) == ALLOW for n in plain)  # read write close mmap brk futex exit_group openat sendto recvfrom
    assert len(program(machine)) // 8 < 4096, "the kernel takes at most 4096 instructions"


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_arguments_decide_where_they_must(machine: str) -> None:
    clone, pair, prlimit, ioctl = {"x86_64": (56, 53, 302, 16), "aarch64": (220, 199, 261, 29)}[machine]
    threads = 0x3D0F00  # what pthread_create asks for
    assert decide(machine, clone, threads) == ALLOW and decide(machine, clone, 17) == EPERM  # 17: SIGCHLD, a fork
    assert decide(machine, clone, 0x10000000 | 17) == EPERM == decide(machine, clone, threads | 0x20000)  # CLONE_NEWUSER, CLONE_NEWNS
    assert decide(machine, pair, 1, 1) == ALLOW and decide(machine, pair, 1, 1 | 0o2000000) == ALLOW  # SOCK_CLOEXEC
    assert decide(machine, pair, 1, 2) == EPERM and decide(machine, pair, 40, 1) == EPERM  # datagrams; AF_VSOCK
    assert decide(machine, prlimit, 0) == ALLOW and decide(machine, prlimit, 1234) == EPERM
    fcntl, prctl = {"x86_64": (72, 157), "aarch64": (25, 167)}[machine]
    assert {decide(machine, fcntl, 3, command) for command in (*range(8), 1030, 1032)} == {ALLOW}
    assert {decide(machine, fcntl, 3, command) for command in (8, 9, 10, 15, 1024, 1026, 1031)} == {EPERM}  # owners, leases, sizes of pipes
    assert decide(machine, prctl, 15) == ALLOW and {decide(machine, prctl, what) for what in (1, 4, 22, 59)} == {EPERM}
    assert {decide(machine, ioctl, 0, what) for what in (0x5401, 0x5413, 0x541B, 0x5421, 0x5451)} == {ALLOW}
    refused = (0x5412, 0x541C, 0x5452, 0x8901, 0x8902, 0x8912, 0x8927, 0x40086602)  # typing, owners, interfaces, flags of files
    assert {decide(machine, ioctl, 0, what) for what in refused} == {EPERM}


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_ends_are_closed(machine: str) -> None:
    assert decide(machine, 435) == ENOSYS and decide(machine, 450) == ENOSYS and decide(machine, 10_000) == ENOSYS
    assert decide(machine, 0x40000000 | 1) == ENOSYS  # x32
    assert decide(machine, 1, architecture=0x40000003) == KILL  # i386


def test_a_machine_without_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="riscv64"):
        program("riscv64")


@pytest.mark.parametrize(
    "machine, header", [("x86_64", "x86_64-linux-gnu/asm/unistd_64.h"), ("aarch64", "asm-generic/unistd.h")], ids=["x86_64", "aarch64"]
)
def test_numbers_are_the_kernels(machine: str, header: str) -> None:
    path = Path("/usr/include") / header
    if not path.exists():
        pytest.skip(f"kernel headers are absent: {path}")
    found: dict[str, int] = {}
    for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", path.read_text()):
        found.setdefault(name, int(number))
    assert {name: found.get(name) for name in denied(machine)} == denied(machine)
