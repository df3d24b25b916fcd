"""Find the mean vectors of both languages that `models/centred.py` takes off.

    python -m training.fit_language_means DATA --write models/language_means.json

Of each language, sets of different kinds count alike, so that the mean is that of the language and
not of a subject: encyclopedia, medicine and shopping from DATA, and the tuning half of our own
company.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from app.settings import load_settings
from app.wiring import models_folder
from eval.own_set import QUESTIONS, load_own_questions, read_file
from models.encoder import CountingEncoder
from models.language import detect_language
from models.onnx_encoder import OnnxEncoder
from models.registry import ENCODER
from training.reranker.windows import company_windows
from training.retrieval_sets import sampled, texts_of

SETS: Final[Mapping[str, tuple[str, ...]]] = {
    "zh": ("train/cmrc2018_train", "train/cmedir_zh"),
    "en": ("train/medquad_en", "train/epqa_dev_en"),
}
_PASSAGES_A_SET: Final = 300
_QUESTIONS_A_SET: Final = 200
_MAX_CHARACTERS: Final = 800
_DECIMALS: Final = 5


def mean_of_means(groups: Sequence[NDArray[np.float32]]) -> list[float]:
    """Return the mean of the groups' mean vectors, rounded."""
    mean = np.mean([group.mean(axis=0) for group in groups], axis=0)
    return [round(float(value), _DECIMALS) for value in mean]


def company_passages(encoder: CountingEncoder) -> list[str]:
    """Return the passages of the tuning half as they are encoded when they are brought in."""
    files = (read_file(path) for path in QUESTIONS.glob("*.yaml"))
    tuning = frozenset(name for file in files for name in file.documents.tuning)
    return [window.text for window in company_windows(encoder, names=tuning)]


def main() -> None:
    """Fit, and write the numbers if told so."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--write", type=Path)
    chosen = arguments.parse_args()
    settings = load_settings()
    encoder = OnnxEncoder(models_folder(settings) / ENCODER, threads=2)
    passages = company_passages(encoder)
    questions = [each.text for each in load_own_questions() if each.half == "tuning"]
    means: dict[str, dict[str, list[float]]] = {"questions": {}, "passages": {}}
    for lang, names in SETS.items():
        asked = [_of(lang, questions)]
        told = [_of(lang, passages)]
        for name in names:
            corpus = texts_of(chosen.data / name / "corpus.jsonl")
            queries = texts_of(chosen.data / name / "queries.jsonl")
            told.append([t[:_MAX_CHARACTERS] for t in sampled(corpus, _PASSAGES_A_SET).values()])
            asked.append(list(sampled(queries, _QUESTIONS_A_SET).values()))
        means["questions"][lang] = mean_of_means(
            [np.stack([encoder.encode_query(text) for text in group]) for group in asked]
        )
        means["passages"][lang] = mean_of_means([encoder.encode_passages(group) for group in told])
    apart = {kind: float(np.dot(each["zh"], each["en"])) for kind, each in means.items()}
    Console().print(f"scalar products of the languages' means: {apart}")
    if chosen.write is not None:
        found = {"weights_sha256": encoder.weights_sha256, **means}
        chosen.write.write_text(json.dumps(found) + "\n", encoding="utf-8")


def _of(lang: str, texts: Sequence[str]) -> list[str]:
    return [text for text in texts if detect_language(text) == lang]


if __name__ == "__main__":
    main()
