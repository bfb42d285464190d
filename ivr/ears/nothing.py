"""Ears for a language that no installed recognizer knows: they hear that somebody speaks, and no words."""

from __future__ import annotations

from ivr.ears.recognizer import Grammar, RecognizerStream, anything
from ivr.meaning import Hypothesis
from ivr.media.pcm import Pcm


class _NoWords:
    def feed(self, pcm: Pcm) -> None:
        pass

    def peek(self) -> Hypothesis | None:
        return None

    def settle(self) -> None:
        pass

    def finish(self) -> tuple[Hypothesis, ...]:
        return ()


class NothingHeard:
    """A recognizer that reads nothing: better than one that reads another language's words into a voice."""

    name = "none"
    streaming = False

    def __init__(self, language: str) -> None:
        self.language = language.split("-")[0].lower()

    def stream(self, phrases: tuple[str, ...] = (), grammar: Grammar = anything) -> RecognizerStream:
        """One utterance, of which nothing is read."""
        return _NoWords()

    def close(self) -> None:
        """Nothing is open."""
