"""The sentence encoder's weights as an ONNX graph with 8-bit weights, built once.

    python -m ivr.understanding.minilm_graph WEIGHTS TARGET

Linear layers get one scale per output column (symmetric, 127 steps) and quantize their input as they go; the
fused operators are ONNX Runtime's own ("com.microsoft").
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from safetensors import SafetensorError
from safetensors.numpy import load_file

from ivr.graphfile import write_graph

_LAYERS, _HEADS, _POSITIONS = 6, 12, 64
_FUSED = "com.microsoft"
_EPSILON = 1e-12

Weights = Mapping[str, NDArray[Any]]


def build_graph(weights: Path, target: Path) -> None:
    """Write the graph of `weights` (safetensors) to `target`: see `write_graph`.

    Raises OSError, ValueError, KeyError or SafetensorError for files that cannot be read or written.
    """
    write_graph(_Graph(load_file(weights)).model(), target)


class _Graph:
    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def model(self) -> onnx.ModelProto:
        x = self._embedded()
        for layer in range(_LAYERS):
            x = self._layer(x, f"encoder.layer.{layer}.")
        mean = self._node("ReduceMean", [x, self._constant("axis", np.array([1]))], "mean", keepdims=0)
        self._node("LpNormalization", [mean], "out", axis=1, p=2)
        graph = helper.make_graph(
            self._nodes,
            "minilm",
            [helper.make_tensor_value_info("ids", onnx.TensorProto.INT64, ["sentences", "tokens"])],
            [helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, ["sentences", 384])],
            self._constants,
        )
        sets = [helper.make_opsetid("", 18), helper.make_opsetid(_FUSED, 1)]
        return helper.make_model(graph, opset_imports=sets, ir_version=9)

    def _embedded(self) -> str:
        part = "embeddings."
        words = self._constant("words", self._weights[f"{part}word_embeddings.weight"].astype(np.float16))
        places = self._weights[f"{part}position_embeddings.weight"][:_POSITIONS]
        kind = self._weights[f"{part}token_type_embeddings.weight"][0]
        table = self._constant("places", places + kind)
        found = self._node("Gather", [words, "ids"], "found")
        wide = self._node("Cast", [found], "wide", to=onnx.TensorProto.FLOAT)
        length = self._node("Shape", ["ids"], "length", start=1, end=2)
        place = self._node("Slice", [table, self._constant("zero", np.array([0])), length], "place")
        both = self._node("Add", [wide, place], "both")
        scale, shift = (self._constant(n, self._weights[f"{part}LayerNorm.{n}"]) for n in ("weight", "bias"))
        return self._node("LayerNormalization", [both, scale, shift], "embedded", axis=-1, epsilon=_EPSILON)

    def _layer(self, x: str, part: str) -> str:
        names = [f"{part}attention.self.{name}" for name in ("query", "key", "value")]
        matrix = np.concatenate([self._weights[f"{name}.weight"].T for name in names], axis=1)
        bias = np.concatenate([self._weights[f"{name}.bias"] for name in names])
        heads = [f"{name}.out" for name in names]
        self._nodes.append(
            helper.make_node(
                "Split", [self._linear(x, f"{part}qkv", matrix, bias)], heads, axis=2, num_outputs=3
            )
        )
        seen = self._node("MultiHeadAttention", heads, f"{part}seen", _FUSED, num_heads=_HEADS)
        x = self._added(self._named(seen, f"{part}attention.output.dense"), x, f"{part}attention.output.")
        inner = self._node("Gelu", [self._named(x, f"{part}intermediate.dense")], f"{part}gelu", _FUSED)
        return self._added(self._named(inner, f"{part}output.dense"), x, f"{part}output.")

    def _added(self, new: str, x: str, part: str) -> str:
        scale, shift = (
            self._constant(f"{part}LayerNorm.{n}", self._weights[f"{part}LayerNorm.{n}"])
            for n in ("weight", "bias")
        )
        # Not the fused SkipLayerNormalization, which takes five times as long in ONNX Runtime 1.32.
        both = self._node("Add", [new, x], f"{part}both")
        return self._node("LayerNormalization", [both, scale, shift], f"{part}sum", axis=-1, epsilon=_EPSILON)

    def _named(self, x: str, name: str) -> str:
        return self._linear(x, name, self._weights[f"{name}.weight"].T, self._weights[f"{name}.bias"])

    def _linear(self, x: str, name: str, matrix: NDArray[Any], bias: NDArray[Any]) -> str:
        scale = np.maximum(np.abs(matrix).max(axis=0), 1e-9) / 127.0
        steps = np.round(matrix / scale).clip(-127, 127).astype(np.int8)
        inputs = [
            x,
            self._constant(f"{name}.steps", steps),
            self._constant(f"{name}.scale", scale.astype(np.float32)),
            "",
            self._constant(f"{name}.bias", bias),
        ]
        return self._node("DynamicQuantizeMatMul", inputs, f"{name}.out", _FUSED)

    def _constant(self, name: str, values: NDArray[Any]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output


if __name__ == "__main__":
    try:
        build_graph(Path(sys.argv[1]), Path(sys.argv[2]))
    except (OSError, ValueError, KeyError, SafetensorError) as error:  # see `build_graph`
        sys.exit(f"{type(error).__name__}: {error}")
