"""What the commands share: the app, the options that several of them take, and printing. Progress goes to standard error and only to a
terminal; --json prints one object.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..core.errors import Refused

app = typer.Typer(
    name="mintmark",
    help="Synthetic data made with large language models: generate, curate, evaluate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        from .. import __version__

        say(f"mintmark {__version__}")
        raise typer.Exit(0)


@app.callback()
def top(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")] = False,
) -> None:
    pass


Out = Annotated[Path | None, typer.Option("--out", help="Folder of the run; default runs/NAME.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output and nothing else there.")]
Model = Annotated[list[str] | None, typer.Option("--model", help="ROLE=SPEC, such as writer=openai:gpt-5-mini; may be repeated.")]
Set = Annotated[list[str] | None, typer.Option("--set", help="a.b=value: changes the recipe as read; may be repeated.")]
Concurrency = Annotated[int, typer.Option("--concurrency", help="Ceiling of calls in flight to each model; over HTTP it adapts below it.")]
Junit = Annotated[Path | None, typer.Option("--junit", help="Write the gates as JUnit XML, for CI.")]
NoCode = Annotated[bool, typer.Option("--no-code", help="Refuse scripted: models, which run code beside the recipe.")]


def say(text: str = "") -> None:
    from ..text.names import plain

    sys.stdout.write(plain(text) + "\n")


def say_json(value: Any) -> None:
    from ..text.jsontext import dumps

    sys.stdout.write(dumps(value).decode() + "\n")


def complain(text: str) -> None:
    from ..text.names import plain

    sys.stderr.write(plain(text) + "\n")


def roles(given: list[str] | None) -> dict[str, str]:
    out = {}
    for item in given or ():
        role, eq, spec = item.partition("=")
        if not eq or not role or not spec:
            raise Refused(f"--model {item}: expected ROLE=SPEC, such as writer=openai:gpt-5-mini")
        out[role] = spec
    return out


def say_gates(gates: list[dict[str, Any]]) -> None:
    for gate in gates:
        value = "not measured" if gate["value"] is None else f"{gate['value']:.4g}"
        say(f"  gate {gate['metric']} {gate['limit']}: {value} -> {'passed' if gate['passed'] else 'FAILED'}")


def write_junit(to: Path | None, name: str, gates: list[dict[str, Any]], found: list[Any], waiting: list[str] | None = None) -> None:
    """--junit FILE: the gates as a test report."""
    if to is None:
        return
    from ..report.junit import junit
    from ..stores.atomic import atomic_write

    with atomic_write(to) as file:
        file.write(junit(name, gates, {m.metric: m.as_dict() for m in found}, waiting or ()))


def say_lost(manifest: dict[str, Any]) -> None:
    """Where rows were lost and why, each failure with the first one's words: the first thing to know about a run that kept fewer than hoped."""
    for step in manifest.get("steps", ()):
        for state in ("dropped", "failed"):
            for reason, count in step[state].items():
                say(f"  {step['label']}: {count:,} {state} ({reason})")
                if state == "failed":
                    say_example(step, state, reason)


def say_example(step: dict[str, Any], state: str, reason: str) -> None:
    """Which row it was, and what the ledger says of it."""
    if example := step.get("examples", {}).get(state, {}).get(reason):
        detail = " ".join(example["detail"].split())
        say(f"      such as {example['id']}: {detail if len(detail) <= 240 else detail[:240] + ' ...'}")
