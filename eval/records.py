"""The records of evaluation: questions with what is right, and what came out for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Gold:
    """Where an answer stands.

    Attributes
    ----------
    document
        Id of the passage or relative path of the document.
    quote
        The sentence or table row, verbatim; empty where the set names none.
    page
        1-based page, slide or sheet; None where the format has none.
    """

    document: str
    quote: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a conversation and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what a right answer says.

    Attributes
    ----------
    lang, source_lang
        `zh` or `en`: of the question, and of the documents that answer it (those that come close,
        where none does).
    kinds
        What makes it hard, such as `table` or `follow_up`; free words of the set.
    half
        `tuning` or `reporting`; empty where a set is not split.
    history
        Earlier turns, oldest first.
    groups
        Of the asker, beside everyone.
    grades
        Relevant ids and how relevant each is (>= 1); empty where the question has no answer.
    gold
        The places of the answer.
    parts
        All of them have to be said; of each, any spelling counts.
    wrong
        Strings that only a wrong answer contains.
    beside
        Passages that come with the question and do not answer it.
    given
        The only documents that are searched for it; all of the collection where it is empty.
    asked_on
        The day on which it is asked; None where any day is as good.
    secret
        Documents that the asker may not see; nothing of them may be shown.
    answerable
        False if no document answers; None where the set does not tell.
    """

    id: str
    text: str
    lang: str
    source_lang: str
    kinds: tuple[str, ...] = ()
    half: str = ""
    history: tuple[Turn, ...] = ()
    groups: tuple[str, ...] = ()
    grades: Mapping[str, int] = field(default_factory=dict)
    gold: tuple[Gold, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()
    wrong: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    answerable: bool | None = None
    asked_on: date | None = None

    @property
    def crossing(self) -> str:
        """Return `zh→en` and the like: the language of the question and of its documents."""
        return f"{self.lang}→{self.source_lang}"


@dataclass(frozen=True, slots=True)
class ShownSentence:
    """A sentence of an answer: what it cites and whether each citation is right.

    `right` is as long as `cited`; a citation is right if its passage holds the gold quote of the
    question, or is graded relevant where the set has no quotes.
    """

    text: str
    cited: tuple[str, ...]
    right: tuple[bool, ...]
    support: str


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was answered.

    Attributes
    ----------
    evidence
        Ids of the documents whose passages the model was given.
    evidence_texts
        Those passages.
    first_token_seconds
        From asking to the first written token; None for a refusal without a model.
    """

    text: str
    refusal: bool
    sentences: tuple[ShownSentence, ...]
    evidence: tuple[str, ...]
    evidence_texts: tuple[str, ...]
    first_token_seconds: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Row:
    """What came out for one question of a run.

    Attributes
    ----------
    rankings
        Document ids, best first, each once, by stage: `dense`, `lexical`, `fusion`, `final`.
    quotes
        Rank of the first passage that holds a gold quote, by stage; None where none of the
        passages does; empty where the set has no quotes.
    probability
        Calibrated probability of the best passage; 0 where nothing was found.
    relevant
        Whether the best passage is right: what `probability` claims.
    search_seconds
        Of the search alone.
    answer
        None where only the search was run.
    scores
        Metrics of this question by name, each in [0, 1]; a metric that does not apply is absent.
    """

    question: Question
    rankings: Mapping[str, tuple[str, ...]]
    quotes: Mapping[str, int | None]
    probability: float
    relevant: bool
    search_seconds: float
    answer: GivenAnswer | None
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RunHead:
    """What a run was made with.

    Attributes
    ----------
    name
        Of its folder.
    data
        Name and SHA-256 of each set.
    config
        Fingerprint of the settings that bear on answers.
    models
        Name and SHA-256 of each model.
    commit
        Of the code; where files were changed, `+` and a hash of the packages follow.
    machine
        Processor, cores, memory in GiB, Python.
    started
        ISO 8601, UTC.
    stage
        `search` or `answers`.
    pool
        What the passages were searched among: `own` (those of the set) or the name of the pool.
    limit
        How many questions of each set at most; None for all.
    half
        `tuning` or `reporting` where only that half was asked; empty for both.
    """

    name: str
    data: Mapping[str, str]
    config: str
    models: Mapping[str, str]
    commit: str
    machine: Mapping[str, str]
    started: str
    stage: str
    pool: str
    limit: int | None
    half: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run, read back: its head and the rows in the order of the sets."""

    head: RunHead
    rows: Mapping[str, tuple[Row, ...]]
