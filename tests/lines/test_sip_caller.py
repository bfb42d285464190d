"""Whose number an INVITE says that it comes from."""

from __future__ import annotations

import pytest
from sip_texts import request

from ivr.lines.sip.caller import caller_of
from ivr.lines.sip.message import parse

ANN = b'"Ann" <sip:+442079460000@192.0.2.10>'


@pytest.mark.parametrize(
    ("written", "caller"),
    [
        ("<tel:+44-20-7946-0000>", "+442079460000"),
        ("<tel:7946;phone-context=+4420>", "7946"),
        ("<sip:+44.20.7946.0000;npdi@192.0.2.10;user=phone>", "+442079460000"),
        ('"Ann \\"the <Boss>\\", Ltd." <sip:201@192.0.2.10>', "201"),
        ("Frau Müller <sip:m%C3%BCller@192.0.2.10>", "müller"),
        ('"Løvstrøm, Å" <sip:+4712345678@192.0.2.10>', "+4712345678"),
        ("<sip:a%0Ab%00c@192.0.2.10>", "abc"),
        ("<sip:192.0.2.10>", ""),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>', ""),
        ("<sip:+442079460000@anonymous.invalid>", ""),
        ("<sip:Restricted@carrier.example>", ""),
        ("sip:front-desk@192.0.2.10", "front-desk"),
    ],
)
def test_the_number_in_from(written: str, caller: str) -> None:
    assert caller_of(parse(request().replace(ANN, written.encode()))) == caller


@pytest.mark.parametrize(
    ("headers", "caller"),
    [
        ({"P_Asserted_Identity": "<sip:+15550100@trunk.example>"}, "+15550100"),
        ({"P_Asserted_Identity": '"Ann" <sip:ann@pbx.example>, <tel:+1-555-0100>'}, "+15550100"),
        ({"P_Asserted_Identity": "<sip:ann@pbx.example>"}, "ann"),
        ({"P_Asserted_Identity": "<sip:anonymous@anonymous.invalid>"}, "+442079460000"),
        ({"P_Asserted_Identity": "<sip:+15550100@trunk.example>", "Privacy": "id"}, ""),
        ({"Privacy": "header;ID;critical"}, ""),
        ({"Privacy": "none"}, "+442079460000"),
        ({"P_Preferred_Identity": "<sip:+15550199@trunk.example>"}, "+442079460000"),
    ],
    ids=["asserted", "a number before a name", "a name", "nobody asserted", "kept private", "without one",
         "nothing private", "a mere wish"],
)  # fmt: skip
def test_what_the_network_says_goes_before_what_the_telephone_wrote(
    headers: dict[str, str], caller: str
) -> None:
    assert caller_of(parse(request(**headers))) == caller
