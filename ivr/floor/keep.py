"""Which step of the durable queue belongs to what the distributor wants done. Pure."""

from __future__ import annotations

from ivr.floor.clock import moment
from ivr.handoff import actions as do
from ivr.handoff.actions import Why
from ivr.handoff.queue import Step, StepKind
from ivr.handoff.rows import Changes

_WITHDRAWN = {Why.NO_ANSWER: StepKind.MISSED, Why.DECLINED: StepKind.DECLINED}


def step_of(action: do.Action, now: float) -> tuple[int, Step, Changes] | None:
    """The handoff, the step and what it changes; None for what needs no keeping.

    now  seconds since 1970
    """
    at = moment(now)
    match action:
        case do.Offer(operator, handoff):
            return handoff, Step(StepKind.OFFERED, at, operator), Changes()
        case do.Withdraw(operator, handoff, why) if why in _WITHDRAWN:
            return handoff, Step(_WITHDRAWN[why], at, operator), Changes()
        case do.Connect(operator, handoff):
            return handoff, Step(StepKind.ACCEPTED, at, operator), Changes(operator=operator)
        case do.CallBack(operator, handoff, number, attempt):
            note = f"call-back {attempt} to {number}"
            return handoff, Step(StepKind.ACCEPTED, at, operator, note), Changes(operator=operator)
        case do.Reached(operator, handoff):
            return handoff, Step(StepKind.CONNECTED, at, operator), Changes()
        case do.TellReturned(handoff):
            changes = Changes(operator="", returned=True)
            return handoff, Step(StepKind.RETURNED, at), changes
        case do.Rescheduled(handoff, attempt, again):
            changes = Changes(operator="", attempts=attempt, not_before=moment(again))
            return handoff, Step(StepKind.NOT_REACHED, at), changes
        case do.GivenUp(handoff, attempts):
            return handoff, Step(StepKind.GIVEN_UP, at, note=f"{attempts} call-backs"), Changes()
        case do.Overflow(handoff, before, queue):
            return handoff, Step(StepKind.MOVED, at, note=f"overflow from {before}"), Changes(queue=queue)
        case do.Abandoned(handoff, waited):
            return handoff, Step(StepKind.ABANDONED, at, note=f"after {waited:.0f} s"), Changes()
        case do.TalkEnded(operator, handoff, seconds, note):
            said = f"after {seconds:.0f} s{', ' if note else ''}{note}"
            return handoff, Step(StepKind.ENDED, at, operator, said), Changes()
        case do.PassedOn(operator, handoff, queue):
            changes = Changes(queue=queue, operator="")
            return handoff, Step(StepKind.PASSED_ON, at, operator, f"to {queue}"), changes
        case do.Join(operator, handoff):
            return handoff, Step(StepKind.JOINED, at, operator), Changes()
        case do.HandedOver(operator, handoff, before):
            step = Step(StepKind.HANDED_OVER, at, operator, f"by {before}")
            return handoff, step, Changes(operator=operator)
        case _:
            return None
