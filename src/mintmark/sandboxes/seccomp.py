"""A seccomp filter as bytes: what a function that only computes never needs of the kernel is refused there.

    program("x86_64")  ->  BPF instructions, 8 bytes each, that a launcher installs with prctl(PR_SET_SECCOMP)

A deny list, with two closed ends: another architecture kills the process, and every call newer than this table does not exist (ENOSYS). Own
processes are refused (fork, exec, clone without CLONE_THREAD), so nothing can outlive the box and RLIMIT_AS bounds the whole of it;
threads work. Sockets are refused of every family (Landlock does not stop UDP, a network namespace not AF_VSOCK), but for
the connected pair that asyncio needs. What Landlock leaves open is refused too: modes, owners, times, attributes, System V's messages and
memory. Calls that are many in one (ioctl, fcntl, prctl) have a list of what is allowed: an ioctl on any socket tells the machine's addresses.
Not covered: calls that read (stat, statfs, uname, sysinfo) and faults in calls that are allowed. Source: seccomp(2), isolate (ioi).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
FIRST_UNKNOWN = 450  # this and later numbers are the same on every architecture
# name -> number on x86_64, on aarch64 (None: it has no such call)
_DENIED: dict[str, tuple[int | None, int | None]] = {
    # processes, and signals to them
    **{"fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281)},
    **{"kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240)},
    **{"pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438), "ptrace": (101, 117), "kcmp": (312, 272)},
    **{"process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "process_madvise": (440, 440), "process_mrelease": (448, 448)},
    **{"sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118), "sched_setattr": (314, 274)},
    **{"setpriority": (141, 140), "ioprio_set": (251, 30), "migrate_pages": (256, 238), "move_pages": (279, 239)},
    **{"mbind": (237, 235), "set_mempolicy": (238, 237), "personality": (135, 92)},
    # network
    **{"socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242)},
    # mounts, namespaces, handles
    **{"mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428)},
    **{"move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433)},
    **{"mount_setattr": (442, 442), "setns": (308, 268), "unshare": (272, 97)},
    **{"open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "fanotify_init": (300, 262), "fanotify_mark": (301, 263)},
    # large surfaces of the kernel
    **{"bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "lookup_dcookie": (212, 18)},
    **{"splice": (275, 76), "vmsplice": (278, 75), "tee": (276, 77), "io_setup": (206, 0), "inotify_add_watch": (254, 27)},
    **{"seccomp": (317, 277), "landlock_create_ruleset": (444, 444), "landlock_add_rule": (445, 445), "landlock_restrict_self": (446, 446)},
    **{"remap_file_pages": (216, 234), "setsockopt": (54, 208)},
    **{"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219)},
    **{"io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427)},
    # the machine
    **{"kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273)},
    **{"delete_module": (176, 106), "create_module": (174, None), "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142)},
    **{"syslog": (103, 116), "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443), "vhangup": (153, 58)},
    **{"clock_settime": (227, 112), "clock_adjtime": (305, 266), "settimeofday": (164, 170), "adjtimex": (159, 171)},
    # what all of the machine waits for or sees: its disks, its processors, its page cache, locks on files that others use
    **{"sync": (162, 81), "syncfs": (306, 267), "membarrier": (324, 283), "mincore": (27, 232), "flock": (73, 32)},
    **{"mlock": (149, 228), "mlock2": (325, 284), "mlockall": (151, 230)},
    **{"sethostname": (170, 161), "setdomainname": (171, 162), "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None)},
    **{"uselib": (134, None), "ustat": (136, None), "sysfs": (139, None), "_sysctl": (156, None), "nfsservctl": (180, 42)},
    # what Landlock does not govern of files
    **{"chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "chown": (92, None), "fchown": (93, 55), "fchownat": (260, 54)},
    **{"lchown": (94, None), "utime": (132, None), "utimes": (235, None), "utimensat": (280, 88), "futimesat": (261, None)},
    **{
        "setxattr": (188, 5),
        "lsetxattr": (189, 6),
        "fsetxattr": (190, 7),
        "getxattr": (191, 8),
        "lgetxattr": (192, 9),
        "fgetxattr": (193, 10),
    },
    **{"listxattr": (194, 11), "llistxattr": (195, 12), "flistxattr": (196, 13)},
    **{"removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "mknod": (133, None), "mknodat": (259, 33)},
    # memory that RLIMIT_AS does not count, or that outlives a process
    **{"memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195)},
    **{
        "msgget": (68, 186),
        "msgsnd": (69, 189),
        "msgrcv": (70, 188),
        "msgctl": (71, 187),
        "semget": (64, 190),
        "semop": (65, 193),
        "semctl": (66, 191),
    },
    **{"semtimedop": (220, 192), "mq_open": (240, 180), "mq_unlink": (241, 181)},
    # who one is
    **{"setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143), "setresuid": (117, 147)},
    **{"setresgid": (119, 149), "setgroups": (116, 159), "setfsuid": (122, 151), "setfsgid": (123, 152), "capset": (126, 91)},
}
_CLONE, _CLONE3, _IOCTL, _SOCKETPAIR, _PRLIMIT = (56, 220), (435, 435), (16, 29), (53, 199), (302, 261)
_PRCTL, _FCNTL = (157, 167), (72, 25)
_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06  # BPF: ld [k] · jeq · jge · and · ret
ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050000 | 1, 0x00050000 | 38
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data; an argument's low half, little-endian

Instruction = tuple[int, int, int, int]
_REFUSE: Instruction = (_RETURN, 0, 0, EPERM)


def denied(machine: str) -> dict[str, int]:
    """Name -> number of the calls that are refused whatever their arguments."""
    column = list(ARCHITECTURES).index(machine)
    return {name: n for name, pair in _DENIED.items() if (n := pair[column]) is not None}


def _only(number: int, argument: int, *allowed: int, mask: int = 0xFFFFFFFF) -> Iterator[Instruction]:
    """This call is refused where its argument, masked, is none of these; else the number is loaded again, and the next rule is tried."""
    yield (_EQUAL, 0, len(allowed) + 4, number)
    yield (_LOAD, 0, 0, _ARGUMENT + 8 * argument)
    yield (_AND, 0, 0, mask)
    for i, value in enumerate(allowed):
        yield (_EQUAL, len(allowed) - i, 0, value)
    yield _REFUSE
    yield (_LOAD, 0, 0, _NUMBER)


def _instructions(machine: str, exec_fd: int | None) -> Iterator[Instruction]:
    column = list(ARCHITECTURES).index(machine)
    yield (_LOAD, 0, 0, _ARCHITECTURE)
    yield (_EQUAL, 1, 0, ARCHITECTURES[machine])
    yield (_RETURN, 0, 0, KILL)
    yield (_LOAD, 0, 0, _NUMBER)
    yield from ((_AT_LEAST, 0, 1, FIRST_UNKNOWN), (_RETURN, 0, 0, ENOSYS))  # the x32 calls of x86_64 too: their bit 30 is set
    yield from ((_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, ENOSYS))  # its flags lie behind a pointer; libc falls back to clone
    thread, namespaces, unix, stream = 0x10000, 0x7E020000, 1, 1
    yield from _only(_CLONE[column], 0, thread, mask=thread | namespaces)
    yield from _only(_PRLIMIT[column], 0, 0)  # of this process alone
    yield from _only(_SOCKETPAIR[column], 0, unix)
    yield from _only(_SOCKETPAIR[column], 1, stream, mask=0xF)
    # Not F_SETOWN (a pipe that sends any signal to any process of this user), leases, notices, the sizes of pipes
    yield from _only(_FCNTL[column], 1, *range(8), 1030, 1032)  # dup, flags, locks, F_DUPFD_CLOEXEC, F_GETPIPE_SZ
    # Not TIOCSTI (typing into a terminal), SIOC* (the machine's interfaces and addresses), FS_IOC_*
    yield from _only(
        _IOCTL[column], 1, 0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451
    )  # is it a terminal, how large; what waits; block, cloexec
    yield from _only(_PRCTL[column], 0, 15, 16)  # a thread's name; not PR_SET_PDEATHSIG: it dies with the judge
    if exec_fd is not None:  # allowed at once, where the descriptor is this one; refused below otherwise
        yield from (
            (_EQUAL, 0, 4, _DENIED["execveat"][column] or 0),
            (_LOAD, 0, 0, _ARGUMENT),
            (_EQUAL, 0, 1, exec_fd),
            (_RETURN, 0, 0, ALLOW),
        )
        yield (_LOAD, 0, 0, _NUMBER)
    for number in sorted(denied(machine).values()):
        yield from ((_EQUAL, 0, 1, number), _REFUSE)
    yield (_RETURN, 0, 0, ALLOW)


def program(machine: str, exec_fd: int | None = None) -> bytes:
    """The filter for `platform.machine()`; ValueError for a machine without a table. exec_fd: the one descriptor whose file may be executed; as a
    launcher opens it close-on-exec and above its own RLIMIT_NOFILE, that succeeds once: afterwards no descriptor can have the number. An absolute path needs
    none, and a filter cannot read it: there it is Landlock that lets the program and its loader alone be executed."""
    if machine not in ARCHITECTURES:
        raise ValueError(f"no table of system calls for {machine}; there are {', '.join(ARCHITECTURES)}")
    return b"".join(struct.pack("<HBBI", *i) for i in _instructions(machine, exec_fd))
