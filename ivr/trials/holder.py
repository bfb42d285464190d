"""Holding trials one after another in this process, with each desk's parts opened once."""

from __future__ import annotations

import asyncio
import io
import shutil
import tempfile
import time
import traceback
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from rich.console import Console

from ivr.config import Settings
from ivr.ears.choose import RecognizerKind
from ivr.engines import Hearing, Voices
from ivr.errors import IvrError, ModelError
from ivr.media.wav import write_atomic
from ivr.parts import Reception
from ivr.records.encode import to_line
from ivr.show import Shown
from ivr.trials.find import Trial, Way
from ivr.trials.hold import Held, hold_audio, hold_text
from ivr.trials.judge import detail_of, turns_of
from ivr.trials.result import BROKEN, Result, expected_outcome, reached_outcome


@dataclass(frozen=True, slots=True)
class HoldOptions:
    """How calls are held.

    keep        folder for a recording and an event log of each call, None for none
    recognizer  instead of the desk's own choice
    """

    settings: Settings
    keep: Path | None = None
    recognizer: RecognizerKind | None = None


class _Open:
    """One desk with its parts; ears and mouth only once a call is held with sound."""

    def __init__(self, trial: Trial, options: HoldOptions, state: Path, runner: asyncio.Runner) -> None:
        self.key = (trial.desk, trial.root)
        self._options = options
        self._runner = runner
        self._stack = ExitStack()
        settings = options.settings.model_copy(update={"state": state})
        self.reception = self._stack.enter_context(Reception(trial.desk, settings, trial.root))
        self._sound: tuple[Hearing, Voices] | None = None

    def open_sound(self) -> tuple[Hearing, Voices]:
        """Ears and mouth, the same at every call. Raises ModelError, VoiceError, AudioError."""
        if self._sound is None:
            desk, settings = self.reception.desk, self.reception.settings
            hearing = Hearing.open(desk, settings, self._options.recognizer)
            self._stack.callback(lambda: self._runner.run(hearing.close()))
            voices = Voices.open(desk, settings)
            self._stack.callback(voices.close)
            self._sound = hearing, voices
        return self._sound

    def close(self) -> None:
        self._stack.close()


class Holder:
    """Holds calls. Its queue and records are in a folder of their own: a trial leaves nobody waiting."""

    def __init__(self, options: HoldOptions) -> None:
        self._options = options
        self._runner = asyncio.Runner()
        self._state = Path(tempfile.mkdtemp(prefix="ivr-test-"))
        self._open: _Open | None = None

    def hold(self, trial: Trial) -> Result:
        """Hold one call and judge it. Whatever goes wrong in it is its result: the next is held all the same.

        Raises IvrError when the desk, its recognizer or its voice cannot be opened: no call could be held.
        """
        opened = self._desk(trial)
        if trial.way is Way.SOUND:
            trial = _as_it_can_be_held(trial, opened)
        began = time.perf_counter()
        text = io.StringIO()
        expected = expected_outcome(trial.call.expect)
        try:
            held, recording, log = self._hold(trial, opened, text)
        except IvrError as error:
            wrong, trouble = f"could not be held: {error}", ""
        # The edge of a call: a fault of ours costs this call, which says so, and not the other hundred.
        except Exception as error:  # noqa: BLE001
            wrong, trouble = f"could not be held: {error!r}", traceback.format_exc()
        else:
            outcome = reached_outcome(
                trial.call.expect,
                held.ended.outcome,
                detail_of(held.ended, [event for _, event in held.events]),
            )
            turns = turns_of([event for _, event in held.events])
            took = time.perf_counter() - began
            seconds, said = held.ended.seconds, text.getvalue()
            return Result(trial, held.wrong, outcome, expected, seconds, took, turns, said, recording, log)
        took = time.perf_counter() - began
        return Result(trial, (wrong,), BROKEN, expected, 0.0, took, 0, text.getvalue() + trouble)

    def close(self) -> None:
        """Let go of the desk and of what its calls left."""
        self._close_desk()
        self._runner.close()
        shutil.rmtree(self._state, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hold(self, trial: Trial, opened: _Open, text: io.StringIO) -> tuple[Held, Path | None, Path | None]:
        typed = trial.way is Way.WORDS
        shown = Shown(Console(file=text, width=120, no_color=True, force_terminal=False), typed=typed)
        recording, log = self._files(trial)
        if typed:
            held = hold_text(trial.call, opened.reception, shown)
            recording = None
        else:
            hearing, voices = opened.open_sound()
            held = self._runner.run(
                hold_audio(
                    trial.call,
                    opened.reception,
                    hearing,
                    voices,
                    trial.root,
                    shown,
                    recording=recording,
                    folder=trial.folder,
                )
            )
        if log is not None:
            write_atomic(log, b"".join(to_line(at, event) for at, event in held.events))
        return held, recording, log

    def _files(self, trial: Trial) -> tuple[Path | None, Path | None]:
        if self._options.keep is None:
            return None, None
        folder = self._options.keep / Path(trial.desk).stem
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{trial.call.call}.wav", folder / f"{trial.call.call}.jsonl"

    def _desk(self, trial: Trial) -> _Open:
        if self._open is None or self._open.key != (trial.desk, trial.root):
            self._close_desk()
            self._open = _Open(trial, self._options, self._state, self._runner)
        return self._open

    def _close_desk(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _as_it_can_be_held(trial: Trial, opened: _Open) -> Trial:
    """The trial with sound; a call of keys and silence alone, which nobody has to recognize, without it where
    the desk's language has no recognizer here. Raises what `open_sound` does.
    """
    try:
        opened.open_sound()
    except ModelError:
        if any(turn.say is not None for turn in trial.call.turns) or trial.call.audio is not None:
            raise
        return replace(trial, way=Way.WORDS)
    return trial
