"""Where the sound of prompts comes from: a recording, memory, disk, or the synthesizer, in that order.

Prompts are kept sentence by sentence, by what they were made from, so that a greeting that two desks share is
made once, and a changed text is never answered with the old sound.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ivr.errors import StateError
from ivr.events import Trouble
from ivr.media.pcm import Pcm, silence
from ivr.mouth.cache import CACHE_BYTES, SoundCache
from ivr.mouth.loudness import NOTHING_SECONDS
from ivr.mouth.recordings import Recordings, check_name
from ivr.mouth.rhythm import counted
from ivr.mouth.sentences import Sentence, pause_after, split_sentences
from ivr.mouth.synthesizer import Synthesizer
from ivr.priority import give_way

FORMAT = 1
"""Part of every key: raised when a text in a voice is to sound different (level, trimming, speed)."""

MEMORY_BYTES = 32 << 20
"""About half an hour of sound at 8 kHz."""

THREADS = 2


class PromptStore:
    """The prompts of one desk in one voice, for all its calls at any line rate.

    voice       not closed by the store
    cache       folder for rendered sound (``Settings.cache``); None keeps it in memory only
    recordings  folder with ``<prompt name>.wav``; AudioError names the file that cannot be used
    fixed       the prompts a recording may replace: not those that speak a value of the call; None is all
    beats       the prompts that are counted (see `rhythm`), and their beats a minute
    report      told once when the cache folder cannot be used; from any thread

    Safe to use from several threads and event loops. A sentence that several calls want at once is made once.
    """

    def __init__(
        self,
        voice: Synthesizer,
        cache: Path | None,
        *,
        recordings: Path | None = None,
        fixed: frozenset[str] | None = None,
        beats: Mapping[str, int] | None = None,
        report: Callable[[Trouble], None] = lambda _: None,
        disk_bytes: int = CACHE_BYTES,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._voice = voice
        self._recordings = Recordings(recordings)
        self._fixed = fixed
        self._beats = beats or {}
        self._disk = SoundCache(cache / "prompts", limit=disk_bytes, report=report) if cache else None
        self._memory = _Memory(memory_bytes)
        self._making: dict[str, Future[Pcm]] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="voice", initializer=give_way)

    @property
    def recorded(self) -> frozenset[str]:
        """Names of the prompts that have a recording; those that no prompt has are misspelt."""
        return self._recordings.names

    def fixed(self, name: str, text: str, rate: int, tempo: float = 1.0) -> tuple[Sentence, ...] | None:
        """The whole prompt when it needs no synthesis, else None. Reads at most a few small files.

        tempo  of the voice (see `Synthesizer.speak`); recordings and what is counted stay as they are
        """
        if recorded := self._recorded(name, text, rate):
            return (recorded,)
        beat = self._beats.get(name)
        pieces = self._pieces(text, beat)
        sounds = [self._kept(self._key(piece, rate, beat, tempo)) for piece in pieces]
        if any(sound is None for sound in sounds):
            return None
        return _with_pauses(text, pieces, [sound for sound in sounds if sound is not None], rate)

    async def sentences(self, name: str, text: str, rate: int, tempo: float = 1.0) -> AsyncIterator[Sentence]:
        """The prompt sentence by sentence, each as soon as it is ready; the next is made meanwhile.

        Raises VoiceError when a sentence cannot be made, UnknownError for a name that cannot be a prompt's.
        A text with nothing in it is a short silence.
        """
        if recorded := self._recorded(name, text, rate):
            yield recorded
            return
        beat = self._beats.get(name)
        pieces = self._pieces(text, beat)
        if not pieces:
            yield Sentence(text, silence(NOTHING_SECONDS, rate))
        making = [self._begin(piece, rate, beat, tempo) for piece in pieces[:1]]
        for number, piece in enumerate(pieces):
            # Shielded: another call may wait for the same sentence.
            pcm = await asyncio.shield(asyncio.wrap_future(making[number]))
            # One ahead, and only now: the first gets the whole CPU, and other calls wait for one at most.
            making += [self._begin(ahead, rate, beat, tempo) for ahead in pieces[number + 1 : number + 2]]
            yield _with_pause(piece, pcm, rate, last=number == len(pieces) - 1)

    async def render_all(
        self, prompts: Sequence[tuple[str, str]], rate: int, step: Callable[[], None] = lambda: None
    ) -> None:
        """Make all (name, text) so that `fixed` has them; `step` is called after each.

        Raises VoiceError, and StateError when what was made could not be written to the cache folder.
        """
        for name, text in prompts:
            async for _ in self.sentences(name, text, rate):
                pass
            step()
        if self._disk and self._disk.trouble:
            raise StateError(
                "rendered prompts cannot be kept there",
                place=str(self._disk.folder),
                remedy="Make room, or set IVR_CACHE to a folder that may be written",
            )

    def close(self) -> None:
        """End the threads; sentences that nobody has begun to make are not made."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _recorded(self, name: str, text: str, rate: int) -> Sentence | None:
        if self._fixed is not None and check_name(name) not in self._fixed:
            return None
        sound = self._recordings.get(check_name(name), rate)
        return None if sound is None else Sentence(text, sound)

    def _pieces(self, text: str, beat: int | None) -> Sequence[str]:
        return split_sentences(text, self._voice.language) if beat is None else [text]

    def _key(self, piece: str, rate: int, beat: int | None = None, tempo: float = 1.0) -> str:
        parts = [str(FORMAT), self._voice.name, self._voice.language, str(rate), piece]
        if beat is not None:
            parts.append(f"{beat} beats a minute")
        elif tempo != 1.0:
            parts.append(f"at {tempo:g} of the tempo")
        return hashlib.blake2b("\0".join(parts).encode("utf-8"), digest_size=20).hexdigest()

    def _kept(self, key: str) -> Pcm | None:
        sound = self._memory.get(key)
        if sound is None and self._disk:
            sound = self._disk.get(key)
            if sound is not None:
                self._memory.put(key, sound)
        return sound

    def _begin(self, piece: str, rate: int, beat: int | None, tempo: float) -> Future[Pcm]:
        """The sound of a sentence, or the promise of it. Disk and synthesis are the pool's work."""
        key = self._key(piece, rate, beat, tempo)
        with self._lock:
            if (making := self._making.get(key)) is not None:
                return making
            if (sound := self._memory.get(key)) is not None:
                ready: Future[Pcm] = Future()
                ready.set_result(sound)
                return ready
            future = self._pool.submit(self._make, key, piece, rate, beat, tempo)
            self._making[key] = future
        future.add_done_callback(lambda _: self._made(key))
        return future

    def _make(self, key: str, piece: str, rate: int, beat: int | None, tempo: float) -> Pcm:
        if (kept := self._kept(key)) is not None:
            return kept
        if beat is None:
            sound = self._voice.speak(piece, rate, tempo)
        else:
            sound = counted(piece, beat, rate, lambda word: self._voice.speak(word, rate))
        self._memory.put(key, sound)
        if self._disk:
            self._disk.put(key, sound)
        return sound

    def _made(self, key: str) -> None:
        with self._lock:
            self._making.pop(key, None)


