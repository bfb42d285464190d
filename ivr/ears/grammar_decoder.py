"""Moonshine held to a grammar: what was said among what may be said, and how well it fits.

A beam search over the paths of a token graph, all beams in one batch together with the free greedy reading,
from one encoder pass. The score of a path is

    log p(path | sound) - prior * log p(path | silence) - prices.

The second term takes out part of what the decoder expects of English by itself: without it the search prefers
to stop early and to hear the commoner word (internal language model subtraction, Meng et al. 2021,
arXiv:2011.01991; here the internal model is the decoder on two frames of silence, `ivr.ears.expectation`).

How well the grammar fits is that score against the free reading's, whose row goes along for that: rows of
batches of another kind would not compare (see `ivr.ears.moonshine_model`). Likelihoods alone would let short
phrases fit anything: "so long" costs few tokens beside a whole sentence. But they count too: where "five" was
said, "bye" fits as well, and is less likely.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from ivr.ears.expectation import Expectation, Place, log_totals
from ivr.ears.free_reading import Reading
from ivr.ears.moonshine_model import END, Decoding, Floats, MoonshineModel
from ivr.ears.token_graph import State, Steps, TokenGraph
from ivr.ears.written import Spelling
from ivr.priority import give_way

FRAME_SECONDS = 384 / 16_000
TOKENS_A_SECOND = 6.5
SPARE_TOKENS = 8
"""Tokens allowed beyond the maker's limit: numerals and hyphens take more than words."""
LOST = 20.0
"""Nats: where the free reading has ended and no phrase has, paths that are so much less likely are given up.
Likelihoods only fall. Of the first turns of 148 sample calls 13 hold no phrase at all; their searches went on
for twice the tokens of the free reading, a fifth of all steps."""
NOT_READ = Reading()
_LOG_ZERO = -1e9
_LACKING = 3.0


@dataclass(frozen=True, slots=True)
class Search:
    """How to search; `margin` in nats.

    beams       paths kept after each token
    margin      paths this much worse than the best are dropped
    prior       share of the decoder's own expectation that is taken out
    readings    readings returned at most
    """

    beams: int = 6
    margin: float = 6.0
    prior: float = 0.5
    readings: int = 4


@dataclass(frozen=True, slots=True)
class GrammarReading:
    """A phrase of the grammar that may have been said, all its spellings taken together.

    words   as the grammar spells them, without fillers
    score   what readings are ranked by, in nats
    fit     nats a token that its best spelling is below the free reading, 0 at most: near 0 when the grammar
            holds what was said, -2 and lower for most other speech
    likelihood  of its best spelling alone, nats a token, without prior and prices
    chance  share of this reading among all that were found (0 to 1, not calibrated)
    """

    words: tuple[str, ...]
    score: float
    fit: float
    likelihood: float
    chance: float


@dataclass(frozen=True, slots=True)
class _Path:
    """A path being searched: its ids, where it stands (None: ended, or free), its row in the batch.

    likely  log-likelihood of the ids, without priors and prices
    """

    ids: tuple[int, ...]
    state: State | None
    score: float
    row: int
    likely: float


class GrammarDecoder:
    """Reads sounds with one loaded model; used by several threads at once."""

    def __init__(self, model: MoonshineModel, search: Search | None = None) -> None:
        self.spelling = Spelling(model.tokenizer)
        self._model = model
        self._search = search or Search()
        self._expectation = Expectation(model)
        # What is not known of it takes as long as a step on the sound, and both go on from the same tokens: a
        # second core halves the wait. The threads end with the last reference to their executor.
        self._beside = ThreadPoolExecutor(os.cpu_count() or 1, "expectation", give_way)

    def read(
        self, begun: Decoding, graph: TokenGraph, greedy: Reading = NOT_READ
    ) -> tuple[GrammarReading, ...]:
        """Readings of a sound, begun by `MoonshineModel.start`, best first; () when no phrase is found.

        greedy  its free reading, whose end is not made again once all paths have ended

        The work is bounded by the length of the sound: `TOKENS_A_SECOND` steps, `beams` + 1 rows each.
        """
        if not np.isfinite(begun.hidden).all():
            return ()
        ended, free = self._decode(begun, graph, greedy)
        return self._readings(ended, graph, free)

    def _decode(self, sound: Decoding, graph: TokenGraph, greedy: Reading) -> tuple[list[_Path], _Path]:
        search = self._search
        beams = [_Path((), graph.start, 0.0, 0, 0.0)]
        free, free_open = _Path((), None, 0.0, 0, 0.0), True
        ended: list[_Path] = []
        silence = self._expectation.search()
        expected = silence.of(_places(beams, graph))
        for _ in range(int(sound.hidden.shape[1] * FRAME_SECONDS * TOKENS_A_SECOND) + SPARE_TOKENS):
            totals = log_totals(sound.logits)
            found = _Found(search)
            for place, path in enumerate(beams):
                assert path.state is not None
                steps = graph.steps(path.state)
                likely = sound.logits[path.row, steps.ids] - totals[path.row]
                found.follow(path, steps, likely, expected[place])
            if free_open:
                token = int(sound.logits[free.row].argmax())
                of_it = free.likely + float(sound.logits[free.row, token] - totals[free.row])
                free = _Path((*free.ids, token), None, 0.0, free.row, of_it)
                free_open = token != END
            ended.extend(found.ended)
            beams = found.best(max((path.score for path in ended), default=-math.inf))
            going = [*beams, free] if free_open else beams
            if not beams and not (free_open and ended):
                break
            if not beams and (rest := greedy.after(free.ids)) is not None:
                ids, likely = rest
                free = replace(free, ids=(*free.ids, *ids), likely=free.likely + likely)
                break
            if not (free_open or ended) and max(path.likely for path in beams) < free.likely - LOST:
                break
            rows, tokens = [path.row for path in going], [path.ids[-1] for path in going]
            places = _places(beams, graph)
            other = None if silence.knows(places) else self._beside.submit(silence.of, places)
            sound = self._model.step(sound.select(rows), tokens)
            expected = silence.of(places) if other is None else other.result()
            moved = [replace(path, row=row) for row, path in enumerate(going)]
            beams = moved[: len(beams)]
            free = moved[-1] if free_open else free
        return sorted(ended, key=lambda path: -path.score), free

    def _readings(self, ended: Sequence[_Path], graph: TokenGraph, free: _Path) -> tuple[GrammarReading, ...]:
        groups: dict[tuple[str, ...], list[_Path]] = {}
        for path in ended:
            if path.score < ended[0].score - self._search.margin:
                break
            words = graph.read(path.ids[:-1])
            if words:
                groups.setdefault(words, []).append(path)
        if not groups:
            return ()
        free_score = free.likely - self._search.prior * self._expectation.of_transcript(free.ids)
        scores = [_log_sum([path.score for path in paths]) for paths in groups.values()]
        total = _log_sum(scores)
        made = []
        for (words, paths), score in zip(groups.items(), scores, strict=True):
            best = max(paths, key=lambda path: path.score)
            made.append(
                GrammarReading(
                    words,
                    score,
                    min(0.0, best.score - free_score) / max(len(best.ids), len(free.ids)),
                    best.likely / len(best.ids),
                    math.exp(score - total),
                )
            )
        return tuple(sorted(made, key=lambda reading: -reading.score)[: self._search.readings])


