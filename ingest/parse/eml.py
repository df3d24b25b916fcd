"""E-mails (RFC 5322): who wrote to whom, when and about what, then the text and attachments."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import compat32, default

from ingest.errors import EmptyDocument, FileTooLarge, IngestError, UnreadableFile
from ingest.parse.builder import BlockBuilder, is_title
from ingest.parse.decode import decode, decodes_as, is_utf16
from ingest.parse.eml_parts import Attachment, MailParts, mail_parts, payload
from ingest.parse.html import parse_html
from ingest.parse.parts import Parts
from ingest.parse.plain import add_paragraphs
from ingest.records import FileProperties, ParsedDocument
from ingest.text import clean_line
from stores.records import BlockKind

MEDIA_TYPE = "message/rfc822"
_HEADERS = ("From", "To", "Cc", "Date")
_TELLING_HEADERS = (*_HEADERS, "Subject", "Message-ID", "Received")


def parse_eml(data: bytes, filename: str, parts: Parts) -> ParsedDocument:
    """Parse a message; of a text and an HTML version of one body the text is taken.

    Each attachment is a part under a heading with its name; one that cannot be parsed is named as
    not read.

    Raises
    ------
    UnreadableFile
        It has none of the header fields that every message has.
    FileTooLarge
        Its attachments are too many or too large together.
    """
    if is_utf16(data):
        data = decode(data, filename=filename).encode()
    message = message_from_bytes(data, policy=default)
    if not any(name in message for name in _TELLING_HEADERS):
        raise UnreadableFile(
            f"{filename}: is no e-mail, it has neither From nor Date; save it as .eml again"
        )
    # The modern policy gives up on boundaries that mail programs do write, the old one does not.
    content = mail_parts(message_from_bytes(data, policy=compat32))
    read = [(part, _parsed(part, parts)) for part in content.attachments]
    builder = BlockBuilder()
    builder.add(BlockKind.TEXT, "\n".join(_head(message, read)))
    _add_bodies(builder, content, filename=filename)
    for part, found in read:
        if found is not None:
            builder.part(part.name, found)
    return builder.build(
        title=str(message["Subject"] or ""),
        filename=filename,
        media_type=MEDIA_TYPE,
        properties=_properties(message),
    )


def _head(message: EmailMessage, read: list[tuple[Attachment, ParsedDocument | None]]) -> list[str]:
    lines = [f"{name}: {message[name]}" for name in _HEADERS if message[name]]
    subject = str(message["Subject"] or "")
    if subject and not (lines and is_title(clean_line(subject))):  # else it is the title
        lines.append(f"Subject: {subject}")
    named = [part.name if found is not None else f"{part.name} (not read)" for part, found in read]
    return [*lines, f"Attachments: {', '.join(named)}"] if named else lines


def _parsed(part: Attachment, parts: Parts) -> ParsedDocument | None:
    parts.take(len(part.data), filename=part.name)
    try:
        return parts.parse(part.data, part.name)
    except FileTooLarge:
        raise
    except IngestError:
        return None


def _properties(message: EmailMessage) -> FileProperties:
    """Return keywords, and the day that the message was sent, where its sender was."""
    sent = getattr(message["Date"], "datetime", None)
    return FileProperties(
        keywords=tuple(map(str, message.get_all("Keywords", []))),
        fields={} if sent is None else {"date": f"{sent:%Y-%m-%d}"},
    )


def _add_bodies(builder: BlockBuilder, content: MailParts, *, filename: str) -> None:
    for body in content.bodies:
        data = payload(body)
        if body.get_content_subtype() == "html":
            _add_page(builder, data, filename)
        else:
            text = _text(data, body.get_content_charset(), filename=filename)
            builder.look_through(text)
            add_paragraphs(builder, text)


def _add_page(builder: BlockBuilder, data: bytes, filename: str) -> None:
    try:
        page = parse_html(data, filename)
    except EmptyDocument:
        return
    for block in page.blocks:
        builder.add(block.kind, block.text)
    builder.take_over(page.hidden)


def _text(data: bytes, charset: str | None, *, filename: str) -> str:
    """Decode as the message declares, where that is true."""
    if charset and decodes_as(data, charset):
        return data.decode(charset)
    return decode(data, filename=filename) if data.strip() else ""
