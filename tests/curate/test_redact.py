"""redact: placeholders by row, or by a key that is written nowhere; before a remote call nothing of the original goes out; no network anywhere."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import MissingExtra, PrivacyError, RecipeError
from mintmark.core.rows import Row
from mintmark.models.scripted import ScriptedModel
from mintmark.text.pii import TYPES, find
from mintmark.text.placeholders import Redactor

KEY = "a key of more than sixteen characters"
TEXT = "Dear Maria Gonzalez,\nwrite to maria.gonzalez@example.org or pay 4111 1111 1111 1111."


def one(op: mm.curate.Redact, **values: Any) -> dict[str, Any]:
    made = op.each(Row("r", values), Context())
    assert isinstance(made, Row)
    return dict(made.values)


def test_placeholders_of_a_row() -> None:
    made = one(mm.curate.Redact("t"), t=TEXT)
    assert made == {"t": "Dear <PERSON_1>,\nwrite to <EMAIL_1> or pay <CARD_1>.", "t_pii": ["CARD", "EMAIL", "PERSON"]}
    assert one(mm.curate.Pii("t"), t=TEXT) == made, "as pii does"


def test_with_a_key_the_same_value_is_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    op = mm.curate.Redact(columns=("a", "b"), key_env="OUR_KEY")
    with pytest.raises(RecipeError, match="OUR_KEY is not set"):
        op.fingerprint()
    monkeypatch.setenv("OUR_KEY", "short")
    with pytest.raises(RecipeError, match="too short: give it 16"):
        op.check(None)  # type: ignore[arg-type]
    monkeypatch.setenv("OUR_KEY", KEY)
    first, print_ = one(op, a="Mr. Stone called", b="nothing"), op.fingerprint()
    second = one(op, a="ask b@x.org", b="Mrs. Jones, Mr. STONE, Mr. Stone")
    (name,) = re.findall(r"<PERSON_\d{1,12}>", first["a"])
    assert second["b"].count(name) == 2 and len(set(re.findall(r"<PERSON_\d+>", second["b"]))) == 2, second
    assert one(op, a=first["a"], b="")["a"] == first["a"], "what is redacted stays as it is"
    monkeypatch.setenv("OUR_KEY", KEY + "!")
    assert one(op, a="Mr. Stone called", b="nothing")["a"] != first["a"] and op.fingerprint() != print_
    assert mm.curate.Redact("a").fingerprint() != mm.curate.Redact("a", key_env="OUR_KEY").fingerprint()


def recipe(tmp_path: Path, *before: Any) -> mm.Recipe:
    """A private table whose rows a remote model rewrites."""
    rows = [
        {"note": f"Dear Anna Berg, I am customer{i}@example.org, card 4111 1111 1111 1111, please call 020 7946 0{i:03d}"}
        for i in range(20)
    ]
    (tmp_path / "notes.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    steps = [{"read": {"from": "real"}}, *before, {"write": {"column": "text", "prompt": "Rewrite: {{ note }}"}}]
    table = {"path": str(tmp_path / "notes.jsonl"), "private": True}
    return mm.load({"name": "redacted", "tables": {"real": table}, "allow_private": ["writer"] if before else [], "steps": steps})


class Remote(ScriptedModel):
    """A model elsewhere that keeps all it is sent."""

    local = False


def remote(seen: list[str]) -> Remote:
    def answer(request: Any) -> str:
        seen.append(json.dumps(request.messages))
        return f"A customer wrote. {len(seen)}"

    return Remote(answer)


@pytest.mark.parametrize("keyed", [False, True])
def test_a_redacted_private_table_leaves_the_machine_without_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keyed: bool
) -> None:
    monkeypatch.setenv("OUR_KEY", KEY)
    seen: list[str] = []
    given = recipe(tmp_path, {"redact": {"column": "note", "regions": ["GB"], **({"key_env": "OUR_KEY"} if keyed else {})}})
    run = mm.run(replace(given, models={"writer": remote(seen)}), out=tmp_path / "run")
    assert run.status == "complete" and len(seen) == len(run.rows()) == 20
    for sent in seen:
        assert re.search(r"Dear <PERSON_\d+>, I am <EMAIL_\d+>, card <CARD_\d+>, please call <PHONE_\d+>", sent), sent
        assert "example.org" not in sent and "4111 1111" not in sent and "020 7946" not in sent and "Berg" not in sent
    for place in (p for p in (tmp_path / "run").rglob("*") if p.is_file()):
        content = place.read_bytes()
        assert b"@example.org" not in content and b"020 7946" not in content and KEY.encode() not in content, place


def test_without_leave_not_even_redacted_rows_go_out(tmp_path: Path) -> None:
    seen: list[str] = []
    with pytest.raises(PrivacyError, match="allow_private"):
        mm.run(replace(recipe(tmp_path), models={"writer": remote(seen)}), out=tmp_path / "run")
    assert not seen


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """No socket connects and no name resolves; the list holds what was tried."""
    tried: list[Any] = []

    def refuse(*given: Any, **more: Any) -> Any:
        tried.append(given)
        raise OSError("the network is closed")

    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    yield tried


def test_detection_asks_no_network(no_network: list[Any], data: Path) -> None:
    texts = [r["full_text"] for r in json.loads((data / "presidio_pii" / "synth_dataset_v2.json").read_text())[:200]]
    assert sum(len(find(t, TYPES)) for t in texts) > 100 and Redactor().redact(TEXT).count("<") == 3
    assert no_network == []


def test_presidio_finds_more_and_asks_no_network(no_network: list[Any]) -> None:
    pytest.importorskip("presidio_analyzer", reason="the extra presidio is not installed")
    text = f"{TEXT} The doctor signs as BB1388568, https://example.org"
    assert one(mm.curate.Redact("t"), t=text)["t"].endswith("The doctor signs as BB1388568, https://example.org")
    made = one(mm.curate.Redact("t", engine="presidio"), t=text)
    assert made["t"] == "Dear <PERSON_1>,\nwrite to <EMAIL_1> or pay <CARD_1>. The doctor signs as <MEDICAL_LICENSE_1>, https://example.org"
    assert made["t_pii"] == ["CARD", "EMAIL", "MEDICAL_LICENSE", "PERSON"] and no_network == []
    assert one(mm.curate.Redact("t", engine="presidio"), t=made["t"])["t"] == made["t"]


CLOSED = """
import importlib.util, json, sys
tried = []
sys.addaudithook(lambda event, args: tried.append(event) if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto") else None)
from mintmark.core.context import Context
from mintmark.core.rows import Row
from mintmark.curate.redact import Redact
engines = ["own", *(["presidio"] if importlib.util.find_spec("presidio_analyzer") else [])]
made = [Redact("t", engine=e).each(Row("r", {"t": sys.argv[1]}), Context()).values["t"] for e in engines]
print(json.dumps([made, tried]))
"""


def test_in_a_closed_network_namespace_the_same_is_found() -> None:
    """No interface but a loopback that is down; an audit hook also sees what a library tries and keeps quiet about."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
        pytest.skip("no network namespaces here")
    done = subprocess.run(["unshare", "-rn", sys.executable, "-c", CLOSED, TEXT], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    made, tried = json.loads(done.stdout.splitlines()[-1])
    assert tried == [] and set(made) == {"Dear <PERSON_1>,\nwrite to <EMAIL_1> or pay <CARD_1>."}


def test_without_presidio_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    sys.modules.pop("mintmark.text.pii_presidio", None)
    with pytest.raises(MissingExtra, match=r"redact: engine: presidio needs presidio_analyzer.*mintmark\[presidio\]"):
        mm.curate.Redact("t", engine="presidio").check(None)  # type: ignore[arg-type]
