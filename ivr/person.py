"""What the person who takes a caller over has of the desk: where callers can be passed, and ears."""

from __future__ import annotations

from ivr.dialog.desk import Desk
from ivr.dialog.text import Text
from ivr.ears.endpointer import Endpointer
from ivr.ears.listener import Listener
from ivr.ears.pool import RecognizerPool
from ivr.ears.recognizer import Recognizer
from ivr.ears.silero import SileroVad
from ivr.handover import Route
from ivr.meaning import Completeness
from ivr.scribe import Minutes, Scribe


def routes_of(desk: Desk) -> tuple[Route, ...]:
    """Where a person can pass callers of `desk`: its routes to an extension that is always the same."""
    return tuple(
        Route(route.name, _fixed(route.label), route.queue or "", extension, route.skills)
        for route in desk.routes.values()
        if route.extension is not None and (extension := _fixed(route.extension))
    )


def ears_for_a_person(rate: int, recognizer: Recognizer, pool: RecognizerPool) -> Listener:
    """Of whoever speaks with the caller: there are no phrases that they should say."""
    unknown = Completeness.UNKNOWN
    vad = SileroVad(rate)
    return Listener(rate, vad, Endpointer(), recognizer, pool, lambda _: unknown, wait_for_readings=False)


def minutes(rate: int, recognizer: Recognizer, pool: RecognizerPool) -> Minutes:
    """Of a call at `rate` in which a person speaks with somebody whom they called."""

    def ears() -> Listener:
        return ears_for_a_person(rate, recognizer, pool)

    return Minutes(ears(), Scribe(pool, ears))


def _fixed(text: Text) -> str:
    """The words, "" where values belong into them."""
    return text.render(lambda _: "") if text.fixed else ""
