"""How a delivery shows that it is ours: the Standard Webhooks signature, which many libraries verify.

The signed text is ``id.timestamp.body``; the header ``webhook-signature`` is ``v1,`` and the HMAC-SHA256 of
it in base64 (https://www.standardwebhooks.com). A receiver refuses what is older than some minutes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"
SHORTEST_SECRET = 24
"""Bytes; the standard asks for 24 to 64."""
TOLERANCE_SECONDS = 300.0
"""How old a delivery may be for a receiver."""


def secret_bytes(text: str) -> bytes:
    """The key of a secret as it is kept in a file: ``whsec_`` and base64, or any words as they are.

    Raises ValueError, with the remedy, when it is too short to be one.
    """
    text = text.strip()
    if text.startswith(PREFIX):
        try:
            key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            raise ValueError(f"what follows {PREFIX} is not base64") from None
    else:
        key = text.encode()
    if len(key) < SHORTEST_SECRET:
        raise ValueError(f"has {len(key)} bytes, and {SHORTEST_SECRET} are needed: openssl rand -base64 32")
    return key


def signed(key: bytes, name: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of one delivery. `timestamp` is in seconds since 1970."""
    return {
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{_digest(key, name, str(timestamp), body)}",
    }


def genuine(key: bytes, headers: dict[str, str], body: bytes, now: float) -> bool:
    """What a receiver asks: whether `headers` are ours for `body`, and not old."""
    name, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    wanted = f"v1,{_digest(key, name, timestamp, body)}"
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given)


def _digest(key: bytes, name: str, timestamp: str, body: bytes) -> str:
    text = f"{name}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()
