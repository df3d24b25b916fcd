"""The composition root: the only place that names concrete classes.

`open_catalog`, `open_ingest` and `open_system` build as much as a command needs, from settings
alone. `eval` uses the same functions, so what is measured is what is served.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic

from app.settings import BackupSettings, EncoderSettings, LLMSettings, Settings
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
from generation.resilience import Patience, ResilientModel
from generation.rewriting import ModelRewriter
from generation.service.classes import Classifier
from generation.service.cues import load_cues
from generation.service.handover import HandOverRules, HandOverSettings
from generation.service.replier import Replier, Triage
from generation.summaries import DocumentSummariser
from generation.summaries import SummarySettings as SummariserSettings
from generation.summarising import Summariser
from generation.tracing import TracingAnswerer
from ingest.duplicates import Duplicates
from ingest.forget.forgetter import Forgetter
from ingest.forget.locks import WritingLocks
from ingest.forget.notes import Notes
from ingest.forget.prover import Places, Prover
from ingest.lexicon import LexiconReader
from ingest.ocr.pages import PageReader
from ingest.pipeline import Pipeline, PipelineSettings
from ingest.reindex import Reindexing
from ingest.rewords import Rewording
from ingest.sandbox.folder import ProcessFolder
from ingest.sandbox.limits import Limits
from ingest.sandbox.parser import SandboxedParser
from models.centred import CentredEncoder, LanguageMeans
from models.encoder import CountingEncoder
from models.fetch import verified_weights
from models.registry import ENCODER, LLM, SPECS
from models.spec import ModelSpec
from models.terms import TERMS_VERSION
from models.window_scorer import WindowScorer
from retrieval.policy.placing import PolicySettings
from retrieval.rerank import FusedOrder, Reranker
from retrieval.retriever import OlderCopies, Retriever, RetrieverSettings, all_count
from retrieval.understanding.rewriting import Rewriter, RuleRewriter
from retrieval.window_reranker import ScorerWeights, WindowReranker
from stores.catalog import Catalog
from stores.files import FileStore
from stores.index import IndexIdentity, IndexStore
from stores.traces import Retention

_PROMPTS = Path(__file__).parent.parent / "generation" / "prompts"
ANSWER_PROMPT = _PROMPTS / "answer.md"
REWRITE_PROMPT = _PROMPTS / "rewrite.md"
SUMMARY_PROMPT = _PROMPTS / "summarise.md"
STRUCTURED_PROMPT = _PROMPTS / "structured.md"
SERVICE_PROMPT = _PROMPTS / "service.md"
COMPLAINT_PROMPT = _PROMPTS / "complaint.md"
DOCUMENT_PROMPT = _PROMPTS / "document.md"
RERANKER = Path(__file__).parent.parent / "data" / "models" / "zhiku-reranker"
_BYTES_PER_MEGABYTE = 1_000_000
_RERANK_STEP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSystem:
    """What loading documents takes."""

    settings: Settings
    catalog: Catalog
    files: FileStore
    indexes: IndexStore
    encoder: CountingEncoder
    lexicon: LexiconReader
    rewording: Rewording
    duplicates: Duplicates
    pipeline: Pipeline
    forgetter: Forgetter
    resources: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """Let go of the stores and models, the last opened first."""
        self.resources.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSystem(IngestSystem):
    """An `IngestSystem` that also searches."""

    reranker: Reranker
    retriever: Retriever
    rewriter: Rewriter


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


def utc_now() -> datetime:
    """Return the time; the clock that is handed to the stages."""
    return datetime.now(UTC)


def today() -> date:
    """Return the day at this machine's place: rules come into force by the local calendar."""
    return datetime.now().astimezone().date()


def models_folder(settings: Settings) -> Path:
    """Return the folder that holds one subfolder per model."""
    return settings.models.directory or settings.data_dir / "models"


