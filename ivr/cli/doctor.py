"""``ivr doctor``: whether this machine can take calls, tried for real, and what to do where it cannot."""

from __future__ import annotations

import asyncio
import enum
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ivr import __version__
from ivr.cli.console import errors, out, print_json
from ivr.cli.options import ConfigOption, JsonOption, settings
from ivr.config import Settings
from ivr.ears.choose import RecognizerKind, open_recognizer
from ivr.ears.models import installed
from ivr.ears.recognizer import RECOGNIZER_RATE
from ivr.ears.silero import SileroVad
from ivr.errors import IvrError
from ivr.lines.microphone import MicrophoneLine
from ivr.media.pcm import Pcm, frames, silence
from ivr.mouth.choose import VoiceKind, open_synthesizer
from ivr.show import printable
from ivr.stores import QUEUE_FILE, open_queue

LEAST_FREE = 100_000_000
"""Bytes: an hour of calls, recorded in two channels, is 115 MB."""
COMFORTABLE_FREE = 1_000_000_000

SAID = "1 2 3"
"""What the voice says and the ears must hear, in any language."""

_SPEECH = 0.5


class Health(enum.StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    """Calls can be taken, but something is missing."""
    FAIL = "fail"
    """Calls cannot be taken."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line: `what` was looked at, how it is, and what to do about it ("" when nothing)."""

    what: str
    health: Health
    found: str
    remedy: str = ""


_COLOUR = {Health.OK: "green", Health.WARN: "yellow", Health.FAIL: "red"}


def doctor(
    language: Annotated[
        str, typer.Option(metavar="TAG", help="Try the voice and the ears of this language.")
    ] = "en-US",
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Check this machine: folders, space, models, whether voices speak and ears hear, the microphone.

    Exit status: 0 calls can be taken (perhaps with warnings), 1 they cannot, 2 bad settings.
    """
    with errors():
        checks: list[Check] = []
        for check in examine(settings(config), language):
            checks.append(check)
            if not as_json:
                _show(check)
        if as_json:
            print_json([asdict(check) for check in checks])
        raise typer.Exit(1 if any(check.health is Health.FAIL for check in checks) else 0)


def examine(config: Settings, language: str) -> Iterator[Check]:
    """All checks, each as soon as it is known."""
    python = f"Python {platform.python_version()}"
    yield Check("ivr", Health.OK, f"{__version__}, {python}, {sys.platform}, {os.cpu_count()} cores")
    yield _folder("state", config.state, Health.FAIL, "Let this user write there, or set IVR_STATE")
    yield _queue(config)
    yield _folder("cache", config.cache, Health.WARN, "Let this user write there, or set IVR_CACHE")
    yield _folder("temporary", Path(tempfile.gettempdir()), Health.FAIL, "Make room, or set TMPDIR")
    yield _models(config)
    check, sound, hibari = _voice(VoiceKind.AUTO, language, Health.FAIL)
    yield check
    if hibari:
        yield _voice(VoiceKind.PYTTSX3, language, Health.WARN)[0]
    yield _ears(language, config, sound)
    yield _detector(sound)
    yield _microphone()


def _folder(what: str, path: Path, otherwise: Health, remedy: str) -> Check:
    """Whether `path`, or the folder it would be made in, takes a file, and how much."""
    there = next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(bytes(4096))
            file.flush()
        free = shutil.disk_usage(there).free
    except OSError as error:
        return Check(what, otherwise, f"{path} cannot be written ({error.strerror})", remedy)
    found = f"{path}, {free / 1e9:.1f} GB free"
    if free < LEAST_FREE:
        return Check(what, otherwise, found, "Make room")
    if free < COMFORTABLE_FREE:
        return Check(what, Health.WARN, found, "Make room soon")
    return Check(what, Health.OK, found)


def _queue(config: Settings) -> Check:
    """The queue's database, if there is one: nothing is made here."""
    path = config.state / QUEUE_FILE
    if not path.exists():
        return Check("queue", Health.OK, "none yet; the first call makes it")
    try:
        with open_queue(config) as store:
            waiting, taken = len(store.waiting(now=datetime.now(UTC))), len(store.taken())
    except IvrError as error:
        return _failed("queue", Health.FAIL, error)
    return Check("queue", Health.OK, f"{waiting} waiting, {taken} with an operator")


def _models(config: Settings) -> Check:
    found = [f"{item.model.name} ({item.model.language})" for item in installed(config.models)]
    if not found:
        return Check("models", Health.WARN, f"none in {config.models}", "ivr models list shows what there is")
    return Check("models", Health.OK, ", ".join(found))


def _voice(kind: VoiceKind, language: str, otherwise: Health) -> tuple[Check, Pcm, bool]:
    """Whether the voice speaks; what it said, for the ears; whether it is hibari's."""
    nothing = silence(1.0, RECOGNIZER_RATE)
    try:
        voice = open_synthesizer(kind, language)
        try:
            began = time.monotonic()
            sound = voice.speak(SAID, RECOGNIZER_RATE)
            took = time.monotonic() - began
        finally:
            voice.close()
    except IvrError as error:
        return _failed("voice", otherwise, error), nothing, False
    found = f"{voice.name} says {SAID!r} in {took:.2f} s"
    return Check("voice", Health.OK, found), sound, voice.name.startswith(VoiceKind.HIBARI)


def _ears(language: str, config: Settings, sound: Pcm) -> Check:
    """Whether the recognizer of the language reads what the voice said; a strange voice is not its fault."""
    margin = silence(0.3, RECOGNIZER_RATE)
    try:
        recognizer = open_recognizer(RecognizerKind.AUTO, language, config)
        try:
            began = time.monotonic()
            stream = recognizer.stream()
            stream.feed(np.concatenate((margin, sound, margin)))
            readings = stream.finish()
            took = time.monotonic() - began
        finally:
            recognizer.close()
    except IvrError as error:
        return _failed("ears", Health.FAIL, error)
    if not readings or not readings[0].text:
        remedy = "Try a call with a recorded person: ivr call DESK --wav FILE"
        return Check("ears", Health.WARN, f"{recognizer.name} makes nothing of that voice", remedy)
    return Check("ears", Health.OK, f"{recognizer.name} hears {readings[0].text!r} in {took:.2f} s")


def _detector(sound: Pcm) -> Check:
    """Whether the voice detector tells the voice from silence."""
    detector = SileroVad(RECOGNIZER_RATE)
    loudest = max(detector.feed(frame) for frame in frames(sound, RECOGNIZER_RATE))
    if loudest < _SPEECH:
        return Check("speech detector", Health.WARN, "finds no speech in that voice", "Try another voice")
    return Check("speech detector", Health.OK, f"is {loudest:.0%} sure of speech")


def _microphone() -> Check:
    """Only ``ivr call --mic`` needs one."""
    try:
        asyncio.run(MicrophoneLine().hang_up())
    except IvrError as error:
        return _failed("microphone", Health.WARN, error)
    return Check("microphone", Health.OK, "opens")


def _failed(what: str, health: Health, error: IvrError) -> Check:
    place = "" if error.place in ("", what) else f"{error.place}: "
    return Check(what, health, f"{place}{error.what}", error.remedy)


def _show(check: Check) -> None:
    colour = _COLOUR[check.health]
    remedy = f". [bold]{printable(check.remedy)}[/bold]" if check.remedy else ""
    out.one_line(f"[{colour}]{check.health:4}[/{colour}]  {check.what:15}  {printable(check.found)}{remedy}")
