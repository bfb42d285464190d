"""The small desk, loaded once."""

from __future__ import annotations

import pytest
from dialog_helpers import Caller, make_desk

from ivr.dialog.desk import Desk


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return make_desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def caller(desk: Desk) -> Caller:
    return Caller(desk)
