"""Asking other systems on behalf of a call, beside its ticks: they may be slow."""

from __future__ import annotations

import logging

from ivr.errand import Errand
from ivr.events import LookedUp, LookUp, LookupResult
from ivr.inquiry import Lookups

_log = logging.getLogger(__name__)


class NoLookups:
    """Where nothing can be looked up."""

    def answer(self, request: LookUp) -> LookedUp:
        """It failed."""
        return LookedUp(request.lookup, LookupResult.FAILED, detail="nothing can be looked up here")

    async def ask(self, request: LookUp) -> LookedUp:
        """It failed."""
        return self.answer(request)

    def close(self) -> None:
        """Nothing is open."""


class Asking:
    """The lookups of one call, one at a time."""

    def __init__(self, lookups: Lookups, *, paced: bool) -> None:
        self._lookups = lookups
        self._errand: Errand[LookedUp] = Errand(paced=paced)
        self._name = ""

    @property
    def active(self) -> bool:
        """Whether an answer is waited for, or was not taken."""
        return self._errand.active

    async def begin(self, request: LookUp) -> None:
        """Ask; what was asked before is given up."""
        self._name = request.lookup
        await self._errand.begin(self._lookups.ask(request))

    def take(self) -> LookedUp | None:
        """The answer, once it is there."""
        if not self._errand.done:
            return None
        try:
            return self._errand.take()
        # A lookup never raises; if one does all the same it is a fault of ours, and the caller gets a person.
        except Exception:  # noqa: BLE001
            _log.exception("the lookup %s", self._name)
            return LookedUp(self._name, LookupResult.FAILED, detail="a fault of the lookup itself")

    def give_up(self) -> None:
        """The dialog has other plans."""
        self._errand.give_up()
