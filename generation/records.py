"""The records of generation: the answer, its sentences and its citations."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from generation.checking.data import DataCheck
from generation.llm import Message, Usage
from retrieval.explain import Explanation
from retrieval.policy.days import Asked
from retrieval.records import Evidence
from retrieval.understanding.rewriting import RewrittenBy


class Support(StrEnum):
    """How far a sentence is backed by what it cites.

    `QUOTED` is words of what it cites; `VERIFIED` was checked against what it cites
    (`generation.attribution.Attribution.support`); `UNVERIFIED` cites evidence that does not
    plainly bear it out; `UNCITED` cites nothing.
    """

    QUOTED = "quoted"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    UNCITED = "uncited"


class Policy(StrEnum):
    """What happens to a sentence that could not be verified: it is marked, or dropped."""

    MARK = "mark"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer: its text with the marks taken out, and what it cites.

    Attributes
    ----------
    citations
        Numbers of `Evidence`, ascending, each of them given to the model.
    score
        How much of what the sentence says its sources hold in the same words, in [0, 1].
    """

    text: str
    citations: tuple[int, ...]
    support: Support
    score: float


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another document says otherwise.

    Attributes
    ----------
    sentence
        Of the answer.
    number
        The evidence that it cites.
    other
        The passage that says otherwise, and `quote` what it says.
    is_in_force
        The other document is in force, too; else it is a former or a later edition.
    """

    sentence: str
    number: int
    other: Evidence
    quote: str
    is_in_force: bool


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
    documents
        The documents of the conversation whose words the question may hold.
    """

    question: str
    by: RewrittenBy
    model_failed: bool
    documents: frozenset[UUID] = frozenset()


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
    judged
        What the gate had it judge last, with the same variables; empty if it was not asked.
    """

    prompt_id: str
    prompt_version: int
    variables: Mapping[str, object]
    messages: tuple[Message, ...]
    max_tokens: int
    text: str
    judged: str = ""


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
    missing
        The parts of the question that the evidence does not answer; `text` ends with them.
    conflicts
        What other documents say of the same matter, those in force first.
    data
        The object that was asked for by a schema and follows it; `text` is the same as JSON, and
        `citations` is all evidence that it was made from. None if none was asked for, and for a
        refusal or an answer that is degraded.
    written
        The call of the model that the answer was made of; None where no model answered.
    cached
        It was written before, for the same question under the same circumstances.
    data_checks
        Whether the strings and numbers of `data` stand in the passages; with the policy `strict`
        those that do not are null in `data`.
    unknown_marks
        How many numbers of evidence the model cited that it was not given; none of them remains.
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
    missing: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    data: Mapping[str, object] | None = None
    written: Written | None = None
    cached: bool = False
    unknown_marks: int = 0
    data_checks: tuple[DataCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """First event of an answer: what was found."""

    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class TokenWritten:
    """A piece of the answer as the model writes it."""

    text: str


@dataclass(frozen=True, slots=True)
class SentenceChecked:
    """A sentence is finished and was checked.

    `end` counts the characters of the pieces so far that are no longer pending.
    """

    sentence: Sentence
    end: int


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """Last event of an answer; its text replaces the pieces streamed before."""

    answer: Answer


AnswerEvent = EvidenceFound | TokenWritten | SentenceChecked | AnswerDone
