"""The gate, stepped message by message: what passes, what is answered, what is dropped."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from sip_texts import BAD, GOOD, request

from ivr.lines.accept import Refusal, Refused
from ivr.lines.line import Party
from ivr.lines.sip.dialog import ASKED, LINGER, UNANSWERED, UNHEARD
from ivr.lines.sip.flow import Flow, ToPeer, ToWorker, Transport
from ivr.lines.sip.gate import NEW_BURST, OTHER_BURST, Gate
from ivr.lines.sip.message import Message, parse
from ivr.lines.sip.own import Own

ANN = Flow(Transport.UDP, "192.0.2.10", 5060)
OWN = Own(
    "192.0.2.5", {Transport.UDP: 5060, Transport.TCP: 5060}, "127.0.0.1:7000",
    {"300@pbx.example.com": Flow(Transport.UDP, "192.0.2.99", 5060)},
)  # fmt: skip
SDP = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 0\r\n"


class FakeSeats:
    def __init__(self, refusal: Refusal | None = None) -> None:
        self.refusal = refusal
        self.admitted: dict[str, Party] = {}
        self.left: list[str] = []
        self.expired: list[str] = []
        self.offences: Counter[str] = Counter()

    def admit(self, call_id: str, party: Party) -> int:
        if self.refusal is not None:
            raise Refused(self.refusal)
        self.admitted[call_id] = party
        return 1

    def leave(self, call_id: str) -> None:
        self.left.append(call_id)

    def expire(self, call_id: str) -> None:
        self.expired.append(call_id)

    def offend(self, kind: str, who: str) -> None:
        self.offences[kind] += 1


def gate(refusal: Refusal | None = None) -> tuple[Gate, FakeSeats]:
    seats = FakeSeats(refusal)
    return Gate(OWN, seats), seats


def answered(one: Gate, **more: str) -> Message:
    """A call that is answered; the 200 as the caller sees it."""
    (inward,) = one.from_peer(request(**more), ANN, 0.0)
    assert isinstance(inward, ToWorker)
    (out,) = one.from_worker(bytes(ok(parse(inward.data))), 1, 0.1)
    assert isinstance(out, ToPeer) and out.flow == ANN
    return parse(out.data)


def ok(asked: Message, status: int = 200) -> Message:
    headers = [h for h in asked.headers if h[0] in ("Via", "From", "Call-ID", "CSeq", "Record-Route")]
    headers += [("To", asked.get("To") + ";tag=w1"), ("Contact", "<sip:ivr@127.0.0.1:7001>")]
    headers += [("Content-Type", "application/sdp"), ("User-Agent", "stack")]
    return Message(tuple(headers), SDP, status=status, reason="x")


def only(sent: list[ToPeer | ToWorker]) -> Message:
    (one,) = sent
    return parse(one.data)


def test_a_call_passes_with_our_address_for_that_of_the_worker() -> None:
    one, seats = gate()
    sent = one.from_peer(request(Route="<sip:192.0.2.5;lr>"), ANN, 0.0)
    inward = only(sent)
    assert isinstance(sent[0], ToWorker) and sent[0].worker == 1
    assert inward.all("Via")[0].startswith("SIP/2.0/UDP 127.0.0.1:7000;branch=z9hG4bKivr")
    assert "received=192.0.2.10" in inward.all("Via")[1] and "rport=5060" in inward.all("Via")[1]
    assert inward.get("Record-Route") == "<sip:127.0.0.1:7000;lr>"
    assert (inward.get("Route"), inward.get("Max-Forwards")) == ("", "69")
    assert seats.admitted == {"a1@host": Party("sip:a1@host", "+442079460000", "100")}
    back = only(one.from_worker(bytes(ok(inward)), 1, 0.1))
    assert back.get("Contact") == "<sip:ivr@192.0.2.5:5060>"
    assert (back.get("Record-Route"), back.get("User-Agent")) == ("", "")
    assert len(back.all("Via")) == 1
    assert back.body.count(b"192.0.2.5") == 2 and b"127.0.0.1" not in back.body


def test_copies_acks_cancel_and_bye_find_the_same_worker_and_transaction() -> None:
    one, seats = gate()
    first = only(one.from_peer(request(), ANN, 0.0)).via().params["branch"]
    assert only(one.from_peer(request(), ANN, 0.5)).via().params["branch"] == first
    assert only(one.from_peer(request("CANCEL"), ANN, 0.6)).via().params["branch"] == first
    assert only(one.from_peer(request("ACK", to_tag="w1"), ANN, 0.7)).via().params["branch"] == first
    bye = only(one.from_peer(request("BYE", to_tag="w1", cseq=2, branch="z9hG4bKb"), ANN, 0.8))
    assert bye.via().params["branch"] != first
    assert len(seats.admitted) == 1
    assert only(one.from_peer(request(branch="z9hG4bKother"), ANN, 0.9)).status == 482


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(Refusal.FULL, 486), (Refusal.CLOSING, 503), (Refusal.DOWN, 503), (Refusal.NO_DESK, 404)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_without_a_seat_no_worker_hears_of_it(refusal: Refusal, status: int) -> None:
    one, _ = gate(refusal)
    sent = one.from_peer(request(), ANN, 0.0)
    answer = only(sent)
    assert isinstance(sent[0], ToPeer) and answer.status == status
    assert answer.tag("To") and answer.get("Retry-After") == ("10" if status == 503 else "")
    assert one.from_peer(request("ACK", to_tag=answer.tag("To")), ANN, 0.1) == []


def test_a_copy_of_a_refused_call_gets_the_same_answer_when_a_seat_is_free() -> None:
    one, seats = gate(Refusal.FULL)
    assert only(one.from_peer(request(), ANN, 0.0)).status == 486
    seats.refusal = None
    assert only(one.from_peer(request(), ANN, 0.5)).status == 486
    again = request(branch="z9hG4bKagain", cseq=2)
    assert only(one.from_peer(again, ANN, 3.0)).method == "INVITE"


@pytest.mark.parametrize(
    ("method", "status"),
    [("OPTIONS", 200), ("REGISTER", 405), ("SUBSCRIBE", 405), ("MESSAGE", 405), ("PUBLISH", 405),
     ("BYE", 481), ("CANCEL", 481), ("INFO", 481), ("UPDATE", 481), ("REFER", 603), ("PING", 501)],
)  # fmt: skip
def test_requests_that_belong_to_no_call_are_answered_here(method: str, status: int) -> None:
    one, seats = gate()
    sent = one.from_peer(request(method), ANN, 0.0)
    assert isinstance(sent[0], ToPeer) and only(sent).status == status
    assert not seats.admitted


def test_a_caller_can_make_nobody_dial() -> None:
    one, seats = gate()
    answered(one)
    refer = request("REFER", to_tag="w1", cseq=2, Refer_To="<sip:+99900@premium.example>")
    assert only(one.from_peer(refer, ANN, 1.0)).status == 603
    assert seats.offences["a caller who asks us to call somebody"] == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Require": "nothing-we-know"}, 420),
        ({"Supported": "timer", "Session_Expires": "60"}, 422),
    ],
    ids=["extension", "timer"],
)
def test_what_a_call_may_not_want(headers: dict[str, str], status: int) -> None:
    assert only(gate()[0].from_peer(request(**headers), ANN, 0.0)).status == status
    one, _ = gate()
    answered(one, Supported="timer", Session_Expires="120")
    again = request(to_tag="w1", cseq=2, branch="z9hG4bKn", **headers)
    assert only(one.from_peer(again, ANN, 1.0)).status == status, "in the call too"
    assert (
        only(one.from_peer(request("BYE", to_tag="w1", cseq=3, branch="z9hG4bKo"), ANN, 2.0)).method == "BYE"
    )


def test_who_takes_only_reliable_answers_before_the_last_gets_none_before_the_last() -> None:
    for required, told in ((True, []), (False, [180])):
        one, _ = gate()
        headers = {"Require": "100rel, timer"} if required else {"Supported": "100rel"}
        inward = only(one.from_peer(request(**headers), ANN, 0.0))
        assert (inward.get("Require"), inward.get("Supported")) == ("", "")
        ringing = one.from_worker(bytes(ok(inward, 180)), 1, 0.1)
        assert [parse(sent.data).status for sent in ringing] == told
        assert only(one.from_worker(bytes(ok(inward)), 1, 0.2)).status == 200


def test_hops_and_schemes() -> None:
    one, _ = gate()
    assert only(one.from_peer(request().replace(b"Forwards: 70", b"Forwards: 0"), ANN, 0.0)).status == 483
    assert (
        only(one.from_peer(request().replace(b"INVITE sip:100", b"INVITE http:100"), ANN, 0.0)).status == 416
    )


def test_an_answer_goes_where_the_via_says() -> None:
    one, _ = gate()
    asked = request("OPTIONS").replace(b":5060;branch=z9hG4bKa;rport", b":5070;branch=z9hG4bKa")
    (sent,) = one.from_peer(asked, Flow(Transport.UDP, "192.0.2.10", 40_000), 0.0)
    assert isinstance(sent, ToPeer) and sent.flow.port == 5070
    (sent,) = one.from_peer(request("OPTIONS"), Flow(Transport.UDP, "192.0.2.10", 40_000), 0.0)
    assert isinstance(sent, ToPeer) and sent.flow.port == 40_000


def test_the_stack_may_end_a_call_and_offer_nothing_new() -> None:
    one, _ = gate()
    answered(one)
    again = request("INVITE", to_tag="f1", cseq=9, branch="z9hG4bKw")
    (refused,) = one.from_worker(again, 1, 1.0)
    assert isinstance(refused, ToWorker) and parse(refused.data).status == 488
    assert one.from_worker(request("ACK", to_tag="f1", cseq=9, branch="z9hG4bKw"), 1, 1.1) == []
    bye = request("BYE", to_tag="f1", cseq=10, branch="z9hG4bKx", Route="<sip:127.0.0.1:7000;lr>, <sip:p;lr>")
    (out,) = one.from_worker(bye, 1, 2.0)
    assert isinstance(out, ToPeer) and out.flow == ANN
    message = parse(out.data)
    assert message.get("Route") == "<sip:p;lr>" and message.via().host == "192.0.2.5"
    response = Message(
        tuple(h for h in message.headers if h[0] in ("Via", "From", "To", "Call-ID", "CSeq")), status=200
    )
    (back,) = one.from_peer(bytes(response), ANN, 2.1)
    assert isinstance(back, ToWorker) and parse(back.data).via().params["branch"] == "z9hG4bKx"


def test_a_worker_can_begin_no_call_and_register_only_where_told() -> None:
    one, _ = gate()
    assert only(one.from_worker(request("INVITE", call_id="new"), 0, 0.0)).status == 481
    assert one.from_worker(request("REGISTER", call_id="r"), 0, 0.0) == []
    told = request("REGISTER", call_id="r").replace(
        b"To: <sip:100@192.0.2.5>", b"To: <sip:300@pbx.example.com>"
    )
    (out,) = one.from_worker(told, 0, 0.0)
    assert isinstance(out, ToPeer) and out.flow.host == "192.0.2.99"
    assert parse(out.data).get("Contact") == "<sip:300@192.0.2.5:5060>"


def test_for_a_worker_that_is_gone_the_gate_says_good_bye() -> None:
    one, _ = gate()
    answered(one, Record_Route="<sip:proxy.example;lr>")
    one.from_worker(request("INFO", to_tag="f1", cseq=41, branch="z9hG4bKq"), 1, 1.0)
    (dialog,) = one.dialogs.of(1)
    (sent,) = one.bye(dialog, 2.0)
    assert isinstance(sent, ToPeer) and sent.flow == ANN
    bye = parse(sent.data)
    assert (bye.method, bye.uri, bye.cseq) == ("BYE", "sip:ann@192.0.2.10", (42, "BYE"))
    assert (bye.tag("From"), bye.tag("To"), bye.get("Route")) == ("w1", "f1", "<sip:proxy.example;lr>")
    assert one.dialogs.of(1) == [] and bye.via().host == "192.0.2.5"


def test_where_it_is_told_to_dial_a_worker_may_and_the_answers_find_it() -> None:
    bob = Flow(Transport.UDP, "192.0.2.30", 5060)
    one = Gate(Own("192.0.2.5", {Transport.UDP: 5060}, "127.0.0.1:7000", dial=bob), FakeSeats())
    (out,) = one.from_worker(request(call_id="out", Route="<sip:127.0.0.1:7000;lr>"), 1, 0.0)
    assert isinstance(out, ToPeer) and out.flow == bob
    invite = parse(out.data)
    assert invite.get("Contact") == "<sip:ivr@192.0.2.5:5060>" and invite.get("Route") == ""
    (back,) = one.from_peer(bytes(ok(invite)), bob, 0.1)
    assert isinstance(back, ToWorker) and back.worker == 1
    assert (
        parse(back.data).get("Record-Route") == "<sip:127.0.0.1:7000;lr>"
    )  # so that what follows comes to us
    (ack,) = one.from_worker(request("ACK", call_id="out", to_tag="w1", branch="z9hG4bKk"), 1, 0.2)
    assert isinstance(ack, ToPeer) and ack.flow == bob
    (bye,) = one.from_peer(request("BYE", call_id="out", to_tag="f1", branch="z9hG4bKy"), bob, 1.0)
    assert isinstance(bye, ToWorker)


def test_a_call_to_our_account_is_for_the_number_that_was_dialled() -> None:
    one, seats = gate()
    one.from_peer(request().replace(b"INVITE sip:100@", b"INVITE sip:300@"), ANN, 0.0)
    assert seats.admitted["a1@host"].called == "100"


def test_session_timers_are_kept_by_the_caller_or_the_call_ends() -> None:
    one, seats = gate()
    answer = answered(one, Supported="timer", Session_Expires="120")
    assert (answer.get("Session-Expires"), answer.get("Require")) == ("120;refresher=uac", "timer")
    one.from_peer(request("ACK", to_tag="w1", branch="z9hG4bKc"), ANN, 0.2)
    one.look(119.0)
    assert seats.expired == []
    one.from_peer(request("UPDATE", to_tag="w1", cseq=2, branch="z9hG4bKu"), ANN, 119.0)
    one.look(230.0)
    assert seats.expired == []
    longer = {"Supported": "timer", "Session_Expires": "300;refresher=uac"}
    update = only(
        one.from_peer(request("UPDATE", to_tag="w1", cseq=3, branch="z9hG4bKv", **longer), ANN, 235.0)
    )
    answer = only(one.from_worker(bytes(ok(update)), 1, 235.1))
    assert (answer.get("Session-Expires"), answer.get("Require")) == ("300;refresher=uac", "timer")
    one.look(530.0)
    assert seats.expired == []
    one.look(540.0)
    assert seats.expired == ["a1@host"]


def test_a_call_that_never_begins_gives_its_seat_back_and_is_forgotten() -> None:
    one, seats = gate()
    one.from_peer(request(), ANN, 0.0)
    one.look(UNHEARD + 1)  # the stack says nothing: it could not read what came
    assert seats.left == ["a1@host"]
    one.look(UNHEARD + LINGER + 3)
    assert len(one.dialogs) == 0


def test_what_was_asked_is_forgotten_also_where_nobody_calls_any_more() -> None:
    one, _ = gate()
    answered(one)
    assert len(one.asked) > 0
    one.look(ASKED - 1)
    assert len(one.asked) > 0
    one.look(ASKED + 1)
    assert len(one.asked) == 0


def test_a_call_that_is_answered_may_take_longer_to_be_acknowledged() -> None:
    one, seats = gate()
    answered(one)
    one.look(UNANSWERED - 1)
    assert seats.left == []
    one.look(UNANSWERED + 1)
    assert seats.left == ["a1@host"]


@pytest.mark.parametrize(
    ("contact", "fits"),
    [
        ("<", False), ("<>", False), ("sip:", False), ("<sip:a b@192.0.2.10>", False),
        ("<http://192.0.2.10>", False), ("<sip:,,a@192.0.2.10>", False),
        ("<sip:a@192.0.2.10:5060;transport=tcp>;expires=3", True), ("sip:192.0.2.10", True),
        ("<sips:a@[2001:db8::1]>", True),
    ],
    ids=["open", "empty", "no host", "space", "scheme", "commas", "with everything", "bare", "IPv6"],
)  # fmt: skip
def test_a_caller_must_say_where_they_can_be_reached(contact: str, fits: bool) -> None:
    one, seats = gate()
    data = request().replace(b"<sip:ann@192.0.2.10>\r\nContent", contact.encode() + b"\r\nContent")
    assert len(one.from_peer(data, ANN, 0.0)) == fits == len(seats.admitted)
    assert bool(seats.offences) != fits


def test_the_stack_refuses_and_the_seat_is_free() -> None:
    one, seats = gate()
    inward = only(one.from_peer(request(), ANN, 0.0))
    assert only(one.from_worker(bytes(ok(inward, 488)), 1, 0.1)).status == 488
    assert seats.left == ["a1@host"]
    assert only(one.from_peer(request("ACK", to_tag="w1"), ANN, 0.2)).method == "ACK"


def test_a_flood_from_one_address_is_cut_and_calls_in_progress_go_on() -> None:
    one, seats = gate()
    answered(one)
    replies = sum(
        len(one.from_peer(request("OPTIONS", call_id=f"o{n}"), ANN, 1.0 + n / 1000)) for n in range(1000)
    )
    assert OTHER_BURST <= replies < OTHER_BURST + 30
    assert seats.offences["more requests than one address may send"] == 1000 - replies
    assert (
        only(one.from_peer(request("INFO", to_tag="w1", cseq=5, branch="z9hG4bKi"), ANN, 2.0)).method
        == "INFO"
    )
    assert only(one.from_peer(request(call_id="next", branch="z9hG4bKn"), ANN, 2.0)).method == "INVITE"
    other = Flow(Transport.UDP, "192.0.2.77", 5060)
    assert only(one.from_peer(request("OPTIONS", call_id="other"), other, 2.0)).status == 200
    assert len(one.from_peer(request("OPTIONS", call_id="later"), ANN, 3.0)) == 1


def test_a_flood_of_calls_is_cut_too() -> None:
    one, seats = gate()
    for number in range(1000):
        one.from_peer(request(call_id=f"c{number}", branch=f"z9hG4bK{number}"), ANN, 0.0)
    assert len(seats.admitted) == NEW_BURST


@pytest.mark.parametrize("case", [*BAD, *GOOD])
def test_no_torture_breaks_the_gate(case: str) -> None:
    one, seats = gate()
    sent = one.from_peer((BAD | GOOD)[case], ANN, 0.0)
    if case in BAD:
        assert sent == [] and seats.offences.total() == 1
    assert only(one.from_peer(request(call_id="after"), ANN, 0.1)).method == "INVITE"


def test_no_mutation_breaks_the_gate() -> None:
    chance, (one, _) = random.Random(3261), gate()
    answered(one)
    seeds = [request("BYE", to_tag="w1", cseq=3), request(), request("CANCEL"), *GOOD.values()]
    for number in range(10_000):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data))
            data[at : at + chance.choice([0, 1, 1, 9])] = chance.randbytes(chance.choice([0, 1, 1, 4]))
        one.from_peer(bytes(data), ANN, number / 10)
        one.from_worker(bytes(data), 0, number / 10)
        one.look(number / 10)
    assert len(one.dialogs) < 2000
    assert only(one.from_peer(request(call_id="after", branch="z9hG4bKz"), ANN, 1100.0)).method == "INVITE"


@pytest.mark.parametrize(
    ("contact", "port"),
    [
        ("<sip:a@192.0.2.10:5070;transport=tcp>", 5070),
        ("<sip:a@198.51.100.1:22>", 22),
        ("<sip:a@host>", 5060),
    ],
    ids=["its own", "another's", "no port"],
)
def test_a_lost_connection_is_opened_again_only_to_where_the_call_came_from(contact: str, port: int) -> None:
    one, _ = gate()
    flow = Flow(Transport.TCP, "192.0.2.10", 40_001, 7)
    data = request().replace(b"<sip:ann@192.0.2.10>\r\nContent", contact.encode() + b"\r\nContent")
    one.from_peer(data, flow, 0.0)
    dialog = one.dialogs.get("a1@host")
    assert dialog is not None and dialog.again == Flow(Transport.TCP, "192.0.2.10", port)
    dialog.flow = ANN
    assert dialog.again is None, "UDP has no connections"


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
def test_who_knows_only_the_call_id_cannot_lead_the_call_elsewhere(method: str) -> None:
    one, seats = gate()
    answered(one)
    eve = Flow(Transport.UDP, "192.0.2.66", 5060)
    asked = request(method, to_tag="guess", cseq=2, branch="z9hG4bKe")
    assert only(one.from_peer(asked, eve, 1.0)).status == 481
    dialog = one.dialogs.get("a1@host")
    assert dialog is not None and dialog.flow == ANN and seats.offences.total() == 1
    moved = Flow(Transport.UDP, "192.0.2.10", 6060)
    asked = request(method, to_tag="w1", cseq=2, branch="z9hG4bKm")
    assert only(one.from_peer(asked, moved, 1.0)).method == method
    assert dialog.flow == moved, "a telephone whose port changed"
