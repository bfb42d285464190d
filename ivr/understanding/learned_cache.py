"""The trained model on disk: one `.npz` file named by the content it was trained on, without pickles."""

from __future__ import annotations

import contextlib
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from ivr.meaning import IntentSpec, Vocabulary
from ivr.private import FILE_MODE, whole_file
from ivr.understanding.learned import LearnedModel
from ivr.understanding.learned_examples import Example, examples_of
from ivr.understanding.learned_features import WAVES, SparseFeatures
from ivr.understanding.learned_squares import EXACT
from ivr.understanding.learned_training import enough, train, trainable
from ivr.understanding.learned_trust import Trust
from ivr.understanding.sentences import DIMENSIONS, SentenceEncoder, encoder_version, sentence_encoder
from ivr.understanding.words import words_version

_PATIENCE = 120.0
"""Seconds; training takes ten on one core."""
VERSION = 17
"""Raise it whenever matching form, features or training change: old files are then not found."""


def content_key(vocabulary: Vocabulary) -> str:
    """The name of the model of a vocabulary's examples in this order.

    It is made from the sentences as they are written: bringing 15,000 to matching form takes 0.4 s.
    """
    said = [
        [intent.name, intent.examples, intent.templates, _values(intent)] for intent in vocabulary.intents
    ]
    text = json.dumps([VERSION, encoder_version(), words_version(vocabulary.language), said])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def learned_model(vocabulary: Vocabulary, cache: Path) -> LearnedModel | None:
    """The model of a vocabulary's examples, trained now or read from `cache`.

    None where there are too few examples, the language is not English, or the sentence encoder is not
    installed: then templates and letters decide alone. Raises ModelError when the encoder is damaged.
    """
    if vocabulary.language.partition("-")[0] != "en":
        return None
    path = cache / f"learned-{content_key(vocabulary)}.npz"
    if not _much(vocabulary) and not path.is_file() and not trainable(examples_of(vocabulary)):
        return None  # before the encoder is opened, which takes a desk of few phrases longest
    encoder = sentence_encoder(cache)
    return None if encoder is None else load_or_train(path, encoder, lambda: examples_of(vocabulary))


def to_learn(vocabulary: Vocabulary, cache: Path) -> bool:
    """Whether `learned_model` would learn now, which takes seconds and all cores."""
    return (
        vocabulary.language.partition("-")[0] == "en"
        and not (cache / f"learned-{content_key(vocabulary)}.npz").is_file()
        and (_much(vocabulary) or trainable(examples_of(vocabulary)))
    )


def _much(vocabulary: Vocabulary) -> bool:
    """Whether there is enough to learn from, however few sentences its templates stand for."""
    some = [len(intent.examples) + len(intent.templates) for intent in vocabulary.intents]
    return enough(sum(map(bool, some)), sum(some))


def _values(intent: IntentSpec) -> list[list[str]]:
    """The values that stand in its phrases."""
    return [[choice.value for choice in slot.choices] for slot in intent.slots]


def load_or_train(
    path: Path, encoder: SentenceEncoder, examples: Callable[[], Sequence[Example]]
) -> LearnedModel | None:
    """The model at `path` where it is there and whole, else trained on `examples` and stored there.

    Of several processes that want it at once one trains, the others wait for it. A folder that cannot be
    written only costs the training again next time. None unless `trainable`.
    """
    if (known := _stored(path, encoder)) is not None:
        return known
    some = examples()
    if not trainable(some):
        return None
    with _training(path):
        if (known := _stored(path, encoder)) is not None:
            return known
        model = train(some, encoder)
        with contextlib.suppress(OSError):
            save(model, path)
    return model


def _stored(path: Path, encoder: SentenceEncoder) -> LearnedModel | None:
    try:
        return load(path, encoder)
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile):
        return None


@contextlib.contextmanager
def _training(path: Path) -> Iterator[None]:
    """Nobody else trains the model of `path` meanwhile; for want of a lock, or of patience, they may."""
    lock = FileLock(path.with_suffix(".lock"), timeout=_PATIENCE, mode=FILE_MODE, fallback_to_soft=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except (OSError, Timeout):
        yield
        return
    try:
        yield
    finally:
        lock.release()


def save(model: LearnedModel, path: Path) -> None:
    """Write the model whole or not at all; OSError where the disk refuses."""
    text = {
        "intents": model.intents,
        "grams": [list(block) for block in model.grams.ids],
        "trust": [*model.trust.slopes, model.trust.threshold],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        np.savez(
            file,
            text=np.frombuffer(json.dumps(text).encode(), dtype=np.uint8),
            idf=model.grams.idf,
            gram_weights=model.gram_weights,
            vector_weights=model.vector_weights,
            beside=model.beside,
            said=model.said.astype(np.float16),
            starts=model.starts,
        )


def load(path: Path, encoder: SentenceEncoder) -> LearnedModel:
    """Read what `save` wrote; OSError, ValueError, KeyError or BadZipFile for anything else."""
    # np.load itself leaves a damaged file open.
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        text = json.loads(file["text"].tobytes())
        idf, gram_weights = file["idf"], file["gram_weights"]
        vector_weights, beside = file["vector_weights"], file["beside"]
        said, starts = file["said"], file["starts"]
    ids: list[dict[str, int]] = []
    columns = 0
    for block in text["grams"]:
        ids.append({gram: columns + i for i, gram in enumerate(block)})
        columns += len(block)
    intents = tuple(text["intents"])
    many = len(starts) - 1
    shapes = (idf.shape, gram_weights.shape, vector_weights.shape, beside.shape, said.shape[1:])
    expected = (
        (columns,),
        (columns, 2 * many),
        (DIMENSIONS, many),
        (len(said) if len(said) <= EXACT else WAVES, many),
        (DIMENSIONS,),
    )
    if shapes != expected or not len(intents) <= many <= len(intents) + 1 or starts[-1] != len(said):
        raise ValueError(f"arrays of shapes {shapes}, not {expected}")
    *slopes, threshold = (float(value) for value in text["trust"])
    trust = Trust((slopes[0], slopes[1], slopes[2]), threshold)
    return LearnedModel(
        intents,
        SparseFeatures(tuple(ids), idf),
        encoder,
        gram_weights,
        vector_weights,
        beside,
        said,
        starts,
        trust,
    )
