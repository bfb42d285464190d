"""Fetching one file over HTTP: resumed after a break, checked before it counts.

What has arrived is kept in ``NAME.part`` next to the target, so that a second run goes on where the first one
stopped; a server that cannot resume is read from the beginning.
"""

from __future__ import annotations

import hashlib
import os
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx

from ivr.errors import ModelError

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
TRIES = 3
"""Tries without a single new byte before giving up."""
CONNECTIONS = 30
"""Connections that may break in one run."""


class UnreachableError(ModelError):
    """The site cannot be reached, or does not have the file: another source may."""


def client(certificates: str = "", proxy: str = "") -> httpx.Client:
    """A client that trusts the certificates in this file; "" is SSL_CERT_FILE or what httpx comes with."""
    return httpx.Client(
        verify=ssl.create_default_context(cafile=certificates) if certificates else True,
        proxy=proxy or None,
        follow_redirects=True,
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        # Compressed on the way, the bytes could be neither counted nor resumed.
        headers={"Accept-Encoding": "identity"},
    )


def download(
    http: httpx.Client, url: str, target: Path, size: int, sha256: str, report: Callable[[int], None]
) -> None:
    """Bring `url` to `target`, `size` bytes with this SHA-256; `report` is called with the bytes so far.

    Raises UnreachableError (network, HTTP status), ModelError (a wrong sum), OSError (disk).
    """
    part = target.with_name(target.name + ".part")
    have = _bytes(part)
    old = have > 0  # bytes of an earlier run may be of another file
    tries = connections = 0
    while have < size:
        try:
            _receive(http, url, part, size, have, report)
        except httpx.HTTPError as error:
            tries = tries + 1 if _bytes(part) <= have else 0
            connections += 1
            if tries >= TRIES or connections >= CONNECTIONS:
                raise _unreachable(url, error) from error
        have = _bytes(part)
        if old and have >= size and _sum(part) != sha256:
            part.unlink()
            have, old = 0, False
    if have > size or _sum(part) != sha256:
        part.unlink()
        what = "is longer than it should be" if have > size else "has the wrong checksum"
        raise ModelError(
            f"{target.name} {what} and was thrown away",
            place=httpx.URL(url).host,
            remedy="Try again later, or use a newer version of ivr",
        )
    part.replace(target)


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _receive(
    http: httpx.Client, url: str, part: Path, size: int, have: int, report: Callable[[int], None]
) -> None:
    headers = {"Range": f"bytes={have}-"} if have else {}
    with http.stream("GET", url, headers=headers) as response:
        if have and response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink()
            raise httpx.ReadError("the site does not know the rest of the file", request=response.request)
        if not response.is_success:
            raise UnreachableError(
                f"answers {response.status_code} for {part.name.removesuffix('.part')}",
                place=httpx.URL(url).host,
            )
        resumes = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        done = have if resumes else 0
        with part.open("ab" if resumes else "wb") as file:
            # In pieces as they come: pieces of one size would lose what is not yet whole at a break.
            for piece in response.iter_raw():
                file.write(piece)
                done += len(piece)
                report(done)
                if done > size:
                    break
            file.flush()
            os.fsync(file.fileno())
    if done < size:
        raise httpx.ReadError(f"the connection broke after {done} of {size} bytes", request=response.request)


def _unreachable(url: str, error: httpx.HTTPError) -> UnreachableError:
    reason = str(error) or type(error).__name__
    return UnreachableError(f"cannot be reached ({reason})", place=httpx.URL(url).host)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
