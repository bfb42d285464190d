"""Messages of media streams as text, and their signature."""

from __future__ import annotations

import base64
import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.lines.media_stream import messages, pages
from ivr.lines.media_stream.messages import Broken, Connected, Key, Mark, Media, Other, Start, Stop
from ivr.lines.media_stream.signature import genuine, sign, spellings
from ivr.media.g711 import decode_ulaw

START = {
    "event": "start",
    "streamSid": "MZ1",
    "start": {"callSid": "CA1", "customParameters": {"caller": "+1", "called": 5, "more": []}},
}


def test_what_a_provider_sends_is_read() -> None:
    assert messages.read('{"event": "connected", "protocol": "Call"}') == Connected()
    assert messages.read(json.dumps(START)) == Start("MZ1", "CA1", "+1", "5")
    assert messages.read('{"event": "dtmf", "streamSid": "M", "dtmf": {"digit": "#"}}') == Key("M", "#")
    assert messages.read('{"event": "mark", "streamSid": "M", "mark": {"name": "a"}}') == Mark("M", "a")
    assert messages.read('{"event": "stop", "streamSid": "M", "stop": {}}') == Stop("M")
    assert messages.read('{"event": "new", "streamSid": "M"}') == Other()
    codes = bytes(range(256))
    text = json.dumps(
        {
            "event": "media",
            "streamSid": "M",
            "media": {"payload": base64.b64encode(codes).decode(), "chunk": "3"},
        }
    )
    sound = messages.read(text)
    assert isinstance(sound, Media) and sound.chunk == 3
    assert np.array_equal(sound.pcm, decode_ulaw(codes))
    assert messages.read('{"event": "media", "media": {"track": "outbound"}}') == Other()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "a message that is no JSON"),
        ("[" * 50_000, "a message that is no JSON"),
        ("[]", "a message without an event"),
        ('{"event": 3}', "a message without an event"),
        ('{"event": "media", "media": "x"}', "a message without its content"),
        ('{"event": "media", "media": {}}', "a media message without sound"),
        ('{"event": "media", "media": {"payload": "@@@"}}', "sound that is no base64"),
        ('{"event": "media", "media": {"payload": "QUJDR"}}', "sound that is no base64"),
        ('{"event": "start", "start": {}}', "a start message without a stream"),
        (
            '{"event": "start", "streamSid": "M", "start": {"mediaFormat": {"encoding": "opus"}}}',
            "a call whose sound is not µ-law at 8,000 Hz",
        ),
    ],
)
def test_a_broken_message_is_named_in_our_words(text: str, kind: str) -> None:
    with pytest.raises(Broken) as caught:
        messages.read(text)
    assert caught.value.kind == kind


NAMES = st.sampled_from(["event", "media", "start", "dtmf", "mark", "payload", "streamSid"]) | st.text()
FOUND = st.recursive(
    st.none() | st.booleans() | st.integers() | NAMES,
    lambda part: st.lists(part) | st.dictionaries(NAMES, part),
)


@given(FOUND)
def test_anything_is_a_message_or_broken(found: object) -> None:
    with contextlib.suppress(Broken):
        messages.read(json.dumps(found))


def test_the_signature_of_the_provider_s_own_example() -> None:
    """The worked example of Twilio's "Validating requests"."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    assert sign("12345", url, fields.items()) == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
    assert genuine("0/KCTR6DLpKmkAf8muzZqo1nDgQ=", "12345", url, fields.items())
    assert not genuine("0/KCTR6DLpKmkAf8muzZqo1nDgQ=", "12346", url, fields.items())
    assert not genuine("0/KCTR6DLpKmkAf8muzZqo1nDgQ=", "12345", url, (fields | {"To": "+1"}).items())
    assert not genuine("", "12345", url) and not genuine("\udcff", "12345", url)


@pytest.mark.parametrize(
    "signed",
    [
        "wss://desk.example/ms",
        "https://desk.example/ms",
        "wss://desk.example/ms/",
        "wss://desk.example:443/ms",
    ],
)
def test_a_url_is_the_same_however_it_is_written(signed: str) -> None:
    assert signed in spellings("wss://desk.example/ms")
    assert genuine(sign("t", signed), "t", "wss://desk.example/ms")
    assert not genuine(sign("t", signed.replace("/ms", "/other")), "t", "wss://desk.example/ms")


def test_a_number_cannot_write_into_the_answer() -> None:
    text = pages.connect("wss://a/b", "https://a/b/next", '"><Dial>1</Dial>', "2")
    assert "<Dial>" not in text
    assert "<Dial>1" not in pages.go_on("<Dial>1")
    assert "<Sip>sip:a@b</Sip>" in pages.go_on("sip:a@b") and "<Hangup/>" in pages.go_on("")


def test_where_a_call_goes_is_known_for_a_while() -> None:
    passed = pages.PassedOn()
    passed.put("CA1", "201", 0.0)
    assert (passed.of("CA1", 299.0), passed.of("CA1", 301.0), passed.of("CA2", 0.0)) == ("201", "", "")
    for number in range(pages.MOST):
        passed.put(str(number), "1", 0.0)
    assert passed.of("CA1", 0.0) == ""
