"""`zhiku explain`: how a search came to its result, candidate by candidate."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.api.requests import MAX_LIMIT
from app.api.schemas import AskedOut, ExplanationOut, SearchOut, StageOut, TrailOut
from app.cli.console import output
from app.cli.explain_texts import EXPLAIN_TEXTS, ExplainTexts
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
from app.settings import Settings, load_settings
from app.wiring import open_search
from retrieval.policy.records import Reason
from stores.keys import Role

_FIRST_FOR_A_REASON = 3
_QUOTE_CHARACTERS = 40


def explain(  # noqa: PLR0913  (one for each option)
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
    limit: Annotated[
        int, typer.Option(min=1, max=MAX_LIMIT, help="How many passages the search shows.")
    ] = 10,
    every: Annotated[bool, typer.Option("--all", help="List every candidate.")] = False,
) -> None:
    """Show how a search ranks: each stage, each factor, and why a passage is not shown."""
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
    found = _found(settings, asked, limit=limit)
    if found.explanation is not None:
        print_explanation(found.explanation, EXPLAIN_TEXTS[asked.query.lang], every=every)


def _found(settings: Settings, asked: CommandQuestion, *, limit: int) -> SearchOut:
    """Search through the running API, else in this process."""
    api, query = running_api(settings), asked.query
    if api is not None:
        tenant = query.principal.tenant
        with command_client(
            settings, api, tenant=tenant, role=Role.READER, groups=asked.groups
        ) as client:
            return client.explain(query.text, limit=limit, **asked.asking)
    system = open_search(settings)
    try:
        explanation = system.retriever.explain(query, limit=limit)
    finally:
        system.close()
    return SearchOut.model_validate(
        {
            "evidence": explanation.evidence,
            "asked": explanation.asked,
            "explanation": explanation,
        },
        from_attributes=True,
    )


def print_explanation(explanation: ExplanationOut, texts: ExplainTexts, *, every: bool) -> None:
    """Print a table of the candidates: all, or those shown and the first of the others."""
    if not explanation.trails:
        output.print(texts.nothing, markup=False, highlight=False)
        return
    listed = list(explanation.trails if every else _notable(explanation))
    output.print(_table(explanation.asked, listed, texts))
    left = len(explanation.trails) - len(listed)
    if left:
        output.print(texts.further.format(count=left), markup=False, highlight=False)


def _table(asked: AskedOut, trails: Iterable[TrailOut], texts: ExplainTexts) -> Table:
    table = Table(title=_asked(asked, texts), caption=texts.legend)
    table.add_column(texts.number, justify="right", no_wrap=True)
    # Folded, not cut: what tells editions apart stands at the end of their titles.
    table.add_column(texts.passage, overflow="fold", ratio=1)
    for heading in (texts.dense, texts.lexical, texts.fusion, texts.rerank):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(texts.probability, justify="right", no_wrap=True)
    table.add_column(texts.outcome, overflow="fold", ratio=1)
    for trail in trails:
        table.add_row(*(Text(cell) for cell in _cells(trail, texts)))
    return table


def _notable(explanation: ExplanationOut) -> Iterator[TrailOut]:
    """Yield what is shown, and of the rest the first few for each reason."""
    left_out: Counter[Reason | None] = Counter()
    for trail in explanation.trails:
        if trail.rank is None:
            left_out[trail.reason] += 1
        if trail.rank is not None or left_out[trail.reason] <= _FIRST_FOR_A_REASON:
            yield trail


def _asked(asked: AskedOut, texts: ExplainTexts) -> str:
    periods = "; ".join(
        f"{period.first}" if period.first == period.last else f"{period.first} – {period.last}"
        for period in asked.periods
    )
    parts = [texts.in_force_on.format(periods=periods)]
    parts += [texts.earlier] * asked.earlier + [texts.later] * asked.later
    return " · ".join(parts)


def _cells(trail: TrailOut, texts: ExplainTexts) -> tuple[str, ...]:
    return (
        "–" if trail.rank is None else str(trail.rank),
        _passage(trail),
        _stage(trail.dense),
        _stage(trail.lexical),
        _stage(trail.fusion),
        _stage(trail.rerank),
        f"{trail.probability:.0%}",
        "\n".join(filter(None, (_outcome(trail, texts), " · ".join(_factors(trail, texts))))),
    )


def _passage(trail: TrailOut) -> str:
    page = f", p. {trail.pages[0]}" if trail.pages else ""
    quote = " ".join(trail.quote.split())
    short = quote if len(quote) <= _QUOTE_CHARACTERS else quote[:_QUOTE_CHARACTERS] + "…"
    heading = trail.heading_path[-1] if trail.heading_path else ""
    where = trail.title if heading in ("", trail.title) else f"{trail.title} › {heading}"
    return f"{where}{page}\n{short}"


def _stage(stage: StageOut | None) -> str:
    return "–" if stage is None else f"{stage.rank}\n{stage.score:#.3g}"


def _factors(trail: TrailOut, texts: ExplainTexts) -> Iterator[str]:
    named = {"recency": texts.recency, "authority": texts.authority}
    for name, text in named.items():
        if name in trail.factors:
            yield text.format(value=f"{trail.factors[name]:.3g}")
    edition = trail.factors.get("edition")
    if edition is not None and edition >= 0:
        yield texts.in_force if edition else texts.nearest


def _outcome(trail: TrailOut, texts: ExplainTexts) -> str:
    if trail.reason is None:
        return texts.no_room if trail.rank is None else texts.shown
    reason = texts.reasons[trail.reason].format(title=trail.preferred_title)
    return reason if trail.rank is None else f"{texts.shown}\n{texts.moved.format(reason=reason)}"
