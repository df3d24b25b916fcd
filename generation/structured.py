"""An answer as JSON: a form that the model fills in from the evidence."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from generation.errors import AnswerOffSchema
from generation.llm import LanguageModel, Usage
from generation.prompts import Prompt
from generation.response_schema import ResponseSchema


@dataclass(frozen=True, slots=True)
class Form:
    """What an answer is to look like, and the prompt that asks for it.

    The prompt takes the variables of the answer's prompt, and `schema`.
    """

    schema: ResponseSchema
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was filled in: an object that follows the form's schema."""

    data: dict[str, object]
    usage: Usage

    @property
    def text(self) -> str:
        """The object as JSON text."""
        return json.dumps(self.data, ensure_ascii=False)


def fill(
    llm: LanguageModel,
    form: Form,
    variables: Mapping[str, object],
    *,
    max_tokens: int,
    cancelled: Callable[[], bool],
) -> Filled | None:
    """Let the model fill in a form; None if it was cancelled.

    Parameters
    ----------
    variables
        Those of the answer's prompt: the evidence, the question and its language.

    Raises
    ------
    AnswerOffSchema
        What it wrote does not follow the schema, or was cut off after `max_tokens`.
    ModelUnavailable, PromptTooLong
        From the language model.
    """
    document = form.schema.document
    pieces: list[str] = []
    items = llm.stream(
        form.prompt.render({**variables, "schema": json.dumps(document, ensure_ascii=False)}),
        max_tokens=max_tokens,
        cancelled=cancelled,
        response_schema=document,
    )
    for item in items:
        if isinstance(item, Usage):
            return Filled(_read(form.schema, pieces, item, max_tokens=max_tokens), item)
        pieces.append(item)
    return None


def _read(
    schema: ResponseSchema, pieces: Sequence[str], usage: Usage, *, max_tokens: int
) -> dict[str, object]:
    try:
        return schema.read("".join(pieces))
    except AnswerOffSchema as error:
        if usage.answer_tokens < max_tokens:
            raise
        raise AnswerOffSchema(
            f"it was cut off after {max_tokens} tokens (`answer.max_answer_tokens`)"
        ) from error
