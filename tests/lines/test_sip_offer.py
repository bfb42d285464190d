"""What the gate makes of callers' offers before the stack reads them."""

from __future__ import annotations

import pytest
from sip_texts import request

from ivr.lines.sip.flow import Flow, ToPeer, ToWorker, Transport
from ivr.lines.sip.gate import Gate
from ivr.lines.sip.message import Message, parse
from ivr.lines.sip.offer import HELD, seen_from, told_of_hold, unread, unwrapped
from ivr.lines.sip.own import Own

ALL = frozenset({"pcmu", "pcma"})
HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\n"
V4 = "c=IN IP4 192.0.2.10\r\nt=0 0\r\n"
PCMU = "m=audio 20000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"


def offer(body: str, kind: str = "application/sdp", **headers: str) -> Message:
    message = parse(request(Content_Type=kind, **headers))
    return message.with_body(body.encode())


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (HEAD + V4 + PCMU, "application/sdp", 0),
        (HEAD + V4 + PCMU, "Application/SDP;charset=utf-8", 0),
        (HEAD + V4 + "m=audio 20000 RTP/SAVP 96\r\na=rtpmap:96 PCMA/8000\r\n", "application/sdp", 0),
        (HEAD + V4 + "m=video 30000 RTP/AVP 99\r\n" + PCMU, "application/sdp", 0),
        (HEAD + "t=0 0\r\n" + PCMU + "c=IN IP4 0.0.0.0\r\n", "application/sdp", 0),
        ("", "application/sdp", 0),
        (HEAD + V4 + "m=audio 20000 RTP/AVP 3\r\n", "application/sdp", 488),
        (HEAD + V4 + "m=audio 0 RTP/AVP 0\r\n", "application/sdp", 488),
        (HEAD + V4 + "m=image 40000 udptl t38\r\n", "application/sdp", 488),
        (HEAD + V4 + "m=audio 20000 RTP/AVP 0\r\na=rtpmap:0 L16/44100\r\n", "application/sdp", 488),
        (HEAD + V4.replace("IP4 192.0.2.10", "IP6 2001:db8::1") + PCMU, "application/sdp", 488),
        ("hello", "application/sdp", 400),
        ("<x/>", "text/xml", 415),
        (HEAD + V4 + PCMU, "", 415),
    ],
    ids=["plain", "spelled otherwise", "mapped", "video too", "on hold", "none", "GSM", "refused", "fax",
         "another codec", "IPv6", "no SDP", "XML", "no type"],
)  # fmt: skip
def test_offers_that_cannot_become_sound_are_refused(body: str, kind: str, status: int) -> None:
    answer = unread(offer(body, kind), "192.0.2.5", ALL)
    assert (answer[0] if answer else 0) == status


def test_the_description_is_found_beside_the_one_of_the_old_network() -> None:
    parts = (
        "--7a\r\nContent-Type: application/isup;version=itu-t92+\r\n\r\n\x01\x02\r\n"
        f"--7a\r\nContent-Type: application/sdp\r\n\r\n{HEAD}{V4}{PCMU}\r\n--7a--\r\n"
    )
    found = unwrapped(offer(parts, 'multipart/mixed; boundary="7a"'))
    assert found.get("Content-Type") == "application/sdp"
    assert found.body.decode().strip() == (HEAD + V4 + PCMU).strip()
    assert unread(unwrapped(offer("--7a--", "multipart/mixed;boundary=7a")), "192.0.2.5", ALL) is not None


@pytest.mark.parametrize(
    ("told", "source", "becomes"),
    [
        ("192.168.1.20", "8.8.4.4", "8.8.4.4"),
        ("8.8.8.8", "8.8.4.4", "8.8.8.8"),
        ("192.168.1.21", "192.168.1.20", "192.168.1.21"),
        ("0.0.0.0", "8.8.4.4", "0.0.0.0"),
        ("sbc.example", "8.8.4.4", "sbc.example"),
        ("192.168.1.20", "?", "192.168.1.20"),
    ],
    ids=["behind a router", "its own", "another of the same network", "on hold", "a name", "unknown"],
)
def test_sound_goes_to_the_router_of_who_writes_an_address_at_home(
    told: str, source: str, becomes: str
) -> None:
    body = f"v=0\r\nc=IN IP4 {told}\r\nt=0 0\r\n{PCMU}"
    assert f"c=IN IP4 {becomes}\r\n" in seen_from(offer(body), source).body.decode()


@pytest.mark.parametrize(
    ("body", "held"),
    [
        (HEAD + V4 + PCMU, False), (HEAD + V4 + PCMU + "a=inactive\r\n", True),
        (HEAD + V4 + PCMU + "a=sendonly\r\n", True), (HEAD + V4 + PCMU + "a=recvonly\r\n", False),
        (HEAD + "c=IN IP4 0.0.0.0\r\nt=0 0\r\n" + PCMU, True),
    ],
    ids=["sendrecv", "inactive", "sendonly", "recvonly", "no address"],
)  # fmt: skip
def test_the_worker_is_told_of_a_call_on_hold_by_us_alone(body: str, held: bool) -> None:
    message = offer(body, X_IVR_Held="forged")
    assert told_of_hold(message).all(HELD) == (("yes",) if held else ())


def test_the_gate_refuses_in_a_call_what_would_end_its_sound() -> None:
    own = Own("192.0.2.5", {Transport.UDP: 5060}, "127.0.0.1:7000", codecs=ALL)
    ann = Flow(Transport.UDP, "192.0.2.10", 5060)

    class Seats:
        def admit(self, call_id: str, party: object) -> int:
            return 1

        def leave(self, call_id: str) -> None: ...
        def expire(self, call_id: str) -> None: ...
        def offend(self, kind: str, who: str) -> None: ...

    gate = Gate(own, Seats())
    (inward,) = gate.from_peer(bytes(offer(HEAD + V4 + PCMU)), ann, 0.0)
    assert isinstance(inward, ToWorker)
    asked = parse(inward.data)
    headers = [h for h in asked.headers if h[0] in ("Via", "From", "Call-ID", "CSeq", "Record-Route")]
    headers += [("To", asked.get("To") + ";tag=w1"), ("Contact", "<sip:ivr@127.0.0.1:7001>")]
    gate.from_worker(bytes(Message(tuple(headers), status=200, reason="x")), 1, 0.1)
    again = parse(request(to_tag="w1", cseq=2, branch="z9hG4bKn", Content_Type="application/sdp"))
    for number, port in ((3, "3"), (0, "0")):
        body = (HEAD + V4 + f"m=audio 20000 RTP/AVP {port}\r\n").encode()
        (sent,) = gate.from_peer(bytes(again.with_body(body)), ann, 1.0)
        assert (isinstance(sent, ToPeer) and parse(sent.data).status == 488) == (number == 3)
