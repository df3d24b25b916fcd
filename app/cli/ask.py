"""`zhiku ask`: one question, its answer and the sources."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.live import Live
from rich.text import Text

from app.api.schemas import AnswerOut, EvidenceEvent, EvidenceOut, TokenEvent
from app.cli.console import errors, output
from app.cli.keys import TenantOption
from app.cli.routes import command_client, running_api
from app.client import AnswerEvent
from app.errors import BadRequest
from app.settings import Settings, load_settings
from app.wiring import open_system
from generation.records import AnswerDone, EvidenceFound
from models.language import detect_language
from retrieval.records import Query
from stores.access import EVERYONE, Principal, Scope
from stores.keys import Role

_QUOTE_CHARACTERS = 160


def ask(
    question: Annotated[str, typer.Argument(help="The question, in Chinese or English.")],
    *,
    tenant: TenantOption = None,
    group: Annotated[
        list[str] | None,
        typer.Option(help="Ask as a member of this group; repeatable. Default: everyone."),
    ] = None,
) -> None:
    """Answer a question from the documents and print the sources."""
    settings = load_settings()
    limit = settings.answer.max_question_characters
    if not question.strip():
        raise BadRequest("the question is empty: write what you want to know")
    if len(question) > limit:
        raise BadRequest(f"the question has {len(question)} characters, at most {limit} are read")
    groups = sorted(set(group or [EVERYONE]))
    answer = None
    with Live(console=errors, transient=True, auto_refresh=False) as live:
        text = Text("searching …")
        for event in _events(settings, question, tenant or settings.tenant, groups):
            match event:
                case EvidenceEvent():
                    text = Text(f"reading {len(event.evidence)} passages …\n")
                case TokenEvent():
                    text.append(event.text)
                case AnswerOut():
                    answer = event
            live.update(text, refresh=True)
    if answer is not None:
        print_answer(answer)


def print_answer(answer: AnswerOut) -> None:
    """Print the text, then each cited source with page and the start of its quote."""
    output.print(answer.text, markup=False, highlight=False)
    for evidence in answer.citations:
        output.print(f"  [{evidence.number}] {_source(evidence)}", markup=False, highlight=False)
    output.print()


def _source(evidence: EvidenceOut) -> str:
    page = f", p. {evidence.pages[0]}" if evidence.pages else ""
    quote = " ".join(evidence.quote.split())
    short = quote if len(quote) <= _QUOTE_CHARACTERS else quote[:_QUOTE_CHARACTERS] + " …"
    return f"{evidence.title}{page}: “{short}”"


def _events(
    settings: Settings, question: str, tenant: str, groups: list[str]
) -> Iterator[AnswerEvent]:
    api = running_api(settings)
    if api is not None:
        with command_client(
            settings, api, tenant=tenant, role=Role.READER, groups=groups
        ) as client:
            yield from client.chat(question)
        return
    yield from _local_events(settings, question, tenant, groups)


def _local_events(
    settings: Settings, question: str, tenant: str, groups: list[str]
) -> Iterator[AnswerEvent]:
    """Answer in this process and give the events the shape that the API gives them."""
    principal = Principal(tenant, "command line", frozenset(groups), frozenset({Scope.READ}))
    query = Query(question, detect_language(question), principal)
    system = open_system(settings)
    try:
        for event in system.answerer.answer(query, cancelled=lambda: False):
            match event:
                case EvidenceFound():
                    found = tuple(EvidenceOut.model_validate(each) for each in event.evidence)
                    yield EvidenceEvent(evidence=found)
                case AnswerDone():
                    yield AnswerOut.model_validate(event.answer)
                case _:
                    yield TokenEvent(text=event.text)
    finally:
        system.close()
