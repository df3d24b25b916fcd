"""The checks of a question, and the query that it becomes."""

from collections.abc import Mapping, Sequence
from datetime import date

from app.api.errors import QuestionEmpty, QuestionTooLong
from app.api.requests import TurnIn
from app.messages import Lang
from generation.prompts import Prompt
from generation.response_schema import checked_schema
from generation.structured import Form
from models.language import detect_language
from retrieval.filters import NO_FILTERS, Filters
from retrieval.records import Query, Turn
from stores.access import Principal


def build_query(
    text: str,
    principal: Principal,
    *,
    max_characters: int,
    lang: Lang | None = None,
    asked_on: date | None = None,
    filters: Filters = NO_FILTERS,
    interpret: bool = True,
) -> Query:
    """Return the query of a question; without `lang` it is answered in its own language.

    Raises
    ------
    QuestionEmpty
        It is empty or blank.
    QuestionTooLong
        It has more than `max_characters`.
    """
    question = text.strip()
    if not question:
        raise QuestionEmpty("the question is empty")
    if len(question) > max_characters:
        raise QuestionTooLong(length=len(question), limit=max_characters)
    return Query(
        text=question,
        lang=lang or detect_language(question),
        principal=principal,
        asked_on=asked_on,
        filters=filters,
        interpret=interpret,
    )


def form_of(schema: Mapping[str, object] | None, prompt: Prompt) -> Form | None:
    """Return the form that a request asks for; raises `SchemaInvalid`."""
    return None if schema is None else Form(checked_schema(schema), prompt)


def turns_of(history: Sequence[TurnIn]) -> tuple[Turn, ...]:
    """Return the earlier turns as the stages take them."""
    return tuple(Turn(turn.question, turn.answer) for turn in history)
