"""Who may come in."""

from __future__ import annotations

import pytest

from ivr.lines.accept import Refusal, Refused
from ivr.lines.line import Party
from ivr.server.switchboard import Switchboard
from ivr.serving.address import Address
from ivr.serving.lines import AudioSocketSettings


def line(name: str, **settings: object) -> AudioSocketSettings:
    told = {"default_desk": "company", **settings}
    return AudioSocketSettings(name=name, listen=Address("127.0.0.1", 1), **told)  # type: ignore[arg-type]


def refusal(board: Switchboard, settings: AudioSocketSettings, called: str = "") -> Refusal:
    with pytest.raises(Refused) as caught:
        board.admit(settings, Party("", "", called))
    return caught.value.reason


def test_a_line_has_its_limit_and_all_lines_have_one_together() -> None:
    board, one, two = Switchboard(3), line("one", max_calls=2), line("two", max_calls=5)
    first = board.admit(one, Party(""))
    board.admit(one, Party(""))
    assert refusal(board, one) is Refusal.FULL
    board.admit(two, Party(""))
    assert refusal(board, two) is Refusal.FULL
    assert (board.calls, board.calls_of(one), board.calls_of(two)) == (3, 2, 1)
    board.leave(first)
    board.admit(two, Party(""))
    assert board.refused == {Refusal.FULL: 2}


def test_the_desk_is_that_of_the_called_number() -> None:
    settings = line("one", desks={"100": "shop"}, default_desk=None)
    board = Switchboard(3)
    assert board.admit(settings, Party("", "", "1 00")).desk == "shop"
    assert refusal(board, settings, "101") is Refusal.NO_DESK


def test_nobody_comes_in_when_the_server_is_about_to_end() -> None:
    board = Switchboard(3)
    board.closing = True
    assert refusal(board, line("one")) is Refusal.CLOSING
