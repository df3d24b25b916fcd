"""What the commands that take a question have in common."""

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


def asked_filters(
    *,
    types: list[DocType] | None,
    tags: list[str] | None,
    langs: list[Lang] | None,
    documents: list[UUID] | None,
    first: datetime | None,
    last: datetime | None,
) -> FiltersIn:
    """Return the filters of the options; raises `BadRequest` where they cannot be."""
    try:
        return FiltersIn.model_validate(
            {
                "types": tuple(types or ()),
                "tags": tuple(tags or ()),
                "langs": tuple(lang.value for lang in langs or ()),
                "documents": tuple(documents or ()),
                "published_from": first.date() if first else None,
                "published_to": last.date() if last else None,
            }
        )
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "filters"
        raise BadRequest(f"{where}: {problem['msg']}") from error


def asking_of(query: Query, filters: FiltersIn) -> Asking:
    """Return how the API is to take the question."""
    return {"asked_on": query.asked_on, "filters": filters, "interpret": query.interpret}


def local_query(
    question: str,
    settings: Settings,
    *,
    tenant: str | None,
    groups: list[str],
    day: datetime | None,
    filters: FiltersIn,
    literal: bool,
) -> Query:
    """Return the query of somebody at this machine, who may ask for any group."""
    principal = Principal(
        tenant or settings.tenant, "command line", frozenset(groups), frozenset({Scope.READ})
    )
    return Query(
        question,
        detect_language(question),
        principal,
        asked_on=day.date() if day else None,
        filters=filters.filters(),
        interpret=not literal,
    )


def asked_groups(group: list[str] | None) -> list[str]:
    """Return the groups to ask for."""
    return sorted(set(group or [EVERYONE]))


def check_question(question: str, settings: Settings) -> None:
    """Refuse a question that the API would refuse, before anything is loaded.

    Raises
    ------
    BadRequest
        It is blank or too long.
    """
    limit = settings.answer.max_question_characters
    if not question.strip():
        raise BadRequest("the question is empty: write what you want to know")
    if len(question) > limit:
        raise BadRequest(f"the question has {len(question)} characters, at most {limit} are read")
