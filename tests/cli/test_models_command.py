"""``ivr models install`` against a site on this machine: whole, broken off, tampered with, evil."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli_helpers import Run, files_under
from site_that_fails import Site, serving

from ivr.ears import install as installing
from ivr.ears.catalog import Archive, Engine, Model, Website

Ivr = Callable[..., Run]
FOLDER = "vosk-model-small-xx-0.1"


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(f"{FOLDER}/{name}", b"x" * 5_000)
    return buffer.getvalue()


WHOLE = archive("am/final.mdl", "conf/mfcc.conf")


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site({"/m.zip": WHOLE})) as running:
        yield running


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of models of the command."""
    monkeypatch.setenv("IVR_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def offered(monkeypatch: pytest.MonkeyPatch, site: Site, content: bytes) -> None:
    """Let the catalogue name `content`, at the site, as the model xx."""
    source = Archive(
        Website(f"{site.url}/m.zip"), len(content), hashlib.sha256(content).hexdigest(), f"{FOLDER}/"
    )
    model = Model("xx", FOLDER, "xx", Engine.VOSK, "made up", "none", parts=((source,),))
    monkeypatch.setattr(installing, "find_model", lambda _: model)


def left(models: Path) -> set[str]:
    return {name for name in files_under(models) if not name.endswith(".lock")}


def test_a_model_is_installed_and_its_folder_named(
    ivr: Ivr, models: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(monkeypatch, site, WHOLE)
    run = ivr("models", "install", "xx")
    assert (run.status, run.out) == (0, "")
    assert run.err.splitlines()[-1] == f"xx: {models / FOLDER}"
    assert left(models) == {f"{FOLDER}/am/final.mdl", f"{FOLDER}/conf/mfcc.conf"}


def test_what_was_tampered_with_is_refused_in_one_line_and_leaves_nothing(
    ivr: Ivr, models: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(monkeypatch, site, WHOLE)
    site.files["/m.zip"] = bytes([WHOLE[0], *WHOLE[1:-40], *reversed(WHOLE[-40:])])
    run = ivr("models", "install", "xx")
    assert (run.status, run.out) == (2, "")
    (error,) = [line for line in run.err.splitlines() if line.startswith("error: ")]
    assert "wrong checksum" in error and run.err.splitlines()[-1] == error
    assert left(models) == set()


def test_an_archive_that_leaves_its_folder_writes_nothing_outside(
    ivr: Ivr, models: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = archive("am/final.mdl", "../../../evil")
    offered(monkeypatch, site, evil)
    site.files["/m.zip"] = evil
    run = ivr("models", "install", "xx")
    assert run.status == 2 and "leaves its folder" in run.err.splitlines()[-1]
    assert left(models) == set()
    assert not list(tmp_path.rglob("evil"))


def test_a_site_out_of_reach_names_what_is_used_instead(
    ivr: Ivr, models: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(monkeypatch, site, WHOLE)
    del site.files["/m.zip"]
    run = ivr("models", "install", "xx")
    assert run.status == 2
    (error,) = run.err.splitlines()
    assert error.startswith("error: xx was not installed: ") and "127.0.0.1 answers 404" in error, error
