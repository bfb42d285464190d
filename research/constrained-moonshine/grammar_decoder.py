"""Moonshine held to a grammar: what was said among what may be said, and how well it fits.

A beam search over the paths of a token graph, all beams in one batch, together with the free greedy reading
from the same encoder pass. The score of a path is

    log p(path | sound) - prior * log p(path | silence) - prices.

The second term takes out part of what the decoder expects of English by itself: without it the search prefers
to stop early and to hear the commoner word (internal language model subtraction, Meng et al. 2021,
arXiv:2011.01991; here the internal model is the decoder on two frames of silence). Measured on 120 orders at
8 kHz with kitchen noise at 9 and 6 dB: see `Search.prior`.

How well the grammar fits is the likelihood of the grammar's reading against that of the free one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.ears.moonshine_model import END, Decoding, Floats, MoonshineModel
from ivr.ears.token_graph import Said, State, Steps, TokenGraph
from ivr.ears.written import Spelling
from ivr.wordgraph import Tag

FRAME_SECONDS = 384 / 16_000
TOKENS_A_SECOND = 6.5
SPARE_TOKENS = 8
"""Tokens allowed beyond the maker's limit: numerals and hyphens take more than words."""
_NULL_SAMPLES = 2_048
_LOG_ZERO = -1e9


@dataclass(frozen=True, slots=True)
class Search:
    """How to search; prices in nats.

    beams       paths kept after each token
    margin      paths this much worse than the best are dropped
    prior       share of the decoder's own expectation that is taken out
    free_price  of each token outside the grammar, before or after a phrase (inf: none may be)
    readings    readings returned at most
    """

    beams: int = 10
    margin: float = 6.0
    prior: float = 0.5
    free_price: float = math.inf
    readings: int = 5


@dataclass(frozen=True, slots=True)
class Span:
    """A slot in a reading: its tag and the words start to end - 1."""

    tag: Tag
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class GrammarReading:
    """A phrase of the grammar that may have been said, all its spellings taken together.

    words          as the grammar spells them
    spans          its slots in order
    before, after  words outside the grammar around the phrase, as written
    score          what readings are ranked by, in nats
    log_likelihood of the likeliest spelling given the sound, prices taken off
    tokens         of that spelling, with the end mark
    chance         share of this reading among all that were found (0 to 1, not calibrated)
    """

    words: tuple[str, ...]
    spans: tuple[Span, ...]
    before: str
    after: str
    score: float
    log_likelihood: float
    tokens: int
    chance: float


@dataclass(frozen=True, slots=True)
class FreeReading:
    """The greedy reading, held to nothing; tokens without the end mark, log-likelihood with it."""

    text: str
    tokens: tuple[int, ...]
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class GrammarReadings:
    """Readings best first (() when no phrase was found), the free one, and how far they are apart.

    fit   nats a token that the likeliest phrase is below the free reading: near 0 when the grammar holds what
          was said, about -4 for other speech, -inf without a phrase
    """

    readings: tuple[GrammarReading, ...]
    free: FreeReading
    fit: float


@dataclass(frozen=True, slots=True)
class _Path:
    """A path being searched. `state` None: words after the phrase. `head` ids came before, `tail` after it."""

    ids: tuple[int, ...]
    state: State | None
    score: float
    likelihood: float
    row: int
    head: int = 0
    tail: int = 0


