"""The records of generation: the answer, its sentences and its citations."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from generation.llm import Message, Usage
from retrieval.explain import Explanation
from retrieval.policy.days import Asked
from retrieval.records import Evidence
from retrieval.understanding.rewriting import RewrittenBy


class Support(StrEnum):
    """How far a sentence is backed by what it cites.

    `QUOTED` is words of what it cites; `UNVERIFIED` cites evidence that was given to the model;
    `UNCITED` cites nothing.
    """

    QUOTED = "quoted"
    UNVERIFIED = "unverified"
    UNCITED = "uncited"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer: its text with the marks taken out, and what it cites.

    `citations` holds numbers of `Evidence`, ascending, each of them given to the model.
    """

    text: str
    citations: tuple[int, ...]
    support: Support


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a follow-up question was taken to ask.

    Attributes
    ----------
    question
        What was searched and answered.
    by
        Who wrote it: rules or the language model.
    model_failed
        The model was to write it and could not, so that the rules did.
    """

    question: str
    by: RewrittenBy
    model_failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What the language model was given and what it wrote.

    Attributes
    ----------
    prompt_id, prompt_version
        Of the prompt that the messages were rendered from.
    variables
        What it was rendered with: texts, numbers, and lists and mappings of these.
    max_tokens
        The longest answer that was asked for.
    text
        As the model wrote it, nothing checked or taken out.
    """

    prompt_id: str
    prompt_version: int
    variables: Mapping[str, object]
    messages: tuple[Message, ...]
    max_tokens: int
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer or a refusal.

    Attributes
    ----------
    text
        What is shown, with marks such as `[1]`; only marks that map to `citations` remain.
    citations
        The evidence that the text cites, ascending by number; taken from retrieval, never from
        what the model wrote.
    evidence
        All that was given to the model, or, for a refusal, what was found nearby.
    refusal
        True if no evidence answered the question; `text` then says what to do next.
    usage
        None for a refusal that called no model. A refusal has a usage if what the model wrote
        answered nothing.
    provenance
        `prompt`, `model`, `encoder`, `index`, `config`: what the answer was made with.
    asked
        The days that the question was taken to be about.
    explanation
        How the search came to the evidence; None unless it was asked for.
    understood
        What a follow-up was taken to ask; None where the question was taken as it was asked.
    degraded
        The language model was not available: the text is words of the evidence as they stand.
    written
        The call of the model that the answer was made of; None where no model answered.
    cached
        It was written before, for the same question under the same circumstances.
    """

    text: str
    lang: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Evidence, ...]
    evidence: tuple[Evidence, ...]
    refusal: bool
    usage: Usage | None
    provenance: Mapping[str, str]
    asked: Asked | None = None
    explanation: Explanation | None = None
    understood: Understanding | None = None
    degraded: bool = False
    written: Written | None = None
    cached: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """First event of an answer: what was found."""

    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class TokenWritten:
    """A piece of the answer as the model writes it."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """Last event of an answer; its text replaces the pieces streamed before."""

    answer: Answer


AnswerEvent = EvidenceFound | TokenWritten | AnswerDone
