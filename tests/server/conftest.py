"""What the tests of the server share."""

from __future__ import annotations

import pytest

from ivr.server import helper, learning


@pytest.fixture(autouse=True)
def as_quick_as_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes in the background do not stand back: beside other tests they would wait for a minute."""
    monkeypatch.setattr(helper, "_NICE", 0)
    monkeypatch.setattr(learning, "_NICE", 0)
