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

from ivr.understanding.learned import Example, LearnedModel, train
from ivr.understanding.learned_features import DENSE, DenseFeatures, SparseFeatures
from ivr.understanding.learned_trust import Trust
from ivr.understanding.learned_words import DIMENSIONS, WordVectors

VERSION = 1
"""Raise it whenever features or training change: old files are then not found."""


def content_key(examples: Sequence[Example], seed: int = 0) -> str:
    """The name of the model that `train` makes of these examples in this order."""
    text = json.dumps([VERSION, seed, [[*example.words, example.intent] for example in examples]])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def load_or_train(
    examples: Sequence[Example], vectors: WordVectors, folder: Path, seed: int = 0
) -> LearnedModel:
    """The model for `examples`, from `folder` where it is there and whole, else trained and stored.

    A folder that cannot be written only costs the training again next time. ValueError unless `trainable`.
    """
    path = folder / f"learned-{content_key(examples, seed)}.npz"
    try:
        return load(path, vectors)
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile):
        model = train(examples, vectors, seed)
    with contextlib.suppress(OSError):
        save(model, path)
    return model


def save(model: LearnedModel, path: Path) -> None:
    """Write the model whole or not at all; OSError where the disk refuses."""
    text = {
        "intents": model.intents,
        "grams": [list(block) for block in model.grams.ids],
        "words": list(model.dense.rarity),
        "unseen": model.dense.unseen,
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
                rarity=np.array(list(model.dense.rarity.values()), dtype=np.float32),
                center=model.dense.center,
                gram_weights=model.gram_weights.astype(np.float16),
                dense_weights=model.dense_weights,
            )
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(path: Path, vectors: WordVectors) -> LearnedModel:
    """Read what `save` wrote; OSError, ValueError, KeyError or BadZipFile for anything else."""
    # np.load itself leaves a damaged file open.
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        text = json.loads(file["text"].tobytes())
        idf, center, rarity = file["idf"], file["center"], file["rarity"]
        gram_weights, dense_weights = file["gram_weights"].astype(np.float32), file["dense_weights"]
    ids: list[dict[str, int]] = []
    columns = 0
    for block in text["grams"]:
        ids.append({gram: columns + i for i, gram in enumerate(block)})
        columns += len(block)
    intents = tuple(text["intents"])
    shapes = (idf.shape, gram_weights.shape, dense_weights.shape, center.shape, rarity.shape)
    expected = (
        (columns,),
        (columns, len(intents)),
        (DENSE, len(intents)),
        (2 * DIMENSIONS,),
        (len(text["words"]),),
    )
    if shapes != expected:
        raise ValueError(f"arrays of shapes {shapes}, not {expected}")
    dense = DenseFeatures(
        vectors, dict(zip(text["words"], rarity.tolist(), strict=True)), float(text["unseen"]), center
    )
    slope, bias, threshold = (float(value) for value in text["trust"])
    return LearnedModel(
        intents,
        SparseFeatures(tuple(ids), idf),
        dense,
        gram_weights,
        dense_weights,
        Trust(slope, bias, threshold),
    )
