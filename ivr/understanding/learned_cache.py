"""The trained model on disk: one `.npz` file named by the content it was trained on, without pickles."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ivr.meaning import Vocabulary
from ivr.understanding.learned import Example, LearnedModel, examples_of, train, trainable
from ivr.understanding.learned_features import WAVES, SparseFeatures
from ivr.understanding.learned_trust import Trust
from ivr.understanding.sentences import DIMENSIONS, SentenceEncoder, encoder_version, sentence_encoder

VERSION = 1
"""Raise it whenever features or training change: old files are then not found."""


def content_key(examples: Sequence[Example], seed: int = 0) -> str:
    """The name of the model that `train` makes of these examples in this order."""
    text = json.dumps(
        [
            VERSION,
            encoder_version(),
            seed,
            [[e.text, e.words, e.intent] for e in examples],
        ]
    )
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def learned_model(vocabulary: Vocabulary, cache: Path) -> LearnedModel | None:
    """The model of a vocabulary's examples, trained now or read from `cache`.

    None where there are too few examples, the language is not English, or the sentence encoder is not
    installed: then templates and letters decide alone. Raises ModelError when the encoder is damaged.
    """
    examples = examples_of(vocabulary)
    if vocabulary.language.partition("-")[0] != "en" or not trainable(examples):
        return None
    encoder = sentence_encoder(cache)
    return None if encoder is None else load_or_train(examples, encoder, cache)


def load_or_train(
    examples: Sequence[Example], encoder: SentenceEncoder, folder: Path, seed: int = 0
) -> LearnedModel:
    """The model for `examples`, from `folder` where it is there and whole, else trained and stored.

    A folder that cannot be written only costs the training again next time. ValueError unless `trainable`.
    """
    path = folder / f"learned-{content_key(examples, seed)}.npz"
    try:
        return load(path, encoder)
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile):
        model = train(examples, encoder, seed)
    with contextlib.suppress(OSError):
        save(model, path)
    return model


def save(model: LearnedModel, path: Path) -> None:
    """Write the model whole or not at all; OSError where the disk refuses."""
    text = {
        "intents": model.intents,
        "grams": [list(block) for block in model.grams.ids],
        "trust": [model.trust.slope, model.trust.bias, model.trust.threshold],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(
                file,
                text=np.frombuffer(json.dumps(text).encode(), dtype=np.uint8),
                idf=model.grams.idf,
                gram_weights=model.gram_weights,
                vector_weights=model.vector_weights,
                wave_weights=model.wave_weights,
            )
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(path: Path, encoder: SentenceEncoder) -> LearnedModel:
    """Read what `save` wrote; OSError, ValueError, KeyError or BadZipFile for anything else."""
    # np.load itself leaves a damaged file open.
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        text = json.loads(file["text"].tobytes())
        idf, gram_weights = file["idf"], file["gram_weights"]
        vector_weights, wave_weights = file["vector_weights"], file["wave_weights"]
    ids: list[dict[str, int]] = []
    columns = 0
    for block in text["grams"]:
        ids.append({gram: columns + i for i, gram in enumerate(block)})
        columns += len(block)
    intents = tuple(text["intents"])
    many = len(intents)
    shapes = (idf.shape, gram_weights.shape, vector_weights.shape, wave_weights.shape)
    expected = ((columns,), (columns, 2 * many), (DIMENSIONS, many), (WAVES, many))
    if shapes != expected:
        raise ValueError(f"arrays of shapes {shapes}, not {expected}")
    slope, bias, threshold = (float(value) for value in text["trust"])
    return LearnedModel(
        intents,
        SparseFeatures(tuple(ids), idf),
        encoder,
        gram_weights,
        vector_weights,
        wave_weights,
        Trust(slope, bias, threshold),
    )
