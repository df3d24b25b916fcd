"""What the converter writes and the encoder reads: files of the folder, ends of the graph."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Precision(StrEnum):
    """How the products with the weights are computed."""

    FP32 = "fp32"
    INT8 = "int8"


TOKENIZER = "hf/tokenizer.json"
GOLDEN = "golden.json"
"""A text and the vector that single precision gives it."""

GRAPHS: Mapping[Precision, str] = MappingProxyType(
    {Precision.INT8: "onnx/model.int8.onnx", Precision.FP32: "onnx/model.onnx"}
)

INPUT = "input_ids"
QUESTION = "question"
WINDOW = "window"
OUTPUT = "vectors"
IMPORTANCE = "importance"
