from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from ivr.memory import Tidying, free_bytes, give_back, keep


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_was_freed_goes_back_to_the_system() -> None:
    blocks = [bytearray(4_000) for _ in range(10_000)]  # too small for pages of their own
    last = bytearray(4_000)
    blocks.clear()
    held = _resident()
    give_back()
    assert held - _resident() > 20_000, last[:1]


class Knot:
    """Holds itself: only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_is_kept_is_not_looked_at_again_and_what_nobody_holds_is_freed() -> None:
    try:
        kept, left = Knot(), Knot()
        freed = weakref.ref(left)
        del left
        keep()
        assert freed() is None
        assert gc.get_freeze_count() > 0
        assert all(one is not kept for one in gc.get_objects())
        later = weakref.ref(kept)
        del kept
        gc.collect()
        assert later() is not None, "it is out of the collector's reach"
        keep()
        assert later() is None, "until all is looked at once more"
    finally:
        gc.unfreeze()


def _resident() -> int:
    """Kilobytes."""
    with Path("/proc/self/smaps_rollup").open(encoding="ascii") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Rss:"))


@pytest.mark.skipif(sys.platform != "linux", reason="glibc")
def test_threads_share_one_heap() -> None:
    code = """
import threading
from ivr.memory import share_one_heap
share_one_heap()
hold = threading.Barrier(9)
threads = [threading.Thread(target=lambda: (bytes(100_000), hold.wait())) for _ in range(8)]
for thread in threads:
    thread.start()
big = [line for line in open("/proc/self/maps") if "---p" in line and _size(line) > 60_000_000]
print(len(big))
hold.wait()
"""
    size = "def _size(line):\n    a, b = line.split()[0].split('-')\n    return int(b, 16) - int(a, 16)\n"
    done = subprocess.run(
        [sys.executable, "-c", size + code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "0\n"  # the reserved rest of a thread's own heap (64 MB)


def test_many_calls_that_end_together_tidy_once() -> None:
    tidying = Tidying(every=5.0)
    assert [tidying.due(now) for now in (100.0, 100.1, 104.9, 105.0, 106.0)] == [
        True,
        False,
        False,
        True,
        False,
    ]


def test_what_is_free_is_what_machine_and_container_have(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    assert free_bytes(meminfo, tmp_path) is None
    meminfo.write_text("MemTotal: 8000000 kB\nMemAvailable:    3000 kB\n")
    assert free_bytes(meminfo, tmp_path) == 3000 * 1024
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert free_bytes(meminfo, tmp_path) == 3000 * 1024
    (tmp_path / "memory.max").write_text("5000\n")
    assert free_bytes(meminfo, tmp_path) == 4000
