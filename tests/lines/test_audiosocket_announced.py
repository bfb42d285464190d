"""Announcements: who is expected, once and for a while."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import httpx
import pytest

from ivr.lines.audiosocket.announced import Announced, Numbers, announcement_routes
from ivr.lines.http import BODY_BYTES, HttpListener
from ivr.serving.address import Address

CALL = uuid.UUID("3c0e5a52-6c1f-4c27-9a0e-5d2d1c9f7a10")


def test_an_announcement_is_good_for_one_call() -> None:
    announced = Announced()
    announced.announce(CALL, Numbers("1", "2"), 0.0)
    assert announced.take(CALL, 60, 59.0) == Numbers("1", "2")
    assert announced.take(CALL, 60, 59.0) is None


def test_an_announcement_expires_and_counts_anew_when_repeated() -> None:
    announced = Announced()
    announced.announce(CALL, Numbers("1"), 0.0)
    announced.announce(CALL, Numbers("2"), 50.0)
    assert announced.take(CALL, 60, 100.0) == Numbers("2")
    announced.announce(CALL, Numbers(), 0.0)
    assert announced.take(CALL, 60, 60.1) is None


def test_the_oldest_go_when_there_are_too_many() -> None:
    announced = Announced(most=3)
    calls = [uuid.uuid4() for _ in range(5)]
    for call in calls:
        announced.announce(call, Numbers(), 0.0)
        announced.pass_on(call, "201", 0.0)
    assert [announced.take(call, 60, 0.0) is not None for call in calls] == [False, False, True, True, True]
    assert [announced.next_of(call, 0.0) for call in calls] == ["", "", "201", "201", "201"]


def test_where_a_call_goes_is_forgotten() -> None:
    announced = Announced()
    announced.pass_on(CALL, "201", 0.0)
    assert announced.next_of(CALL, 300.0) == "201"
    assert announced.next_of(CALL, 300.1) == ""


@pytest.fixture
async def register() -> AsyncIterator[tuple[Announced, httpx.AsyncClient]]:
    announced = Announced()
    listener = HttpListener(Address("127.0.0.1", 0), announcement_routes(announced))
    base = f"http://{await listener.start()}/audiosocket/"
    async with httpx.AsyncClient(base_url=base) as client:
        yield announced, client
    await listener.close()


Register = tuple[Announced, httpx.AsyncClient]


async def test_numbers_come_in_the_address_or_as_a_form(register: Register) -> None:
    announced, client = register
    assert (await client.post(f"{CALL}?caller=%2B44&called=100")).status_code == 201
    assert announced._expected[CALL][0] == Numbers("+44", "100")
    assert (await client.post(str(CALL), data={"caller": "+45", "called": "101"})).status_code == 201
    assert announced._expected[CALL][0] == Numbers("+45", "101")


async def test_the_dialplan_asks_where_the_call_goes(register: Register) -> None:
    announced, client = register
    assert (await client.get(f"{CALL}/next")).text == ""
    announced.pass_on(CALL, "201", __import__("time").monotonic())
    assert (await client.get(f"{CALL}/next")).text == "201"


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("not-a-uuid", {}, 400),
        (str(CALL), {"caller": "1" * 65}, 400),
        (str(CALL), {"caller": "1\x1b[2J"}, 400),
        (str(CALL), {"caller": "1" * (BODY_BYTES + 1)}, 413),
    ],
)
async def test_strange_announcements_are_refused(
    register: Register, path: str, form: dict[str, str], status: int
) -> None:
    announced, client = register
    assert (await client.post(path, data=form)).status_code == status
    assert not announced._expected
