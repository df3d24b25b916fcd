"""Questions with what both searches found for them, to fit and to judge a fusion on."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from rich.progress import track

from app.settings import Settings
from app.wiring import SearchSystem, open_search
from eval.asking import query_of
from eval.collection import bring_in, document_name, kept_settings, own_items
from eval.metrics import reciprocal_rank_at
from eval.own_set import load_own_questions
from eval.records import Question
from models.language import detect_language
from retrieval.relevance import Signals
from training.reranker.dev import DevList, Found, read_dev
from training.reranker.pools import best
from training.searching import reciprocal_rank_fusion

_DEPTH: Final = 10
_POOL_DEPTH: Final = 20
"""Windows of each search in the pools of `training.reranker.dev`."""
_PARTS: Final = {"tuning": "fit", "reporting": "report"}


@dataclass(frozen=True, slots=True)
class FusedList:
    """A question with its passages as the product's two searches see them.

    Attributes
    ----------
    relevant
        Ids of passages.
    passages
        The passage that each window is of.
    signals, lexical
        Of each window; the lexical score is 0 where that search did not find it.
    dense_order, lexical_order
        Numbers of the windows that a search found, best first.
    """

    source: str
    relevant: frozenset[str]
    passages: tuple[str, ...]
    signals: tuple[Signals, ...]
    lexical: tuple[float, ...]
    dense_order: tuple[int, ...]
    lexical_order: tuple[int, ...]

    def reciprocal_rank(self, order: Sequence[int]) -> float:
        """Return 1 / rank of the first relevant passage, 0 below the tenth."""
        ranking = list(dict.fromkeys(self.passages[i] for i in order))
        return reciprocal_rank_at(ranking, dict.fromkeys(self.relevant, 1), _DEPTH)

    def by(self, merits: Sequence[float]) -> float:
        """Return the reciprocal rank in the order of merits."""
        return self.reciprocal_rank(sorted(range(len(merits)), key=lambda i: -merits[i]))

    def by_rank(self) -> float:
        """Return the reciprocal rank of what others do: fusion by rank."""
        scores = reciprocal_rank_fusion([self.dense_order, self.lexical_order])
        return self.reciprocal_rank(sorted(scores, key=lambda i: -scores[i]))


def pool_lists(file: Path) -> list[FusedList]:
    """Read the pools that `training.reranker.dev` wrote."""
    return [
        fused_list(each, [detect_language(found.text) for found in each.found], depth=_POOL_DEPTH)
        for each in read_dev(file)
    ]


def fused_list(each: DevList, languages: Sequence[str], *, depth: int) -> FusedList:
    """Return a list as the product sees it when each search contributes `depth` windows.

    What only the lexical search found has the lowest cosine that the dense one returned.

    Parameters
    ----------
    languages
        Of the windows.
    """
    cosines = np.array([found.cosine for found in each.found])
    dense = best(cosines, depth)
    scores = np.array([found.lexical for found in each.found])
    lexical = [i for i in best(scores, depth) if scores[i] > 0]
    lowest = float(cosines[dense[-1]])
    lang = detect_language(each.question)
    return FusedList(
        source=each.source,
        relevant=frozenset(each.relevant),
        passages=tuple(found.passage for found in each.found),
        signals=tuple(
            Signals(max(found.cosine, lowest), found.covered, f"{lang}-{told}")
            for found, told in zip(each.found, languages, strict=True)
        ),
        lexical=tuple(found.lexical if i in lexical else 0.0 for i, found in enumerate(each.found)),
        dense_order=tuple(dense),
        lexical_order=tuple(lexical),
    )


def own_lists(settings: Settings, folder: Path) -> Mapping[str, list[FusedList]]:
    """Search the questions of our own set in the whole sample company.

    Parameters
    ----------
    folder
        Where `zhiku eval` keeps its indexes.

    Returns
    -------
    `fit` and `report`: the tuning and the reporting half; each crossing is a set.
    """
    items = own_items()
    placed = kept_settings(settings, folder, items)
    for _ in bring_in(placed, items):
        pass
    lists: dict[str, list[FusedList]] = {part: [] for part in _PARTS.values()}
    with closing(open_search(placed)) as system:
        for question in track(load_own_questions(), "our own set"):
            if question.grades:
                lists[_PARTS[question.half]].append(_searched(system, question))
    return lists


def _searched(system: SearchSystem, question: Question) -> FusedList:
    query = system.rewriter.rewrite(query_of(question), cancelled=lambda: False).query
    candidates = system.retriever.candidates(query)
    found = tuple(
        Found(
            passage=document_name(each.found.document.uri),
            text=each.found.chunk.text,
            cosine=each.cosine,
            lexical=each.lexical,
            covered=each.coverage,
        )
        for each in candidates
    )
    return fused_list(
        DevList(f"own {question.crossing}", query.text, tuple(question.grades), found),
        [each.found.document.lang for each in candidates],
        depth=system.settings.retrieval.candidates,
    )
