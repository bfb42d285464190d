"""Registration at a real registrar: Kamailio, with digest."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from chirps import chirp, likeness
from door_fakes import FakeDoor
from peer_tools import Talk, free_port, kamailio, listening, needs, until
from sip_phone import dialled, own_address

from ivr.serving.address import Address
from ivr.serving.sip import Registration

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")
pytestmark = needs("kamailio")


def account(folder: Path, port: int, password: str) -> Registration:
    (folder / "password").write_text(password + "\n")
    return Registration(
        registrar=Address("127.0.0.1", port), user="300", password_file=folder / "password", expires=60
    )


@pytest.mark.parametrize("host", ["127.0.0.1", own_address()])
async def test_registered_with_a_password_a_call_through_the_pbx_arrives(tmp_path: Path, host: str) -> None:
    """Also by a line at the machine's own address, as beside a router."""
    if not host:
        pytest.skip("this machine has no address of its own")
    talk, port = Talk(), free_port()
    door = FakeDoor(talk=talk)
    with kamailio(tmp_path / "pbx", port):
        registrations = (account(tmp_path, port, "secret"),)
        public = not host.startswith("127.")
        async with listening(door, host, registrations=registrations, public=public, allow=(host,)) as server:
            await until(lambda: server.registered.get("300"), 15, "not registered")
            assert server.health().ready and server.health().numbers["registered"] == 1
            async with dialled(("127.0.0.1", port), called="5551234") as phone:
                assert (await phone.dial()).status == 200
                await phone.speak(chirp(8000, 1.0))
                await until(lambda: len(phone.heard) > 120)
                await phone.bye()
            await door.seats[0].done()
            assert door.seats[0].party.called == "5551234"
            assert likeness(chirp(8000, 1.0), talk.sound()) > 0.99


async def test_a_wrong_password_and_a_pbx_that_is_down_are_told_and_tried_again(
    tmp_path: Path,
) -> None:
    port = free_port()
    async with listening(FakeDoor(), registrations=(account(tmp_path, port, "secret"),)) as server:
        with kamailio(tmp_path / "one", port, password="other"):
            await until(lambda: server.registered.get("300") is False, 15)
            assert server.health().detail == "300 is not registered"
            assert server.health().ready  # calls from elsewhere are answered
        with contextlib.ExitStack() as stack:
            stack.enter_context(kamailio(tmp_path / "two", port))
            took = await until(lambda: server.registered.get("300"), 30, "not registered again")
            assert took < 25
