"""A website on this machine that misbehaves as told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """`files` by path; the rest is what goes wrong.

    break_after   bytes after which the connection is cut, one number for each request, then never
    ranges        whether it can begin in the middle
    wrong_ranges  whether it says that it cannot
    status        what it answers instead of the file
    """

    files: dict[str, bytes] = field(default_factory=dict)
    break_after: list[int] = field(default_factory=list)
    ranges: bool = True
    wrong_ranges: bool = False
    status: int = 200
    moved: dict[str, str] = field(default_factory=dict)
    encodings: set[str] = field(default_factory=set)
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            site.requests.append((self.path, wanted))
            site.encodings.add(self.headers.get("Accept-Encoding", ""))
            if self.path in site.moved:
                self.send_response(302)
                self.send_header("Location", site.moved[self.path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = site.files.get(self.path)
            if body is None or site.status != 200:
                self.send_error(site.status if site.status != 200 else 404)
                return
            start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted and site.ranges else 0
            if site.wrong_ranges and wanted or start > len(body):
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body) - start))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.end_headers()
            cut = site.break_after.pop(0) if site.break_after else None
            self.wfile.write(body[start:] if cut is None else body[start : start + cut])
            if cut is not None:
                self.wfile.flush()
                self.close_connection = True

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
