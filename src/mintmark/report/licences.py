"""Licences as the Hugging Face hub and SPDX write them. A licence that the hub does not know is `other` with its name beside it; none is `unknown`."""

from __future__ import annotations

import re

# docs/hub/repositories-licenses.md of huggingface/hub-docs, read 2026-11-21
HUB = frozenset(
    """apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m afl-3.0 artistic-2.0
    bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0
    cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0
    cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0
    lgpl lgpl-2.1 lgpl-3.0 isc lppl-1.3c ms-pl mpl-2.0 odc-by odbl openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr
    deepfloyd-if-license llama2 gemma unknown other""".split()
)
_SPDX = re.compile(
    r"(?:CC0|CC-BY(?:-[A-Z]{2})*|Apache|MIT|BSD|MPL|A?GPL|LGPL|ODbL|ODC-By|PDDL|CDLA|EUPL|etalab|ISC|Unlicense)[-A-Za-z0-9.+]*\Z"
)


def hub_licence(licence: str) -> tuple[str, str]:
    """(the hub's identifier, license_name where that is `other`): 'Apache-2.0' -> ('apache-2.0', ''), 'ours' -> ('other', 'ours')."""
    name = licence.strip().casefold().replace(" ", "-")
    if name in ("", "unknown", "none"):
        return "unknown", ""
    name = re.sub(r"-(only|or-later)\Z", "", name)
    for tried in (name, re.sub(r"-1\.0\Z", "", name), {"cc0": "cc0-1.0", "apache2": "apache-2.0"}.get(name, "")):
        if tried in HUB and tried != "other":
            return tried, ""
    return "other", licence.strip()


def licence_url(licence: str) -> str:
    """The address of an SPDX licence, for formats that ask for one; anything else as it was said."""
    text = licence.strip()
    return f"https://spdx.org/licenses/{text}.html" if _SPDX.match(text) else text or "unknown"


def is_unknown(licence: str | None) -> bool:
    return hub_licence(licence or "")[0] == "unknown"


__all__ = ["HUB", "hub_licence", "is_unknown", "licence_url"]
