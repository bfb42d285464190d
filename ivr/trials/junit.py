"""The results of trials as JUnit XML, which build servers read."""

from __future__ import annotations

import re
from collections import defaultdict
from xml.etree import ElementTree

from ivr.trials.result import Report, Result

# What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> bytes:
    """One suite a desk, one case a call. A call that could not be held is an error, not a failure."""
    desks: dict[str, list[Result]] = defaultdict(list)
    for result in report.results:
        desks[result.trial.desk].append(result)
    root = ElementTree.Element("testsuites", {"name": "ivr test"} | _counts(report.results, report.took))
    for desk, results in desks.items():
        took = sum(result.took for result in results)
        suite = ElementTree.SubElement(root, "testsuite", {"name": _clean(desk)} | _counts(results, took))
        for result in results:
            _case(suite, result)
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _counts(results: tuple[Result, ...] | list[Result], took: float) -> dict[str, str]:
    broken = sum(result.broken for result in results)
    failed = sum(not result.passed for result in results) - broken
    return {
        "tests": str(len(results)),
        "failures": str(failed),
        "errors": str(broken),
        "time": f"{took:.3f}",
    }


def _case(suite: ElementTree.Element, result: Result) -> None:
    call = result.trial.call
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=_clean(result.trial.desk),
        name=_clean(call.call),
        file=_clean(result.trial.shown),
        time=f"{result.took:.3f}",
    )
    if not result.passed:
        kind = "error" if result.broken else "failure"
        first = ElementTree.SubElement(case, kind, message=_clean(result.wrong[0]))
        first.text = _clean("\n".join(result.wrong))
    out = ElementTree.SubElement(case, "system-out")
    out.text = _clean(result.conversation)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
