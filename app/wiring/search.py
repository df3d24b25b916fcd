"""What searches."""

from contextlib import ExitStack
from dataclasses import dataclass

from app.settings import Settings
from app.wiring.clock import today
from app.wiring.ingestion import IngestSystem, open_ingest
from app.wiring.models import open_scorer
from ingest.duplicates import Duplicates
from models.encoder import CountingEncoder
from models.window_scorer import WindowScorer
from retrieval.policy.placing import PolicySettings
from retrieval.rerank import FusedOrder, Reranker
from retrieval.retriever import OlderCopies, Retriever, RetrieverSettings, all_count
from retrieval.understanding.rewriting import Rewriter, RuleRewriter
from retrieval.window_reranker import ScorerWeights, WindowReranker

_RERANK_STEP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSystem(IngestSystem):
    """An `IngestSystem` that also searches."""

    reranker: Reranker
    retriever: Retriever
    rewriter: Rewriter


def open_search(
    settings: Settings, *, plain_encoder: CountingEncoder | None = None
) -> SearchSystem:
    """Open what searching takes, without a language model; the caller closes it.

    Parameters: see `open_ingest`.
    """
    with ExitStack() as resources:
        base = open_ingest(settings, plain_encoder=plain_encoder)
        resources.callback(base.close)
        reranker = _build_reranker(settings, resources)
        retriever = Retriever(
            encoder=base.encoder,
            indexes=base.indexes,
            documents=base.catalog.documents,
            lexicon=base.lexicon,
            reranker=reranker,
            today=today,
            older_copies=older_copies(settings, base.duplicates),
            settings=retriever_settings(settings),
        )
        return SearchSystem(
            settings=settings,
            catalog=base.catalog,
            files=base.files,
            indexes=base.indexes,
            encoder=base.encoder,
            lexicon=base.lexicon,
            rewording=base.rewording,
            duplicates=base.duplicates,
            pipeline=base.pipeline,
            forgetter=base.forgetter,
            reranker=reranker,
            retriever=retriever,
            rewriter=RuleRewriter(),
            resources=resources.pop_all(),
        )


def older_copies(settings: Settings, duplicates: Duplicates) -> OlderCopies:
    """Return what tells a search which documents are held back."""
    return duplicates.older if settings.ingest.duplicates == "newest" else all_count


def retriever_settings(settings: Settings) -> RetrieverSettings:
    """Return what a retriever takes of the settings."""
    ranking = settings.ranking
    return RetrieverSettings(
        candidates=settings.retrieval.candidates,
        policy=PolicySettings(
            recency_bound=ranking.recency_bound,
            recency_half_life_days=ranking.recency_half_life_days,
            authority_bound=ranking.authority_bound,
            passages_per_document=ranking.passages_per_document,
        ),
    )


def _build_reranker(settings: Settings, resources: ExitStack) -> Reranker:
    if settings.retrieval.reranker == "signals":
        return FusedOrder()
    return build_window_reranker(settings, open_scorer(settings, resources))


def build_window_reranker(
    settings: Settings, scorer: WindowScorer, *, step: int = _RERANK_STEP
) -> WindowReranker:
    """Return the reranker around a scorer of `open_scorer`, or one with something around it."""
    chosen = settings.retrieval
    # Ours is put together with the fused merit; of another nobody knows how, and its word counts.
    weights = ScorerWeights.load() if chosen.reranker == "embedded" else None
    return WindowReranker(scorer, weights, depth=chosen.rerank_depth, step=step)