class GrammarDecoder:
    """Reads sounds with one loaded model; used by several threads at once."""

    def __init__(self, model: MoonshineModel, spelling: Spelling, search: Search | None = None) -> None:
        self._model = model
        self._spelling = spelling
        self._search = search or Search()
        self._silence = model.start(model.encode(np.zeros(_NULL_SAMPLES, dtype=np.float32)))

    def read(self, samples: Floats, graph: TokenGraph) -> GrammarReadings:
        """Read 16 kHz samples in [-1, 1), at least 0.1 s, trimmed to speech with about 0.3 s around it."""
        return self.read_encoded(self._model.encode(samples), graph)

    def read_encoded(self, hidden: Floats, graph: TokenGraph) -> GrammarReadings:
        """Read an encoder output (1, time, 288)."""
        ended, free = self._decode(hidden, graph)
        readings = self._readings(ended, graph)
        text = self._spelling.text(tuple(token for token in free.ids if token != END))
        reading = FreeReading(text, tuple(t for t in free.ids if t != END), free.likelihood)
        return GrammarReadings(readings, reading, fit(readings, free.likelihood, len(free.ids)))

    def _decode(self, hidden: Floats, graph: TokenGraph) -> tuple[list[_Path], _Path]:
        search = self._search
        sound, silence = self._model.start(hidden), self._silence
        beams = [_Path((), graph.start, 0.0, 0.0, 0)]
        free, free_open = _Path((), None, 0.0, 0.0, 0), True
        ended: list[_Path] = []
        for _ in range(int(hidden.shape[1] * FRAME_SECONDS * TOKENS_A_SECOND) + SPARE_TOKENS):
            chances = _Chances(sound, silence, search.prior)
            found = _Found(search)
            for path in beams:
                if path.state is not None:
                    found.follow(path, graph.steps(path.state), chances)
                if path.state is None or path.state.complete:
                    found.leave(path, chances, self._spelling)
            if free_open:
                if free.ids:
                    found.enter(free, graph.steps(graph.after_free), chances)
                token, log = chances.likeliest(free.row)
                free = _Path((*free.ids, token), None, 0.0, free.likelihood + log, free.row)
                free_open = token != END
            ended.extend(found.ended)
            beams = found.best(max((path.score for path in ended), default=-math.inf))
            going = [*beams, free] if free_open else beams
            if not going:
                break
            rows, tokens = [path.row for path in going], [path.ids[-1] for path in going]
            sound = self._model.step(sound.select(rows), tokens)
            silence = self._model.step(silence.select(rows), tokens)
            moved = [_Path(p.ids, p.state, p.score, p.likelihood, r, p.head, p.tail) for r, p in enumerate(going)]
            beams = moved[: len(beams)]
            free = moved[-1] if free_open else free
        return sorted(ended, key=lambda path: -path.score), free

    def _readings(self, ended: Sequence[_Path], graph: TokenGraph) -> tuple[GrammarReading, ...]:
        groups: dict[tuple[tuple[Said, ...], str, str], list[_Path]] = {}
        best = ended[0].score if ended else 0.0
        for path in ended:
            if path.score < best - self._search.margin:
                break
            cut = len(path.ids) - path.tail - (path.ids[-1] == END and not path.tail)
            said = graph.read(path.ids[path.head : cut], after_free=path.head > 0)
            if said is not None:
                before = self._spelling.text(path.ids[: path.head])
                after = self._spelling.text(tuple(t for t in path.ids[cut:] if t != END))
                groups.setdefault((said, before, after), []).append(path)
        scores = [_log_sum([path.score for path in paths]) for paths in groups.values()]
        total = _log_sum(scores) if scores else 0.0
        made = []
        for ((said, before, after), paths), score in zip(groups.items(), scores, strict=True):
            likeliest = max(paths, key=lambda path: path.likelihood)
            made.append(
                GrammarReading(
                    tuple(word.word for word in said),
                    spans(said),
                    before,
                    after,
                    score,
                    likeliest.likelihood,
                    len(likeliest.ids),
                    math.exp(score - total),
                )
            )
        return tuple(sorted(made, key=lambda reading: -reading.score)[: self._search.readings])


def fit(readings: Sequence[GrammarReading], free_likelihood: float, free_tokens: int) -> float:
    """Nats a token between the likeliest of `readings` and the free reading; see `GrammarReadings.fit`."""
    if not readings:
        return -math.inf
    likeliest = max(readings, key=lambda reading: reading.log_likelihood)
    return (likeliest.log_likelihood - free_likelihood) / max(likeliest.tokens, free_tokens)


def spans(said: Sequence[Said]) -> tuple[Span, ...]:
    """Runs of words with one tag."""
    found: list[Span] = []
    for place, word in enumerate(said):
        if word.tag is None:
            continue
        if found and found[-1].end == place and found[-1].tag == word.tag:
            found[-1] = Span(word.tag, found[-1].start, place + 1)
        else:
            found.append(Span(word.tag, place, place + 1))
    return tuple(found)


