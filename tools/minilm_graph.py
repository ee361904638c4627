"""The sentence model all-MiniLM-L6-v2 as an ONNX graph, built from its weights without PyTorch.

The graph takes the token ids of one text (1 × n, with [CLS] and [SEP]) and returns its embedding
(384, of length 1). It has no padding and so no mask. Needs the package `onnx`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from services.enrichment.related.features.arrays import Float32Array

WIDTH: Final = 384
_LAYERS: Final = 6
_HEADS: Final = 12
_OPSET: Final = 20  # the first with Gelu
_IR_VERSION: Final = 10
_NORM_EPSILON: Final = 1e-12

Tensors = Mapping[str, Float32Array]


class _GraphBuilder:
    """Collects nodes and weights. Each method returns the name of its output."""

    def __init__(self, tensors: Tensors) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._tensors = tensors

    def add_constant(self, value: NDArray[Any]) -> str:
        name = f"weight{len(self.weights)}"
        contiguous = np.array(value, order="C")
        self.weights.append(numpy_helper.from_array(contiguous, name))
        return name

    def add_node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def add_linear(self, x: str, name: str, scale: float = 1.0) -> str:
        """*x* times the weights, plus the bias, both times *scale*."""
        factor = np.float32(scale)
        weights = self.add_constant(self._tensors[f"{name}.weight"].T * factor)
        bias = self.add_constant(self._tensors[f"{name}.bias"] * factor)
        return self.add_node("Add", self.add_node("MatMul", x, weights), bias)

    def add_norm(self, x: str, name: str) -> str:
        gain = self.add_constant(self._tensors[f"{name}.weight"])
        bias = self.add_constant(self._tensors[f"{name}.bias"])
        return self.add_node("LayerNormalization", x, gain, bias, axis=-1, epsilon=_NORM_EPSILON)

    def add_layer(self, x: str, name: str) -> str:
        """One layer of the transformer."""
        attended = self.add_node("Add", x, self._add_attention(x, f"{name}.attention"))
        x = self.add_norm(attended, f"{name}.attention.output.LayerNorm")
        wide = self.add_node("Gelu", self.add_linear(x, f"{name}.intermediate.dense"))
        narrow = self.add_linear(wide, f"{name}.output.dense")
        return self.add_norm(self.add_node("Add", x, narrow), f"{name}.output.LayerNorm")

    def _add_attention(self, x: str, name: str) -> str:
        """The attention of each token to all tokens of the text."""
        scale = (WIDTH // _HEADS) ** -0.5
        query = self._split_heads(self.add_linear(x, f"{name}.self.query", scale), [0, 2, 1, 3])
        key = self._split_heads(self.add_linear(x, f"{name}.self.key"), [0, 2, 3, 1])
        value = self._split_heads(self.add_linear(x, f"{name}.self.value"), [0, 2, 1, 3])
        shares = self.add_node("Softmax", self.add_node("MatMul", query, key), axis=-1)
        mixed = self.add_node("MatMul", shares, value)
        by_token = self.add_node("Transpose", mixed, perm=[0, 2, 1, 3])
        shape = self.add_constant(np.array([1, -1, WIDTH], np.int64))
        return self.add_linear(self.add_node("Reshape", by_token, shape), f"{name}.output.dense")

    def _split_heads(self, x: str, order: Sequence[int]) -> str:
        """Reshape 1 × n × width to 1 × n × heads × the rest, then transpose it to *order*."""
        shape = self.add_constant(np.array([1, -1, _HEADS, WIDTH // _HEADS], np.int64))
        return self.add_node("Transpose", self.add_node("Reshape", x, shape), perm=list(order))


def build_model(tensors: Tensors) -> onnx.ModelProto:
    """The whole model in float32: `ids` in, `embedding` out."""
    graph = _GraphBuilder(tensors)
    x = graph.add_norm(_add_embeddings(graph, tensors), "embeddings.LayerNorm")
    for number in range(_LAYERS):
        x = graph.add_layer(x, f"encoder.layer.{number}")
    axes = graph.add_constant(np.array([0, 1], np.int64))
    mean = graph.add_node("ReduceMean", x, axes, keepdims=0)
    length = graph.add_node("ReduceL2", mean, keepdims=1)
    graph.nodes.append(helper.make_node("Div", [mean, length], ["embedding"]))
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "n"])]
    outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [WIDTH])]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, outputs, graph.weights),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
    )
    onnx.checker.check_model(model)
    return model


def _add_embeddings(graph: _GraphBuilder, tensors: Tensors) -> str:
    """The sum of the embeddings of each token and of its position."""
    words = graph.add_constant(tensors["embeddings.word_embeddings.weight"])
    positions = tensors["embeddings.position_embeddings.weight"]
    token_type = tensors["embeddings.token_type_embeddings.weight"][0]
    rows = graph.add_constant(positions + token_type)
    zero, one = graph.add_constant(np.array(0)), graph.add_constant(np.array(1))
    length = graph.add_node("Gather", graph.add_node("Shape", "ids"), one)
    places = graph.add_node("Range", zero, length, one)
    by_word = graph.add_node("Gather", words, "ids")
    by_place = graph.add_node("Gather", rows, places)
    return graph.add_node("Add", by_word, by_place)
