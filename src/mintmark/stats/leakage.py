"""From the numbers of privacy.* to plain words: what gives real rows away, what may, and which of several data sets leaks most.

    alarms({"privacy.mia_auc": m, ...})  ->  [Alarm(2, "who was in the real rows can be told: AUC 0.71")]

An alarm rests on an interval: it must lie wholly above what chance, or the holdout, reaches. Level 2: people are given away; level 1: a sign. Copies
above the holdout's interval are a sign; more than one case in a hundred would show by chance are serious. Distances
(DCR, NNDR) raise no alarm and clear none (2505.01524). No alarm is no proof: only a differentially private release carries one.
Measurements are anything with value, interval and detail, by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

# name -> (a sign above this, serious above this, words); the lower end of the interval counts
LIMITS: Mapping[str, tuple[float, float, str]] = {
    "privacy.mia_auc": (0.51, 0.55, "who was in the real rows can be told: AUC {:.2f}"),
    "privacy.mia_tpr": (0.02, 0.05, "{:.1%} of the real rows can be told for nearly sure"),
    "privacy.epsilon_lower": (1.0, 1.0, "an attack proves epsilon of at least {:.1f}"),
    "privacy.canary_auc_ngram": (0.51, 0.55, "planted canaries show in the wording: AUC {:.2f}"),
    "privacy.canary_auc_nearest": (0.51, 0.55, "planted canaries show among the nearest texts: AUC {:.2f}"),
    "privacy.canary_tpr_ngram": (0.02, 0.05, "{:.1%} of planted canaries can be told by the wording"),
    "privacy.canary_tpr_nearest": (0.02, 0.05, "{:.1%} of planted canaries can be told by the nearest text"),
    "privacy.singling_out": (0.0, 0.1, "single values single people out: risk {:.2f}"),
    "privacy.singling_out_several": (0.0, 0.1, "combinations of values single people out: risk {:.2f}"),
    "privacy.linkability": (0.0, 0.1, "two halves of a person's values can be linked: risk {:.2f}"),
    "privacy.inference": (0.0, 0.1, "a value can be inferred from the others: risk {:.2f}"),
}
# name -> (level, words) where the interval lies above that of the holdout
BESIDE: Mapping[str, tuple[int, str]] = {
    "privacy.copies": (2, "{:,.0f} copies of real rows, more than chance"),
    "privacy.near_copies": (2, "{:.1%} near copies, more than chance"),
    "privacy.verbatim_rows": (2, "{:.1%} of the texts hold a long run of a real text"),
    "privacy.pii_echo": (2, "{:.1%} of the personal data of real rows comes back"),
    "privacy.rare_words": (1, "{:.1%} of the words that one real row has come back"),
    "privacy.rare_levels": (1, "{:.1%} of the combinations that one real row has come back"),
    "privacy.overlap_8": (1, "8-grams of real texts come back"),
    "privacy.overlap_13": (1, "13-grams of real texts come back"),
}


class Alarm(NamedTuple):
    """level: 2 = gives people away, 1 = a sign of it."""

    level: int
    words: str


def alarms(found: Mapping[str, Any]) -> list[Alarm]:
    """The most serious first; what was not measured raises none."""
    out = []
    for name, (sign, serious, words) in LIMITS.items():
        m = found.get(name)
        if m is not None and m.value is not None:
            low = m.interval[0] if m.interval else m.value
            if low > sign:
                out.append(Alarm(2 if low > serious else 1, words.format(m.value)))
    for name, (level, words) in BESIDE.items():
        m = found.get(name)
        if m is None or m.value is None or m.interval is None:
            continue
        held = found.get(f"{name}_holdout")
        chance = held.interval if held is not None else (m.detail or {}).get("reference_interval")
        if chance is not None and _low(name, m) > chance[1]:
            out.append(Alarm(1 if name == "privacy.copies" and _by_chance(m, held) > 0.01 else level, words.format(m.value)))
    return sorted(out, key=lambda a: -a.level)


def _low(name: str, m: Any) -> float:
    """Copies are counted, not estimated: those there are lie in the data set for all to see."""
    return float(m.value if name == "privacy.copies" else m.interval[0])


def _by_chance(m: Any, held: Any) -> float:
    """Chance of at least so many copies, of those of both sides, if rows that the generator never saw were copies as often. Both counts vary: 4 copies
    beside none of as many holdout rows come about in one case of 16."""
    from scipy.stats import binom

    seen = round(held.value * held.n / m.n)
    return float(binom.sf(m.value - 1, m.value + seen, m.n / (m.n + held.n)))


def risk(found: Mapping[str, Any]) -> tuple[int, float, float]:
    """To sort data sets of the same real rows by, the most leaking largest: highest alarm, AUC of a membership attack that is sure of more than chance, nearness.

    The AUC itself and not its interval's end: that of 1.0 is the wider one. Nearness (the 5th percentile of distances over the holdout's) only orders what no attack tells apart."""
    level = max((a.level for a in alarms(found)), default=0)
    attack, ratio = found.get("privacy.mia_auc"), found.get("privacy.dcr_ratio_p5")
    sure = attack is not None and attack.interval and attack.interval[0] > LIMITS["privacy.mia_auc"][0]
    return (
        level,
        attack.value if attack is not None and sure else 0.0,
        -(ratio.value if ratio is not None and ratio.value is not None else 0.0),
    )
