"""A booking system to try the desk `support` with: it books visits, and forgets them when it ends.

    python examples/backends/visits.py                                   # until Ctrl-C
    python examples/backends/visits.py -- ivr demo support --live        # while the command runs

POST /visits {"day": "2026-11-27", "time": "11:00", ...} -> 201 {"number": "5083"}; a time that is taken: 404;
the same Idempotency-Key again: the same answer. The desk knows its address from the variable MEADOW_VISITS.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8717
MOST_BYTES = 10_000

_lock = threading.Lock()
_booked: dict[tuple[str, str], str] = {}
_answered: dict[str, tuple[int, dict[str, str]]] = {}


def book(key: str, body: bytes) -> tuple[int, dict[str, str]]:
    """Status and answer of a request."""
    try:
        asked = json.loads(body)
        when = (str(asked["day"]), str(asked["time"]))
    except (ValueError, KeyError, TypeError):
        return 400, {"error": "day and time are needed"}
    with _lock:
        if key and key in _answered:
            return _answered[key]
        if when in _booked:
            return 404, {"error": "taken"}
        _booked[when] = str(5083 + len(_booked))
        answer = 201, {"number": _booked[when]}
        if key:
            _answered[key] = answer
        return answer


class Visits(BaseHTTPRequestHandler):
    """One request."""

    def do_POST(self) -> None:
        """Book a visit."""
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/visits" or length > MOST_BYTES:
            self.send_error(404 if self.path != "/visits" else 413)
            return
        status, answer = book(self.headers.get("Idempotency-Key", ""), self.rfile.read(length))
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Calls are shown by ivr."""


def main(argv: list[str]) -> int:
    """Serve until Ctrl-C, or while the command behind -- runs; then its exit status."""
    command = argv[argv.index("--") + 1 :] if "--" in argv else []
    try:
        server = ThreadingHTTPServer(("127.0.0.1", PORT), Visits)
    except OSError as error:
        print(f"127.0.0.1:{PORT}: cannot listen ({error.strerror}). Is it running already?", file=sys.stderr)
        return 2
    with server:
        if not command:
            print(f"http://127.0.0.1:{PORT}/visits  (Ctrl-C ends it)")
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                return 0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            return subprocess.run(command, check=False).returncode
        except FileNotFoundError:
            print(f"{command[0]}: no such command", file=sys.stderr)
            return 2
        finally:
            server.shutdown()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
