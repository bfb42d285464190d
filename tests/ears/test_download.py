"""Downloads from a site that breaks, lies and refuses."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest
from site_that_fails import Site, serving

from ivr.ears.download import UnreachableError, client, download
from ivr.errors import ModelError

CONTENT = random.Random(1).randbytes(300_000)
SUM = hashlib.sha256(CONTENT).hexdigest()


def fetch(site: Site, target: Path, size: int = len(CONTENT), sha256: str = SUM) -> list[int]:
    seen: list[int] = []
    with client() as http:
        download(http, f"{site.url}/model.zip", target, size, sha256, seen.append)
    return seen


def test_a_file_comes_whole_with_its_progress(tmp_path: Path) -> None:
    with serving(Site({"/model.zip": CONTENT})) as site:
        seen = fetch(site, tmp_path / "model.zip")
    assert (tmp_path / "model.zip").read_bytes() == CONTENT
    assert seen == sorted(seen)
    assert seen[-1] == len(CONTENT)
    assert [path.name for path in tmp_path.iterdir()] == ["model.zip"]


def test_a_broken_connection_is_resumed(tmp_path: Path) -> None:
    with serving(Site({"/model.zip": CONTENT}, break_after=[100_000, 0, 50_000])) as site:
        fetch(site, tmp_path / "model.zip")
    assert (tmp_path / "model.zip").read_bytes() == CONTENT
    starts = [int(wanted.removeprefix("bytes=").rstrip("-") or 0) for _, wanted in site.requests]
    assert starts == [0, 100_000, 100_000, 150_000]


def test_a_second_run_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    target = tmp_path / "model.zip"
    with serving(Site({"/model.zip": CONTENT}, break_after=[200_000, 0, 0, 0])) as site:
        with pytest.raises(UnreachableError, match="127.0.0.1: cannot be reached"):
            fetch(site, target)
        assert not target.exists()
        fetch(site, target)
    assert target.read_bytes() == CONTENT
    assert site.requests[-1][1] == "bytes=200000-"


@pytest.mark.parametrize("site", [Site(ranges=False), Site(wrong_ranges=True)])
def test_a_site_that_cannot_resume_is_read_from_the_beginning(tmp_path: Path, site: Site) -> None:
    site.files = {"/model.zip": CONTENT}
    site.break_after = [120_000]
    with serving(site):
        fetch(site, tmp_path / "model.zip")
    assert (tmp_path / "model.zip").read_bytes() == CONTENT


def test_a_piece_of_another_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "model.zip.part").write_bytes(b"old" * 1000)
    with serving(Site({"/model.zip": CONTENT})) as site:
        fetch(site, tmp_path / "model.zip")
    assert (tmp_path / "model.zip").read_bytes() == CONTENT
    assert len(site.requests) == 2


def test_a_wrong_checksum_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    evil = bytes(len(CONTENT))
    wrong = pytest.raises(ModelError, match="model.zip has the wrong checksum and was thrown away")
    with serving(Site({"/model.zip": evil})) as site, wrong as error:
        fetch(site, tmp_path / "model.zip")
    assert not isinstance(error.value, UnreachableError)
    assert list(tmp_path.iterdir()) == []
    assert len(site.requests) == 1


def test_a_file_that_does_not_end_is_cut_off(tmp_path: Path) -> None:
    seen: list[int] = []
    too_long = pytest.raises(ModelError, match="longer than it should be")
    with serving(Site({"/model.zip": CONTENT * 20})) as site, client() as http, too_long:
        download(http, f"{site.url}/model.zip", tmp_path / "model.zip", len(CONTENT), SUM, seen.append)
    assert seen[-1] < 2 * len(CONTENT)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_status_names_site_and_file(tmp_path: Path, status: int) -> None:
    refused = pytest.raises(UnreachableError, match=rf"^127\.0\.0\.1: answers {status} for model\.zip$")
    with serving(Site({"/model.zip": CONTENT}, status=status)) as site, refused:
        fetch(site, tmp_path / "model.zip")


def test_nobody_there(tmp_path: Path) -> None:
    with serving(Site()) as site:
        pass
    with pytest.raises(UnreachableError, match="cannot be reached"):
        fetch(site, tmp_path / "model.zip")


def test_a_site_that_always_breaks_is_given_up(tmp_path: Path) -> None:
    given_up = pytest.raises(UnreachableError, match=r"cannot be reached")
    with serving(Site({"/model.zip": CONTENT}, break_after=[10] * 100)) as site, given_up:
        fetch(site, tmp_path / "model.zip")
    assert len(site.requests) == 30


def test_redirects_are_followed_and_compression_is_not_asked_for(tmp_path: Path) -> None:
    with serving(Site({"/elsewhere": CONTENT}, moved={"/model.zip": "/elsewhere"})) as site:
        fetch(site, tmp_path / "model.zip")
    assert (tmp_path / "model.zip").read_bytes() == CONTENT
    assert [path for path, _ in site.requests] == ["/model.zip", "/elsewhere"]
    assert site.encodings == {"identity"}
