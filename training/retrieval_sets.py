"""Retrieval sets on disk: `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """A set: passages by id, questions by id, and which passages answer which question."""

    name: str
    passages: Mapping[str, str]
    questions: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]


def load_set(folder: Path, *, labels: str = "qrels.tsv", min_grade: int = 1) -> RetrievalSet:
    """Read a set; questions without a passage of at least `min_grade` are left out."""
    passages = texts_of(folder / "corpus.jsonl")
    relevant: dict[str, set[str]] = {}
    for line in (folder / labels).read_text(encoding="utf-8").splitlines():
        question, passage, grade = line.split("\t")
        if int(grade) >= min_grade:
            relevant.setdefault(question, set()).add(passage)
    questions = {
        row["id"]: row["text"] for row in _rows(folder / "queries.jsonl") if row["id"] in relevant
    }
    return RetrievalSet(
        folder.name,
        passages,
        questions,
        {question: frozenset(found) for question, found in relevant.items()},
    )


def texts_of(path: Path) -> dict[str, str]:
    """Read the texts of a file by id, each below its title if it has one."""
    return {row["id"]: f"{row.get('title') or ''}\n{row['text']}".strip() for row in _rows(path)}


def answers_of(path: Path) -> dict[str, list[str]]:
    """Read the answers that the questions of a file have, by the question's id."""
    return {row["id"]: list(row.get("answers") or ()) for row in _rows(path)}


def is_for_fitting(question_id: str) -> bool:
    """Split questions in two halves by a hash of their id: one to fit, one to report."""
    return hashlib.sha256(question_id.encode()).digest()[0] % 2 == 0


def sampled(questions: Mapping[str, str], count: int) -> dict[str, str]:
    """Return at most `count` questions, chosen by a hash of their id."""

    def order(question_id: str) -> bytes:
        return hashlib.sha256(f"sample {question_id}".encode()).digest()

    return {name: questions[name] for name in sorted(questions, key=order)[:count]}


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
