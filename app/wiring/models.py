"""The models of the settings: encoder, reranker's scorer, language model, and their weights."""

import os
from contextlib import ExitStack
from pathlib import Path

from app.settings import BackupSettings, EncoderSettings, LLMSettings, Settings
from generation.llm import LanguageModel
from generation.resilience import Patience, ResilientModel
from models.centred import CentredEncoder, LanguageMeans
from models.encoder import CountingEncoder
from models.fetch import verified_weights
from models.registry import ENCODER, LLM, SPECS
from models.spec import ModelSpec
from models.window_scorer import WindowScorer

RERANKER = Path(__file__).parents[2] / "data" / "models" / "zhiku-reranker"


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


def _cores(configured: int) -> int:
    return configured or os.cpu_count() or 1
