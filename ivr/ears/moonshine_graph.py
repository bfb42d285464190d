"""Moonshine's decoder in a form that takes less memory: the last layer once instead of twice.

The maker's file holds the first step and every further step as two branches, and each ends in the product
with the same 32,768 x 288 matrix of int8. Loaded, each branch has its own matrix of floats, twice while
onnxruntime packs it. Here both branches give what goes into that product, and it comes once, behind them:
the same numbers from 80 MB less. Its weights are mapped: 15 MB less again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ivr.graphfile import is_whole, write_graph

if TYPE_CHECKING:
    import onnx

VERSION = 2
"""Raise it when the graph changes: old files are then not found."""

_LOGITS = "logits"
_HIDDEN = "ivr.hidden"
_MATRIX = "model.decoder.embed_tokens.weight_transposed"


def lean_decoder(decoder: Path, cache: Path) -> Path:
    """The rewritten graph's file in `cache`, built whole or not at all from the maker's file.

    A cache that cannot be written, or a file of another shape, costs memory only: then it is `decoder`.
    """
    target = cache / f"moonshine-decoder-{VERSION}-{decoder.stat().st_size}.onnx"
    if is_whole(target):
        return target
    try:
        write_graph(_rewritten(decoder), target)
    except (OSError, ValueError):
        return decoder
    return target


def _rewritten(decoder: Path) -> onnx.ModelProto:
    """Raises ValueError when the file is not the graph that is expected."""
    import onnx  # noqa: PLC0415 - 0.2 s and 10 MB that only the first start has to pay

    try:
        model = onnx.load(str(decoder))
    except Exception as error:  # protobuf raises kinds of its own
        raise ValueError(str(error)) from error
    graph = model.graph
    if [node.op_type for node in graph.node] != ["If"]:
        raise ValueError("is not a merged decoder")
    tail: list[onnx.NodeProto] = []
    for branch in (attribute.g for attribute in graph.node[0].attribute):
        last = next((node for node in branch.node if list(node.output) == [_LOGITS]), None)
        if last is None or last.op_type != "MatMul" or last.input[1] != _MATRIX:
            raise ValueError("does not end in the product with the words")
        makers = {node.output[0]: node for node in branch.node if len(node.output) == 1}
        dequantized = makers[_MATRIX]
        tail = [makers[dequantized.input[0]], dequantized, last]
        hidden = onnx.ValueInfoProto()
        hidden.CopyFrom(next(output for output in branch.output if output.name == _LOGITS))
        place = [output.name for output in branch.output].index(_LOGITS)
        hidden.name = last.input[0]
        hidden.type.tensor_type.shape.dim[-1].Clear()
        branch.output[place].CopyFrom(hidden)
        kept = [node for node in branch.node if node not in tail]
        copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in tail]
        del branch.node[:]
        branch.node.extend(kept)
        tail = copies
    outputs = graph.node[0].output
    outputs[list(outputs).index(_LOGITS)] = _HIDDEN
    tail[-1].input[0] = _HIDDEN
    graph.node.extend(tail)
    return model
