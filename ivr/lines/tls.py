"""TLS of a listener."""

from __future__ import annotations

import ssl
from pathlib import Path

from ivr.errors import ConfigError


def server_tls(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """TLS 1.2 or newer with these PEM files; None without them. Raises ConfigError."""
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        remedy = "Give PEM files that can be read and belong together"
        raise ConfigError(f"cannot be used ({error})", place=str(certificate), remedy=remedy) from None
    return context
