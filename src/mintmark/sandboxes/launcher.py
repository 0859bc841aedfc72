"""Runs inside a box, as the text of `python -I -S -c`: closes the box from within, then runs one candidate that it reads from its standard input.

    in    {"source": ..., "cpu_s": ..., "call_cpu_s": ..., "memory_mb": ..., "program": ..., "asks": ..., "further": ...} on one line, then one line [function, args, kwargs] a call
    out   ["ready", {...}], ["loaded"] or ["load", type, message, names], then one line a call: ["value", packed] | ["raised", type, message, names]
          | ["unplain", why] | ["late"] | ["missing", function]; names: of the classes that an exception's own is made of, up to Python's

program: the source is not loaded but run by each call, of #main. asks: the source has `_ask`, which says ["ask", function, args, kwargs] and is answered by
a line in. further: the text of further.py, for programs and for calls that come from another box, with a fourth part, true.

Nothing that it says is believed: from `exec` on the candidate may write every line itself, but it does not know what would be right.
It does not import the package, which the box cannot see, and little else, since every candidate pays for it: `json` and
`typing` import `re`, which takes longer than Python itself, so JSON and calls of libc go by what `json` and `ctypes` wrap. Not covered: what the tier's command does outside (namespaces, the uid).
"""

from __future__ import annotations

import _ctypes
import builtins
import os
import resource
import struct
import sys
from _json import encode_basestring_ascii, make_encoder, make_scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446  # the same numbers on every architecture
READ, RUN, WHOLE_FILE = 0b1100, 0b101, 1 << 14 | 0b111  # read files and folders; execute and read a file; what a single file may have
NULL = 1 << 14 | 0b110  # write, truncate and read: of /dev/null, where code sends what nobody is to see
EXEC_FD, ANSWERS, COMMANDS = 100, 3, 4  # where the program of another language is opened (above NOFILE), and where it finds its pipes
NOFILE = 64
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}  # by ABI


_LIBC = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]


def libc(name: str, *arguments: int | bytes | None) -> int:
    """A function of the C library; its numbers are C's int."""
    return int(_ctypes.call_function(_ctypes.dlsym(_LIBC, name), arguments))


class Char(_ctypes._SimpleCData):  # type: ignore[type-arg]
    _type_ = "c"


def landlock(readable: list[str], writable: list[str], runnable: list[str]) -> int:
    """Reads below `readable`, anything below `writable`, execution of the files `runnable`, nothing else; from ABI 4 no TCP, from ABI 6 no signal or abstract socket out of here.
    Returns the ABI; 0 where the kernel has none."""
    abi = libc("syscall", LANDLOCK_CREATE, None, 0, 1)  # asks for the version
    if abi < 1:
        return 0
    rights = RIGHTS[min(abi, 5)]
    attributes = struct.pack("<QQQ", rights, 3, 3)[: 24 if abi >= 6 else 16 if abi >= 4 else 8]
    rules = libc("syscall", LANDLOCK_CREATE, attributes, len(attributes), 0)
    for paths, wanted in ((readable, READ), (writable, rights), (runnable, RUN), (["/dev/null"], NULL)):
        for path in paths:
            if not os.path.exists(path):
                continue
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
            given = rights & (wanted if os.path.isdir(path) else wanted & WHOLE_FILE)
            if libc("syscall", LANDLOCK_ADD, rules, 1, struct.pack("<Qi", given, fd), 0):
                raise OSError(f"Landlock refuses the rule for {path}")
            os.close(fd)
    if libc("syscall", LANDLOCK_RESTRICT, rules, 0):
        raise OSError("Landlock cannot be applied")
    os.close(rules)
    return abi