def agreed(several: Sequence[Sequence[GrammarReading]]) -> tuple[GrammarReading, ...]:
    """Readings of the same sound with different silence around it as one list, best first: their means.

    A phrase that one of the lists lacks counts there as much worse than the worst that it has. Synthetic
    digits in noise that come first rise from 75 to 79 %; in quiet nothing changes.
    """
    lists = [{one.words: one for one in readings} for readings in several if readings]
    if len(lists) < 2:
        return tuple(several[0]) if not lists else tuple(next(some for some in several if some))
    made = []
    for words in dict.fromkeys(words for known in lists for words in known):
        there = [known[words] for known in lists if words in known]
        lacking = [
            min(one.score for one in known.values()) - _LACKING for known in lists if words not in known
        ]
        score = (sum(one.score for one in there) + sum(lacking)) / len(lists)
        fit, likelihood = (
            sum(values) / len(there)
            for values in zip(*((one.fit, one.likelihood) for one in there), strict=True)
        )
        made.append(GrammarReading(words, score, fit, likelihood, 0.0))
    total = _log_sum([one.score for one in made])
    made = [replace(one, chance=math.exp(one.score - total)) for one in made]
    return tuple(sorted(made, key=lambda one: -one.score))


def _places(paths: Sequence[_Path], graph: TokenGraph) -> list[Place]:
    return [
        Place(path.state, path.ids, graph.steps(path.state).ids) for path in paths if path.state is not None
    ]


class _Found:
    """The paths one token longer."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self.ended: list[_Path] = []
        self._from: list[tuple[_Path, Steps, Floats]] = []
        self._scores: list[Floats] = []

    def follow(self, path: _Path, steps: Steps, likely: Floats, expected: Floats) -> None:
        """`path` goes on in the grammar: log-likelihoods of its steps, and what was expected anyway."""
        if not steps.ids.size:
            return
        scores = path.score + likely - self._search.prior * expected - steps.prices
        if steps.states[-1] is None:
            ids = (*path.ids, END)
            self.ended.append(_Path(ids, None, float(scores[-1]), path.row, path.likely + float(likely[-1])))
            scores[-1] = _LOG_ZERO
        self._from.append((path, steps, likely))
        self._scores.append(scores)

    def best(self, ended: float) -> list[_Path]:
        """The paths to keep, best first; `ended` is the best score of a finished path."""
        if not self._scores:
            return []
        scores = np.concatenate(self._scores)
        kept = self._search.beams
        order = np.argpartition(-scores, kept)[:kept] if len(scores) > kept else np.arange(len(scores))
        order = order[np.argsort(-scores[order], kind="stable")]
        least = max(ended, float(scores[order[0]])) - self._search.margin
        starts = np.cumsum([0, *map(len, self._scores)])
        paths = []
        for place in order:
            # Also when nothing but ends was found, which would otherwise be the best of what goes on.
            if scores[place] < least or scores[place] <= _LOG_ZERO:
                break
            source = int(np.searchsorted(starts, place, side="right")) - 1
            step = int(place - starts[source])
            path, steps, likely = self._from[source]
            ids = (*path.ids, int(steps.ids[step]))
            state, score = steps.states[step], float(scores[place])
            paths.append(_Path(ids, state, score, path.row, path.likely + float(likely[step])))
        return paths


def _log_sum(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(sum(math.exp(log - top) for log in logs))
