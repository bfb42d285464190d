"""What a worker knows of one of its calls."""

from __future__ import annotations

from dataclasses import dataclass, field

from baresip.call import Call

from ivr.lines.sip.audio import CallSound
from ivr.lines.sip.events import KeyEvents


@dataclass(slots=True)
class Held:
    """`number` names it in the packets; `since`: when it came, or was established."""

    number: int
    call: Call
    sound: CallSound
    since: float
    established: bool = False
    begun: bool = False
    transferring: bool = False
    rang: bool = False
    unwanted: bool = False
    reason: str = ""
    keys: KeyEvents = field(default_factory=KeyEvents)
