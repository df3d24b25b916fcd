"""The records of a trace: the question, the passages, the model's call and what was shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TracedTurn:
    """An earlier turn of the conversation.

    Attributes
    ----------
    answer_sha256
        Of the answer's text, in hex; "" where there was none. The text is not kept: nobody could
        tell which documents it is from, and so erase it with them.
    """

    question: str
    answer_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedQuestion:
    """A question with all that its answer depends on.

    Attributes
    ----------
    text
        As it was asked.
    understood
        As it was searched and answered.
    groups
        Whose documents could be seen, sorted.
    asked_on
        The day that it was asked on or as of, as 2025-01-31.
    filters
        What documents were searched: the fields that were set, in the words of JSON.
    history
        Oldest first.
    """

    text: str
    understood: str
    lang: str
    groups: tuple[str, ...]
    asked_on: str
    filters: Mapping[str, Any]
    history: tuple[TracedTurn, ...]


@dataclass(frozen=True, slots=True)
class TracedPassage:
    """A passage that the answer was made from, or that a refusal names.

    Attributes
    ----------
    number
        That the answer cites.
    chunk_ids
        The chunks that it consists of, in order.
    sha256
        Of their texts in the catalog, in hex; set by `record`.
    """

    number: int
    document_id: UUID
    revision: int
    chunk_ids: tuple[UUID, ...]
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """What the language model was given and what it wrote.

    Attributes
    ----------
    prompt_id, prompt_version
        Of the prompt's file.
    variables
        What the prompt was rendered with: the passages with number, heading and excerpt, the
        question, the language.
    messages
        (role, content) as the model was given them.
    max_tokens
        The longest answer that was asked for.
    text
        What it wrote, as it wrote it.
    judged
        What it judged before, with the same variables; empty if it did not.
    """

    prompt_id: str
    prompt_version: int
    variables: Mapping[str, Any]
    messages: tuple[tuple[str, str], ...]
    max_tokens: int
    text: str
    judged: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """How one answer came to be.

    Attributes
    ----------
    user
        `Principal.user` of the one who asked.
    understood_by
        Who made the question what it was understood as: `nobody`, `rules` or `model`.
    passages
        All that were given to the model, or were found nearby.
    model_call
        None where no model answered: a refusal without it, or a degraded answer.
    text
        What was shown.
    cached
        It was written for somebody before.
    provenance
        `model`, `config`, `index` and what else the answer was made with, and `index_version`, the
        version of the tenant's content.
    """

    id: UUID
    tenant: str
    user: str
    asked_at: datetime
    question: TracedQuestion
    understood_by: str
    passages: tuple[TracedPassage, ...]
    model_call: ModelCall | None
    text: str
    refusal: bool
    degraded: bool
    cached: bool
    provenance: Mapping[str, str]
