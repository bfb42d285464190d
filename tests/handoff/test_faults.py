"""What can be wrong with the file: always one line with the place and the remedy, never a half-made step."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from faults import largest_file, tiny_disk, without_rights
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.database import dialect
from ivr.errors import StateError
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Turn

Make = Callable[..., HandoffRequest]


def one_line(error: pytest.ExceptionInfo[StateError], place: Path) -> str:
    said = str(error.value)
    assert said.startswith(f"{place}: ")
    assert "\n" not in said
    assert error.value.remedy
    return said


def test_a_full_disk(request_of: Make, noon: datetime) -> None:
    long = tuple(Turn("caller", "blah " * 200, float(index)) for index in range(10))
    with tiny_disk(600) as disk:
        path = disk / "queue.db"
        with HandoffStore.open(path) as store:
            kept = []
            with pytest.raises(StateError, match=r"no space left on the disk\. Free some space") as error:
                for index in range(1_000):
                    kept.append(store.enqueue(request_of(f"c{index}", transcript=long)))
            one_line(error, path)
            assert 3 < len(kept) < 200
            assert [handoff.id for handoff in store.waiting(now=noon)] == kept


def test_it_goes_on_when_there_is_space_again(tmp_path: Path, request_of: Make, noon: datetime) -> None:
    path = tmp_path / "queue.db"
    long = tuple(Turn("caller", "blah " * 200, float(index)) for index in range(10))
    with HandoffStore.open(path) as store:
        store.enqueue(request_of("c0"))
        with largest_file(200_000), pytest.raises(StateError) as error:
            for index in range(1, 1_000):
                store.enqueue(request_of(f"c{index}", transcript=long))
        one_line(error, path)
        kept = [handoff.request.call_id for handoff in store.waiting(now=noon)]
        assert kept == [f"c{index}" for index in range(len(kept))]
        assert store.enqueue(request_of(f"c{len(kept)}")) == len(kept) + 1
        assert all(len(store.history(number)) == 1 for number in range(1, len(kept) + 2))


def test_no_room_for_a_new_queue(tmp_path: Path, noon: datetime) -> None:
    path = tmp_path / "queue.db"
    with largest_file(8_000), pytest.raises(StateError) as error:
        HandoffStore.open(path)
    one_line(error, path)
    with HandoffStore.open(path) as store:
        assert store.waiting(now=noon) == ()


def test_a_folder_that_may_not_be_written(request_of: Make) -> None:
    with without_rights() as folder:
        path = folder / "queue.db"
        folder.chmod(0o500)
        with pytest.raises(StateError, match="may not be written. Let this user write there") as error:
            HandoffStore.open(path)
        one_line(error, path)
        folder.chmod(0o700)
        with HandoffStore.open(path) as store:
            store.enqueue(request_of("c1"))
        folder.chmod(0o500)
        with pytest.raises(
            StateError, match="may not be written. Let this user write the file and its folder"
        ):
            HandoffStore.open(path)


def test_a_file_that_may_not_be_written(request_of: Make) -> None:
    with without_rights() as folder:
        path = folder / "queue.db"
        HandoffStore.open(path).close()
        path.chmod(0o400)
        with pytest.raises(StateError, match="may not be written") as error:
            HandoffStore.open(path)
        one_line(error, path)
        path.chmod(0o000)
        with pytest.raises(StateError, match="may not be written"):
            HandoffStore.open(path)
        path.chmod(0o600)
        HandoffStore.open(path).close()


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    path.mkdir()
    with pytest.raises(StateError, match="is a folder where a file is needed") as error:
        HandoffStore.open(path)
    one_line(error, path)


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(StateError, match="a file is where a folder is needed"):
        HandoffStore.open(tmp_path / "state" / "queue.db")


def test_a_pipe_in_place_of_the_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "queue.db")
    with pytest.raises(StateError, match="is not an ordinary file"):
        HandoffStore.open(tmp_path / "queue.db")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    path.write_bytes(b"Dear diary, " * 1_000)
    with pytest.raises(StateError, match=r"is damaged\. Move the file away and keep it") as error:
        HandoffStore.open(path)
    one_line(error, path)
    assert path.read_bytes() == b"Dear diary, " * 1_000


def filled(path: Path, request_of: Make) -> bytes:
    with HandoffStore.open(path) as store:
        for index in range(30):
            store.enqueue(request_of(f"c{index}"))
    return path.read_bytes()


def test_a_file_cut_off(tmp_path: Path, request_of: Make) -> None:
    path = tmp_path / "queue.db"
    whole = filled(path, request_of)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StateError, match="is damaged"):
        HandoffStore.open(path)


@pytest.mark.parametrize("page", [2, 4, 6, 9])
def test_a_page_of_another_file(tmp_path: Path, request_of: Make, page: int) -> None:
    path = tmp_path / "queue.db"
    whole = bytearray(filled(path, request_of))
    whole[page * 4_096 : (page + 1) * 4_096] = b"\xa5" * 4_096
    path.write_bytes(whole)
    with pytest.raises(StateError, match="is damaged"):
        HandoffStore.open(path)
    assert path.read_bytes() == whole


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=300)), min_size=1, max_size=4)
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_broken_bytes_are_a_clear_error_or_harmless(
    tmp_path: Path, request_of: Make, noon: datetime, damage: list[tuple[int, bytes]]
) -> None:
    original = tmp_path / "original.db"
    whole = bytearray(original.read_bytes() if original.exists() else filled(original, request_of))
    for at, junk in damage:
        at %= len(whole)
        whole[at : at + len(junk)] = junk[: len(whole) - at]
    path = tmp_path / "queue.db"
    path.write_bytes(whole)
    try:
        with HandoffStore.open(path) as store:
            store.enqueue(request_of("new"))
            for handoff in store.waiting(now=noon):
                store.history(handoff.id)
            store.take("anna", now=noon)
    except StateError as error:
        assert error.place == str(path)
    finally:
        for left in tmp_path.glob("queue.db*"):
            left.unlink()


def test_a_row_that_cannot_be_read(tmp_path: Path, request_of: Make, noon: datetime) -> None:
    path = tmp_path / "queue.db"
    filled(path, request_of)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE handoffs SET transcript = '[{\"who\": 1}]' WHERE id = 7")
        database.commit()
    with HandoffStore.open(path) as store:
        with pytest.raises(StateError, match=r"handoff 7 cannot be read") as error:
            store.waiting(now=noon)
        one_line(error, path)


def test_another_process_keeps_the_lock(
    tmp_path: Path, request_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialect, "BUSY_SECONDS", 0.05)
    path = tmp_path / "queue.db"
    with HandoffStore.open(path) as store:
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StateError, match="another process keeps the database locked") as error:
                store.enqueue(request_of("c1"))
            one_line(error, path)
        assert store.enqueue(request_of("c1")) == 1
