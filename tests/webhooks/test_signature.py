"""The signature of Standard Webhooks, by an example of the standard itself."""

from __future__ import annotations

import base64

import pytest

from ivr.webhooks.signature import genuine, secret_bytes, signed

# From the tests of the standard's reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_standard_s_own_example() -> None:
    key = secret_bytes(SECRET + "\n")
    assert signed(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, BODY) == HEADERS
    assert genuine(key, HEADERS, BODY, 1_614_265_400)


@pytest.mark.parametrize(
    ("changed", "body", "now"),
    [
        ({}, BODY + b" ", 1_614_265_330),
        ({}, BODY, 1_614_265_331 + 300),
        ({"webhook-id": "msg_x"}, BODY, 1_614_265_330),
        ({"webhook-timestamp": "1614265331"}, BODY, 1_614_265_330),
        ({"webhook-timestamp": "soon"}, BODY, 1_614_265_330),
        ({"webhook-signature": "v1,xyz"}, BODY, 1_614_265_330),
    ],
    ids=["body", "old", "id", "time", "no-time", "signature"],
)
def test_what_is_not_genuine(changed: dict[str, str], body: bytes, now: float) -> None:
    assert not genuine(secret_bytes(SECRET), HEADERS | changed, body, now)


def test_secrets() -> None:
    assert secret_bytes("  a long enough secret, in words ") == b"a long enough secret, in words"
    assert secret_bytes("whsec_" + base64.b64encode(bytes(24)).decode()) == bytes(24)
    with pytest.raises(ValueError, match="has 5 bytes, and 24 are needed"):
        secret_bytes("short")
    with pytest.raises(ValueError, match="is not base64"):
        secret_bytes("whsec_!")
