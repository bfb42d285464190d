"""Names in one place of a desk that must exist in another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ivr.dialog.desk import DeskIntent, DeskRoute, Flow
from ivr.dialog.faults import did_you_mean
from ivr.dialog.prompts import ROUTE, Path, Writer
from ivr.dialog.schema import DeskText
from ivr.dialog.schema_steps import ThenText
from ivr.dialog.steps import RouteStep, all_steps
from ivr.dialog.terms import STANDARD_VALUES, WhenClosed

MESSAGE = "message"
"""The intent that `when_closed: message` goes on with."""

CALL_BACK = "call_back"
"""The intent that takes down a call-back (the language file has one), where the desk promises any."""

SURVEY = "survey"
"""The intent that asks callers how satisfied they are, where `survey: yes` (the language file has one)."""

RESERVED = frozenset({ROUTE}).union(*STANDARD_VALUES.values())
"""Names that no slot may have: they have values of their own in some texts."""

TEMPLATE_SLOT = re.compile(r"(?<!\\)\{([^{}]*)\}")
"""A slot in the template of a phrase."""


def check_references(
    text: DeskText,
    flows: Mapping[str, Flow],
    intents: Mapping[str, DeskIntent],
    routes: Mapping[str, DeskRoute],
    writer: Writer,
) -> None:
    """Add a problem for every name that does not exist and every key that means two things."""
    _steps(text, flows, routes, writer)
    _route_values(text, flows, routes, writer)
    _templates(intents, writer)
    _keys(intents, writer)
    if text.start is not None and text.start not in text.intents:
        what = f"no intent {text.start!r}"
        writer.problem(("start",), what, did_you_mean(text.start, text.intents))
    if text.survey and SURVEY not in flows:
        what = f"there is no intent {SURVEY!r} that asks"
        writer.problem(("survey",), what, "Write one, or leave `survey` out")
    for path, queue in _queues(text):
        if text.queues and queue not in text.queues:
            writer.problem(path, f"no queue {queue!r} under `queues`", did_you_mean(queue, text.queues))
    for name, route in text.routes.items():
        if route.when_closed is WhenClosed.MESSAGE and MESSAGE not in flows:
            what = f"there is no intent {MESSAGE!r} that takes a message"
            writer.problem(("routes", name, "when_closed"), what, "Write one, or use handoff")


def entries(thens: tuple[ThenText, ...], at: Path) -> Iterator[tuple[Path, ThenText]]:
    """Entries of a `then` and those inside them, with where they stand."""
    for n, then in enumerate(thens):
        yield (*at, n), then
        for key in ("do", "found", "none", "failed"):
            yield from entries(getattr(then, key), (*at, n, key))


def _steps(
    text: DeskText, flows: Mapping[str, Flow], routes: Mapping[str, DeskRoute], writer: Writer
) -> None:
    for name, intent in text.intents.items():
        for path, then in entries(intent.then, ("intents", name, "then")):
            if then.route is not None and then.route not in routes:
                what = f"no route {then.route!r} under `routes`"
                writer.problem((*path, "route"), what, did_you_mean(then.route, routes))
            if then.go is not None and then.go not in flows:
                writer.problem((*path, "go"), f"no intent {then.go!r}", did_you_mean(then.go, flows))
            if then.guide is not None and then.guide not in text.guides:
                what = f"no guide {then.guide!r} under `guides`"
                writer.problem((*path, "guide"), what, did_you_mean(then.guide, text.guides))
            if then.lookup is not None and then.lookup not in text.lookups:
                what = f"no lookup {then.lookup!r} under `lookups`"
                writer.problem((*path, "lookup"), what, did_you_mean(then.lookup, text.lookups))
            if then.other is not None and then.other not in text.intents:
                what = f"no intent {then.other!r}"
                writer.problem((*path, "other"), what, did_you_mean(then.other, text.intents))
            for m, likely in enumerate(then.likely):
                if likely not in text.intents:
                    what = f"no intent {likely!r}"
                    writer.problem((*path, "likely", m), what, did_you_mean(likely, text.intents))


def _route_values(
    text: DeskText, flows: Mapping[str, Flow], routes: Mapping[str, DeskRoute], writer: Writer
) -> None:
    """The texts of a route may use the slots of every intent that passes calls to it."""
    for flow in flows.values():
        known = {slot.name: slot.table for slot in flow.slots}
        for step in all_steps(flow.steps):
            if not isinstance(step, RouteStep) or (route := routes.get(step.route)) is None:
                continue
            owner = f"intent {flow.name!r}, which passes calls here,"
            writer.check(route.label, known, ("routes", route.name, "label"), owner)
            if route.extension is not None:
                writer.check(route.extension, known, ("routes", route.name, "extension"), owner)
            if text.routes[route.name].say is not None:
                for n, prompt in enumerate(route.transfer):
                    own = (ref for ref in prompt.text.refs if ref not in route.label.refs)
                    for ref in own:
                        if ref.name not in known:
                            what = f"{ref} is used, but {owner} has no slot {ref.name!r}"
                            writer.problem(
                                ("routes", route.name, "say", n), what, did_you_mean(ref.name, known)
                            )


def _templates(intents: Mapping[str, DeskIntent], writer: Writer) -> None:
    for name, intent in intents.items():
        slots = {slot.name for slot in intent.flow.slots}
        keyed = {slot.name for slot in intent.flow.slots if slot.spec.sensitive}
        for n, (template, _) in enumerate(intent.templates):
            for used in TEMPLATE_SLOT.findall(template):
                if used not in slots:
                    what = f"{{{used}}} is used, but {name!r} has no slot {used!r}"
                    writer.problem(("intents", name, "say", n), what, did_you_mean(used, slots))
                elif used in keyed:
                    what = f"{{{used}}} is sensitive: it is keyed in, not said"
                    writer.problem(("intents", name, "say", n), what, "Leave it out of the phrase")


def _keys(intents: Mapping[str, DeskIntent], writer: Writer) -> None:
    owners: dict[str, str] = {}
    for name, intent in intents.items():
        if not intent.keys:
            continue
        other = owners.setdefault(intent.keys, name)
        if other != name:
            what = f"{intent.keys!r} already means {other!r}"
            writer.problem(("intents", name, "keys"), what, "Give every intent its own keys")


def _queues(text: DeskText) -> Iterator[tuple[Path, str]]:
    yield ("handoff", "queue"), text.handoff.queue
    for name, route in text.routes.items():
        if route.queue is not None:
            yield ("routes", name, "queue"), route.queue
    for name, intent in text.intents.items():
        if intent.alert is not None:
            yield ("intents", name, "alert"), intent.alert
        for path, then in entries(intent.then, ("intents", name, "then")):
            if then.handoff is not None and then.handoff.queue is not None:
                yield (*path, "handoff", "queue"), then.handoff.queue
