"""``ivr followups``: what is overdue first, and each step under somebody's name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import Run

from ivr.handoff.store import HandoffStore
from ivr.handover import FollowUpKind, FollowUpRequest
from ivr.stores import QUEUE_FILE

Ivr = Callable[..., Run]


@pytest.fixture
def promise(state: Path) -> Callable[..., int]:
    def one(hours: float = -2.0, **more: Any) -> int:
        now = datetime.now(UTC)
        values: dict[str, Any] = {
            "call_id": "c1",
            "desk": "small",
            "queue": "billing",
            "kind": FollowUpKind.CALL_BACK,
            "what": "Call back about a [red]bill",
            "made": (now - timedelta(hours=5)).isoformat(timespec="seconds"),
            "due": (now + timedelta(hours=hours)).isoformat(timespec="seconds"),
            "contact": "02079460123",
            "addressee": "Carl",
        }
        with HandoffStore.open(state / QUEUE_FILE) as store:
            return store.promise(FollowUpRequest(**values | more))

    return one


def test_nothing_is_to_be_done(ivr: Ivr) -> None:
    assert ivr("followups", "list") == Run(0, "", "nothing is to be done\n")
    assert ivr("followups", "list", "--overdue") == Run(0, "", "nothing is overdue\n")
    assert ivr("followups", "list", "--json") == Run(0, "[]\n", "")


def test_overdue_first_and_a_status_for_scripts(ivr: Ivr, promise: Callable[..., int]) -> None:
    later, late = promise(3.5), promise()
    lines = ivr("followups", "list").out.splitlines()
    assert lines[0].startswith(f"   {late}  call-back, OVERDUE by 2 h 0 min (was due ")
    assert lines[0].endswith("), billing, for Carl, 02079460123, open")
    assert lines[1] == "      Call back about a [red]bill"
    assert lines[2].startswith(f"   {later}  call-back, due ")
    found = ivr("followups", "list", "--overdue", "--json")
    assert (found.status, [one["id"] for one in json.loads(found.out)]) == (1, [late])
    assert ivr("followups", "list", "nothing", "like", "it").err == "nothing is to be done\n"


def test_the_way_of_one(ivr: Ivr, promise: Callable[..., int]) -> None:
    number = str(promise())
    assert ivr("followups", "take", number, "--operator", "ann").err.startswith(
        f"follow-up {number}: in progress, ann, OVERDUE by 2 h"
    )
    taken = ivr("followups", "take", number, "--operator", "bob")
    assert (taken.status, taken.err) == (2, f"error: follow-up {number}: is ann's. Let them reassign it\n")
    assert ivr("followups", "note", number, "rang twice", "--operator", "ann").status == 0
    assert ivr("followups", "reassign", number, "bob", "--operator", "ann").status == 0
    assert "due 2027-05-03 15:30" in ivr("followups", "postpone", number, "2027-05-03T15:30").err
    assert ivr("followups", "done", number, "--outcome", "explained", "--operator", "bob").status == 0
    again = ivr("followups", "missed", number, "--operator", "bob")
    assert again.err == f"error: follow-up {number}: is done by bob already\n"
    shown = ivr("followups", "show", number).out
    for line in (
        "outcome   explained",
        "taken ann",
        "noted ann: rang twice",
        "reassigned ann: to bob",
        "done bob",
    ):
        assert line in shown
    assert ivr("followups", "list").err == "nothing is to be done\n"
    assert ivr("followups", "list", "--all").out.startswith(f"   {number}  call-back, due")
    assert ivr("followups", "reopen", number, "--operator", "ann").err.startswith(f"follow-up {number}: open")
    assert ivr("followups", "cancel", number, "--operator", "ann").status == 0
    state = json.loads(ivr("followups", "show", number, "--json").out)["follow_up"]["state"]
    assert state == "cancelled"


def test_what_is_not_there(ivr: Ivr) -> None:
    missing = ivr("followups", "done", "7", "--operator", "ann")
    assert missing.status == 2
    assert missing.err == "error: follow-up 7: there is no such follow-up. ivr followups list shows them\n"
