"""ONNX graphs that this program makes, on disk: the graph in one file, its large weights in another.

onnxruntime maps the second file instead of reading it: weights that are not used never come to memory, and
none is there twice while a session is made.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ivr.private import whole_file

if TYPE_CHECKING:
    import onnx

LARGE = 100_000
"""Bytes from which a tensor is among the weights."""
_ALIGNED = 4_096
"""Tensors begin at a page of memory, so that each can be mapped."""


def weights_file(graph: Path) -> Path:
    """Where the weights of a graph's file are."""
    return graph.with_suffix(".weights")


def is_whole(graph: Path) -> bool:
    """Whether both files are there."""
    return graph.is_file() and weights_file(graph).is_file()


def write_graph(model: onnx.ModelProto, target: Path) -> None:
    """Write the graph to `target` and its weights to `weights_file(target)`, each whole or not at all.

    The weights come first: where the graph is, they are. `model` is used up. Raises OSError.
    """
    from onnx.external_data_helper import set_external_data  # noqa: PLC0415 - only who makes graphs pays for it

    target.parent.mkdir(parents=True, exist_ok=True)
    weights = bytearray()
    for tensor in _tensors(model.graph):
        if len(tensor.raw_data) >= LARGE:
            weights += bytes(-len(weights) % _ALIGNED)
            data, at = tensor.raw_data, len(weights)
            weights += data
            set_external_data(tensor, weights_file(target).name, offset=at, length=len(data))
            tensor.ClearField("raw_data")
    for path, data in ((weights_file(target), bytes(weights)), (target, model.SerializeToString())):
        with whole_file(path) as file:
            file.write(data)


def _tensors(graph: onnx.GraphProto) -> list[onnx.TensorProto]:
    """Those of the graph and of the branches inside it."""
    inner = [attribute.g for node in graph.node for attribute in node.attribute if attribute.HasField("g")]
    return [*graph.initializer, *(tensor for branch in inner for tensor in _tensors(branch))]
