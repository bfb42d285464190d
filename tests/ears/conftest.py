"""What the tests of the ears share."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.config import load_settings
from ivr.ears.models import locate
from ivr.ears.moonshine import Moonshine


@pytest.fixture(scope="session")
def moonshine_folder() -> Path:
    """The folder of the real model; ``make test`` installs it first."""
    return locate("moonshine-tiny-en", load_settings().models)


@pytest.fixture(scope="session")
def moonshine(moonshine_folder: Path) -> Moonshine:
    """The real model."""
    return Moonshine(moonshine_folder)
