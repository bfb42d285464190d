"""``make bench-lines``: what lines do to sound and keys, how long callers wait, how many calls fit.

Both ends on this machine, over loopback. `--parts` chooses; the callers of `media` and `storm` are SIPp
(Debian: sip-tester), and left out with a note where it is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.report import Result, report

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests" / "lines"))

from bench.lines_broken import broken, scanner  # noqa: E402
from bench.lines_load import media, storm  # noqa: E402
from bench.lines_reload import reload  # noqa: E402
from bench.lines_sound import keys, sound  # noqa: E402
from bench.lines_streams import idle, stream_storm, streams  # noqa: E402
from bench.lines_wait import conversations, wait  # noqa: E402

Part = Callable[[argparse.Namespace], Awaitable[list[Result]]]
PARTS: dict[str, Part] = {
    "sound": sound,
    "keys": keys,
    "wait": wait,
    "media": media,
    "storm": storm,
    "streams": streams,
    "stream-storm": stream_storm,
    "idle": idle,
    "broken": broken,
    "scanner": scanner,
    "conversations": conversations,
    "reload": reload,
}
NEEDS_SIPP = {"media", "storm"}


def main() -> None:
    """Run the parts and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--runs", type=int, default=3, help="repetitions of sound and keys")
    parser.add_argument("--calls", type=int, default=12, help="calls one after another that measure the wait")
    parser.add_argument("--together", type=int, nargs="+", default=[10, 20, 30], help="conversations at once")
    parser.add_argument("--media", type=int, nargs="+", default=[60, 100], help="media calls at once")
    parser.add_argument("--storm", type=int, default=2000, help="calls of each storm, 25 a second")
    parser.add_argument("--broken", type=int, default=100_000, help="broken messages sent to the SIP line")
    options = parser.parse_args()
    results: list[Result] = []
    for name in options.parts:
        if name in NEEDS_SIPP and shutil.which("sipp") is None:
            print(f"{name}: left out, SIPp is missing: apt-get install sip-tester", file=sys.stderr)
            continue
        results += asyncio.run(PARTS[name](options))
    met = report("lines", results, ("baresip-python", "numpy", "aiohttp"))
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
