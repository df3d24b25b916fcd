"""The bodies of responses; the API and its client share them.

The `…Out` records are read straight from the stages' records of the same name.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from generation.records import Support
from retrieval.policy.records import Reason
from retrieval.understanding.rewriting import RewrittenBy
from stores.jobs import JobState
from stores.records import BlockKind, DocType, HiddenKind

_EXAMPLE_DOCUMENT = "2f6f1a52-7c0e-5d7e-9a53-0b9f6a5f3c11"
_EXAMPLE_CHUNK = "b3a7f1de-55a1-5a0c-8f0a-3c8f5a0f9d42"
_EXAMPLE_JOB = "7d3c1f0a-9a0e-4f55-8a53-6f2f0c9d1b77"


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class SpanOut(_Out):
    """A piece of a block: characters `start` to `end` of the block with ordinal `block`."""

    block: int
    start: int
    end: int
    rows: tuple[int, int] | None = Field(
        None,
        description="first and last row of the sheet, from 1; null where there is no sheet",
        examples=[[12, 14]],
    )


class SourceOut(_Out):
    """A passage of a document that an answer cites."""

    number: int = Field(description="rank, from 1; the number that an answer cites", examples=[1])
    document_id: UUID = Field(examples=[_EXAMPLE_DOCUMENT])
    chunk_id: UUID = Field(examples=[_EXAMPLE_CHUNK])
    revision: int | None = Field(
        description="null: the document was replaced since, the passage is gone", examples=[1]
    )
    title: str = Field(examples=["Travel policy 2025"])
    uri: str = Field(examples=["upload://travel-policy.pdf"])
    heading_path: tuple[str, ...] = Field(examples=[["Travel policy 2025", "Accommodation"]])
    quote: str = Field(examples=["Hotels in tier-one cities are paid up to 600 yuan a night."])
    pages: tuple[int, ...] = Field(
        description="1-based; empty where there are none", examples=[[3]]
    )
    spans: tuple[SpanOut, ...] = Field(description="where the quote stands in the blocks")
    highlight: str = Field(
        "",
        description="the sentence of the quote that says it best; empty if unknown",
        examples=["Hotels in tier-one cities are paid up to 600 yuan a night."],
    )


class EvidenceOut(SourceOut):
    """A passage that was found."""

    revision: int = Field(examples=[1])
    score: float = Field(description="probability that it is relevant, 0 to 1", examples=[0.93])
    signals: dict[str, float] = Field(
        description="the parts of the ranking", examples=[{"dense": 0.88, "lexical": 7.1}]
    )
    duplicates: tuple[UUID, ...] = Field(
        (), description="other documents in which the same passage was found", examples=[[]]
    )


class StageOut(_Out):
    """Rank, from 1, and score of a candidate in one stage."""

    rank: int
    score: float


class TrailOut(_Out):
    """The way of one candidate through the stages."""

    chunk_id: UUID = Field(examples=[_EXAMPLE_CHUNK])
    document_id: UUID = Field(examples=[_EXAMPLE_DOCUMENT])
    title: str
    uri: str
    heading_path: tuple[str, ...]
    pages: tuple[int, ...]
    quote: str
    dense: StageOut | None = Field(description="cosine; null: the dense search did not find it")
    lexical: StageOut | None = Field(description="BM25; null: the lexical search did not find it")
    fusion: StageOut
    rerank: StageOut = Field(description="the reranker's merit")
    probability: float = Field(description="that it is relevant, 0 to 1", examples=[0.93])
    factors: dict[str, float] = Field(
        description="`recency` and `authority` multiply the odds; `edition` is 1 in force on the "
        "asked day, 0 the nearest to it, -1 superseded, -2 not yet in force; absent where the "
        "document does not tell",
        examples=[{"recency": 1.06, "authority": 1.1, "edition": 1}],
    )
    rank: int | None = Field(description="number in the result; null: not shown")
    reason: Reason | None = Field(
        description="why it is not where its merit would put it; null and not shown: no room"
    )
    preferred_document: UUID | None = Field(
        description="the edition preferred to it, or the document that holds the same"
    )
    preferred_title: str | None


class PeriodOut(_Out):
    """From its first day to its last, inclusive."""

    first: date
    last: date


class AskedOut(_Out):
    """The days that a question is about."""

    day: date = Field(description="on which, or as of which, it is asked")
    periods: tuple[PeriodOut, ...] = Field(description="editions in force then are preferred")
    earlier: bool = Field(description="true: former editions are asked for without a date")
    later: bool = Field(description="true: coming editions are asked for without a date")
    words: tuple[str, ...] = Field(
        description="what was read in the question; empty: nothing, or `interpret` was false",
        examples=[["2024年"]],
    )


class ExplanationOut(_Out):
    """How a search came to its result: all candidates that the key may read, in their order."""

    asked: AskedOut
    trails: tuple[TrailOut, ...]


class SearchOut(_Out):
    """What was found, best first."""

    evidence: tuple[EvidenceOut, ...]
    asked: AskedOut
    explanation: ExplanationOut | None = Field(None, description="null unless asked for")


class SentenceOut(_Out):
    """A sentence of an answer, and the numbers of the evidence that it cites."""

    text: str
    citations: tuple[int, ...]
    support: Support = Field(
        description="`verified`: its figures, names and negations were checked against what it "
        "cites; `unverified`: it cites evidence that does not plainly bear it out; `uncited`; "
        "`quoted`: words of the evidence as they stand"
    )
    score: float = Field(description="share of its words that its sources hold, 0 to 1")


class ConflictOut(_Out):
    """Another document says otherwise than what a sentence of the answer cites."""

    sentence: str
    number: int = Field(description="the evidence that the sentence cites")
    other: EvidenceOut = Field(description="the passage that says otherwise")
    quote: str = Field(description="what it says")
    is_in_force: bool = Field(description="false: it is a former or a later edition")


class UsageOut(_Out):
    """What the language model spent."""

    prompt_tokens: int
    answer_tokens: int
    prefill_seconds: float | None = Field(description="null where the model's server does not tell")


class UnderstoodOut(_Out):
    """What a follow-up was taken to ask."""

    question: str = Field(
        description="what was searched and answered",
        examples=["And under the 2023 edition? (How long is an RMA number valid?)"],
    )
    by: RewrittenBy = Field(description="who wrote it: rules or the language model")
    model_failed: bool = Field(
        description="true: the model was to write it and could not, so that the rules did"
    )


class DataCheckOut(_Out):
    """Whether a value of `data` stands in the passages that it was made from."""

    path: str = Field(description="JSON Pointer to it", examples=["/limit/amount"])
    support: Literal["verified", "unverified"] = Field(
        description="`unverified`: no passage holds it; with the policy `strict` it is null"
    )


class AnswerOut(_Out):
    """An answer with its evidence, or a refusal."""

    text: str = Field(
        description="with marks such as [1] that name a citation; plain text, in which images, "
        "links and HTML of the model were taken out",
        examples=["In your third year you have 12 days [1]."],
    )
    lang: str = Field(examples=["en"])
    sentences: tuple[SentenceOut, ...]
    citations: tuple[EvidenceOut, ...] = Field(description="the evidence that the text cites")
    evidence: tuple[EvidenceOut, ...] = Field(description="all that was given to the model")
    refusal: bool = Field(description="true: no document answers the question")
    usage: UsageOut | None = Field(description="null where no model was asked, or none answered")
    provenance: dict[str, str] = Field(
        description="prompt, models, index, version of the content, configuration, and `trace_id`, "
        "from which an operator can repeat the answer (`zhiku replay`)"
    )
    asked: AskedOut | None = Field(None, description="null only in events before the last")
    explanation: ExplanationOut | None = Field(None, description="null unless asked for")
    understood: UnderstoodOut | None = Field(
        None, description="null where the question was taken as it was asked"
    )
    missing: tuple[str, ...] = Field(
        (), description="parts of the question that the documents do not answer"
    )
    conflicts: tuple[ConflictOut, ...] = Field(
        (), description="what other documents say of the same matter, those in force first"
    )
    degraded: bool = Field(
        default=False,
        description="true: the language model was away, and the text is words of the documents",
    )
    data: dict[str, JsonValue] | None = Field(
        None,
        description="what `response_schema` asked for, checked against it, made from `citations`; "
        "null for a refusal, and where the answer is degraded",
        examples=[None],
    )
    cached: bool = Field(
        default=False,
        description="true: written before, for the same question of somebody who may see the same",
    )
    data_checks: tuple[DataCheckOut, ...] = Field(
        (), description="of the strings and numbers of `data`, in order; empty without `data`"
    )
    unknown_marks: int = Field(
        0,
        description="numbers of evidence that the model cited without having been given them; "
        "they were taken out",
    )


class EvidenceEvent(_Out):
    """The event `evidence`, the first of a stream."""

    evidence: tuple[EvidenceOut, ...]


class SentenceEvent(_Out):
    """A sentence that is finished and was checked; what was streamed behind it is pending."""

    sentence: SentenceOut
    end: int = Field(description="characters of the streamed text that are checked")


class TokenEvent(_Out):
    """The event `token`: a piece of the answer as it is written."""

    text: str


class HiddenTextOut(_Out):
    """How many characters of a file are hidden in one way."""

    kind: HiddenKind
    characters: int = Field(examples=[120])


class DocumentOut(_Out):
    """A document in its current revision."""

    id: UUID = Field(examples=[_EXAMPLE_DOCUMENT])
    uri: str = Field(examples=["upload://travel-policy.pdf"])
    title: str = Field(examples=["Travel policy 2025"])
    revision: int = Field(examples=[1])
    media_type: str = Field(examples=["application/pdf"])
    lang: str = Field(examples=["en"])
    sha256: str = Field(description="of the original file", examples=["9f86d081884c7d65…"])
    size_bytes: int = Field(examples=[48213])
    groups: tuple[str, ...] = Field(description="who may read it", examples=[["everyone"]])
    updated_at: datetime
    series: str = Field(
        description="documents of one series are editions of each other; empty: none",
        examples=["travel policy"],
    )
    effective_from: date | None = Field(
        description="first day in force; null: unknown", examples=["2025-01-01"]
    )
    effective_to: date | None = Field(
        description="last day in force; null: unknown", examples=[None]
    )
    published: date | None = Field(
        description="day that the document, or else its file, gives; null: unknown",
        examples=["2024-12-16"],
    )
    doc_type: DocType = Field(examples=["policy"])
    tags: tuple[str, ...] = Field(examples=[["finance", "travel"]])
    pages: tuple[int, ...] = Field(
        description="pages that have text; empty where the format has none", examples=[[1, 2, 3]]
    )
    hidden: tuple[HiddenTextOut, ...] = Field(
        description="text of the file that its readers do not see; it was left out"
    )


class DocumentsOut(_Out):
    """Documents that the key may read, newest first. `pages` is left empty here."""

    documents: tuple[DocumentOut, ...]


class BlockOut(_Out):
    """A paragraph, heading, table, list or code listing of a document."""

    ordinal: int = Field(description="position in the document, from 0", examples=[7])
    kind: BlockKind
    text: str = Field(description="a table is GitHub-flavoured Markdown")
    page: int | None = Field(description="1-based; null where the format has none", examples=[3])
    heading_path: tuple[str, ...]
    recognised: float | None = Field(
        default=None,
        description="confidence in [0, 1] with which it was recognised in a scan or a picture; "
        "null for text that the file has as text",
        examples=[0.98],
    )


class BlocksOut(_Out):
    """Blocks in reading order."""

    blocks: tuple[BlockOut, ...]


class DuplicateOut(_Out):
    """A document that is almost the same as another one."""

    id: UUID = Field(examples=[_EXAMPLE_DOCUMENT])
    uri: str = Field(examples=["file:///shared/travel-policy.docx"])
    title: str = Field(examples=["Travel policy"])
    similarity: float = Field(
        ge=0, le=1, description="estimated share of the text that both have", examples=[0.97]
    )
    exact: bool = Field(description="the files are the same, byte for byte")
    kept: bool = Field(description="somebody decided that it stays beside the other")


class JobOut(_Out):
    """The ingest of one uploaded file."""

    id: UUID = Field(examples=[_EXAMPLE_JOB])
    document_id: UUID = Field(examples=[_EXAMPLE_DOCUMENT])
    filename: str = Field(examples=["travel-policy.pdf"])
    state: JobState = Field(
        description="`queued`, then `parsing`, `embedding`, `indexing`, then `done` or `failed`; "
        "`quarantined`: reading the file went beyond a limit, so it is set aside"
    )
    outcome: Literal["added", "updated", "unchanged"] | None = Field(
        description="set when the state is `done`"
    )
    done: int = Field(description="chunks that are finished", examples=[64])
    total: int = Field(description="chunks in all; 0 while unknown", examples=[180])
    reason: str | None = Field(
        description="why it failed or was set aside, what it waits for, or what to know of it"
    )
    duplicates: tuple[DuplicateOut, ...] = Field(
        (), description="documents that the key may read and that it is almost the same as"
    )
    attempts: int = Field(description="how often it was begun", examples=[1])
    created_at: datetime = Field(description="when the file was uploaded, or first was")
    updated_at: datetime = Field(description="when it came to its state, or was last looked at")

    @property
    def finished(self) -> bool:
        """Tell whether the state will not change any more."""
        return self.state.is_final


class JobsOut(_Out):
    """Jobs, newest first."""

    jobs: tuple[JobOut, ...]


class SyncOut(_Out):
    """What was brought up to the lexicon."""

    documents: int = Field(description="whose terms are up to date now", examples=[20])
    missing: int = Field(
        description="documents without points in the index: ingest them again", examples=[0]
    )
    last: UUID | None = Field(
        description="where to go on; null: nothing is left", examples=[_EXAMPLE_DOCUMENT]
    )


class LiveOut(_Out):
    """The process answers."""

    live: Literal[True] = True


class ReadyOut(_Out):
    """Whether everything that an answer needs answers; `ok` or what is wrong, for each part."""

    ready: bool
    parts: dict[str, str] = Field(examples=[{"catalog": "ok", "index": "ok", "llm": "ok"}])


class ErrorDetail(_Out):
    """What happened and what to do, in the language of `Accept-Language` (zh or en)."""

    code: str = Field(description="stable, for programs", examples=["question_empty"])
    message: str = Field(examples=["The question is empty: type one."])
    request_id: str = Field(
        description="also in the header X-Request-Id and in the server's log",
        examples=["0b7f3c1e5d5c4a6e8f1f7d0c2a9b4e63"],
    )


class ErrorBody(_Out):
    """The body of every response that is an error, and of the event `error`."""

    error: ErrorDetail
