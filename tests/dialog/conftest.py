"""The small desk, loaded once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ivr.dialog.desk import Desk

sys.path.insert(0, str(Path(__file__).parent))

from dialog_helpers import Caller, make_desk


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return make_desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def caller(desk: Desk) -> Caller:
    return Caller(desk)
