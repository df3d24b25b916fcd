"""Convert e5 once: a Hugging Face folder, two ONNX graphs, and a golden vector."""

import json
from collections.abc import Callable
from pathlib import Path

from tokenizers import Tokenizer

from models.e5 import read_e5
from models.e5_folder import write_folder
from models.onnx_encoder import embed, open_session, token_ids
from models.onnx_export import export_onnx
from models.onnx_graph import GOLDEN, GRAPHS, TOKENIZER, Precision
from models.progress import Progress, Report, Step
from models.spec import ModelSpec

GOLDEN_TEXT = "差旅住宿费标准：一线城市每晚 500 元。 Hotel costs are capped at 500 yuan a night."


def convert_e5(spec: ModelSpec, path: Path, folder: Path, report: Report) -> None:
    """Write everything that serves the model into `folder`, the same bytes every time."""
    weights = read_e5(path)
    (folder / "onnx").mkdir()
    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("Hugging Face folder", lambda: write_folder(weights, spec, folder / "hf")),
        (
            "ONNX in single precision",
            lambda: export_onnx(weights, folder / GRAPHS[Precision.FP32], precision=Precision.FP32),
        ),
        (
            "ONNX in 8 bit",
            lambda: export_onnx(weights, folder / GRAPHS[Precision.INT8], precision=Precision.INT8),
        ),
        ("golden vector", lambda: _write_golden(spec, folder)),
    )
    for item, step in steps:
        report(Progress(Step.CONVERTING, f"{spec.name}: {item}"))
        step()


def _write_golden(spec: ModelSpec, folder: Path) -> None:
    """Keep what single precision says of one text, to know 8 bit by that works on a CPU."""
    text = spec.passage_prefix + GOLDEN_TEXT
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    session = open_session((folder / GRAPHS[Precision.FP32]).read_bytes())
    vector = embed(session, token_ids(tokenizer, text, max_tokens=spec.max_tokens))
    content = {"text": text, "vector": [round(float(value), 6) for value in vector]}
    (folder / GOLDEN).write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
