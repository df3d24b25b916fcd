"""What answers: the model, its prompts, conversations, the bot's replies, replay."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic

from app.settings import BYTES_PER_MEGABYTE, Settings
from app.wiring.clock import today, utc_now
from app.wiring.ingestion import index_identity, open_catalog
from app.wiring.models import build_llm
from app.wiring.search import SearchSystem, open_search
from generation.answerer import Answerer
from generation.answerer import AnswerSettings as AnswererSettings
from generation.answering import Answering
from generation.cache import AnswerCache, CachingAnswerer
from generation.cache import CacheSettings as AnswerCacheSettings
from generation.dialogue import Dialogue
from generation.gate import Gate, GateWeights
from generation.llm import LanguageModel
from generation.prompts import Prompt, load_prompt, load_prompts
from generation.records import Policy
from generation.replay import Replayer
from generation.rewriting import ModelRewriter
from generation.service.classes import Classifier
from generation.service.cues import load_cues
from generation.service.handover import HandOverRules, HandOverSettings
from generation.service.replier import Replier, Triage
from generation.summaries import DocumentSummariser
from generation.summaries import SummarySettings as SummariserSettings
from generation.summarising import Summariser
from generation.tracing import TracingAnswerer
from models.encoder import CountingEncoder
from retrieval.understanding.rewriting import Rewriter
from stores.catalog import Catalog
from stores.traces import Retention

_PROMPTS = Path(__file__).parents[2] / "generation" / "prompts"
ANSWER_PROMPT = _PROMPTS / "answer.md"
REWRITE_PROMPT = _PROMPTS / "rewrite.md"
SUMMARY_PROMPT = _PROMPTS / "summarise.md"
STRUCTURED_PROMPT = _PROMPTS / "structured.md"
SERVICE_PROMPT = _PROMPTS / "service.md"
COMPLAINT_PROMPT = _PROMPTS / "complaint.md"
DOCUMENT_PROMPT = _PROMPTS / "document.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class System(SearchSystem):
    """What serving takes: a `SearchSystem` that also answers.

    Attributes
    ----------
    answerer
        Writes every answer anew and leaves nothing behind: what is measured.
    served
        The same for people: with the cache and the traces that the settings ask for.
    """

    llm: LanguageModel
    answerer: Answerer
    served: Answering
    dialogue: Dialogue
    structured_prompt: Prompt
    replier: Replier
    summariser: DocumentSummariser


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySystem:
    """What repeating answers takes: no index, so that a running API is not in the way."""

    catalog: Catalog
    replayer: Replayer
    resources: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """Let go of the model and the catalog."""
        self.resources.close()


def open_system(settings: Settings) -> System:
    """Open everything that serving takes; the caller closes it."""
    with ExitStack() as resources:
        base = open_search(settings)
        resources.callback(base.close)
        llm = build_llm(settings)
        resources.callback(llm.close)
        rewriter = build_rewriter(settings, base.rewriter, llm)
        prompt = load_prompt(ANSWER_PROMPT)
        answerer = _build_answerer(settings, base, rewriter, llm, prompt)
        return System(
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
            reranker=base.reranker,
            retriever=base.retriever,
            rewriter=rewriter,
            llm=llm,
            dialogue=build_dialogue(settings, base.catalog, llm),
            structured_prompt=load_prompt(STRUCTURED_PROMPT),
            answerer=answerer,
            served=build_served(
                settings,
                answerer,
                catalog=base.catalog,
                made_with=lambda: _provenance(settings, base.encoder, llm, prompt),
                today=today,
            ),
            replier=_build_replier(settings, base, llm),
            summariser=_build_summariser(settings, base, llm),
            resources=resources.pop_all(),
        )


def open_replay(settings: Settings) -> ReplaySystem:
    """Open what repeating answers takes; the caller closes it."""
    with ExitStack() as resources:
        catalog = open_catalog(settings)
        resources.callback(catalog.close)
        llm = build_llm(settings)
        resources.callback(llm.close)
        replayer = Replayer(llm=llm, prompts=load_prompts(_PROMPTS), traces=catalog.traces)
        return ReplaySystem(catalog=catalog, replayer=replayer, resources=resources.pop_all())


def build_rewriter(settings: Settings, rules: Rewriter, llm: LanguageModel) -> Rewriter:
    """Return what makes follow-ups stand on their own, `rules` unless the model is chosen."""
    if settings.answer.rewriter == "model":
        return ModelRewriter(llm=llm, prompt=load_prompt(REWRITE_PROMPT), rules=rules)
    return rules


def build_dialogue(settings: Settings, catalog: Catalog, llm: LanguageModel) -> Dialogue:
    """Return what answers the questions of the conversations that the catalog keeps."""
    return Dialogue(
        conversations=catalog.conversations,
        summariser=Summariser(llm=llm, prompt=load_prompt(SUMMARY_PROMPT)),
        window_turns=settings.conversation.window_turns,
    )


def build_served(
    settings: Settings,
    answerer: Answering,
    *,
    catalog: Catalog,
    made_with: Callable[[], Mapping[str, str]],
    today: Callable[[], date],
) -> Answering:
    """Return the answerer as people are served: cached and traced, as the settings ask for.

    The traces are outside: an answer from the cache has one of its own, too. Those that are due are
    erased now, and whenever one is written.
    """
    served = answerer
    cache, traces = settings.cache, settings.traces
    catalog.traces.purge(now=utc_now(), days=traces.days)
    if cache.enabled:
        bounds = AnswerCacheSettings(
            entries=cache.entries,
            size_bytes=cache.megabytes * BYTES_PER_MEGABYTE,
            seconds=cache.seconds,
        )
        served = CachingAnswerer(
            served,
            cache=AnswerCache(bounds, clock=monotonic),
            versions=catalog.versions.of,
            made_with=made_with,
            today=today,
        )
    if traces.enabled:
        served = TracingAnswerer(
            served,
            traces=catalog.traces,
            versions=catalog.versions.of,
            clock=utc_now,
            retention=Retention(traces.days, traces.megabytes * BYTES_PER_MEGABYTE),
        )
    return served


def hand_over_settings(settings: Settings) -> HandOverSettings:
    """Return what the rules of the hand-over take of the settings."""
    return HandOverSettings(
        repeated_contacts=settings.service.repeated_contacts,
        high_amounts=settings.service.high_amounts,
        min_confidence=settings.service.min_confidence,
    )


def _build_answerer(
    settings: Settings, base: SearchSystem, rewriter: Rewriter, llm: LanguageModel, prompt: Prompt
) -> Answerer:
    return Answerer(
        retriever=base.retriever,
        rewriter=rewriter,
        llm=llm,
        gate=Gate(llm, prompt, GateWeights.load(), min_answerable=settings.answer.min_answerable),
        prompt=prompt,
        count_tokens=base.encoder.count_tokens,
        settings=_answerer_settings(
            settings,
            max_tokens=settings.answer.max_answer_tokens,
            policy=Policy(settings.answer.policy),
        ),
        provenance=_provenance(settings, base.encoder, llm, prompt),
    )


def _answerer_settings(settings: Settings, *, max_tokens: int, policy: Policy) -> AnswererSettings:
    return AnswererSettings(
        min_relevance=settings.answer.min_relevance,
        max_evidence=settings.answer.max_evidence,
        max_evidence_tokens=settings.answer.max_evidence_tokens,
        max_answer_tokens=max_tokens,
        policy=policy,
    )


def _build_replier(settings: Settings, base: SearchSystem, llm: LanguageModel) -> Replier:
    prompt = load_prompt(SERVICE_PROMPT)
    cues = load_cues()
    return Replier(
        retriever=base.retriever,
        triage=Triage(
            Classifier(cues=cues, llm=llm, prompt=load_prompt(COMPLAINT_PROMPT)),
            HandOverRules(cues=cues, settings=hand_over_settings(settings)),
        ),
        llm=llm,
        prompt=prompt,
        count_tokens=base.encoder.count_tokens,
        settings=_answerer_settings(
            settings, max_tokens=settings.service.max_reply_tokens, policy=Policy.STRICT
        ),
        provenance=_provenance(settings, base.encoder, llm, prompt),
    )


def _build_summariser(
    settings: Settings, base: SearchSystem, llm: LanguageModel
) -> DocumentSummariser:
    prompt = load_prompt(DOCUMENT_PROMPT)
    return DocumentSummariser(
        llm=llm,
        prompt=prompt,
        count_tokens=base.encoder.count_tokens,
        settings=SummariserSettings(
            max_read_tokens=settings.summary.max_read_tokens,
            max_summary_tokens=settings.summary.max_summary_tokens,
        ),
        provenance=_provenance(settings, base.encoder, llm, prompt),
    )


def _provenance(
    settings: Settings, encoder: CountingEncoder, llm: LanguageModel, prompt: Prompt
) -> dict[str, str]:
    return {
        "prompt": prompt.label,
        "model": llm.name,
        "encoder": f"{encoder.name}@{encoder.weights_sha256[:12]}",
        "index": index_identity(encoder).name,
        "config": settings.fingerprint(),
    }
