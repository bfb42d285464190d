"""Faults that tests make for real: a full disk, a folder that may not be written, a user without rights."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NOBODY = 65_534


@contextmanager
def tiny_disk(kilobytes: int, files: int = 1_000) -> Iterator[Path]:
    """A file system of its own with so little space for so few files; skips where this user may not mount."""
    folder = Path(tempfile.mkdtemp(prefix="ivr-tiny-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,nr_inodes={files}", "tmpfs", str(folder)]
    try:
        mounted = (
            shutil.which("mount") and subprocess.run(mount, check=False, capture_output=True).returncode == 0
        )
        if not mounted:
            pytest.skip("needs the right to mount a file system")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
    finally:
        folder.rmdir()


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """This process cannot write past `size` bytes of any file: EFBIG, much like a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def without_rights() -> Iterator[Path]:
    """An open folder, and inside the block this process has only an ordinary user's rights, even as root."""
    folder = Path(tempfile.mkdtemp(prefix="ivr-user-"))
    folder.chmod(0o755)
    root = os.geteuid() == 0
    if root:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(folder)