def required_models(settings: Settings) -> list[ModelSpec]:
    """Return the specs of the embedded models that the settings ask for."""
    names = []
    if settings.encoder.kind == "onnx":
        names.append(ENCODER)
    if settings.llm.uses_embedded:
        names.append(LLM)
    return [SPECS[name] for name in names]


def open_catalog(settings: Settings) -> Catalog:
    """Open the catalog, created and migrated if need be."""
    return Catalog(f"sqlite:///{settings.data_dir / 'catalog.sqlite'}")


def build_duplicates(settings: Settings, catalog: Catalog) -> Duplicates:
    """Return what finds near-duplicates in the catalog."""
    return Duplicates(catalog.signatures, at_least=settings.ingest.duplicate_similarity)


def open_ingest(
    settings: Settings, *, plain_encoder: CountingEncoder | None = None
) -> IngestSystem:
    """Open what loading documents takes; the caller closes it.

    Parameters
    ----------
    plain_encoder
        Takes the place of `open_plain_encoder(settings)`: the same, with something around it.
    """
    with ExitStack() as resources:
        encoder = centred(settings, plain_encoder or open_plain_encoder(settings))
        catalog = open_catalog(settings)
        resources.callback(catalog.close)
        indexes = _build_indexes(settings, encoder)
        resources.callback(indexes.close)
        files = FileStore(settings.data_dir / "files")
        lexicon = LexiconReader(catalog.lexicons)
        parser = build_parser(settings)
        resources.callback(parser.close)
        writing = WritingLocks(settings.data_dir / "locks")
        return IngestSystem(
            settings=settings,
            catalog=catalog,
            files=files,
            indexes=indexes,
            encoder=encoder,
            lexicon=lexicon,
            rewording=Rewording(indexed=catalog.indexed_words, indexes=indexes, lexicon=lexicon),
            duplicates=build_duplicates(settings, catalog),
            pipeline=Pipeline(
                documents=catalog.documents,
                files=files,
                indexes=indexes,
                lexicon=lexicon,
                parser=parser,
                encoder=encoder,
                writing=writing,
                clock=utc_now,
                settings=_pipeline_settings(settings),
            ),
            forgetter=build_forgetter(settings, catalog, files, indexes, writing),
            resources=resources.pop_all(),
        )


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


def _cores(configured: int) -> int:
    return configured or os.cpu_count() or 1


def open_encoder(settings: Settings) -> CountingEncoder:
    """Load the configured encoder, with what search does to its vectors."""
    return centred(settings, open_plain_encoder(settings))


def open_plain_encoder(settings: Settings) -> CountingEncoder:
    """Load the configured encoder as its makers know it."""
    chosen: EncoderSettings = settings.encoder
    if chosen.kind == "sentence-transformers":
        from models.sentence_encoder import SentenceEncoder  # noqa: PLC0415  (extra `gpu`)

        folder = Path(chosen.model).expanduser()
        return SentenceEncoder(
            folder if folder.is_dir() else chosen.model,
            revision=chosen.revision,
            query_prefix=chosen.query_prefix,
            passage_prefix=chosen.passage_prefix,
        )
    from models.onnx_encoder import OnnxEncoder  # noqa: PLC0415  (onnxruntime loads slowly)

    return OnnxEncoder(models_folder(settings) / ENCODER, threads=_cores(chosen.threads))


def centred(settings: Settings, encoder: CountingEncoder) -> CountingEncoder:
    """Return the encoder, freed of the language means if it is the one they belong to."""
    if settings.encoder.kind != "onnx":
        return encoder
    return CentredEncoder(encoder, LanguageMeans.load())


def _identity(encoder: CountingEncoder) -> IndexIdentity:
    return IndexIdentity(
        encoder=encoder.name,
        weights_sha256=encoder.weights_sha256,
        dimension=encoder.dimension,
        terms_version=TERMS_VERSION,
    )


