"""The child process in which pyttsx3 speaks: ``python -m ivr.mouth.worker FOLDER``.

One request a line on standard input, one reply a line on standard output, both JSON:

    {"ask": "voices"}  ->  {"engine": "pyttsx3 2.99 espeak-ng 1.52.0", "voices": [[id, [language, ...]], ...]}
    {"ask": "speak", "text": ..., "voice": id, "words_per_minute": n, "file": name in FOLDER}  ->  {}

The sound is a file (WAV or AIFF, as the platform's engine writes it) that appears whole under its name. A
request that fails is answered {"error": one line}. The process ends, and takes FOLDER with it, when its
standard input does, so it never outlives the process that started it.

Each request for espeak-ng is served by a fork of its own. Its voice wavers by a table whose place only grows
while a process lives, so the same text would sound different each time; and a crash of the engine ends one
fork. The engine starts a thread of its own, which a fork would lose: it is never opened in the worker itself.
Remedies for the faults of pyttsx3 2.99, as measured: one text per `runAndWait`; `Synchronize` after it, which
waits for the file; voice and speed set before it, or they are lost now and then; the voice asked back, for an
unknown one is swallowed; never `say`, which plays through a shell.
"""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import importlib.metadata
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import espeakng_loader
import pyttsx3

REQUEST_SECONDS = 10.0
"""A request that takes longer ends its process: the parent has given up on it long before."""


def main(folder: Path) -> None:
    """Answer requests until standard input ends."""
    # What the engine prints ("Audio saved to ...") must not come between the replies.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    espeak = load_espeak() if sys.platform == "linux" else None
    try:
        for line in sys.stdin.buffer:
            request = json.loads(line)
            reply = _forked(request, folder, espeak) if espeak else _answer(request, folder, espeak)
            replies.write(json.dumps(reply) + "\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def load_espeak() -> ModuleType:
    """Give pyttsx3 the espeak-ng library and data of `espeakng_loader`; no system package is needed.

    Loaded with its symbols global and under its own name, the library is what pyttsx3 finds when it asks the
    system for ``libespeak-ng.so.1``. Imported here, the driver is shared by all forks.
    """
    os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
    ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
    importlib.import_module("pyttsx3.drivers.espeak")
    return importlib.import_module("pyttsx3.drivers._espeak")


def _forked(request: dict[str, Any], folder: Path, espeak: ModuleType) -> dict[str, Any]:
    """The answer from a fork; an error when the fork dies of the request."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read)
            with os.fdopen(write, "wb") as pipe:
                pipe.write(json.dumps(_answer(request, folder, espeak)).encode())
        finally:
            os._exit(0)  # whatever happened: a fork must never return to the worker's loop
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        reply = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if reply:
        answer: dict[str, Any] = json.loads(reply)
        return answer
    return {"error": f"the engine died ({'signal' if status < 0 else 'status'} {abs(status)})"}


def _answer(request: dict[str, Any], folder: Path, espeak: ModuleType | None) -> dict[str, Any]:
    faulthandler.dump_traceback_later(REQUEST_SECONDS, exit=True)
    try:
        if request["ask"] == "voices":
            return _voices(espeak)
        _speak(request, folder / request["file"], espeak)
    except Exception as error:  # noqa: BLE001 - the edge of the process: whatever an engine raises is a reply
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        faulthandler.cancel_dump_traceback_later()
    return {}


def _voices(espeak: ModuleType | None) -> dict[str, Any]:
    engine = pyttsx3.init()
    name = f"pyttsx3 {importlib.metadata.version('pyttsx3')} "
    name += f"espeak-ng {espeak.Info(None).decode()}" if espeak else str(engine)
    voices = engine.getProperty("voices")
    return {"engine": name, "voices": [(voice.id, list(map(str, voice.languages or ()))) for voice in voices]}


def _speak(request: dict[str, Any], file: Path, espeak: ModuleType | None) -> None:
    engine = pyttsx3.init()
    errors: list[Exception] = []
    token = engine.connect("error", lambda name, exception: errors.append(exception))
    part = file.with_name(f"part-{file.name}")
    if espeak:
        # Through the engine these would be queued, and `runAndWait` cancels what espeak-ng has not done yet.
        espeak.SetVoiceByName(request["voice"].encode())
        espeak.SetParameter(espeak.RATE, request["words_per_minute"], 0)
        espeak.Synchronize()
    else:
        engine.setProperty("voice", request["voice"])
        engine.setProperty("rate", request["words_per_minute"])
    engine.save_to_file(request["text"], str(part))
    engine.runAndWait()
    if espeak:
        espeak.Synchronize()
    engine.disconnect(token)
    if errors:
        raise errors[0]
    if (used := engine.getProperty("voice")) != request["voice"]:
        raise LookupError(f"spoke with voice {used!r} instead of {request['voice']!r}")
    part.replace(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
