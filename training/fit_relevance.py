"""Fit the probability that a passage is relevant, and report on the other half of the questions.

    python -m training.fit_relevance DATA --write retrieval/relevance.json

Each question is asked among the passages of its own set and of another in the same language; the
labels say which are relevant. Half of the questions are also asked among passages of other subjects
only, where none is. Passages in both languages side by side are not fitted: there the cosine alone
prefers the question's language so much that the crossings would be fitted to nothing.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from app.settings import load_settings
from app.wiring import open_encoder
from models.bm25 import term_id
from models.terms import terms
from retrieval.relevance import Logistic, RelevanceModel
from training.retrieval_sets import RetrievalSet, is_for_fitting, load_set, sampled
from training.searching import (
    Row,
    Searched,
    build_corpus,
    encode,
    inverse_document_frequency,
    reciprocal_rank_fusion,
    search,
)

# Sets whose licence allows fitting: what lies beside their passages, and where they are strangers.
POOLS: Mapping[str, tuple[str, str]] = {
    "xquad_zh": ("dureader_demo_zh", "cmrc2018_trial"),
    "xquad_en": ("scifact_en", "qed_nq_dev_en"),
    "xquad_zh2en": ("scifact_en", "qed_nq_dev_en"),
    "xquad_en2zh": ("dureader_demo_zh", "cmrc2018_trial"),
    "drcd_dev": ("xquad_zh", "cmrc2018_trial"),
    "qed_nq_dev_en": ("xquad_en", "scifact_en"),
    "cmrc2018_trial": ("dureader_demo_zh", "xquad_zh"),
    "dureader_demo_zh": ("cmrc2018_trial", "xquad_zh"),
}
_QUESTIONS_A_SET = 300
_BACKGROUND_TERMS = 600


def background_idf(sets: Iterable[RetrievalSet]) -> tuple[dict[str, float], float]:
    """Return the IDF of the most frequent terms, and that of the rest.

    Passages and questions are counted apart and the smaller IDF counts: the words that only
    questions share (`多少`, `which`) say as little as those that all texts share.
    """
    idfs: dict[str, float] = {}
    for texts in _texts_by_kind(sets):
        frequency = Counter(term for text in texts for term in set(terms(text)))
        for term, count in frequency.items():
            idf = inverse_document_frequency(count, len(texts))
            idfs[term] = min(idf, idfs.get(term, math.inf))
    frequent = sorted(idfs, key=lambda term: (idfs[term], term))[:_BACKGROUND_TERMS]
    return {term: round(idfs[term], 3) for term in frequent}, round(idfs[frequent[-1]], 3)


def _texts_by_kind(sets: Iterable[RetrievalSet]) -> list[list[str]]:
    kinds: dict[tuple[str, bool], set[str]] = {}
    for data in sets:
        language = "en" if data.name.endswith("en") else "zh"
        asked_in = {"xquad_zh2en": "zh", "xquad_en2zh": "en"}.get(data.name, language)
        kinds.setdefault((language, False), set()).update(data.passages.values())
        kinds.setdefault((asked_in, True), set()).update(data.questions.values())
    return [sorted(texts) for texts in kinds.values()]


def fit(
    searched: Iterable[Searched], background: Mapping[str, float], *, rare: float
) -> RelevanceModel:
    """Fit each crossing on the best candidates of the fitting half."""
    rows: dict[str, list[Row]] = {}
    for one in searched:
        for row in one.rows():
            rows.setdefault(row.signals.crossing, []).append(row)
    return RelevanceModel(
        crossings={crossing: _fit(found) for crossing, found in sorted(rows.items())},
        rare_idf=rare,
        background_idf={term_id(term): idf for term, idf in background.items()},
    )


def _fit(rows: Sequence[Row]) -> Logistic:
    """Fit one crossing; a coverage that would count against a passage is chance and is left out."""
    regression = LogisticRegression(C=1e6, max_iter=1000)
    relevant = [row.relevant for row in rows]
    signals = np.array([(row.signals.cosine, row.signals.covered) for row in rows])
    regression.fit(signals, relevant)
    if regression.coef_[0][1] < 0:
        signals[:, 1] = 0.0
        regression.fit(signals, relevant)
    cosine, covered = (round(float(value), 4) for value in regression.coef_[0])
    return Logistic(round(float(regression.intercept_[0]), 4), cosine, covered)


def _measures(searched: Sequence[Searched]) -> list[str]:
    rankings = (
        [one.dense for one in searched],
        [one.lexical for one in searched],
        [_by_rank(one) for one in searched],
        [one.fused for one in searched],
    )
    relevant = [one.relevant for one in searched]
    return [
        f"{np.mean([_recall(r, w) for r, w in zip(ranking, relevant, strict=True)]):.3f} / "
        f"{np.mean([_reciprocal_rank(r, w) for r, w in zip(ranking, relevant, strict=True)]):.3f}"
        for ranking in rankings
    ]


def _by_rank(searched: Searched) -> list[str]:
    scores = reciprocal_rank_fusion([searched.dense, searched.lexical])
    return sorted(scores, key=lambda candidate: -scores[candidate])


def _recall(ranking: Sequence[str], relevant: frozenset[str]) -> float:
    return len(relevant.intersection(ranking[:10])) / len(relevant)


def _reciprocal_rank(ranking: Sequence[str], relevant: frozenset[str]) -> float:
    ranks = (rank for rank, one in enumerate(ranking[:10], start=1) if one in relevant)
    return next((1 / rank for rank in ranks), 0.0)


def main() -> None:
    """Fit, report, and write the numbers if told so."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--write", type=Path)
    chosen = arguments.parse_args()
    output = Console(soft_wrap=True)
    encoder = open_encoder(load_settings())
    names = {name for own, others in POOLS.items() for name in (own, *others)}
    sets = {name: load_set(chosen.data / name) for name in sorted(names)}
    background, rare = background_idf(sets.values())
    ids = {term_id(term): idf for term, idf in background.items()}
    parts = {}
    for name, data in sets.items():
        with output.status(f"encoding {name}"):
            parts[name] = (data, encode(data, encoder))
    own: dict[str, list[Searched]] = {}
    foreign: dict[str, list[Searched]] = {}
    for name, (beside, elsewhere) in POOLS.items():
        asked = sampled(sets[name].questions, _QUESTIONS_A_SET)
        strangers = sampled(asked, _QUESTIONS_A_SET // 2)
        home = build_corpus(parts[name], parts[beside])
        abroad = build_corpus(parts[elsewhere])
        own[name] = list(search(sets[name], asked, home, encoder, ids, rare=rare))
        foreign[name] = list(search(sets[name], strangers, abroad, encoder, ids, rare=rare))
    both = [one for part in (own, foreign) for found in part.values() for one in found]
    model = fit([one for one in both if is_for_fitting(one.question_id)], background, rare=rare)
    _report(output, own, foreign, model)
    if chosen.write is not None:
        _write(chosen.write, model, background)


def _report(
    output: Console,
    own: Mapping[str, list[Searched]],
    foreign: Mapping[str, list[Searched]],
    model: RelevanceModel,
) -> None:
    table = Table("set (recall@10 / MRR@10)", "n", "dense", "BM25", "RRF", "fused", "AUROC")
    for name, searched in own.items():
        held_out = [one for one in searched if not is_for_fitting(one.question_id)]
        strangers = [one for one in foreign[name] if not is_for_fitting(one.question_id)]
        best = [one.best(model) for one in (*held_out, *strangers)]
        labels = [1] * len(held_out) + [0] * len(strangers)
        auroc = roc_auc_score(labels, best)
        table.add_row(name, str(len(held_out)), *_measures(held_out), f"{auroc:.3f}")
    output.print(table)
    output.print(f"calibration error {_calibration_error(own, foreign, model):.3f}")
    for threshold in (0.2, 0.3, 0.4, 0.5, 0.6):
        shares = [
            f"{name} {_answered(own[name], model, threshold):.2f}"
            f" ({_answered(foreign[name], model, threshold):.2f})"
            for name in own
        ]
        output.print(f"answered (foreign) at {threshold}: {', '.join(shares)}")


def _answered(searched: Sequence[Searched], model: RelevanceModel, threshold: float) -> float:
    """Return the share of held-out questions whose best passage reaches the threshold."""
    held_out = [one for one in searched if not is_for_fitting(one.question_id)]
    return float(np.mean([one.best(model) >= threshold for one in held_out]))


def _calibration_error(
    own: Mapping[str, list[Searched]], foreign: Mapping[str, list[Searched]], model: RelevanceModel
) -> float:
    """Return the expected calibration error over ten equal bins of all held-out candidates."""
    rows = [
        row
        for part in (own, foreign)
        for found in part.values()
        for one in found
        if not is_for_fitting(one.question_id)
        for row in one.rows()
    ]
    stated = np.array([model.probability(row.signals) for row in rows])
    true = np.array([row.relevant for row in rows], dtype=float)
    bins = np.minimum((stated * 10).astype(int), 9)
    return float(
        sum(
            np.mean(bins == bin_) * abs(np.mean(stated[bins == bin_]) - np.mean(true[bins == bin_]))
            for bin_ in np.unique(bins)
        )
    )


def _write(path: Path, model: RelevanceModel, background: Mapping[str, float]) -> None:
    numbers = {
        "crossings": {name: asdict(each) for name, each in model.crossings.items()},
        "rare_idf": model.rare_idf,
        "background_idf": background,
    }
    path.write_text(json.dumps(numbers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
