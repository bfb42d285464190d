"""Files from the package registries that this machine's npm and pip are set up for.

Neither registry is named here: npm is asked for its address, certificates and proxy; pip does its own
fetching (index, mirrors, certificates and cache as configured), in a child process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ivr.ears.catalog import NpmPackage, Wheel
from ivr.ears.download import UnreachableError

_NPM_SECONDS = 30.0
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Npm:
    """How npm reaches its registry; "" where nothing is set."""

    registry: str
    certificates: str
    proxy: str

    def tarball(self, package: NpmPackage) -> str:
        """Address of a package's tarball; all registries lay them out alike."""
        base = package.name.rpartition("/")[2]
        return f"{self.registry.rstrip('/')}/{package.name}/-/{base}-{package.version}.tgz"


def ask_npm() -> Npm | None:
    """npm's settings; None where there is no npm, or none that works."""
    if (npm := shutil.which("npm")) is None:
        return None
    values = {key: _npm_setting(npm, key) for key in ("registry", "cafile", "https-proxy")}
    if not values["registry"].startswith(("http://", "https://")):
        return None
    certificates = values["cafile"] if Path(values["cafile"]).is_file() else ""
    return Npm(values["registry"], certificates, values["https-proxy"])


def _npm_setting(npm: str, key: str) -> str:
    try:
        done = subprocess.run(
            [npm, "config", "get", key], capture_output=True, text=True, timeout=_NPM_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    value = done.stdout.strip() if done.returncode == 0 else ""
    return "" if value in ("null", "undefined") else value


def fetch_wheel(wheel: Wheel, folder: Path, size: int, report: Callable[[int], None]) -> Path:
    """Let pip bring the wheel into `folder`, an empty folder of its own. Raises UnreachableError, OSError."""
    work = folder / "pip"
    work.mkdir()
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--dest", str(folder), f"{wheel.name}=={wheel.version}"),
    ]
    # pip shows no progress to a program: what it has written so far is looked up in its working folder.
    environment = {**os.environ, "TMPDIR": str(work), "TEMP": str(work), "TMP": str(work)}
    with (folder / "pip.log").open("w+", encoding="utf-8", errors="replace") as log:
        with subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment) as pip:
            try:
                while True:
                    try:
                        status = pip.wait(_LOOK_SECONDS)
                        break
                    except subprocess.TimeoutExpired:
                        report(min(size, _written(work)))
            except BaseException:
                pip.kill()
                raise
        log.seek(0)
        said = [line for line in log.read().splitlines() if line.strip()]
    found = next(iter(sorted(folder.glob("*.whl"))), None)
    if status != 0 or found is None:
        errors = [line for line in said if "ERROR" in line] or said or [f"status {status}"]
        raise UnreachableError(f"cannot get {wheel.name} {wheel.version} ({errors[-1].strip()})", place="pip")
    report(size)
    return found


def _written(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # pip moved it on
            continue
    return total
