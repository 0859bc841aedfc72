"""From measurements to plain words. Pure functions: a claim is made only as far as its interval and its reference carry it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.metric import FAMILIES, Measurement
from ..stats.leakage import alarms
from .guarantee import proof

Tile = dict[str, str]  # title, verdict, number, tone: good | fair | poor | none

NO_ROW = "no row was kept"
RESTS_ON = {  # the measurements behind each answer
    "Varied?": ("diversity.vendi", "diversity.distinct_2", "diversity.near_duplicates"),
    "Real-looking?": ("realism.c2st_auc",),
    "Useful?": ("utility.lift", "utility.tstr", "utility.trtr"),
    "Safe?": ("privacy.copies", "privacy.copies_holdout", "privacy.near_copies", "privacy.near_copies_holdout"),
}
BESIDE = {
    "reference": "real rows",
    "ceiling": "real against real",
    "floor": "independent columns",
    "chance": "chance",
    "random": "random order",
    "oracle": "best possible",
}


def direction(m: Measurement) -> str:
    if m.better == "none":
        return "for comparison"
    return f"best {m.better}" if m.better.startswith("near") else f"{m.better} is better"


def beside(m: Measurement) -> dict[str, str]:
    """What the value is to be read beside, where the metric measured it. detail.floor_is: what its floor is, where not independent columns."""
    detail = m.detail or {}
    named = {**BESIDE, "floor": str(detail.get("floor_is", BESIDE["floor"]))}
    return {word: number(detail[k]) for k, word in named.items() if isinstance(detail.get(k), (int, float))}


def by_family(found: Sequence[Measurement], known: Mapping[str, str]) -> dict[str, list[Measurement]]:
    """In the order of FAMILIES; numbers that a step of the recipe told of itself (named by its label) come last, under 'steps'."""
    out: dict[str, list[Measurement]] = {}
    for m in found:
        family = m.metric.split(".")[0]
        out.setdefault(family if m.metric in known or family in FAMILIES else "steps", []).append(m)
    order = {f: k for k, f in enumerate(FAMILIES)}
    return dict(sorted(out.items(), key=lambda item: (item[0] == "steps", order.get(item[0], len(order)))))


def verdict(tiles: Sequence[Tile], gates: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """One sentence with its tone. It says what speaks against the rows; that nothing does is no praise."""
    asked = [t for t in tiles if t["title"] in RESTS_ON or (t["title"] == "Rows" and t["tone"] != "good")]
    tones = {t["tone"] for t in asked}
    none = any(t["verdict"] == NO_ROW for t in asked)
    failed = [g["metric"] for g in gates if not g["passed"]]
    against = "" if none else "; ".join(t["verdict"] if t["title"] in RESTS_ON else t["number"] for t in asked if t["tone"] == "poor")
    start = "No row was kept, so there is nothing to judge. " if none else ""
    if failed:
        tail = f" Against the rows: {against}." if against else ""
        return {"tone": "poor", "text": f"{start}{len(failed)} of {len(gates)} gates failed: {', '.join(dict.fromkeys(failed))}.{tail}"}
    if none:
        return {"tone": "poor", "text": start.strip()}
    passed = f" All {len(gates)} gates passed." if len(gates) > 1 else " Its gate passed." if gates else ""
    if against:
        return {"tone": "poor", "text": f"Against these rows: {against}.{passed}"}
    if not {"good", "fair"} & tones:
        return {"tone": "none", "text": "The rows are there; nothing was measured that could speak for or against them." + passed}
    if "fair" in tones:
        return {"tone": "fair", "text": "Nothing measured speaks against these rows, but not all of it speaks for them." + passed}
    return {"tone": "good", "text": "Nothing measured speaks against these rows." + passed}


def number(value: float | None, unit: str = "") -> str:
    """Three significant digits, thousands separators; counts whole."""
    if value is None:
        return "–"
    if unit == "rows" and abs(value) >= 1 and float(value).is_integer():
        return f"{int(value):,}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if value == 0:
        return "0"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.1e}"


def span(m: Measurement) -> str:
    return span_of(m.interval) if m.interval else "no interval"


def span_of(interval: Sequence[float]) -> str:
    return f"{number(interval[0])} to {number(interval[1])}"


def money(usd: float | None) -> str:
    return "no price" if usd is None else "$0" if usd == 0 else f"${usd:,.4f}" if usd < 1 else f"${usd:,.2f}"


def by_name(found: Sequence[Measurement]) -> dict[str, Measurement]:
    return {m.metric: m for m in found}


def varied(m: Mapping[str, Measurement]) -> Tile:
    main = m.get("diversity.vendi") or m.get("diversity.distinct_2")
    if main is None or main.value is None:
        return {"title": "Varied?", "verdict": "not measured", "number": "", "tone": "none"}
    near = m.get("diversity.near_duplicates")
    reference = (main.detail or {}).get("reference")
    usual = max(0.05, ((near.detail or {}).get("reference") or 0.0) if near else 0.0)
    shown = f"{number(main.value)} effective rows of {main.n:,}" if main.metric == "diversity.vendi" else number(main.value)
    if near is not None and near.value is not None and near.interval and near.interval[0] > usual:
        beside = f" (real: {usual:.0%})" if usual > 0.05 else ""
        return {"title": "Varied?", "verdict": "repeats itself", "number": f"{near.value:.0%} near duplicates{beside}", "tone": "poor"}
    if reference is None:
        return {"title": "Varied?", "verdict": "nothing to compare with", "number": shown, "tone": "none"}
    if main.interval and main.interval[0] > reference:
        word, tone = "more varied than the real rows", "good"
    elif main.interval and main.interval[1] < 0.9 * reference:
        word, tone = "less varied than the real rows", "poor"
    else:
        word, tone = "about as varied as the real rows", "good"
    return {"title": "Varied?", "verdict": word, "number": f"{shown} (real: {number(reference)})", "tone": tone}


def realistic(m: Mapping[str, Measurement]) -> Tile:
    c2st = m.get("realism.c2st_auc")
    if c2st is None or c2st.value is None or c2st.interval is None:
        return {"title": "Real-looking?", "verdict": "not measured", "number": "", "tone": "none"}
    value = c2st.value
    if c2st.interval[0] <= 0.5:
        word, tone = "a learner cannot tell them from real rows", "good"
    elif value < 0.65:
        word, tone = "hard to tell from real rows", "good"
    elif value < 0.85:
        word, tone = "can often be told from real rows", "fair"
    else:
        word, tone = "easily told from real rows", "poor"
    shown = f"C2ST AUC {number(value)} ({span(c2st)})"
    if tone == "good" and (columns := shifted(m)):
        word, tone = f"{word}, but {' and '.join(columns[:2])} {'differ' if columns[1:] else 'differs'}", "fair"
        shown += f"; {len(columns)} {'columns differ' if columns[1:] else 'column differs'} from real rows on average or in shape"
    return {"title": "Real-looking?", "verdict": word, "number": shown, "tone": tone}


def shifted(m: Mapping[str, Measurement]) -> list[str]:
    """Columns whose mean, shares or shape differ beyond chance (5 % over all columns, Bonferroni) and by more than a trifle, the furthest first.

    A learner of every column at once may miss what a test of one finds."""
    far: dict[str, float] = {}
    for name, what, least in (("realism.not_different", "effect", 0.2), ("realism.same_distribution", "ks", 0.1)):
        columns = (m[name].detail or {}).get("columns", {}) if name in m else {}
        for column, told in columns.items():
            if told["p"] is not None and told["p"] * len(columns) < 0.05 and abs(told[what]) >= least:
                far[column] = max(far.get(column, 0.0), abs(told[what]) / least)
    return sorted(far, key=lambda c: -far[c])


def useful(m: Mapping[str, Measurement]) -> Tile:
    lift, tstr, trtr = m.get("utility.lift"), m.get("utility.tstr"), m.get("utility.trtr")
    if lift is None or lift.value is None or lift.interval is None:
        return {"title": "Useful?", "verdict": "not measured", "number": "", "tone": "none"}
    low, high = lift.interval
    if low > 0:
        word, tone = "adding them helps a learner", "good"
    elif high < 0:
        word, tone = "adding them hurts a learner", "poor"
    else:
        word, tone = "no gain or loss can be shown", "fair"
    shown = f"lift {lift.value:+.3f} ({low:+.3f} to {high:+.3f})"
    if tstr is not None and trtr is not None and tstr.value is not None and trtr.value is not None:
        shown += f"; alone {number(tstr.value)}, real {number(trtr.value)} {trtr.unit}"
    return {"title": "Useful?", "verdict": word, "number": shown, "tone": tone}


def safe(m: Mapping[str, Measurement], proof: str) -> Tile:
    found = alarms(m)
    copies, attack = m.get("privacy.copies"), m.get("privacy.mia_auc")
    if not found and (copies is None or copies.value is None) and (attack is None or attack.value is None):
        if proof:
            return {"title": "Safe?", "verdict": "differentially private", "number": proof, "tone": "none"}
        return {"title": "Safe?", "verdict": "not measured", "number": "", "tone": "none"}
    chance, near = m.get("privacy.copies_holdout"), m.get("privacy.near_copies")
    shown = []
    if copies is not None and copies.value is not None:
        beside = f" (by chance: {number(chance.value)})" if chance and chance.value is not None else ""
        shown.append(f"{number(copies.value, 'rows')} copies of real rows{beside}")
    if near is not None and near.value is not None:
        shown.append(f"{near.value:.1%} near copies")
    if attack is not None and attack.value is not None:
        shown.append(f"membership AUC {number(attack.value)} ({span(attack)})")
    shown += [a.words for a in found if "copies" not in a.words and "AUC" not in a.words][:2]
    tile = {"title": "Safe?", "number": ", ".join(shown)}
    seen = copies is not None and (copies.value or 0) > 0 and chance is None
    shared = seen and copies is not None and ((copies.detail or {}).get("different_real_rows") or 1.0) < 0.1
    if shared and not found:  # a table of labels alone: every row is equal to many real ones
        return {**tile, "verdict": "rows equal real ones that repeat each other, which tells little", "tone": "fair"}
    if any(a.level == 2 for a in found) or seen:
        return {**tile, "verdict": "gives real rows away", "tone": "poor"}
    if found:
        return {**tile, "verdict": "signs that real rows show through", "tone": "fair"}
    what = "no copies beyond chance" if attack is None else "no leak found by simple attacks"
    return {**tile, "verdict": f"{what}; {proof or 'no proof'}", "tone": "fair"}


def tiles(manifest: Mapping[str, Any], found: Sequence[Measurement]) -> list[Tile]:
    m = by_name(found)
    planned, failed = manifest.get("planned") or 0, manifest.get("failed") or 0
    complete = manifest.get("status", "complete") == "complete"
    none = not manifest.get("kept") and not manifest.get("pending")
    out = [
        {
            "title": "Rows",
            "verdict": NO_ROW
            if none
            else {"complete": "complete", "unfinished": "unfinished", "waiting": "waiting for people"}.get(
                str(manifest.get("status")), "measured"
            ),
            "number": f"{manifest.get('kept', 0):,} kept"
            + (f" of {planned:,} planned" if planned else "")
            + (f", {failed:,} failed" if failed else ""),
            "tone": "poor" if none or not complete or 2 * failed > planned else "fair" if 10 * failed > planned else "good",
        },
        varied(m),
        realistic(m),
        useful(m),
        safe(m, proof(manifest)),
    ]
    if "calls" in manifest:
        out.append(
            {
                "title": "Cost",
                "verdict": money(manifest.get("cost_usd")),
                "number": f"{manifest['calls']:,} calls, {number(manifest.get('wall_s', 0))} s",
                "tone": "none",
            }
        )
    return out


def lead(name: str, manifest: Mapping[str, Any], kind: str) -> list[str]:
    """How many rows there are, what was lost, and how the run stands."""
    kept, planned = manifest.get("kept", 0), manifest.get("planned", 0)
    if kind == "audit":
        return [f"This is an audit of {kept:,} synthetic rows."]
    one = {k: manifest.get(k) == 1 for k in ("dropped", "pending")}
    told = (("dropped", "was dropped" if one["dropped"] else "were dropped"), ("failed", "failed"))
    lost = [f"{manifest[k]:,} {word}" for k, word in told if manifest.get(k)]
    waiting = [f"{manifest['pending']:,} {'is' if one['pending'] else 'are'} still pending"] if manifest.get("pending") else []
    books = f" of {planned:,} planned; {' and '.join(lost + waiting)}." if lost or waiting else "; none was lost."
    out = [f"“{name}” has {kept:,} rows{books}"]
    if manifest.get("status") not in (None, "complete"):
        out.append(f"The run is {manifest['status']}: {manifest.get('reason', '')}.")
    return out


def missing(found: Sequence[Tile], kind: str = "run") -> str:
    names = {"Varied?": "variety", "Real-looking?": "realism", "Useful?": "use", "Safe?": "privacy"}
    words = [names[t["title"]] for t in found if t["verdict"] == "not measured"]
    if not words:
        return ""
    listed = ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1]
    remedy = (
        "--measure, --real, --holdout and --target say what is"
        if kind == "audit"
        else "add measure:, a real table, a holdout or a target to the recipe"
    )
    return f"Not measured: {listed} ({remedy})."


def opening(name: str, manifest: Mapping[str, Any], found: Sequence[Measurement], kind: str) -> str:
    """The paragraph a busy person reads: how many rows, are they varied, real-looking, useful, safe, at what cost."""
    m = by_name(found)
    out = lead(name, manifest, kind)
    sentence = {
        "Varied?": "They are {} ({}).",
        "Real-looking?": "On realism: {} ({}).",
        "Useful?": "On use: {} ({}).",
        "Safe?": "On privacy: {} ({}).",
    }
    asked = (varied(m), realistic(m), useful(m), safe(m, proof(manifest)))
    for tile in asked:
        if tile["verdict"] == "nothing to compare with":
            out.append(f"There are no real rows to compare their variety with: {tile['number']}.")
        elif tile["verdict"] == "repeats itself":
            out.append(f"They repeat themselves: {tile['number']}.")
        elif tile["verdict"] != "not measured":
            out.append(sentence[tile["title"]].format(tile["verdict"], tile["number"]))
    out += [gaps] if (gaps := missing(asked, kind)) and manifest.get("kept") else []
    if "calls" in manifest:
        out.append(
            f"It took {manifest['calls']:,} model calls, {money(manifest.get('cost_usd'))} and {number(manifest.get('wall_s', 0))} seconds."
        )
    return " ".join(out)
