"""The language of one call over audio: another desk is opened beside it, then ears and mouth change."""

from __future__ import annotations

import asyncio
import logging

from ivr.conversation import Conversation
from ivr.ears.listener import Listener
from ivr.ears.nothing import NothingHeard
from ivr.errand import Errand
from ivr.errors import IvrError
from ivr.events import ActionFailed, LanguageSwitched, SwitchLanguage
from ivr.holding import Holding
from ivr.speaking import Speaker
from ivr.tongues import Tongue, Tongues

_log = logging.getLogger(__name__)


class Switching:
    """Changes of the language, one at a time."""

    def __init__(
        self,
        tongues: Tongues,
        talk: Conversation,
        ears: Listener,
        mouth: Speaker,
        holding: Holding,
        *,
        paced: bool,
    ) -> None:
        self._tongues = tongues
        self._talk = talk
        self._ears = ears
        self._mouth = mouth
        self._holding = holding
        self._errand: Errand[Tongue] = Errand(paced=paced)
        self._wanted: SwitchLanguage | None = None

    @property
    def active(self) -> bool:
        """Whether a language is being opened."""
        return self._errand.active

    async def begin(self, action: SwitchLanguage) -> None:
        """Open the desk; what was begun before is given up."""
        self._wanted = action
        await self._errand.begin(asyncio.to_thread(self._tongues.of, action.desk, sound=True))

    def take(self) -> LanguageSwitched | ActionFailed | None:
        """Once the desk is there the call speaks and hears its language; then what the dialog is told."""
        if not self._errand.done or self._wanted is None:
            return None
        try:
            tongue = self._errand.take()
        except IvrError as error:
            return ActionFailed(self._wanted, str(error))
        # The edge of a call: a fault of ours in opening a desk costs the change; the caller gets a person.
        except Exception as error:  # noqa: BLE001
            _log.exception("the language %s", self._wanted.language)
            return ActionFailed(self._wanted, repr(error))
        assert tongue.sound is not None
        recognizer = tongue.sound.recognizer
        self._talk.change(tongue.mind, tongue.understanding)
        self._mouth.change(tongue.sound.prompts)
        self._ears.change(recognizer or NothingHeard(tongue.language))
        self._holding.change(tongue.sound.holding)
        name = recognizer.name if recognizer is not None else ""
        heard = recognizer is not None
        return LanguageSwitched(tongue.language, tongue.desk, name, heard, tongue.sound.deaf)

    def give_up(self) -> None:
        """The call is over."""
        self._errand.give_up()
