"""A conversation as a Markdown file."""

from collections.abc import Iterator

from app.api.conversation_schemas import ConversationDetailOut, ExchangeOut
from app.api.schemas import SourceOut
from app.client import ZhikuClient
from app.messages import Lang
from app.ui.answers import marked_text
from app.ui.conversation_texts import CONVERSATION_TEXTS, ConversationTexts
from app.ui.labels import caption, conflict_line, headings
from app.ui.markup import escape_lightly, exported_answer, join_lines
from app.ui.texts import TEXTS, Texts
from generation.records import Support

_PAGE = 200
_NAME_CHARACTERS = 60


def whole_conversation(client: ZhikuClient, shown: ConversationDetailOut) -> ConversationDetailOut:
    """Return a conversation with all of its turns; `shown` holds the first of them."""
    exchanges = list(shown.exchanges)
    while len(exchanges) < shown.turns:
        page = client.conversation(shown.id, limit=_PAGE, offset=len(exchanges))
        if not page.exchanges:
            break
        exchanges += page.exchanges
    return shown.model_copy(update={"exchanges": tuple(exchanges)})


def file_name(title: str) -> str:
    """Return a file name for a title: what file systems dislike is a hyphen."""
    kept = "".join(each if each.isalnum() else "-" for each in title[:_NAME_CHARACTERS])
    name = "-".join(filter(None, kept.split("-")))
    return f"{name or 'zhiku'}.md"


def conversation_markdown(found: ConversationDetailOut, *, lang: Lang, day: str) -> str:
    """Return the conversation with its citations, for people to read and keep.

    What was written by others, answers and quotes, is taken literally: it becomes neither link nor
    image.

    Parameters
    ----------
    day
        On which it is exported.
    """
    texts = CONVERSATION_TEXTS[lang]
    head = texts.exported.format(day=day, count=len(found.exchanges))
    parts = [f"# {escape_lightly(found.title)}", f"_{head}_"]
    for exchange in found.exchanges:
        parts += _exchange(exchange, texts, TEXTS[lang])
    return "\n\n".join(parts) + "\n"


def _exchange(exchange: ExchangeOut, texts: ConversationTexts, page: Texts) -> Iterator[str]:
    yield f"## {exchange.ordinal} · {exchange.asked_at:%Y-%m-%d %H:%M} UTC"
    yield f"**{texts.question}**"
    yield join_lines(escape_lightly(line) for line in exchange.question.strip().splitlines())
    if exchange.withheld:
        yield f"_{texts.withheld}_"
        return
    if exchange.understood != exchange.question:
        yield f"_{escape_lightly(page.understood.format(question=exchange.understood))}_"
    yield f"**{texts.answer}**"
    yield _answer(exchange, page)
    for other in exchange.contradictions:
        line = conflict_line(other.title, other.quote, page, is_in_force=other.is_in_force)
        yield escape_lightly(line)
    if exchange.citations:
        yield f"**{texts.sources}**"
        yield "\n".join(_source(each, texts, page) for each in exchange.citations)


def _answer(exchange: ExchangeOut, page: Texts) -> str:
    marked = marked_text(exchange.answer, exchange.sentences)
    named = {Support.UNVERIFIED: page.unverified, Support.UNCITED: page.uncited}
    return exported_answer(
        marked.text,
        numbers={each.number for each in exchange.citations},
        labels={end: f"({named[each]})" for end, each in marked.support.items() if each in named},
    )


def _source(source: SourceOut, texts: ConversationTexts, page: Texts) -> str:
    where = [caption(source, page, width=10_000), headings(source)]
    line = f"- [{source.number}] {escape_lightly(' · '.join(filter(None, where)))}"
    if source.revision is None:
        return f"{line} ({texts.passage_replaced})"
    return f"{line}\n\n  > {escape_lightly(source.quote)}\n"
