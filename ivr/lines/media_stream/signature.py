"""Whether a request comes from the provider: the header ``X-Twilio-Signature``. Pure.

The base64 of the HMAC-SHA1, keyed with the account's token, of the URL as the provider called it, followed by
the names and values of the form's fields in the order of their names (Twilio, "Validating requests").
A WebSocket has no form. Providers differ in how they write the URL of a WebSocket (``wss`` or ``https``, with
or without a final slash, with or without the usual port), so each of these is tried.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

HEADER = "X-Twilio-Signature"


def sign(token: str, url: str, fields: Iterable[tuple[str, str]] = ()) -> str:
    """The signature; a field that is there twice with one value counts once."""
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


def genuine(signature: str, token: str, url: str, fields: Iterable[tuple[str, str]] = ()) -> bool:
    """Whether `signature` is that of the request; takes the same time however wrong it is."""
    fields = tuple(fields)
    given = signature.encode("utf-8", "surrogateescape")
    fits = [hmac.compare_digest(sign(token, one, fields).encode(), given) for one in spellings(url)]
    return any(fits)


def spellings(url: str) -> tuple[str, ...]:
    """How a provider may have written `url`, the likeliest first."""
    parts = urlsplit(url)
    others = {"ws": ["http"], "wss": ["https"]}
    schemes = [parts.scheme, *others.get(parts.scheme, [])]
    host = parts.netloc
    if parts.port is None:
        hosts = [host, f"{host}:{443 if parts.scheme in ('wss', 'https') else 80}"]
    else:
        hosts = [host, host.rpartition(":")[0]] if parts.port in (80, 443) else [host]
    paths = (parts.path, parts.path[:-1] if parts.path.endswith("/") else f"{parts.path}/")
    found = [
        urlunsplit((scheme, one, path, parts.query, ""))
        for path in paths
        for one in hosts
        for scheme in schemes
    ]
    return tuple(dict.fromkeys(found))
