"""Write the trained reranker as the model that Zhiku ships.

    python -m training.reranker.export FOLDER data/models/zhiku-reranker

FOLDER/joint/model.safetensors is taken. The vocabulary is cut to Chinese and Latin scripts, the
words stay in the 4 bits they have in e5, products are 8 bit.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from tokenizers import Tokenizer

from app.settings import load_settings
from app.wiring import models_folder
from eval.collection import own_items
from ingest.parse import parse
from models.disk import sha256_of
from models.e5 import DenseMatrix, E5Shape, E5Vocabulary, E5Weights, Matrix, Q4Tensor
from models.late_interaction import ALONE, TOGETHER, VOCABULARY
from models.manifest import Manifest, installed_files, save_manifest
from models.onnx_export import JointReading, TokenImportance, export_reader
from models.onnx_graph import GOLDEN, Precision
from models.registry import ENCODER
from training.reranker.joint import JOINT_RUN, JointInteraction, load_joint
from training.reranker.lists import read_lists
from training.reranker.model import (
    QUESTION_PREFIX,
    WINDOW_PREFIX,
    LateInteraction,
    Tokens,
)
from training.reranker.vocabulary import cut_tokenizer, frequencies, kept_pieces

NAME: Final = "zhiku-reranker"
_PIECES: Final = 62_000
_MAX_TOKENS: Final = 512
_MATRICES: Final = ("q", "k", "v", "ao", "fi", "fo")
_NORMS: Final = ("aln", "oln")
_QUESTION: Final = "一线城市的住宿费标准是多少？"
_WINDOW: Final = "Travel policy\nHotel costs in first-tier cities are capped at 500 yuan a night."
_STRANGER: Final = "信息安全制度\n密码至少十二位，每九十天更换一次。"


def weights_of(
    model: LateInteraction, kept: NDArray[np.int64], pieces: list[tuple[str, float]]
) -> E5Weights:
    """Return the weights in the form that the exporter takes, with the kept words only."""
    state = {
        name: value.detach().float().numpy() for name, value in model.encoder.state_dict().items()
    }
    shape = model.encoder.shape
    vectors = {
        "emb.pos": state["position.weight"].reshape(-1),
        "emb.type": np.zeros(shape.hidden, dtype=np.float32),
        "emb.ln.w": state["norm.weight"],
        "emb.ln.b": state["norm.bias"],
    }
    matrices: dict[str, Matrix] = {}
    for number in range(shape.layers):
        for part in _MATRICES:
            matrices[f"l{number}.{part}.w"] = DenseMatrix(state[f"layers.{number}.{part}.weight"])
            vectors[f"l{number}.{part}.b"] = state[f"layers.{number}.{part}.bias"]
        for part in _NORMS:
            vectors[f"l{number}.{part}.w"] = state[f"layers.{number}.{part}.weight"]
            vectors[f"l{number}.{part}.b"] = state[f"layers.{number}.{part}.bias"]
    return E5Weights(
        E5Shape(
            hidden=shape.hidden,
            layers=shape.layers,
            heads=shape.heads,
            feed_forward=shape.inner,
            vocabulary=len(kept),
            positions=len(state["position.weight"]),
            types=1,
            epsilon=shape.epsilon,
        ),
        E5Vocabulary(tuple(pieces), bos=0, eos=2, pad=1, unknown=3, characters={}),
        vectors,
        Q4Tensor.of(state["word.weight"][kept]),
        matrices,
    )


def golden(
    model: JointInteraction, tokenizer: Tokenizer, kept: NDArray[np.int64]
) -> dict[str, Any]:
    """Return a question, two windows and their scores in single precision."""
    tokens = Tokens(tokenizer)
    windows = [tokens.window(text) for text in (_WINDOW, _STRANGER)]
    with torch.inference_mode():
        scores = model.scores(
            [kept[tokens.question(_QUESTION)].tolist()],
            [kept[ids].tolist() for ids in windows],
            [0] * len(windows),
        )
    return {
        "question": _QUESTION,
        "window": _WINDOW,
        "stranger": _STRANGER,
        "scores": [round(float(score), 5) for score in scores],
    }


def _texts(folder: Path) -> Iterator[str]:
    for each in read_lists(folder / "lists.jsonl"):
        yield each.question
        yield from each.positives
    for item in own_items():
        yield from (block.text for block in parse(item.source).blocks)


def export_model(
    model: JointInteraction,
    tokenizer: Mapping[str, Any],
    counted: Mapping[int, int],
    target: Path,
    *,
    pieces: int,
) -> None:
    """Write all files of the model and its manifest; what was in the folder goes.

    Parameters
    ----------
    tokenizer
        The whole `tokenizer.json`.
    counted
        How often each token occurs in the texts that the vocabulary has to hold.
    pieces
        Size of the vocabulary.
    """
    named = [(piece, score) for piece, score in tokenizer["model"]["vocab"]]
    kept = np.array(kept_pieces(named, counted, size=pieces))
    cut = cut_tokenizer(tokenizer, kept.tolist())
    target.mkdir(parents=True, exist_ok=True)
    for old in target.iterdir():
        old.unlink()
    _write_json(target / VOCABULARY, cut)
    late = model.late
    joint = JointReading(
        torch.tanh(model.gates.detach()).numpy(),
        TokenImportance(
            late.importance.weight.detach().numpy()[0], float(late.importance.bias.detach())
        ),
    )
    weights = weights_of(late, kept, [named[number] for number in kept])
    export_reader(weights, joint, target / ALONE, target / TOGETHER, precision=Precision.INT8)
    _write_json(target / GOLDEN, golden(model, Tokenizer.from_str(json.dumps(cut)), kept))
    save_manifest(
        Manifest(
            name=NAME,
            revision="2",
            licence="Apache-2.0",
            weights_sha256=sha256_of(target / TOGETHER),
            dimension=late.encoder.shape.hidden,
            max_tokens=min(_MAX_TOKENS, len(late.encoder.position.weight)),
            query_prefix=QUESTION_PREFIX,
            passage_prefix=WINDOW_PREFIX,
            files=installed_files(target),
        ),
        target,
    )


def write_model(folder: Path, target: Path, run: str) -> None:
    """Export a run of a training."""
    source = models_folder(load_settings()) / ENCODER / "hf"
    model, _ = load_joint(folder, run)
    tokenizer = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    counted = frequencies(Tokenizer.from_str(json.dumps(tokenizer)), _texts(folder))
    export_model(model, tokenizer, counted, target, pieces=_PIECES)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
    path.write_text(text, encoding="utf-8")


def main() -> None:
    """Export a run."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("target", type=Path)
    arguments.add_argument("--run", default=JOINT_RUN)
    chosen = arguments.parse_args()
    write_model(chosen.folder, chosen.target, chosen.run)
    size = sum(path.stat().st_size for path in chosen.target.iterdir())
    Console().print(f"{chosen.target}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
