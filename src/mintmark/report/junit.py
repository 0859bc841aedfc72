"""Gates as JUnit XML, which CI systems show as tests: one testcase a gate, its measured value in the message.

    <testsuites><testsuite name="mintmark: bank-messages" tests="1" failures="1" ...>
      <testcase classname="bank-messages" name="utility.lift at_least 0"><failure message="measured -0.01, expected at_least 0"/></testcase>

A run without gates is one suite without tests; gates of a run that is not complete are `skipped`.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from typing import Any

from ..text.names import plain

_ALLOWED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


def junit(name: str, gates: Sequence[Mapping[str, Any]], measured: Mapping[str, Mapping[str, Any]], waiting: Sequence[str] = ()) -> bytes:
    """measured: metric -> {value, unit, n, interval}, for the messages. waiting: gates that were not judged."""
    failures = sum(not g["passed"] for g in gates)
    counts = {"tests": str(len(gates) + len(waiting)), "failures": str(failures), "errors": "0", "skipped": str(len(waiting))}
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": f"mintmark: {_text(name)}", **counts})
    for gate in gates:
        case = ET.SubElement(suite, "testcase", {"classname": _text(name), "name": _text(f"{gate['metric']} {gate['limit']}")})
        told = f"measured {_value(gate['value'], measured.get(gate['metric']))}, expected {gate['limit']}"
        if gate["passed"]:
            ET.SubElement(case, "system-out").text = _text(told)
        else:
            ET.SubElement(case, "failure", {"message": _text(told), "type": "gate"})
    for metric in waiting:
        case = ET.SubElement(suite, "testcase", {"classname": _text(name), "name": _text(metric)})
        ET.SubElement(case, "skipped", {"message": "the run is not complete: gates are not judged"})
    ET.indent(root)
    found: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _value(value: float | None, told: Mapping[str, Any] | None) -> str:
    if value is None:
        return "nothing"
    if told is None:
        return f"{value:.6g}"
    span = told.get("interval")
    return f"{value:.6g} {told['unit']}" + (f" [{span[0]:.4g}, {span[1]:.4g}]" if span else "") + f" (n = {told['n']:,})"


def _text(value: Any) -> str:
    return _ALLOWED.sub("\ufffd", plain(str(value)))