def close_box(config: dict[str, Any]) -> int:
    """Limits, then Landlock, then seccomp; every failure raises, and nothing runs. Returns the Landlock ABI."""
    libc("prctl", 1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG: SIGKILL when whoever started this is gone
    if os.getppid() != config.get("parent", os.getppid()):
        raise OSError("whoever started the box is gone")
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_NOFILE: NOFILE, resource.RLIMIT_FSIZE: config["file_mb"] << 20}
    if config["threads"]:
        limits[resource.RLIMIT_NPROC] = config["threads"]
    for what, most in limits.items():
        resource.setrlimit(what, (most, most))
    if libc("prctl", 38, 1, 0, 0, 0):  # PR_SET_NO_NEW_PRIVS
        raise OSError("no_new_privs is refused")
    libc("prctl", 4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: RLIMIT_CORE does not bind a program that the system hands its cores to
    try:
        libc("mallopt", -8, 2)  # M_ARENA_MAX: else each thread reserves 64 MiB of the address space, and few fit
    except OSError:  # no glibc
        pass
    if config["unsafe"]:
        return 0
    abi = landlock(config["readable"], config["writable"], config["runnable"])
    if abi < config["least_abi"]:
        raise OSError(f"Landlock has ABI {abi}, {config['least_abi']} is needed")
    code = bytes.fromhex(config["seccomp"])
    text = (Char * len(code)).from_buffer_copy(code)
    program = struct.pack("HxxxxxxP", len(code) // 8, _ctypes.addressof(text))  # struct sock_fprog
    if libc("prctl", 22, 2, program, 0, 0):  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        raise OSError("seccomp is refused")
    return abi


def limit(cpu_s: float, memory_mb: int) -> None:
    """CPU time, behind the clock that is read outside, and address space."""
    most = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(most.ru_utime + most.ru_stime + cpu_s) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20,) * 2)


def become(config: dict[str, Any], abi: int) -> None:
    """Executes the program that close_box left the one way to: nothing but the pipes is open in it, and no file can get that number again."""
    limit(config["cpu_s"], config["memory_mb"])
    os.execve(EXEC_FD, [*config["arguments"], dumps({"landlock": abi})], config["environment"])


class Strict:
    """What `json` sets up its scanner with."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int, parse_constant = float, int, float


_scan: Any = make_scanner(Strict)  # type: ignore[arg-type]
_encode = make_encoder(None, repr, encode_basestring_ascii, None, ":", ",", False, False, False)


def loads(line: str) -> Any:
    try:
        return _scan(line, 0)[0]
    except StopIteration:
        raise ValueError("no JSON") from None


def dumps(value: Any) -> bytes:
    return "".join(_encode(value, 0)).encode()


class Late(BaseException):
    """One call has used its own share of CPU time."""


def arm(seconds: float) -> None:
    """Stops one call from within, so that the next is still tried. A candidate may disarm it: the limit that counts is kept outside."""
    import signal

    def late(number: int, frame: Any) -> None:
        raise Late

    signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)


def told(error: BaseException) -> list[str]:
    try:
        names = []
        for kind in type(error).__mro__[:20]:
            names.append(kind.__name__[:100])
            if kind.__module__ == "builtins":
                break
        return [names[0], str(error)[:500], *names[1:]]
    except BaseException:
        return ["Exception", "it cannot be shown"]


def show(error: BaseException) -> None:
    """The traceback on standard error, less the frames of this file."""
    try:
        inner = error.__traceback__ and error.__traceback__.tb_next
        sys.__excepthook__(type(error), BaseException.with_traceback(error, inner), inner)
        sys.stderr.flush()
    except BaseException:
        pass


def found(names: dict[str, Any], path: str) -> Any:
    """What a path names: f, Class.f, Class().f; an instance is made for a method that wants itself."""
    first, *rest = path.split(".")
    value = names.get(first.removesuffix("()"), Missing)
    value = value() if first[-2:] == "()" and value is not Missing else value
    for name in rest:
        method = vars(value).get(name) if isinstance(value, type) else None
        if type(method) is type(found) and method.__code__.co_varnames[:1] == ("self",):
            value = value()
        value = getattr(value, name, Missing)
    if value is Missing:
        raise Missing
    return value


def awaited(value: Any) -> Any:
    if type(value).__name__ != "coroutine":
        return value
    import asyncio

    return asyncio.run(value)


class Missing(Exception):
    """The candidate defines nothing of that name: no KeyError of its own."""


class Modules:
    """Finds native modules by file: of the folder that one lies in, the box sees nothing else."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in self.files:
            return None
        from importlib.util import spec_from_file_location

        return spec_from_file_location(name, self.files[name])