def _build_indexes(settings: Settings, encoder: CountingEncoder) -> IndexStore:
    if settings.index.kind == "server":
        from stores.qdrant import QdrantIndexStore, connect  # noqa: PLC0415  (client of a server)

        key = settings.index.api_key
        client = connect(settings.index.url, api_key=key.get_secret_value() if key else None)
        return QdrantIndexStore(client, _identity(encoder))
    from stores.edge import EdgeIndexStore  # noqa: PLC0415  (engine in process)

    return EdgeIndexStore(settings.data_dir / "index", _identity(encoder))


def build_parser(settings: Settings) -> SandboxedParser:
    """Return the parser of foreign files; it starts no process before the first one.

    Its temporary files lie where erasures look for what is left of documents.
    """
    temporary = ProcessFolder(settings.data_dir / "temporary")
    scans = page_reader(settings, folder=temporary.path)
    return SandboxedParser(parse_limits(settings), scans=scans, temporary=temporary)


def page_reader(settings: Settings, *, folder: Path | None = None) -> PageReader | None:
    """Return what reads scanned pages, in a folder; None where that is switched off."""
    if not settings.ocr.enabled:
        return None
    return PageReader(
        drawing=parse_limits(settings),
        reading=Limits(
            seconds=settings.ocr.page_seconds,
            memory_bytes=settings.ocr.page_megabytes * _BYTES_PER_MEGABYTE,
            setting="ocr.page",
        ),
        processes=settings.ocr.processes,
        max_pages=settings.ocr.max_pages,
        folder=folder,
    )


def parse_limits(settings: Settings) -> Limits:
    """Return what one file may take of the machine."""
    return Limits(
        seconds=settings.ingest.parse_seconds,
        memory_bytes=settings.ingest.parse_megabytes * _BYTES_PER_MEGABYTE,
    )


def _pipeline_settings(settings: Settings) -> PipelineSettings:
    return PipelineSettings(
        target_tokens=settings.ingest.target_tokens,
        batch_chunks=settings.ingest.batch_chunks,
        max_file_bytes=settings.ingest.max_file_megabytes * _BYTES_PER_MEGABYTE,
        retry_seconds=settings.ingest.retry_seconds,
    )


def open_uploads(settings: Settings) -> FileStore:
    """Return the store of uploaded files that wait for their ingest."""
    return FileStore(settings.data_dir / "uploads")


def build_forgetter(
    settings: Settings,
    catalog: Catalog,
    files: FileStore,
    indexes: IndexStore,
    writing: WritingLocks,
) -> Forgetter:
    """Return what erases documents from these stores, and searches the data folder for them."""
    data = settings.data_dir
    notes = Notes(data / "erasing")
    uploads = open_uploads(settings)
    return Forgetter(
        catalog=catalog,
        files=files,
        uploads=uploads,
        indexes=indexes,
        prover=Prover(
            catalog=catalog,
            originals=files,
            uploads=uploads,
            indexes=indexes,
            places=Places(
                data=data,
                catalog=data / "catalog.sqlite",
                of_tenants=(data / "files", data / "uploads"),
                index=data / "index",
                others=(models_folder(settings), notes.folder),
            ),
        ),
        notes=notes,
        writing=writing,
        receipt_days=settings.retention.receipt_days,
    )


