"""Write e5 as an ONNX graph for onnxruntime, in single precision or with 8-bit products.

The graph of the encoder takes the token ids of texts of equal length, shape (batch, length), and
gives unit vectors, shape (batch, hidden). It has no attention mask: padding a text would change its
vectors, since the 8-bit products scale their input by its largest value.

The reranker has two graphs. The first takes the ids of one text, shape (1, length), and gives what
the lower layers make of its tokens, shape (1, length, hidden). The second takes that of a question
and of a window, lets the upper layers read both together, and gives the unit vector of each token,
the question's first, shape (1, lengths, hidden), and a logit of how much the token counts, shape
(1, lengths, 1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.e5 import BLOCK, E5Weights
from models.onnx_graph import IMPORTANCE, INPUT, OUTPUT, QUESTION, WINDOW, Precision

_CONTRIB = "com.microsoft"
_OPSETS = (("", 21), (_CONTRIB, 1))
_IR_VERSION = 10
_INT8_MAX = 127
_NIBBLE_BITS = 4
_Q4_ZERO = 8
_SMALLEST = -1e4
"""Stands for minus infinity."""
_EXACT = frozenset({"l4.fo"})
"""Kept in single precision: the input of this one product of e5 has outliers that leave 8 bit too
little for the rest. It costs 2 % of the time and lifts the cosine to single precision from
0.994 to 0.997 at the least on prose, and from 0.981 to 0.998 on one sentence repeated."""


@dataclass(frozen=True, slots=True)
class TokenImportance:
    """How much a token of a question counts: a linear function of its unit vector, a logit.

    Attributes
    ----------
    weight
        Shape (hidden,).
    """

    weight: NDArray[np.float32]
    bias: float


def export_onnx(weights: E5Weights, path: Path, *, precision: Precision) -> None:
    """Write the graph of a BERT encoder with mean pooling and unit length to `path`."""
    graph = _Graph(weights, precision)
    graph.pool(graph.encode(weights.shape.layers))
    onnx.save(graph.model(), path)


@dataclass(frozen=True, slots=True)
class JointReading:
    """How the upper layers read a question and a window together.

    Attributes
    ----------
    shares
        By what share a head adds what it reads in the other text, shape (upper layers, heads).
    importance
        How much a token of the question counts.
    """

    shares: NDArray[np.float32]
    importance: TokenImportance


def export_reader(
    weights: E5Weights, joint: JointReading, alone: Path, together: Path, *, precision: Precision
) -> None:
    """Write the graph of the lower layers to `alone` and that of the upper ones to `together`."""
    below = weights.shape.layers - len(joint.shares)
    lower = _Graph(weights, precision)
    lower.give_states(lower.encode(below))
    onnx.save(lower.model(), alone)
    upper = _Graph(weights, precision)
    upper.give_tokens(upper.read_together(joint.shares), joint.importance)
    onnx.save(upper.model(), together)


@dataclass(frozen=True, slots=True)
class _Together:
    """Tensors added to the products of both attentions, and the share of each head (heads,)."""

    own: str
    other: str
    shares: NDArray[np.float32]


class _Graph:
    """Collects nodes and constants; each method returns the name of the tensor it adds."""

    def __init__(self, weights: E5Weights, precision: Precision) -> None:
        self._weights = weights
        self._precision = precision
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: dict[str, onnx.ValueInfoProto] = {}
        self._outputs: dict[str, list[str | int]] = {}

    def encode(self, layers: int) -> str:
        """Add the first layers and return the last state."""
        state = self.embed()
        for layer in range(layers):
            state = self.layer(layer, state)
        return state

    def read_together(self, shares: NDArray[np.float32]) -> str:
        """Add the upper layers over the states of a question and of a window side by side."""
        hidden, layers = self._weights.shape.hidden, self._weights.shape.layers
        for name in (QUESTION, WINDOW):
            self._take(name, TensorProto.FLOAT, [1, f"{name}_length", hidden])
        own, other = self._attention_biases()
        state = self._node("Concat", [QUESTION, WINDOW], "together", axis=1)
        for number, row in enumerate(shares, start=layers - len(shares)):
            state = self.layer(number, state, _Together(own, other, row))
        return state

    def _attention_biases(self) -> tuple[str, str]:
        """Tell tokens of one text from those of the other, shape (1, 1, lengths, lengths) each."""
        sides = [self._sides(QUESTION, 0.0), self._sides(WINDOW, 1.0)]
        joined = self._node("Concat", sides, "sides", axis=1)
        column = self._node("Unsqueeze", [joined, self._constant("heads", np.array([1]))], "column")
        row = self._node("Transpose", [column], "row", perm=[0, 1, 3, 2])
        crossing = self._node("Abs", [self._node("Sub", [row, column], "difference")], "crossing")
        low = self._constant("low", np.array(_SMALLEST, dtype=np.float32))
        one = self._constant("one", np.array(1, dtype=np.float32))
        own = self._node("Mul", [crossing, low], "own")
        other = self._node("Mul", [self._node("Sub", [one, crossing], "same"), low], "other")
        return own, other

    def _sides(self, text: str, side: float) -> str:
        """Return the number of the text for each of its tokens, shape (1, length, 1)."""
        first = self._constant(f"{text}.channel", np.array([0]))
        value = self._node("Gather", [text, first], f"{text}.value", axis=2)
        zero = self._constant(f"{text}.zero", np.array(0, dtype=np.float32))
        nothing = self._node("Mul", [value, zero], f"{text}.nothing")
        number = self._constant(f"{text}.number", np.array(side, dtype=np.float32))
        return self._node("Add", [nothing, number], f"{text}.side")

    def embed(self) -> str:
        """Add up word, position and type; the words stay packed in 4 bits, exact and small."""
        self._take(INPUT, TensorProto.INT64, ["batch", "length"])
        hidden = self._weights.shape.hidden
        vectors = self._weights.vectors
        # All tokens are of type 0.
        table = vectors["emb.pos"].reshape(-1, hidden) + vectors["emb.type"][:hidden]
        word = self._words()
        start = self._constant("start", np.array([0]))
        self._node("Shape", [INPUT], "length", start=1, end=2)
        self._node(
            "Slice", [self._constant("positions", table), start, "length", start], "position"
        )
        self._node("Add", [word, "position"], "summed")
        return self._normalise("summed", "emb.ln", "embedded")

    def _words(self) -> str:
        """Look words up: two 4-bit codes a byte, the low halves are the first 16 of a block."""
        hidden = self._weights.shape.hidden
        words = self._weights.words
        blocks, half = hidden // BLOCK, BLOCK // 2
        codes = (words.codes.reshape(-1, blocks, BLOCK) + _Q4_ZERO).astype(np.uint8)
        packed = codes[..., :half] | (codes[..., half:] << _NIBBLE_BITS)
        rows = self._constant("word.packed", packed.reshape(-1, hidden // 2))
        scales = self._constant(
            "word.scales", words.scales.reshape(-1, blocks, 1).astype(np.float16)
        )
        by_block = self._constant("by_block", np.array([0, 0, blocks, half]))
        by_token = self._constant("by_token", np.array([0, 0, hidden]))
        self._node("Gather", [rows, INPUT], "word.rows")
        self._node("Reshape", ["word.rows", by_block], "word.bytes")
        mask = self._constant("nibble", np.array(2**_NIBBLE_BITS - 1, dtype=np.uint8))
        bits = self._constant("nibble_bits", np.array(_NIBBLE_BITS, dtype=np.uint8))
        self._node("BitwiseAnd", ["word.bytes", mask], "word.low")
        self._nodes.append(
            helper.make_node("BitShift", ["word.bytes", bits], ["word.high"], direction="RIGHT")
        )
        self._node("Concat", ["word.low", "word.high"], "word.codes", axis=-1)
        self._node("Cast", ["word.codes"], "word.unsigned", to=TensorProto.FLOAT)
        zero = self._constant("word.zero", np.array(_Q4_ZERO, dtype=np.float32))
        self._node("Sub", ["word.unsigned", zero], "word.signed")
        self._node("Gather", [scales, INPUT], "word.row_scales")
        self._node("Cast", ["word.row_scales"], "word.float_scales", to=TensorProto.FLOAT)
        self._node("Mul", ["word.signed", "word.float_scales"], "word.scaled")
        return self._node("Reshape", ["word.scaled", by_token], "word")

    def layer(self, number: int, state: str, together: _Together | None = None) -> str:
        """Add attention and feed-forward, each with its residual and layer norm."""
        at = f"l{number}."
        hidden, inner = self._weights.shape.hidden, self._weights.shape.feed_forward
        parts = [f"{at}{part}" for part in ("q", "k", "v")]
        joined = self._linear(state, parts, columns=hidden, name=f"{at}qkv")
        thirds = self._constant(f"{at}thirds", np.array([hidden] * 3))
        outputs = [f"{part}.out" for part in parts]
        self._nodes.append(helper.make_node("Split", [joined, thirds], outputs, axis=-1))
        context = self._context(outputs, at, together)
        attended = self._linear(context, [f"{at}ao"], columns=hidden, name=f"{at}attended")
        self._node("Add", [attended, state], f"{at}residual")
        middle = self._normalise(f"{at}residual", f"{at}aln", f"{at}middle")
        wide = self._linear(middle, [f"{at}fi"], columns=hidden, name=f"{at}wide")
        bent = self._contrib("Gelu", [wide], f"{at}bent")
        narrow = self._linear(bent, [f"{at}fo"], columns=inner, name=f"{at}narrow")
        self._node("Add", [narrow, middle], f"{at}sum")
        return self._normalise(f"{at}sum", f"{at}oln", f"{at}state")

    def _context(self, parts: list[str], at: str, together: _Together | None) -> str:
        heads, hidden = self._weights.shape.heads, self._weights.shape.hidden
        if together is None:
            return self._contrib("MultiHeadAttention", parts, f"{at}context", num_heads=heads)
        # Neither a bias of the products nor a mask of keys is given.
        own, other = (
            self._contrib(
                "MultiHeadAttention", [*parts, "", "", bias], f"{at}{name}", num_heads=heads
            )
            for name, bias in (("own", together.own), ("other", together.other))
        )
        shares = np.repeat(together.shares, hidden // heads).astype(np.float32)
        added = self._node("Mul", [other, self._constant(f"{at}shares", shares)], f"{at}added")
        return self._node("Add", [own, added], f"{at}context")

    def pool(self, state: str) -> None:
        """Take the mean over the tokens and scale it to length 1."""
        axis = self._constant("axis", np.array([1]))
        self._node("ReduceMean", [state, axis], "mean", keepdims=0)
        self._node("LpNormalization", ["mean"], OUTPUT, axis=-1, p=2)
        self._outputs[OUTPUT] = ["batch", self._weights.shape.hidden]

    def give_states(self, state: str) -> None:
        """Give what the last layer made of each token."""
        self._node("Identity", [state], OUTPUT)
        self._outputs[OUTPUT] = ["batch", "length", self._weights.shape.hidden]

    def give_tokens(self, state: str, importance: TokenImportance) -> None:
        """Scale each token to length 1 and add its importance."""
        self._node("LpNormalization", [state], OUTPUT, axis=-1, p=2)
        weight = self._constant("importance.w", importance.weight.reshape(-1, 1))
        bias = self._constant("importance.b", np.array(importance.bias, dtype=np.float32))
        self._node("MatMul", [OUTPUT, weight], "importance.dot")
        self._node("Add", ["importance.dot", bias], IMPORTANCE)
        self._outputs[OUTPUT] = ["batch", "length", self._weights.shape.hidden]
        self._outputs[IMPORTANCE] = ["batch", "length", 1]

    def model(self) -> onnx.ModelProto:
        """Return the finished model."""
        graph = helper.make_graph(
            self._nodes,
            "e5",
            list(self._inputs.values()),
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
                for name, shape in self._outputs.items()
            ],
            self._constants,
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    def _take(self, name: str, kind: int, shape: Sequence[str | int]) -> None:
        self._inputs[name] = helper.make_tensor_value_info(name, kind, shape)

    def _linear(self, state: str, parts: Sequence[str], *, columns: int, name: str) -> str:
        """Add `state · W + b` for the matrices of `parts` side by side."""
        matrices = [
            self._weights.matrices[f"{part}.w"].dense().reshape(-1, columns) for part in parts
        ]
        matrix = np.concatenate(matrices).T
        bias = np.concatenate([self._weights.vectors[f"{part}.b"] for part in parts])
        add = self._constant(f"{name}.bias", bias)
        if self._precision is Precision.FP32 or not _EXACT.isdisjoint(parts):
            self._node("MatMul", [state, self._constant(f"{name}.matrix", matrix)], f"{name}.dot")
            return self._node("Add", [f"{name}.dot", add], name)
        codes, scales = _quantize(matrix)
        inputs = [
            state,
            self._constant(f"{name}.codes", codes),
            self._constant(f"{name}.scales", scales),
            self._constant(f"{name}.zeros", np.zeros(scales.shape, dtype=np.int8)),
            add,
        ]
        return self._contrib("DynamicQuantizeMatMul", inputs, name)

    def _normalise(self, state: str, weights: str, name: str) -> str:
        scale = self._constant(f"{weights}.w", self._weights.vectors[f"{weights}.w"])
        shift = self._constant(f"{weights}.b", self._weights.vectors[f"{weights}.b"])
        epsilon = self._weights.shape.epsilon
        return self._node(
            "LayerNormalization", [state, scale, shift], name, axis=-1, epsilon=epsilon
        )

    def _node(
        self, kind: str, inputs: Sequence[str], output: str, **attributes: float | list[int]
    ) -> str:
        return self._add(helper.make_node(kind, inputs, [output]), attributes)

    def _contrib(self, kind: str, inputs: Sequence[str], output: str, **attributes: float) -> str:
        return self._add(helper.make_node(kind, inputs, [output], domain=_CONTRIB), attributes)

    def _add(self, node: onnx.NodeProto, attributes: Mapping[str, float | list[int]]) -> str:
        node.attribute.extend(helper.make_attribute(*item) for item in attributes.items())
        self._nodes.append(node)
        return str(node.output[0])

    def _constant(self, name: str, values: NDArray[np.generic]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name


def _quantize(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return 8-bit codes and one scale per column, symmetric around 0."""
    largest = np.abs(matrix).max(axis=0)
    scales = (np.where(largest > 0, largest, 1.0) / _INT8_MAX).astype(np.float32)
    return np.rint(matrix / scales).astype(np.int8), scales
