"""What the commands that take a question have in common."""

from datetime import date, datetime
from typing import Annotated

import typer

from app.errors import BadRequest
from app.settings import Settings
from models.language import detect_language
from retrieval.records import Query
from stores.access import EVERYONE, Principal, Scope

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


def local_query(
    question: str, settings: Settings, *, tenant: str | None, groups: list[str], day: date | None
) -> Query:
    """Return the query of somebody at this machine, who may ask for any group."""
    principal = Principal(
        tenant or settings.tenant, "command line", frozenset(groups), frozenset({Scope.READ})
    )
    return Query(question, detect_language(question), principal, asked_on=day)


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
