"""`zhiku ask`: one question, its answer and the sources."""

from collections.abc import Iterator

from rich.live import Live
from rich.text import Text

from app.api.schemas import (
    AnswerOut,
    EvidenceEvent,
    EvidenceOut,
    SentenceEvent,
    TokenEvent,
)
from app.cli.console import errors, output
from app.cli.keys import TenantOption
from app.cli.questions import (
    AsOfOption,
    CommandQuestion,
    DocumentsOption,
    FromOption,
    GroupOption,
    LangsOption,
    LiteralOption,
    QuestionArgument,
    TagsOption,
    ToOption,
    TypesOption,
    read_question,
)
from app.cli.routes import command_client, running_api
from app.client import AnswerEvent
from app.settings import Settings, load_settings
from app.ui.labels import where
from app.ui.texts import EN
from app.wiring import open_system
from generation.records import AnswerDone, EvidenceFound, SentenceChecked, Support, TokenWritten
from retrieval.records import Query
from stores.keys import Role

_QUOTE_CHARACTERS = 160
_TO_BE_CHECKED = (Support.UNVERIFIED, Support.UNCITED)


def ask(  # noqa: PLR0913  (one for each option)
    question: QuestionArgument,
    *,
    tenant: TenantOption = None,
    group: GroupOption = None,
    as_of: AsOfOption = None,
    types: TypesOption = None,
    tags: TagsOption = None,
    langs: LangsOption = None,
    first: FromOption = None,
    last: ToOption = None,
    documents: DocumentsOption = None,
    literal: LiteralOption = False,
) -> None:
    """Answer a question from the documents and print the sources."""
    settings = load_settings()
    asked = read_question(
        question,
        settings,
        tenant=tenant,
        group=group,
        as_of=as_of,
        types=types,
        tags=tags,
        langs=langs,
        first=first,
        last=last,
        documents=documents,
        literal=literal,
    )
    answer = None
    with Live(console=errors, transient=True, auto_refresh=False) as live:
        text = Text("searching …")
        for event in _events(settings, asked):
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
        if "trace_id" in answer.provenance:
            errors.print(f"trace {answer.provenance['trace_id']}", highlight=False)


def print_answer(answer: AnswerOut) -> None:
    """Print the text, then each cited source with page and the start of its quote."""
    if answer.asked is not None and answer.asked.words:
        output.print(
            f"(days read in the question: {', '.join(answer.asked.words)})",
            markup=False,
            highlight=False,
        )
    output.print(answer.text, markup=False, highlight=False)
    for sentence in answer.sentences:
        if sentence.support in _TO_BE_CHECKED:
            output.print(f"  {sentence.support}: {sentence.text}", markup=False, highlight=False)
    for evidence in answer.citations:
        output.print(f"  [{evidence.number}] {_source(evidence)}", markup=False, highlight=False)
    for conflict in answer.conflicts:
        what = "says otherwise" if conflict.is_in_force else "is another edition"
        line = f"  {_source(conflict.other, quote=conflict.quote)} {what}"
        output.print(line, markup=False, highlight=False)
    output.print()


def _source(evidence: EvidenceOut, *, quote: str = "") -> str:
    stands = where(evidence, EN)
    page = f", {stands}" if stands else ""
    quote = " ".join((quote or evidence.quote).split())
    short = quote if len(quote) <= _QUOTE_CHARACTERS else quote[:_QUOTE_CHARACTERS] + " …"
    return f"{evidence.title}{page}: “{short}”"


def _events(settings: Settings, asked: CommandQuestion) -> Iterator[AnswerEvent]:
    api, query = running_api(settings), asked.query
    if api is None:
        yield from _local_events(settings, query)
        return
    tenant = query.principal.tenant
    with command_client(
        settings, api, tenant=tenant, role=Role.READER, groups=asked.groups
    ) as client:
        yield from client.chat(query.text, **asked.asking)


def _local_events(settings: Settings, query: Query) -> Iterator[AnswerEvent]:
    """Answer in this process and give the events the shape that the API gives them."""
    system = open_system(settings)
    try:
        for event in system.served.answer(query, cancelled=lambda: False):
            match event:
                case EvidenceFound():
                    found = tuple(EvidenceOut.model_validate(each) for each in event.evidence)
                    yield EvidenceEvent(evidence=found)
                case AnswerDone():
                    yield AnswerOut.model_validate(event.answer)
                case SentenceChecked():
                    yield SentenceEvent.model_validate(event)
                case TokenWritten():
                    yield TokenEvent(text=event.text)
    finally:
        system.close()