class _Memory:
    """The sounds used last, up to so many bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = 0
        self._sounds: OrderedDict[str, Pcm] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Pcm | None:
        with self._lock:
            if key in self._sounds:
                self._sounds.move_to_end(key)
            return self._sounds.get(key)

    def put(self, key: str, sound: Pcm) -> None:
        sound.setflags(write=False)  # shared by all calls
        with self._lock:
            if key not in self._sounds:
                self._bytes += sound.nbytes
            self._sounds[key] = sound
            self._sounds.move_to_end(key)
            while self._bytes > self._limit:
                self._bytes -= self._sounds.popitem(last=False)[1].nbytes


def _with_pauses(text: str, pieces: Sequence[str], sounds: Sequence[Pcm], rate: int) -> tuple[Sentence, ...]:
    if not pieces:
        return (Sentence(text, silence(NOTHING_SECONDS, rate)),)
    last = len(pieces) - 1
    return tuple(
        _with_pause(piece, pcm, rate, last=number == last)
        for number, (piece, pcm) in enumerate(zip(pieces, sounds, strict=True))
    )


def _with_pause(piece: str, pcm: Pcm, rate: int, *, last: bool) -> Sentence:
    return Sentence(piece, pcm if last else np.concatenate((pcm, silence(pause_after(piece), rate))))
