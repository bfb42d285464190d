"""What the caller's page shows of a call: its events as short JSON messages. Pure."""

from __future__ import annotations

import json

from ivr.events import (
    Backchannel,
    CallEnded,
    CallStarted,
    Event,
    HandedOff,
    KeyPressed,
    PersonJoined,
    PersonLeft,
    PromptEnded,
    PromptStarted,
    SpeechStarted,
    Transfer,
    Understood,
)


def shown(at: float, event: Event) -> str | None:
    """The message for the page; None for what a caller would not want to see.

    ``{"show": kind, "at": seconds since answer, ...}``; keys are not repeated, they may be a secret.
    """
    match event:
        case CallStarted(desk=desk):
            return _message("begin", at, desk=desk)
        case PromptStarted(text=text):
            return _message("desk", at, text=text)
        case PromptEnded(interrupted=True, said=said):
            return _message("cut", at, text=said)
        case SpeechStarted():
            return _message("speaking", at)
        case Understood(heard=heard) | Backchannel(heard=heard):
            return _message("caller", at, text=heard.text, sure=round(heard.confidence, 2))
        case KeyPressed():
            return _message("key", at)
        case Transfer(route=route):
            return _message("note", at, text=f"passed on to {route.label or route.name}")
        case HandedOff(queue=queue):
            return _message("note", at, text=f"in the queue {queue} for a person")
        case PersonJoined():
            return _message("note", at, text="a person is on the line")
        case PersonLeft():
            return _message("note", at, text="the person has left")
        case CallEnded(outcome=outcome, seconds=seconds):
            return _message("end", at, outcome=outcome.value, seconds=round(seconds, 1))
        case _:
            return None


def _message(kind: str, at: float, **more: object) -> str:
    return json.dumps({"show": kind, "at": round(at, 2), **more}, ensure_ascii=False)