def build_reindexing(system: IngestSystem) -> Reindexing:
    """Return what makes points anew that the index has lost."""
    return Reindexing(
        indexed=system.catalog.indexed_words,
        indexes=system.indexes,
        encoder=system.encoder,
        lexicon=system.lexicon,
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


def open_scorer(settings: Settings, resources: ExitStack) -> WindowScorer:
    """Load what reads candidates; for any `retrieval.reranker` but `signals`."""
    chosen = settings.retrieval
    if chosen.reranker == "cross-encoder":
        from models.cross_encoder import CrossEncoderScorer  # noqa: PLC0415  (extra `gpu`)

        folder = Path(chosen.cross_encoder).expanduser()
        return CrossEncoderScorer(
            folder if folder.is_dir() else chosen.cross_encoder,
            revision=chosen.cross_encoder_revision,
        )
    if chosen.reranker == "server":
        from models.rerank_server import RerankServer  # noqa: PLC0415  (only when chosen)

        key = chosen.rerank_api_key
        server = RerankServer(
            chosen.rerank_url,
            api_key=key.get_secret_value() if key else None,
            timeout_seconds=chosen.rerank_timeout_seconds,
        )
        resources.callback(server.close)
        return server
    from models.late_interaction import OnnxLateInteraction  # noqa: PLC0415  (onnxruntime)

    return OnnxLateInteraction(RERANKER, threads=_cores(chosen.rerank_threads))


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


def build_llm(settings: Settings) -> LanguageModel:
    """Load the language model with its backup; the caller closes it."""
    chosen: LLMSettings = settings.llm
    with ExitStack() as resources:
        primary = _build_primary(settings)
        resources.callback(primary.close)
        backup = _build_backup(settings)
        resources.pop_all()
    patience = Patience(
        deadline_seconds=chosen.deadline_seconds,
        retries=chosen.retries,
        retry_seconds=chosen.retry_seconds,
    )
    return ResilientModel(primary, backup=backup, patience=patience)


def _build_primary(settings: Settings) -> LanguageModel:
    chosen = settings.llm
    if chosen.base_url is not None:
        return _build_server(chosen.base_url, chosen, timeout_seconds=chosen.timeout_seconds)
    if chosen.kind == "transformers":
        from generation.transformers_model import TransformersModel  # noqa: PLC0415  (extra `gpu`)

        folder = Path(chosen.model).expanduser()
        return TransformersModel(
            folder if folder.is_dir() else chosen.model,
            revision=chosen.revision,
            quantisation=chosen.quantisation,
            context_tokens=chosen.context_tokens,
            slots=chosen.slots,
        )
    return _build_embedded(settings)


def _build_backup(settings: Settings) -> LanguageModel | None:
    chosen = settings.llm.backup
    if chosen.kind == "embedded":
        return _build_embedded(settings)
    if chosen.base_url is not None:
        seconds = settings.llm.timeout_seconds
        return _build_server(chosen.base_url, chosen, timeout_seconds=seconds)
    return None


def _build_server(
    base_url: str, chosen: LLMSettings | BackupSettings, *, timeout_seconds: float
) -> LanguageModel:
    from generation.openai_server import OpenAIServer  # noqa: PLC0415  (only when chosen)

    return OpenAIServer(
        base_url,
        model=chosen.model,
        api_key=chosen.api_key.get_secret_value(),
        timeout_seconds=timeout_seconds,
    )


def _build_embedded(settings: Settings) -> LanguageModel:
    chosen = settings.llm
    from generation.llama import EmbeddedLlama  # noqa: PLC0415  (only when chosen)

    return EmbeddedLlama(
        verified_weights(SPECS[LLM], models_folder(settings)),
        context_tokens=chosen.context_tokens,
        threads=_cores(chosen.threads),
        slots=chosen.slots,
    )


def build_rewriter(settings: Settings, rules: Rewriter, llm: LanguageModel) -> Rewriter:
    """Return what makes follow-ups stand on their own, `rules` unless the model is chosen."""
    if settings.answer.rewriter == "model":
        return ModelRewriter(llm=llm, prompt=load_prompt(REWRITE_PROMPT), rules=rules)
    return rules


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
            size_bytes=cache.megabytes * _BYTES_PER_MEGABYTE,
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
            retention=Retention(traces.days, traces.megabytes * _BYTES_PER_MEGABYTE),
        )
    return served


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


def hand_over_settings(settings: Settings) -> HandOverSettings:
    """Return what the rules of the hand-over take of the settings."""
    return HandOverSettings(
        repeated_contacts=settings.service.repeated_contacts,
        high_amounts=settings.service.high_amounts,
        min_confidence=settings.service.min_confidence,
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
        "index": _identity(encoder).name,
        "config": settings.fingerprint(),
    }
