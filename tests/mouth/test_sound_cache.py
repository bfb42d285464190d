from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faults
import numpy as np
import pytest

from ivr.events import Trouble
from ivr.mouth.cache import SoundCache

SOUND = np.arange(-4_000, 4_000, dtype=np.int16)


def key(number: int) -> str:
    return f"{number:040x}"[::-1]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_is_put_is_found_by_others(tmp_path):
    SoundCache(tmp_path / "new" / "folder").put(key(1), SOUND)
    found = SoundCache(tmp_path / "new" / "folder").get(key(1))
    assert found is not None
    assert found.dtype == np.int16
    assert np.array_equal(found, SOUND)
    assert SoundCache(tmp_path / "new" / "folder").get(key(2)) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: b"",
        lambda raw: raw[:10],
        lambda raw: raw[:-2],
        lambda raw: raw[:-1],
        lambda raw: raw + b"\0\0",
        lambda raw: raw[:500] + bytes([raw[500] ^ 1]) + raw[501:],
        lambda raw: bytes([raw[0] ^ 1]) + raw[1:],
    ],
    ids=["empty", "torn in the sum", "torn", "odd", "longer", "one bit", "one bit of the sum"],
)
def test_a_damaged_file_is_none_and_goes(tmp_path, damage):
    cache = SoundCache(tmp_path)
    cache.put(key(1), SOUND)
    (file,) = files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert cache.get(key(1)) is None
    assert not files(tmp_path)
    cache.put(key(1), SOUND)
    assert np.array_equal(cache.get(key(1)), SOUND)


def test_a_folder_in_place_of_a_file_is_none(tmp_path):
    (tmp_path / key(1)[:2] / f"{key(1)}.pcm").mkdir(parents=True)
    assert SoundCache(tmp_path).get(key(1)) is None


def test_the_files_used_longest_ago_go_first(tmp_path):
    size = SOUND.nbytes + 16
    cache = SoundCache(tmp_path, limit=5 * size)
    for number in range(5):
        cache.put(key(number), SOUND)
        (path,) = tmp_path.rglob(f"{key(number)}.pcm")
        os.utime(path, (1_000 + number, 1_000 + number))
    assert cache.get(key(0)) is not None  # used now
    cache.put(key(5), SOUND)
    left = {path.stem for path in files(tmp_path)}
    assert left == {key(0), key(3), key(4), key(5)}


def test_a_folder_that_others_filled_is_swept_too(tmp_path):
    for number in range(20):
        SoundCache(tmp_path).put(key(number), SOUND)
    SoundCache(tmp_path, limit=10 * SOUND.nbytes).put(key(99), SOUND)
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 10 * SOUND.nbytes


def test_leftovers_of_dead_processes_go_and_those_of_living_ones_stay(tmp_path):
    cache = SoundCache(tmp_path)
    folder = tmp_path / key(1)[:2]
    folder.mkdir()
    old, new = folder / f".{key(1)}.aaaa.part", folder / f".{key(1)}.bbbb.part"
    for path in (old, new):
        path.write_bytes(b"x")
    os.utime(old, (time.time() - 7_200,) * 2)
    cache.put(key(1), SOUND)
    assert not old.exists()
    assert new.exists()


def test_a_full_disk_is_reported_once_and_leaves_nothing_half_written():
    told: list[Trouble] = []
    with faults.tiny_disk(64) as disk:
        cache = SoundCache(disk / "prompts", report=told.append)
        for number in range(8):
            cache.put(key(number), SOUND)
        kept = [number for number in range(8) if cache.get(key(number)) is not None]
        assert kept == list(range(len(kept)))
        assert 0 < len(kept) < 8
        assert not list(disk.rglob("*.part"))
        assert len(told) == 1
        assert str(disk) in told[0].what
        assert cache.trouble == told[0]


def test_a_folder_that_may_only_be_read_is_read(tmp_path):
    told: list[Trouble] = []
    with faults.without_rights() as folder:
        SoundCache(folder).put(key(1), SOUND)
        for path in [*folder.iterdir(), folder]:
            path.chmod(0o555)
        cache = SoundCache(folder, report=told.append)
        assert np.array_equal(cache.get(key(1)), SOUND)
        cache.put(key(2), SOUND)
        cache.put(key(3), SOUND)
        assert cache.get(key(2)) is None
    assert len(told) == 1


def test_a_file_in_place_of_the_folder_is_reported(tmp_path):
    told: list[Trouble] = []
    (tmp_path / "prompts").write_text("")
    cache = SoundCache(tmp_path / "prompts", report=told.append)
    assert cache.get(key(1)) is None
    cache.put(key(1), SOUND)
    assert len(told) == 1


def test_threads_and_processes_share_the_folder(tmp_path):
    """Writers of the same keys and a limit that makes them sweep: whatever is found is whole."""
    code = f"""
import sys
import numpy as np
from ivr.mouth.cache import SoundCache
cache = SoundCache(__import__("pathlib").Path({str(tmp_path)!r}), limit=200_000)
for turn in range(6):
    for number in range(20):
        sound = np.full(4_000 + number, number, dtype=np.int16)
        found = cache.get(f"{{number:040x}}"[::-1])
        assert found is None or np.array_equal(found, sound)
        cache.put(f"{{number:040x}}"[::-1], sound)
sys.exit(3 if cache.trouble else 0)
"""
    with ThreadPoolExecutor(3) as pool:
        runs = pool.map(lambda _: subprocess.run([sys.executable, "-c", code], check=False), range(3))
        assert [run.returncode for run in runs] == [0, 0, 0]
    assert not list(tmp_path.rglob("*.part"))
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 200_000 + 20 * 8_100
