"""Fixtures that every folder of tests may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

# A slow machine is no fault of the code under test; every test has a limit of its own (pytest-timeout).
settings.register_profile("ivr", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ivr")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with data for development; tests that use it carry the mark `shared`."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder ../shared")
    return SHARED


@pytest.fixture(scope="session")
def root() -> Path:
    """The clone."""
    return ROOT
