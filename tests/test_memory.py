from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ivr.memory import give_back


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_was_freed_goes_back_to_the_system() -> None:
    blocks = [bytearray(4_000) for _ in range(10_000)]  # too small for pages of their own
    last = bytearray(4_000)
    blocks.clear()
    held = _resident()
    give_back()
    assert held - _resident() > 20_000, last[:1]


def _resident() -> int:
    """Kilobytes."""
    with Path("/proc/self/smaps_rollup").open(encoding="ascii") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Rss:"))
