from __future__ import annotations

import stat
from pathlib import Path

import pytest
from faults import largest_file, tiny_disk, without_rights

from ivr.errors import StateError
from ivr.private import make_private_folder, replace_file, whole_file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_and_files_are_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "calls" / "today"
    make_private_folder(folder)
    make_private_folder(folder)
    assert [mode(path) for path in (folder, folder.parent, folder.parent.parent)] == [0o700] * 3
    replace_file(folder / "a.json", b"one")
    replace_file(folder / "a.json", b"two")
    assert (folder / "a.json").read_bytes() == b"two"
    assert mode(folder / "a.json") == 0o600
    assert [path.name for path in folder.iterdir()] == ["a.json"]


def test_a_folder_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_folder(tmp_path)
    assert mode(tmp_path) == 0o755


def test_a_file_in_the_way_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    for folder in (tmp_path / "state", tmp_path / "state" / "calls"):
        with pytest.raises(StateError, match="a file is where a folder is needed. Move the file away"):
            make_private_folder(folder)


def test_no_right_to_write() -> None:
    with without_rights() as folder:
        folder.chmod(0o500)
        with pytest.raises(StateError, match="may not be written"):
            make_private_folder(folder / "state")
        with pytest.raises(StateError, match="may not be written"):
            replace_file(folder / "file", b"")


@pytest.mark.parametrize("old", [None, b"old"])
def test_a_file_that_does_not_fit_leaves_the_old_one(tmp_path: Path, old: bytes | None) -> None:
    target = tmp_path / "file"
    if old is not None:
        target.write_bytes(old)
    with largest_file(1_000), pytest.raises(StateError, match="no space left on the disk"):
        replace_file(target, b"x" * 2_000)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([] if old is None else [old])


def test_a_full_disk() -> None:
    with tiny_disk(64) as folder:
        with pytest.raises(StateError, match="no space left on the disk. Free some space"):
            replace_file(folder / "file", b"x" * 100_000)
        assert list(folder.iterdir()) == []


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), whole_file(path) as file:
        file.write(b"half")
        file.flush()
        assert path.read_bytes() == b"old"
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]
    with whole_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o600
