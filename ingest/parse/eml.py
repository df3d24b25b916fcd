"""E-mails (RFC 5322): who wrote to whom, when and about what, then the text of the message."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from ingest.errors import UnreadableFile
from ingest.parse.builder import BlockBuilder
from ingest.parse.decode import decode, decodes_as
from ingest.parse.html import parse_html
from ingest.parse.plain import paragraphs
from ingest.records import FileProperties, ParsedDocument
from stores.records import BlockKind

_HEADERS = ("From", "To", "Cc", "Date")


def parse_eml(data: bytes, filename: str) -> ParsedDocument:
    """Parse a message; of a text and an HTML version of one body the text is taken.

    Attachments are named, not read.

    Raises
    ------
    UnreadableFile
        It has none of the header fields that every message has.
    """
    message = message_from_bytes(data, policy=default)
    if "From" not in message and "Date" not in message:
        raise UnreadableFile(
            f"{filename}: is no e-mail, it has neither From nor Date; save it as .eml again"
        )
    builder = BlockBuilder()
    lines = [f"{name}: {message[name]}" for name in _HEADERS if message[name]]
    attached = [part.get_filename() or part.get_content_type() for part in _attachments(message)]
    if attached:
        lines.append(f"Attachments: {', '.join(attached)}")
    builder.add(BlockKind.TEXT, "\n".join(lines))
    _add_body(builder, message, filename=filename)
    return builder.build(
        title=str(message["Subject"] or ""),
        filename=filename,
        media_type="message/rfc822",
        properties=_properties(message),
    )


def _properties(message: EmailMessage) -> FileProperties:
    """Return keywords, and the day that the message was sent, where its sender was."""
    sent = getattr(message["Date"], "datetime", None)
    return FileProperties(
        keywords=tuple(map(str, message.get_all("Keywords", []))),
        fields={} if sent is None else {"date": f"{sent:%Y-%m-%d}"},
    )


def _attachments(message: EmailMessage) -> list[EmailMessage]:
    if not message.is_multipart():
        return []
    return [part for part in message.iter_attachments() if isinstance(part, EmailMessage)]


def _add_body(builder: BlockBuilder, message: EmailMessage, *, filename: str) -> None:
    body = message.get_body(preferencelist=("plain", "html"))
    if not isinstance(body, EmailMessage):
        return
    payload = body.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    if body.get_content_subtype() == "html":
        page = parse_html(data, filename)
        for block in page.blocks:
            builder.add(block.kind, block.text)
        builder.take_over(page.hidden)
        return
    text = _text(data, body.get_content_charset(), filename=filename)
    builder.look_through(text)
    for paragraph in paragraphs(text):
        builder.add(BlockKind.TEXT, paragraph)


def _text(data: bytes, charset: str | None, *, filename: str) -> str:
    """Decode as the message declares, where that is true."""
    if charset and decodes_as(data, charset):
        return data.decode(charset)
    return decode(data, filename=filename)
