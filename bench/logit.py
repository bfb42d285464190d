"""Fitting a conditional logit: which of several candidates is right, or none, from weighted features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Sample = tuple[NDArray[np.float64], int, float]
"""Features (candidates, columns), the right candidate or -1 for none, and the weight of the sample."""


def fit(
    samples: list[Sample],
    least: NDArray[np.float64],
    most: NDArray[np.float64] | None = None,
    ridge: float = 1e-3,
    steps: int = 4000,
    rate: float = 0.05,
) -> NDArray[np.float64]:
    """Weights of the columns from `least` to `most`: maximum likelihood with a ridge, by projected Adam."""
    columns = samples[0][0].shape[1]
    many = max(len(features) for features, _, _ in samples)
    features = np.zeros((len(samples), many, columns))
    present = np.zeros((len(samples), many), dtype=bool)
    right = np.zeros((len(samples), many))
    weight = np.array([share for _, _, share in samples])
    for row, (values, gold, _) in enumerate(samples):
        features[row, : len(values)] = values
        present[row, : len(values)] = True
        if gold >= 0:
            right[row, gold] = 1.0
    weight /= weight.sum()
    out = np.zeros(columns)
    first = second = np.zeros(columns)
    for step in range(1, steps + 1):
        chance = _softmax(features @ out, present)
        gradient = -(((right - chance) * weight[:, None])[..., None] * features).sum((0, 1)) + ridge * out
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        step_size = rate * min(1.0, 4.0 * (1.0 - step / steps) + 0.01)
        out = out - step_size * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        out = np.maximum(out, least) if most is None else np.clip(out, least, most)
    return out


def _softmax(z: NDArray[np.float64], present: NDArray[np.bool_]) -> NDArray[np.float64]:
    z = np.where(present, z, -np.inf)
    top = np.maximum(z.max(axis=1, initial=-np.inf), 0.0)[:, None]
    odds = np.exp(z - top)
    return odds / (odds.sum(axis=1, keepdims=True) + np.exp(-top))


def calibration_error(scores: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error: mean distance of score and share right over equally wide bins."""
    place = np.minimum((scores * bins).astype(int), bins - 1)
    error = 0.0
    for one in range(bins):
        inside = place == one
        if inside.any():
            error += inside.mean() * abs(scores[inside].mean() - right[inside].mean())
    return float(error)
