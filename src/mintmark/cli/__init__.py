"""The command line: parse, call the api, print. One file a group of commands; what they share is in common.py.

Exit codes, the first that applies: 2 refused, nothing was called · 1 our fault · 3 unfinished but resumable · 5 waiting for people ·
4 a gate failed · 0 complete.
"""

from __future__ import annotations

import os
import signal
import sys

import typer

from ..core.errors import MintmarkError
from . import make, private, tell  # noqa: F401  (their commands enter the app as they are imported)
from .common import app, complain


def main() -> None:
    """The `mintmark` command: errors in one paragraph, never a traceback for what a person can mend."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal that has no sign for it: no reason to fail
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # Arrow's own pool keeps 25 MB more than a run needs
    try:
        code = app(standalone_mode=False)
        raise SystemExit(_exit(code if isinstance(code, int) else 0))
    except typer.Exit as end:
        raise SystemExit(_exit(end.exit_code)) from None
    except MintmarkError as error:
        complain(f"mintmark: {error}")
        raise SystemExit(error.exit_code) from None
    except (KeyboardInterrupt, typer.Abort):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        complain("mintmark: stopped; the same command goes on")
        raise SystemExit(3) from None
    except BrokenPipeError:
        _mute()
        raise SystemExit(0) from None
    except Exception as error:
        if hasattr(error, "format_message"):  # click's own usage errors
            complain(f"mintmark: {error.format_message()}")
            raise SystemExit(2) from None
        raise  # our fault: the traceback is the report; Python exits with 1


def _exit(code: int) -> int:
    """Typer's 130 for Ctrl+C outside a run's own handling is our 3: unfinished, the same command goes on."""
    if code != 130:
        return code
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    complain("mintmark: stopped; the same command goes on")
    return 3


def _mute() -> None:
    """Standard output is a closed pipe: let Python's own flush at exit go nowhere instead of complaining."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


__all__ = ["app", "main"]