class _Chances:
    """What may come next for every row: given the sound, and given silence."""

    def __init__(self, sound: Decoding, silence: Decoding, prior: float) -> None:
        self._sound, self._silence, self._prior = sound.logits, silence.logits, prior
        self._sound_total, self._silence_total = _log_totals(sound.logits), _log_totals(silence.logits)

    def of(self, row: int, ids: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Log-likelihoods of `ids`, and their scores (likelihood less prior)."""
        likely = self._sound[row, ids] - self._sound_total[row]
        return likely, likely - self._prior * (self._silence[row, ids] - self._silence_total[row])

    def likeliest(self, row: int) -> tuple[int, float]:
        """The likeliest token and its log-likelihood."""
        token = int(self._sound[row].argmax())
        return token, float(self._sound[row, token] - self._sound_total[row])


class _Found:
    """The paths one token longer."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self.ended: list[_Path] = []
        self._from: list[tuple[_Path, Steps, int]] = []
        self._scores: list[Floats] = []
        self._likely: list[Floats] = []
        self._left: list[_Path] = []

    def follow(self, path: _Path, steps: Steps, chances: _Chances, head: int = 0) -> None:
        """`path` goes on in the grammar."""
        likely, scores = chances.of(path.row, steps.ids)
        likely = path.likelihood + likely - steps.prices
        scores = path.score + scores - steps.prices
        if steps.ids.size and steps.states[-1] is None:
            ids = (*path.ids, END)
            self.ended.append(_Path(ids, None, float(scores[-1]), float(likely[-1]), path.row, path.head))
            scores = scores.copy()
            scores[-1] = _LOG_ZERO
        self._from.append((path, steps, head or path.head))
        self._scores.append(scores)
        self._likely.append(likely)

    def enter(self, free: _Path, steps: Steps, chances: _Chances) -> None:
        """The grammar begins after the words read freely so far."""
        price = self._search.free_price * len(free.ids)
        if math.isfinite(price):
            cost = free.likelihood - price
            self.follow(
                _Path(free.ids, None, cost, cost, free.row, len(free.ids)), steps, chances, len(free.ids)
            )

    def leave(self, path: _Path, chances: _Chances, spelling: Spelling) -> None:
        """Words outside the grammar follow a phrase (or each other): the likeliest ones only."""
        if not math.isfinite(self._search.free_price):
            return
        token, log = chances.likeliest(path.row)
        if token == END and not path.tail:
            return
        if not path.tail and token not in spelling.begins:
            return
        cost = log - (0.0 if token == END else self._search.free_price)
        new = _Path(
            (*path.ids, token), None, path.score + cost, path.likelihood + cost, path.row, path.head, path.tail + 1
        )
        (self.ended if token == END else self._left).append(new)

    def best(self, ended: float) -> list[_Path]:
        """The paths to keep, best first; `ended` is the best score of a finished path."""
        scores = np.concatenate(self._scores or [np.zeros(0, dtype=np.float32)])
        if not len(scores):
            return self._left[: self._search.beams]
        kept = self._search.beams
        order = np.argpartition(-scores, kept)[:kept] if len(scores) > kept else np.arange(len(scores))
        order = order[np.argsort(-scores[order], kind="stable")]
        top = max([ended, float(scores[order[0]]), *(path.score for path in self._left)])
        starts = np.cumsum([0, *map(len, self._scores)])
        paths = [path for path in self._left if path.score >= top - self._search.margin]
        for place in order:
            if scores[place] < top - self._search.margin:
                break
            source = int(np.searchsorted(starts, place, side="right")) - 1
            step = int(place - starts[source])
            path, steps, head = self._from[source]
            paths.append(
                _Path(
                    (*path.ids, int(steps.ids[step])),
                    steps.states[step],
                    float(scores[place]),
                    float(self._likely[source][step]),
                    path.row,
                    head,
                )
            )
        return sorted(paths, key=lambda path: -path.score)[:kept]


def _log_totals(logits: Floats) -> Floats:
    top: Floats = logits.max(axis=1)
    totals: Floats = top + np.log(np.exp(logits - top[:, np.newaxis]).sum(axis=1))
    return totals


def _log_sum(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(sum(math.exp(log - top) for log in logs))
