"""What the commands that take a question have in common."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer
from pydantic import ValidationError

from app.api.requests import Asking, FiltersIn
from app.errors import BadRequest
from app.settings import Settings
from models.language import detect_language
from retrieval.records import Query
from stores.access import EVERYONE, Principal, Scope
from stores.records import DocType


class Lang(StrEnum):
    """A language of documents."""

    ZH = "zh"
    EN = "en"


QuestionArgument = Annotated[str, typer.Argument(help="The question, in Chinese or English.")]
GroupOption = Annotated[
    list[str] | None,
    typer.Option(help="Ask as a member of this group; repeatable. Default: everyone."),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        help="Day whose rules are asked for. Default: today.",
    ),
]


TypesOption = Annotated[
    list[DocType] | None, typer.Option("--type", help="Search this kind of document; repeatable.")
]
TagsOption = Annotated[
    list[str] | None, typer.Option("--tag", help="Search documents with this tag; repeatable.")
]
LangsOption = Annotated[
    list[Lang] | None, typer.Option("--lang", help="Search documents in this language; repeatable.")
]
DocumentsOption = Annotated[
    list[UUID] | None, typer.Option("--document", help="Search this document (id); repeatable.")
]
FromOption = Annotated[
    datetime | None,
    typer.Option(
        "--from",
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        help="Search documents of this day (published, else in force) and later.",
    ),
]
ToOption = Annotated[
    datetime | None,
    typer.Option(
        "--to",
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        help="Search documents of this day and earlier.",
    ),
]
LiteralOption = Annotated[
    bool,
    typer.Option(
        "--literal", help="Take days in the question for words, not for what it is about."
    ),
]


@dataclass(frozen=True, slots=True)
class CommandQuestion:
    """A question as it is asked in this process, and as the API is asked."""

    query: Query
    filters: FiltersIn

    @property
    def groups(self) -> list[str]:
        """Return the groups that the question is asked for."""
        return sorted(self.query.principal.groups)

    @property
    def asking(self) -> Asking:
        """Return how the API is to take the question."""
        query = self.query
        return {
            "asked_on": query.asked_on,
            "filters": self.filters,
            "interpret": query.interpret,
        }


def read_question(  # noqa: PLR0913  (one for each option)
    question: str,
    settings: Settings,
    *,
    tenant: str | None,
    group: list[str] | None,
    as_of: datetime | None,
    types: list[DocType] | None,
    tags: list[str] | None,
    langs: list[Lang] | None,
    first: datetime | None,
    last: datetime | None,
    documents: list[UUID] | None,
    literal: bool,
) -> CommandQuestion:
    """Return the question of somebody at this machine, who may ask for any group.

    Raises
    ------
    BadRequest
        The API would refuse the question or its filters.
    """
    _check_question(question, limit=settings.answer.max_question_characters)
    filters = _filters(
        types=tuple(types or ()),
        tags=tuple(tags or ()),
        langs=tuple(lang.value for lang in langs or ()),
        documents=tuple(documents or ()),
        published_from=first.date() if first else None,
        published_to=last.date() if last else None,
    )
    groups = frozenset(group or [EVERYONE])
    query = Query(
        question,
        detect_language(question),
        Principal(tenant or settings.tenant, "command line", groups, frozenset({Scope.READ})),
        asked_on=as_of.date() if as_of else None,
        filters=filters.filters(),
        interpret=not literal,
    )
    return CommandQuestion(query, filters)


def _filters(**fields: object) -> FiltersIn:
    try:
        return FiltersIn.model_validate(fields)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "filters"
        raise BadRequest(f"{where}: {problem['msg']}") from error


def _check_question(question: str, *, limit: int) -> None:
    """Refuse a question that the API would refuse, before anything is loaded."""
    if not question.strip():
        raise BadRequest("the question is empty: write what you want to know")
    if len(question) > limit:
        raise BadRequest(f"the question has {len(question)} characters, at most {limit} are read")
