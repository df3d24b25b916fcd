"""Candidates of held-out questions, to see what each step of the reranker gives.

    python -m training.reranker.dev DATA FOLDER

FOLDER/fit.jsonl and FOLDER/report.jsonl are written: for questions of these parts the best windows
of both searches with their signals, among passages of the set and strangers in both languages. The
former fit what puts the signals together, the latter steer the training; what is published comes
from `zhiku eval`.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.progress import track

from app.settings import load_settings
from app.wiring import open_encoder
from eval.parts import Part, part_of
from models.bm25 import query_weights
from models.encoder import CountingEncoder
from models.terms import terms
from retrieval.coverage import coverage
from retrieval.relevance import RelevanceModel
from training.reranker.pools import Pool, best, build_pool
from training.reranker.windows import passage_windows
from training.retrieval_sets import RetrievalSet, load_set, sampled

SETS: Final[Mapping[str, tuple[str, str]]] = {
    "xquad_zh": ("cmrc2018_trial", "qed_nq_dev_en"),
    "xquad_en": ("qed_nq_dev_en", "cmrc2018_trial"),
    "xquad_zh2en": ("qed_nq_dev_en", "cmrc2018_trial"),
    "xquad_en2zh": ("cmrc2018_trial", "qed_nq_dev_en"),
    "drcd_dev": ("cmrc2018_trial", "qed_nq_dev_en"),
    "cmrc2018_trial": ("drcd_dev", "xquad_en"),
    "qed_nq_dev_en": ("xquad_en", "drcd_dev"),
    "squad2_dev_en": ("qed_nq_dev_en", "drcd_dev"),
    "scifact_en": ("qed_nq_dev_en", "drcd_dev"),
    "stard_law_zh": ("cmrc2018_trial", "xquad_en"),
    "dureader_demo_zh": ("cmrc2018_trial", "xquad_en"),
    "tatqa_en": ("qed_nq_dev_en", "cmrc2018_trial"),
}
"""Sets, and where the strangers among their passages come from."""

PARTS: Final = (Part.FIT, Part.REPORT)
_QUESTIONS: Final = 50
_STRANGERS: Final = 250
_OWN_PASSAGES: Final = 1200
_MAX_CHARACTERS: Final = 2000
_DEPTH: Final = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A window that a search found; `covered` is its coverage of the question."""

    passage: str
    text: str
    cosine: float
    lexical: float
    covered: float


@dataclass(frozen=True, slots=True)
class DevList:
    """A question with what was found for it; `relevant` are ids of passages."""

    source: str
    question: str
    relevant: tuple[str, ...]
    found: tuple[Found, ...]


def read_dev(file: Path) -> list[DevList]:
    """Read what `main` wrote."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [
        DevList(
            row["source"],
            row["question"],
            tuple(row["relevant"]),
            tuple(Found(**found) for found in row["found"]),
        )
        for row in rows
    ]


def _pool(
    data: Path, found: RetrievalSet, source: str, asked: Iterable[str], encoder: CountingEncoder
) -> Pool:
    needed = {passage for one in asked for passage in found.relevant[one]}
    passages = {one: found.passages[one] for one in sorted(needed)}
    passages |= sampled(found.passages, _OWN_PASSAGES)
    for other in SETS[source]:
        passages |= sampled(load_set(data / other).passages, _STRANGERS)
    windows = list(passage_windows(passages, encoder, max_characters=_MAX_CHARACTERS))
    return build_pool(windows, encoder)


def dev_lists(data: Path, source: str, encoder: CountingEncoder) -> Iterator[tuple[Part, DevList]]:
    """Yield the lists of both parts of a set."""
    found = load_set(data / source)
    asked = {}
    for part in PARTS:
        kept = {q: t for q, t in found.questions.items() if part_of(found.relevant[q]) is part}
        asked.update(dict.fromkeys(sampled(kept, _QUESTIONS), part))
    pool = _pool(data, found, source, asked, encoder)
    for one, part in asked.items():
        text = found.questions[one]
        yield (
            part,
            DevList(
                source,
                text,
                tuple(sorted(found.relevant[one])),
                tuple(_search(pool, text, encoder)),
            ),
        )


def _search(pool: Pool, question: str, encoder: CountingEncoder) -> Iterator[Found]:
    model = RelevanceModel.load()
    cosines, scores = pool.cosines(question, encoder), pool.lexical(question)
    wanted = query_weights(terms(question))
    for i in dict.fromkeys(best(cosines, _DEPTH) + best(scores, _DEPTH)):
        yield Found(
            pool.windows[i].passage,
            pool.windows[i].text,
            round(float(cosines[i]), 5),
            round(float(scores[i]), 4),
            coverage(wanted, pool.terms[i], model.background_idf, rare=model.rare_idf),
        )


def main() -> None:
    """Read the arguments."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("folder", type=Path)
    chosen = arguments.parse_args()
    write_held_out(chosen.data, chosen.folder)


def write_held_out(data: Path, folder: Path) -> None:
    """Search the held-out questions of all sets."""
    encoder = open_encoder(load_settings())
    with ExitStack() as files:
        lines = {
            part: files.enter_context((folder / f"{part}.part").open("w", encoding="utf-8"))
            for part in PARTS
        }
        for source in track(SETS, "sets"):
            for part, each in dev_lists(data, source, encoder):
                lines[part].write(json.dumps(asdict(each), ensure_ascii=False) + "\n")
    for part in PARTS:
        (folder / f"{part}.part").replace(folder / f"{part}.jsonl")


if __name__ == "__main__":
    main()
