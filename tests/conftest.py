"""Fixtures that every folder of tests may use."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ivr.config import load_settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CACHE = ROOT / "var" / "tests"

# No setting of this machine reaches a test. What is made of desks and voices goes by its content: it is made
# once for all tests, all processes that run them, all runs.
for name in [name for name in os.environ if name.startswith("IVR_") and name != "IVR_MODELS"]:
    del os.environ[name]
# Beside other tests the threads of linear algebra mostly wait for each other, and waiting costs them work: to
# learn a desk takes four times as much. numpy, which reads this, is not imported yet.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["IVR_CACHE"] = str(CACHE)


def usual_models() -> Path:
    """A folder with the models of this user but for the second opinion. Several processes make it at once.

    What calls come to must not change where somebody has installed it.
    """
    folder = CACHE / "models"
    folder.mkdir(parents=True, exist_ok=True)
    there = load_settings().models
    for model in there.iterdir() if there.is_dir() else ():
        link = folder / model.name
        if model.name.startswith((".", "whisper")) or link.exists():
            continue
        link.unlink(missing_ok=True)
        with contextlib.suppress(FileExistsError):
            link.symlink_to(model.absolute())
    return folder


os.environ["IVR_MODELS"] = str(usual_models())

# A slow machine is no fault of the code under test; every test has a limit of its own (pytest-timeout).
settings.register_profile("ivr", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ivr")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with data for development; tests that use it carry the mark `shared`."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder ../shared")
    return SHARED


@pytest.fixture(scope="session")
def cache() -> Path:
    """Prompts and models of desks, made once; see above."""
    return CACHE


@pytest.fixture(scope="session")
def root() -> Path:
    """The clone."""
    return ROOT
