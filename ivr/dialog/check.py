"""`ivr check`: what would go wrong in calls to a desk that loads without faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ivr.dialog.check_flows import check_flows, needed_prompts
from ivr.dialog.check_phrases import Expand, SoundAlike, check_phrases
from ivr.dialog.desk import PROMPT_SUFFIX, Desk
from ivr.dialog.faults import did_you_mean
from ivr.dialog.findings import Finding, Severity, error, warning
from ivr.dialog.load import load_desk
from ivr.dialog.partners import WISH
from ivr.dialog.source import Place
from ivr.errors import DeskError, IvrError

_YEAR = 366


def check_desk(
    desk: Desk, sound_alike: SoundAlike, expand: Expand, *, today: date | None = None
) -> tuple[Finding, ...]:
    """Everything there is to report, in the order of the file.

    sound_alike  how alike two phrases sound, 0 to 1
    expand       the sentences a template stands for; an IvrError it raises becomes a finding
    today        makes holidays of the past and hours that never come reportable
    """
    found = [
        *check_structure(desk, today=today),
        *_languages(desk),
        *check_phrases(desk, sound_alike, expand),
    ]
    return _sorted(found)


def check_structure(desk: Desk, *, today: date | None = None) -> tuple[Finding, ...]:
    """The part that needs no ear for phrases, quick enough to be done before every call."""
    found = [*check_flows(desk), *_prompts(desk), *_recordings(desk), *_hours(desk, today)]
    return _sorted(found)


def refuse_faults(desk: Desk) -> Desk:
    """The desk, unless its structure has errors: then DeskError, the first, with all in `problems`."""
    errors = [finding for finding in check_structure(desk) if finding.severity is Severity.ERROR]
    if errors:
        first = errors[0]
        lines = tuple(f"{found.place}: {found.key}: {found.text}. {found.remedy}" for found in errors)
        raise DeskError(first.text, place=f"{first.place}: {first.key}", remedy=first.remedy, problems=lines)
    return desk


def _sorted(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(found, key=lambda finding: (finding.place, finding.severity, finding.key, finding.text))
    )


def _prompts(desk: Desk) -> Iterator[Finding]:
    for name in sorted(needed_prompts(desk)):
        if not desk.standard[name]:
            text = f"the language {desk.language} has no default for this prompt"
            yield error(
                Place(desk.file, 1), f"prompts.{name}", text, f"Write it under `prompts: {{{name}: ...}}`"
            )


def _languages(desk: Desk) -> Iterator[Finding]:
    """Desks with which calls go on in other languages: they must load, and know what callers may be at."""
    for code, file in desk.languages.items():
        flow = desk.flows[f"{WISH}{code}"]
        key = f"languages.{code}"
        if not desk.intents[flow.name].whole:
            text = f"nobody knows how callers ask for {code!r}"
            yield error(flow.place, key, text, "Write phrases under `say`")
        try:
            partner = load_desk(file.resolve(), desk.folder)
        except IvrError as broken:
            yield error(
                flow.place, key, f"its desk cannot be used: {broken.what}", f"ivr check {file.parent}"
            )
            continue
        if partner.language.split("-")[0].lower() != code:
            text = f"the desk {partner.name!r} speaks {partner.language}"
            yield error(flow.place, key, text, "Name the desk of that language")


def _recordings(desk: Desk) -> Iterator[Finding]:
    if not desk.recordings.is_dir():
        return
    known = {prompt.name: prompt for prompt in desk.prompts()}
    for path in sorted(desk.recordings.glob(f"*{PROMPT_SUFFIX}")):
        name = path.name.removesuffix(PROMPT_SUFFIX)
        place = Place(str(path), 1)
        if name not in known:
            text = "the recording's name fits no prompt, so it is never played"
            yield warning(place, name, text, did_you_mean(name, known))
        elif not known[name].fixed:
            text = f"the prompt has values that a recording cannot say ({known[name].text!r})"
            yield warning(place, name, text, "Remove the recording; it is never played")


def _hours(desk: Desk, today: date | None) -> Iterator[Finding]:
    hours = desk.hours
    if hours is None or today is None:
        return
    if not hours.opens_within(today, _YEAR):
        text = f"the desk is never open in the year from {today}"
        yield error(desk.hours_place, "hours", text, "Correct `open` and `closed`")
    past = [span for span in hours.closed if not span.yearly and span.last < today]
    if past and len(past) == len([span for span in hours.closed if not span.yearly]):
        yield warning(
            desk.hours_place, "hours.closed", "every holiday with a year is in the past", "Add the next"
        )
