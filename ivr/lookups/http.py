"""Systems that answer JSON over HTTP."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from urllib.parse import quote

import httpx

from ivr.inquiry import CALL, Http, Json, filled
from ivr.lookups.source import NoAnswerError, Row, at, setting

MOST_BYTES = 1_000_000
"""Of an answer; a longer one is no answer."""


class HttpSource:
    """One address. Redirects are not followed: an address is where it says."""

    def __init__(self, request: Http, place: str) -> None:
        """Raises DeskError where the environment lacks a setting."""
        self._request = request
        self._base = setting(request.base, place)
        self._headers = {name: setting(value, place) for name, value in request.headers}
        self._client = httpx.Client(follow_redirects=False, headers={"Accept": "application/json"})

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def rows(self, values: Mapping[str, str], seconds: float) -> Sequence[Row]:
        """The rows of the answer. Raises NoAnswerError."""
        asked = self._request
        url = self._base + filled(asked.path, values, lambda value: quote(value, safe=""))
        headers = dict(self._headers)
        body = None if asked.body is None else with_values(asked.body, values)
        if asked.method != "GET":
            headers["Idempotency-Key"] = _key(values, url, body)
        try:
            with self._client.stream(
                asked.method, url, headers=headers, json=body, timeout=seconds
            ) as response:
                return self._answer(response, time.monotonic() + seconds)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswerError(f"no answer ({type(error).__name__})") from None

    def _answer(self, response: httpx.Response, deadline: float) -> Sequence[Row]:
        code = response.status_code
        if code in (204, 404, 410):
            return ()
        if not 200 <= code < 300:
            raise NoAnswerError(f"status {code}", passing=code >= 500 or code in (408, 425, 429))
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if size > MOST_BYTES:
                raise NoAnswerError(f"the answer is longer than {MOST_BYTES // 1000} kB", passing=False)
            if time.monotonic() > deadline:
                raise NoAnswerError("the answer takes too long")
            parts.append(part)
        try:
            data = json.loads(b"".join(parts) or b"null")
        except (ValueError, RecursionError):
            raise NoAnswerError("the answer is not JSON", passing=False) from None
        return _rows(at(data, self._request.rows))


def _rows(data: object) -> Sequence[Row]:
    if data is None or data == {}:
        return ()
    if isinstance(data, Mapping):
        return (data,)
    if isinstance(data, list) and all(isinstance(row, Mapping) for row in data):
        return data
    raise NoAnswerError("the answer is neither an object nor a list of objects", passing=False)


def with_values(body: Json, values: Mapping[str, str]) -> Json:
    """A body whose texts hold the values."""
    if isinstance(body, str):
        return filled(body, values)
    if isinstance(body, dict):
        return {key: with_values(value, values) for key, value in body.items()}
    if isinstance(body, list):
        return [with_values(value, values) for value in body]
    return body


def _key(values: Mapping[str, str], url: str, body: Json) -> str:
    """The same for every attempt of one request of one call, so that a repeated one is done once."""
    text = json.dumps([values.get(CALL, ""), url, body], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