def main(pack: Any, unpack: Any) -> None:
    config = loads(sys.argv[1])
    answers, write = config["answers"], os.write

    def say(*words: Any) -> None:
        line = dumps(words) + b"\n"
        while line:
            line = line[write(answers, line) :]

    try:
        if answers == 1:  # a container hands over the three standard pipes alone: what is printed goes to standard error
            answers = os.dup(1)
            os.dup2(2, 1)
        other = config["program"]
        if other and answers != ANSWERS:
            answers = os.dup2(answers, ANSWERS)  # nothing of ours stands there
        commands = os.fdopen(os.dup2(0, COMMANDS) if other else os.dup(0), "rb")
        null = os.open("/dev/null", os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        if other:
            os.closerange(COMMANDS + 1, 1 << 16)
            os.dup2(os.open(other, os.O_RDONLY | os.O_CLOEXEC), EXEC_FD, inheritable=False)
        abi = close_box(config)
        if other:
            become(config, abi)
    except BaseException as error:
        say("broken", *told(error))
        os._exit(97)
    spent = resource.getrusage(resource.RUSAGE_SELF)
    say("ready", {"landlock": abi, "runtime": f"CPython {sys.version.split()[0]}", "cpu_s": spent.ru_utime + spent.ru_stime})
    job = loads(commands.readline().decode() or "null")
    if job is None:
        os._exit(0)
    limit(job["cpu_s"], job["memory_mb"])
    module = type(sys)("candidate")
    sys.modules["candidate"] = module
    sys.argv[:] = ["candidate"]
    names = module.__dict__
    sys.meta_path.append(Modules(config["modules"]))

    def ask(*words: Any) -> Any:
        say("ask", *words)
        return loads(commands.readline().decode())

    if job["asks"]:
        names.update(_ask=ask, _pack=pack, _unpack=unpack, _loads=loads)
    builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment]  # programs use them; -S left them out
    kept: Any = None
    if job["further"]:
        own: dict[str, Any] = {"found": found, "awaited": awaited, "pack": pack}
        exec(job["further"], own)
        kept = own["Kept"](names, sys.stdout)

    try:
        code = compile(job["source"], "candidate.py", "exec", dont_inherit=True)
        if not job["program"]:
            exec(code, names)
        say("loaded")
    except BaseException as error:
        show(error)
        say("load", *told(error))
        os._exit(0)
    shown = False
    for line in commands:
        path, args, kwargs, *second = loads(line.decode())
        try:
            if second and sys.stdout is kept.printed.real:
                sys.stdout = kept.printed
            if job["call_cpu_s"]:
                arm(job["call_cpu_s"])
            back = kept and kept.back
            given = unpack(args, back)
            value = (
                own["run"](code, *given)
                if path == "#main"
                else (kept.find if second else lambda p: found(names, p))(path)(*given, **unpack(kwargs, back))
            )
            if not second:
                value = awaited(value)
            if job["call_cpu_s"]:
                arm(0)
            try:
                answer = ["value", pack(value, 0, kept.keep if second else None)]
                if second and value is None:  # what works in place gives nothing back: what it did to its arguments goes along
                    answer.append(pack(given, 0, kept.keep))
            except ValueError as error:
                answer = ["unplain", str(error)[:200]]
            del value, given
        except Late:
            answer = ["late"]
        except Missing:
            answer = ["missing", path]
        except BaseException as error:
            answer = ["raised", *told(error)]
            if not shown:
                shown = True
                show(error)
        try:
            if job["call_cpu_s"]:
                arm(0)
            sys.stdout.flush()
        except BaseException:
            pass
        say(*answer, *(kept.printed.taken() if second else ()))
    os._exit(0)
