"""Steps of follow-ups inside a transaction, and what the steps of a handoff mean for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from ivr.handoff.followup import (
    ALLOWED_FROM,
    LEADS_TO,
    SETTLED,
    UNSETTLED,
    FollowUpStep,
    FollowUpStepKind,
)
from ivr.handoff.plain import clean, moment, plain
from ivr.handoff.queue import Step, StepKind
from ivr.handoff.schema import follow_up_steps, follow_ups, handoffs
from ivr.handover import FollowUpKind, FollowUpRequest

CALL_BACK_LATER = "call back later"
"""What came of a conversation that does not keep the promise of a call-back: there is to be another."""


def make(connection: Connection, request: FollowUpRequest) -> int:
    """Keep `request`; returns its number. Raises ValueError for a time without an offset."""
    made = moment(request.made)
    values = {
        "call_id": clean(request.call_id),
        "desk": clean(request.desk),
        "queue": clean(request.queue),
        "kind": request.kind,
        "what": clean(request.what),
        "made": made,
        "made_local": request.made,
        "due": moment(request.due) if request.due else None,
        "due_local": request.due,
        "caller": clean(request.caller),
        "contact": clean(request.contact),
        "addressee": clean(request.addressee),
        "slots": plain(request.slots),
        "state": LEADS_TO[FollowUpStepKind.MADE],
    }
    key = connection.execute(insert(follow_ups).values(values)).inserted_primary_key
    assert key is not None
    number = int(key[0])
    _write_down(connection, number, FollowUpStep(FollowUpStepKind.MADE, made))
    return number


def advance(connection: Connection, number: int, step: FollowUpStep, **changes: object) -> bool:
    """Make `step` if the follow-up's state allows it; of several who try at once exactly one succeeds."""
    allowed = follow_ups.c.state.in_(ALLOWED_FROM[step.kind])
    after = LEADS_TO.get(step.kind)
    if after is not None:
        changes |= {"state": after, "settled": step.at if after in SETTLED else None}
    change = update(follow_ups).where(follow_ups.c.id == number, allowed)
    values = {name: clean(value) if isinstance(value, str) else value for name, value in changes.items()}
    if after is not None:
        values["state"] = after  # a member of an enumeration: `clean` would make bare words of it
    if connection.execute(change.values(values or {"owner": follow_ups.c.owner})).rowcount != 1:
        return False
    _write_down(connection, number, step)
    return True


def after(connection: Connection, handoff_id: int, step: Step, disposition: str = "") -> None:
    """What a step of a handoff means for what was promised in its call.

    A call-back is kept when the operator who spoke with the caller writes it up; where the queue has given
    up reaching them, somebody has to see to it.
    """
    if step.kind is StepKind.DONE and step.who and disposition != CALL_BACK_LATER:
        done = FollowUpStep(FollowUpStepKind.DONE, step.at, step.who, disposition)
        for number in _call_backs(connection, handoff_id):
            advance(connection, number, done, owner=step.who, outcome=disposition)
    elif step.kind is StepKind.GIVEN_UP:
        note = f"nobody was reached in {step.note}"
        found = _call_backs(connection, handoff_id) or (_owed(connection, handoff_id, step.at),)
        for number in found:
            advance(connection, number, FollowUpStep(FollowUpStepKind.NOTED, step.at, note=note))


def _call_backs(connection: Connection, handoff_id: int) -> tuple[int, ...]:
    """The call-backs that were promised in a handoff's call and are not settled."""
    call = select(handoffs.c.call_id).where(handoffs.c.id == handoff_id).scalar_subquery()
    query = select(follow_ups.c.id).where(
        follow_ups.c.call_id == call,
        follow_ups.c.kind == FollowUpKind.CALL_BACK,
        follow_ups.c.state.in_(UNSETTLED),
    )
    return tuple(connection.execute(query).scalars())


def _owed(connection: Connection, handoff_id: int, at: datetime) -> int:
    """A call-back that nobody promised in so many words, due now: the queue did not reach the caller."""
    row = connection.execute(select(handoffs).where(handoffs.c.id == handoff_id)).one()
    now = at.isoformat(timespec="seconds")
    return make(
        connection,
        FollowUpRequest(
            call_id=row.call_id,
            desk=row.desk,
            queue=row.queue,
            kind=FollowUpKind.CALL_BACK,
            what=row.want,
            made=now,
            due=now,
            caller=row.caller,
            contact=row.call_back or row.caller,
        ),
    )


def _write_down(connection: Connection, number: int, step: FollowUpStep) -> None:
    row = {"kind": step.kind, "at": step.at, "who": clean(step.who), "note": clean(step.note)}
    connection.execute(insert(follow_up_steps).values(follow_up_id=number, **row))
