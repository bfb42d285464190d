"""What goes along with a caller who is passed on."""

from __future__ import annotations

import pytest

from ivr.lines.line import TransferContext


def test_the_context_becomes_headers() -> None:
    context = TransferContext("101500-ab12cd34", "The caller wants billing.", "https://desk.example/calls/7")
    assert context.headers() == {
        "X-IVR-Call": "101500-ab12cd34",
        "X-IVR-Reason": "The caller wants billing.",
        "X-IVR-Summary": "https://desk.example/calls/7",
    }


def test_what_is_not_known_has_no_header() -> None:
    assert TransferContext("a").headers() == {"X-IVR-Call": "a"}


@pytest.mark.parametrize(
    ("reason", "sent"),
    [
        ("x\r\nRefer-To: sip:evil", "x Refer-To: sip:evil"),
        ("\x00\x1b[2J", "[2J"),
        ("Crème brûlée für Ördög", "Creme brulee fur Ordog"),
        ("請求書", ""),
        ("  a \t b  ", "a b"),
        ("long " * 100, ("long " * 100)[:200].rstrip()),
    ],
    ids=["new line", "control", "accents", "other script", "spaces", "long"],
)
def test_nobody_speaks_a_header_of_their_own(reason: str, sent: str) -> None:
    assert TransferContext("a", reason).headers().get("X-IVR-Reason", "") == sent


def test_an_address_cannot_leave_its_header() -> None:
    headers = TransferContext("a", "", "https://x/calls?a=1&b=%20\r\nVia: y").headers()
    assert headers["X-IVR-Summary"] == "https://x/calls?a=1&b=%20%0D%0AVia:%20y"
