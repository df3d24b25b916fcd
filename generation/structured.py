"""An answer as JSON: a form that the model fills in from the evidence."""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from generation.checking.data import DataCheck, Path, check_data
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
    """A form that was filled in: an object that follows the form's schema.

    Attributes
    ----------
    checks
        Of its strings and numbers, in order; also of those that were made null afterwards.
    """

    data: dict[str, object]
    usage: Usage
    checks: tuple[DataCheck, ...] = ()

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


def checked(filled: Filled, form: Form, passages: Sequence[str], *, strict: bool) -> Filled | None:
    """Check the values of a form against the passages that it was made from.

    Parameters
    ----------
    strict
        What is unverified becomes null. Where the schema allows none there, None is returned: the
        form cannot be given.
    """
    checks = check_data(filled.data, passages)
    data = deepcopy(filled.data)
    if strict:
        for path in [path for path, check in checks.items() if check.support == "unverified"]:
            _set_null(data, path)
        if not form.schema.takes(data):
            return None
    return replace(filled, data=data, checks=tuple(checks.values()))


def _set_null(data: dict[str, object], path: Path) -> None:
    *way, last = path
    place: Any = data
    for part in way:
        place = place[part]
    place[last] = None


def _read(
    schema: ResponseSchema, pieces: Sequence[str], usage: Usage, *, max_tokens: int
) -> dict[str, object]:
    try:
        return schema.read("".join(pieces))
    except AnswerOffSchema as error:
        if usage.answer_tokens < max_tokens:
            raise
        raise AnswerOffSchema(
            f"the answer was cut off after {max_tokens} tokens (`answer.max_answer_tokens`)"
        ) from error
