"""How much of a follow-up question its rewriting gives back, by the search alone."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Final

import yaml

from app.settings import Settings
from app.wiring import SearchSystem, open_search
from eval.asking import ask
from eval.collection import bring_in, own_items
from eval.errors import BrokenSet
from eval.own_set import QUESTIONS, load_own_questions
from eval.records import Question, Row
from retrieval.records import Query
from retrieval.understanding.rewriting import RewrittenBy, Understood

STANDALONE: Final = QUESTIONS / "standalone" / "follow_ups.yaml"
_DEPTH = 10


class AsItStands:
    """Rewrites nothing."""

    def rewrite(self, query: Query, *, cancelled: Callable[[], bool]) -> Understood:
        """Return the question without its history."""
        return Understood(replace(query, history=()), RewrittenBy.NOBODY)


def load_standalone(path: Path = STANDALONE) -> dict[str, str]:
    """Return the follow-up questions as they were written out by hand, by id.

    Raises
    ------
    BrokenSet
        The file is not a mapping of ids to questions.
    """
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(read, dict) or not all(isinstance(text, str) for text in read.values()):
        raise BrokenSet(f"{path}: has to be a mapping of ids to questions")
    return {str(name): text for name, text in read.items()}


def run(settings: Settings) -> list[str]:
    """Search the follow-ups as asked, as rewritten and as written out; return the report."""
    for _ in bring_in(settings, own_items()):
        continue
    asked = [question for question in load_own_questions() if question.history]
    written = load_standalone()
    by_hand = [replace(each, text=written[each.id]) for each in asked]
    with closing(open_search(settings)) as system:
        return [
            _line("as asked", _rows(asked, system, rewritten=False)),
            _line("rewritten", _rows(asked, system, rewritten=True)),
            _line("by hand", _rows(by_hand, system, rewritten=False)),
        ]


def _rows(questions: Sequence[Question], system: SearchSystem, *, rewritten: bool) -> list[Row]:
    rewriter = system.rewriter if rewritten else AsItStands()
    candidates = 2 * system.settings.retrieval.candidates
    return [
        ask(each, system.retriever, rewriter=rewriter, candidates=candidates, answerer=None)
        for each in questions
    ]


def _line(name: str, rows: Sequence[Row]) -> str:
    documents = fmean(reciprocal_rank(_document_rank(row)) for row in rows)
    quotes = fmean(reciprocal_rank(row.quotes["final"]) for row in rows)
    return f"{name}: MRR@10 of documents {documents:.3f}, of quotes {quotes:.3f} ({len(rows)})"


def _document_rank(row: Row) -> int | None:
    ranked = enumerate(row.rankings["final"], start=1)
    return next((rank for rank, name in ranked if name in row.question.grades), None)


def reciprocal_rank(rank: int | None) -> float:
    """Return 1 / rank, and 0 for what is not among the first ten."""
    return 0.0 if rank is None or rank > _DEPTH else 1 / rank
