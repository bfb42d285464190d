"""Archives, good and evil."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.ears.unpack import unpack
from ivr.errors import ModelError

MOST = 1_000_000


def zipped(path: Path, files: dict[str, bytes], compress: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compress) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(archive: Path, folder: Path, match: str, root: str = "m/", only: tuple[str, ...] = ()) -> None:
    folder.mkdir(exist_ok=True)
    with pytest.raises(ModelError, match=match) as error:
        unpack(archive, folder, root, only, MOST)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(archive.name)


def test_a_zip_loses_its_root(tmp_path: Path) -> None:
    archive = zipped(
        tmp_path / "a.zip", {"m/": b"", "m/am/final.mdl": b"x", "m/conf/c": b"y", "other/z": b"z"}
    )
    (tmp_path / "out").mkdir()
    unpack(archive, tmp_path / "out", "m/", (), MOST)
    assert tree(tmp_path / "out") == {"am/final.mdl": b"x", "conf/c": b"y"}


def test_only_the_wanted_files_come_out_of_a_tar(tmp_path: Path) -> None:
    archive = tarred(
        tmp_path / "a.tgz",
        [(member("package/d/a.onnx"), b"a"), (member("package/d/b.js"), b"b"), (member("package/x"), b"c")],
    )
    (tmp_path / "out").mkdir()
    unpack(archive, tmp_path / "out", "package/d/", ("a.onnx",), MOST)
    assert tree(tmp_path / "out") == {"a.onnx": b"a"}


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "m/../../evil",
        "/etc/evil",
        "m/a/../../../evil",
        "C:/evil",
        "c:evil",
        "m\\..\\evil",
        "//host/e",
    ],
)
def test_paths_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    refused(zipped(tmp_path / "a.zip", {"m/good": b"x", name: b"evil"}), tmp_path / "z", "leaves its folder")
    refused(
        tarred(tmp_path / "a.tgz", [(member(name), b"evil"), (member("m/good"), b"x")]),
        tmp_path / "t",
        "leaves its folder",
    )
    assert not list(tmp_path.parent.glob("evil"))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    archive = tarred(
        tmp_path / "a.tgz", [(member("m/link", kind, "../../evil"), b""), (member("m/link/x"), b"x")]
    )
    refused(archive, tmp_path / "t", "link or device")
    assert tree(tmp_path / "t") == {}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_in_a_zip_are_refused(tmp_path: Path, kind: int) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("m/good", b"x")
        info = zipfile.ZipInfo("m/link")
        info.create_system = 3
        info.external_attr = (kind | 0o777) << 16
        opened.writestr(info, b"../../evil")
    refused(archive, tmp_path / "z", "link or device")
    assert tree(tmp_path / "z") == {}


def test_a_bomb_is_stopped(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"m/bomb": bytes(50 * MOST)})
    assert archive.stat().st_size < MOST
    refused(archive, tmp_path / "z", "unpacks to more than it should")
    assert sum(len(content) for content in tree(tmp_path / "z").values()) <= MOST
    bomb = tarred(tmp_path / "a.tgz", [(member(f"m/{n}"), bytes(MOST // 2)) for n in range(3)])
    refused(bomb, tmp_path / "t", "unpacks to more than it should")


def test_a_bomb_of_names_is_stopped(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {f"m/{n}": b"" for n in range(10_001)}, zipfile.ZIP_STORED)
    refused(archive, tmp_path / "z", "more than 10000 files")


def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("m/a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            opened.writestr("m/a", b"2")
    refused(archive, tmp_path / "z", "a name twice")
    refused(zipped(tmp_path / "b.zip", {"m/a": b"1", "m/a/b": b"2"}), tmp_path / "y", "a name twice")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"m/a": b"1"})
    refused(archive, tmp_path / "z", "lacks b.onnx, c.onnx", only=("a", "c.onnx", "b.onnx"))
    refused(archive, tmp_path / "y", "lacks other/", root="other/")


def test_damage_is_one_line(tmp_path: Path) -> None:
    good = zipped(tmp_path / "a.zip", {"m/a": bytes(range(256)) * 300}, zipfile.ZIP_STORED).read_bytes()
    flipped = bytearray(good)
    flipped[5_000] ^= 0xFF
    (tmp_path / "flipped.zip").write_bytes(flipped)
    refused(tmp_path / "flipped.zip", tmp_path / "z1", "cannot be unpacked")
    (tmp_path / "text.zip").write_bytes(b"<html>not found</html>")
    refused(tmp_path / "text.zip", tmp_path / "z2", "neither a zip nor a tar")
    packed = tarred(tmp_path / "a.tgz", [(member("m/a"), bytes(range(256)) * 300)]).read_bytes()
    (tmp_path / "short.tgz").write_bytes(packed[: len(packed) // 2])
    refused(tmp_path / "short.tgz", tmp_path / "z3", "neither|cannot be unpacked")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 400), st.booleans())
def test_broken_bytes_never_escape_as_anything_else(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, tar: bool
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    if tar:
        path = tarred(folder / "a.tgz", [(member("m/a"), b"a" * 100), (member("m/b/c"), b"b" * 50)])
    else:
        path = zipped(folder / "a.zip", {"m/a": b"a" * 100, "m/b/c": b"b" * 50})
    content = bytearray(path.read_bytes())
    content[at : at + len(noise)] = noise
    path.write_bytes(content)
    (folder / "out").mkdir()
    try:
        unpack(path, folder / "out", "m/", (), MOST)
    except ModelError as error:
        assert "\n" not in str(error)
    assert {path.name for path in folder.iterdir()} == {path.name, "out"}
