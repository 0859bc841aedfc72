"""Bad input gets a typed error in words, exit code 2, before any call."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import mintmark

GOOD = "name: x\nmodels: {writer: 'openai:m@http://127.0.0.1:9/v1'}\ntables: {t: t.csv}\nsteps:\n  - grid: {a: [1, 2]}\n"
WRITE = "  - write: {column: text, prompt: '%s'}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "  - dedupe: {column: a}\n", "Did you mean 'dedup'?"),
        (GOOD + "  - length: {colum: a, words: [1, 2]}\n", "no parameter 'colum'. Did you mean 'column'?"),
        (GOOD + "  - length: {column: b, words: [1, 2]}\n", "length (step 2 of 2) reads 'b'; earlier steps write a"),
        (GOOD + WRITE % "{{ topik }}", "reads 'topik'; earlier steps write a"),
        (GOOD + WRITE % "{{ a.__class__ }}", "underscore"),
        (GOOD + WRITE % "{{ range(1000000000) }}", "range()"),
        (GOOD + WRITE % "{{ 9**99999999 }}", "power"),
        (GOOD + WRITE % '{{ "a"*3000000000 }}', "repeating"),
        (GOOD + WRITE % "{% for x in range(9000) %}{% for y in range(9000) %}.{% endfor %}{% endfor %}", "run 81,000,000 times"),
        (GOOD + "  - write: {schema: {type: strin}, prompt: x}\n", "is no JSON Schema"),
        (GOOD + "  - examples: {from: t, k: 2}\n  - write: {column: c, prompt: hi}\n", "no later step uses it"),
        (GOOD + "  - write: {column: id, prompt: hi}\n", "reserved"),
        (GOOD + "  - write: {column: c, prompt: hi, model: judge}\n", "asks the model role 'judge'"),
        (GOOD + "  - select: {share: 2}\n", "share must be"),
        (GOOD + "target: b\n", "target: 'b'"),
        (GOOD + "measure: [divresity]\n", "Did you mean 'diversity'?"),
        (GOOD + "measure: [privacy]\ngates: {utility.lift: {at_least: 0}}\n", "'utility.lift' is not measured"),
        (GOOD + "gates: {utility.lft: {at_least: 0}}\n", "Did you mean 'utility.lift'?"),
        (GOOD + "want: 0\n", "want is 0"),
        (GOOD + "wnat: 5\n", "Did you mean 'want'?"),
        ("", "is empty"),
        ("- a\n- b\n", "expected a mapping"),
        ("name: x\n", "no steps"),
        ("name: x\nsteps: []\n", "no steps"),
        ("name: x\nname: y\n", "for the second time"),
        ("name: &a x\nb: *a\n", "anchor"),
        ("name: !!python/object/apply:os.system [ls]\n", "tag"),
        ("name: [" + "[" * 5000, "nests brackets"),
        ("name: x\nsteps:\n  - length: {column: a, words: [1, 2]}\n", "makes no rows"),
        ("name: x\nsteps:\n  - grid: {a: [1]}\n  - read: {from: t}\n", "can only come first"),
        ("name: x\ntables: {t: none.csv}\nsteps:\n  - read: {from: t}\n", "there is no file"),
        ("name: x\ntables: {t: empty.csv}\nsteps:\n  - read: {from: t}\n", "is empty"),
        ("name: x\ntables: {t: latin.csv}\nsteps:\n  - read: {from: t}\n", "no UTF-8"),
        ("name: x\ntables: {t: ragged.csv}\nsteps:\n  - read: {from: t}\n", "line 3"),
        ("name: x\ntables: {t: bad.jsonl}\nsteps:\n  - read: {from: t}\n", "line 2"),
        ("name: x\ntables: {t: bad.parquet}\nsteps:\n  - read: {from: t}\n", "no readable Parquet"),
        ("name: x\nmodels: {w: 'opnai:x'}\nsteps:\n  - grid: {a: [1]}\n", "Did you mean 'openai'?"),
        ("name: x\nmodels: {writer: 'openai:gpt-5'}\nsteps:\n  - grid: {a: [1]}\n" + WRITE % "x", "OPENAI_API_KEY"),
        ("name: x\nmodels: {writer: 'replay:none.jsonl'}\nsteps:\n  - grid: {a: [1]}\n" + WRITE % "x", "no replay file"),
        ("name: x\nsteps:\n  - repeat: {steps: [{grid: {a: [1]}}], until: 'kept @ 2'}\n", "not allowed"),
        ("name: x\nsteps:\n  - repeat: {steps: [{grid: {a: [1]}}], until: 'kpt > 2'}\n", "Did you mean 'kept'?"),
        ("name: x\nsteps:\n  - grid: {a: [1]}\n  - pattern: {column: a, drop: '(x+)+y'}\n", "for ever"),
    ],
)
def test_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    from mintmark.core.errors import Refused
    from mintmark.reading import read_recipe
    from mintmark.wiring import prepare

    (tmp_path / "t.csv").write_text("text,label\nhello there,a\n")
    (tmp_path / "empty.csv").write_text("a,b\n")
    (tmp_path / "latin.csv").write_bytes("a\nhé\n".encode("latin-1"))
    (tmp_path / "ragged.csv").write_text("a,b\n1,2\n1,2,3\n")
    (tmp_path / "bad.jsonl").write_text('{"a": 1}\n{"a":\n')
    (tmp_path / "bad.parquet").write_bytes(b"PAR1nonsense")
    (tmp_path / "r.yaml").write_text(text)
    with pytest.raises(Refused) as error:
        prepare(read_recipe(tmp_path / "r.yaml"))
    assert words in str(error.value) and len(str(error.value)) < 900
    assert error.value.exit_code == 2


def test_exit_code_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(GOOD.replace("tables: {t: t.csv}\n", "") + "  - dedupe: {column: a}\n")
    for command in (
        ("check", "r.yaml"),
        ("run", "r.yaml"),
        ("preview", "r.yaml"),
        ("run", "nothing.yaml"),
        ("show", "nowhere"),
        ("frobnicate",),
    ):
        done = mintmark(*command, cwd=tmp_path)
        assert done.returncode == 2 and "Traceback" not in done.stderr and done.stderr, command
    assert not (tmp_path / "runs").exists()
