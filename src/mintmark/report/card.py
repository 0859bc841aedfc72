"""README.md of a data set or an audit: a data card with Hugging Face front matter, readable as it stands. croissant.json and prov.json lie beside it.

What no run can know stands in the recipe, and what is not said there the card says is not stated:

    licence: CC-BY-4.0
    card:
      intended_use: Training intent classifiers for library help desks
      out_of_scope: Statements about real members of a library
      personal_data_basis: Art. 6(1)(f) GDPR, legitimate interest; messages were redacted before
      source_licences: {real: CC0-1.0}
      creator: Example Library
      contact: data@example.org
      url: https://example.org/data
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..text.yaml_strict import dump_yaml
from . import guarantee, words
from .front import front_matter, mark
from .licences import is_unknown
from .summary import Summary
from .terms import output_terms

CARD_KEYS = ("intended_use", "out_of_scope", "personal_data_basis", "source_licences", "creator", "contact", "url")
_NOT_STATED = "Not stated."
MOST = 2_000  # characters of one line


def _line(text: Any) -> str:
    """One line of Markdown, nothing in it active: no HTML, table bars, links or line breaks. What is too long is seen to be cut, at a blank."""
    out = " ".join(str(text).split())
    if len(out) > MOST:
        out = out[:MOST].rsplit(" ", 1)[0] + " ..."
    for mark_, safe in (("|", "\\|"), ("<", "&lt;"), (">", "&gt;"), ("`", "'"), ("](", "] (")):
        out = out.replace(mark_, safe)
    return "".join(c for c in out if c.isprintable())


def warnings(licence: str | None, card: Mapping[str, Any], private: Sequence[str]) -> list[str]:
    """What somebody who shares the rows should state, and did not."""
    out = []
    if is_unknown(licence):
        out.append(
            "licence: unknown. Nobody may safely use rows without one: state it (licence: in a recipe, --card in an audit), such as CC-BY-4.0"
        )
    if private and not card.get("personal_data_basis"):
        named = ", ".join(private)
        out.append(
            f"the private table{'s' * (len(private) > 1)} {named} {'are' if len(private) > 1 else 'is'} used, and card: personal_data_basis does not say on what basis (GDPR, Art. 6)"
        )
    return out


def write_card(summary: Summary) -> str:
    m, card = summary.manifest, summary.card
    _, _, sentence = mark(summary)
    front = {**front_matter(summary), "pretty_name": _line(summary.name)}
    out = ["---", dump_yaml(_plain(front)).rstrip(), "---", "", f"# {_line(summary.name)}", ""]
    if summary.task:
        out += [_line(summary.task), ""]
    out += [_line(words.opening(summary.name, m, summary.measurements, summary.kind)), ""]
    licence = (
        f"Licence: {_line(summary.licence)}."
        if not is_unknown(summary.licence)
        else "**Licence: unknown.** None was stated; ask before use."
    )
    out += [f"**{sentence}** {licence}", ""]
    for title, key in (("Intended use", "intended_use"), ("Out of scope", "out_of_scope")):
        out += [f"## {title}", "", _line(card.get(key) or _NOT_STATED), ""]
    if summary.kind != "audit":
        out += ["## How it was made", "", *_made(summary), ""]
    out += ["## Sources", "", *_sources(summary), ""]
    if summary.measurements:
        out += ["## Measurements", "", "| metric | value | 95 % interval | n | better | caveats |", "|---|---|---|---|---|---|"]
        for x in summary.measurements:
            shown = f"{words.number(x.value, x.unit)} {_line(x.unit)}"
            out.append(f"| {_line(x.metric)} | {shown} | {words.span(x)} | {x.n:,} | {x.better} | {_line('; '.join(x.caveats))} |")
        out.append("")
    out += ["## Limits", "", *(f"- {_line(n)}" for n in summary.notes)]
    out += [
        *(f"- {_line(s)}" for s in (*guarantee.verdict(m), *guarantee.limits(m))),
        "- Numbers hold for the learner, the rows and the sizes named with them.",
    ]
    if summary.citations:
        out += ["", "## Methods used", "", *(f"- {_line(c)}" for c in summary.citations)]
    files = (
        [f"`{_line(summary.file['name'])}`: the rows, sha256 {summary.file['sha256']}.", "`croissant.json`: the same in Croissant 1.0."]
        if summary.file
        else []
    )
    out += [
        "",
        "## Files",
        "",
        *(f"- {f}" for f in (*files, "`prov.json`: where the rows come from, in W3C PROV.", "`measurements.json`: every number above.")),
    ]
    said = [f"{k}: {_line(card[k])}" for k in ("creator", "contact", "url") if card.get(k)]
    return "\n".join([*out, *(["", "## Contact", "", *(f"- {s}" for s in said)] if said else []), ""])


def _made(summary: Summary) -> list[str]:
    m, out = summary.manifest, []
    if summary.steps:
        out += ["| step | op | rows out | dropped or failed |", "|---|---|---|---|"]
        for s in summary.steps:
            lost = ", ".join(f"{n:,} {reason}" for part in (s["dropped"], s["failed"]) for reason, n in part.items())
            out.append(f"| {_line(s['label'])} | {_line(s['op'])} | {s['out']:,} | {_line(lost) or '–'} |")
    models = m.get("models") or {}
    if models:
        out += ["", "Models: " + "; ".join(f"{_line(role)} = {_line(name)}" for role, name in models.items()) + ".", ""]
        out += ["What their terms say about outputs:", ""]
        out += [f"- {_line(role)} ({_line(name)}): {_line(output_terms(str(name)))}." for role, name in models.items()]
    hash_ = f"Recipe hash {m['recipe_hash']}, s" if m.get("recipe_hash") else "S"
    hash_ += f"eed {m.get('seed', '?')}, Mintmark {summary.version}. The recipe is `recipe.yaml`."
    return [*out, "", hash_]


def _sources(summary: Summary) -> list[str]:
    if not summary.tables:
        return ["No table was read."]
    given = summary.card.get("source_licences") or {}
    out = ["| table | rows | private | licence |", "|---|---|---|---|"]
    for t in summary.tables:
        out.append(
            f"| {_line(t['name'])} | {'not told' if t['rows'] is None else format(t['rows'], ',')} | {'yes' if t['private'] else 'no'} | {_line(given.get(t['name']) or 'not stated')} |"
        )
    if any(t["private"] for t in summary.tables):
        out += ["", f"Basis for using personal data: {_line(summary.card.get('personal_data_basis') or _NOT_STATED)}"]
    return out


def _plain(value: Any) -> Any:
    """Front matter that any YAML reader takes: printable text, no lone surrogates."""
    if isinstance(value, str):
        return "".join(c for c in value if c.isprintable())[:400]
    if isinstance(value, dict):
        return {_plain(k): _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else value


__all__ = ["CARD_KEYS", "warnings", "write_card"]
