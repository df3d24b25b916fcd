"""The parts of an e-mail: which of them are its text, and which are attached to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import PurePath

from ingest.parse.detect import TEXT_SUFFIXES

_TEXTS = frozenset({"text/plain", "text/html"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a message; `name` has a suffix wherever its type is known."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class MailParts:
    """What a message holds, each in the order in which it stands there."""

    bodies: tuple[Message, ...]
    attachments: tuple[Attachment, ...]


def mail_parts(message: Message) -> MailParts:
    """Return the text and the attachments of a message."""
    leaves = list(_leaves(message))
    return MailParts(
        bodies=tuple(part for part in leaves if _is_body(part)),
        attachments=tuple(_attachment(part) for part in leaves if not _is_body(part)),
    )


def payload(part: Message) -> bytes:
    """Return the decoded bytes of a part; those of an attached message are its source."""
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        return b"\n".join(inner.as_bytes() for inner in _children(part))
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _leaves(part: Message) -> Iterator[Message]:
    """Yield the parts that have no parts themselves; of alternatives only the one that is taken."""
    if part.get_content_maintype() != "multipart" or not part.is_multipart():
        yield part
    elif part.get_content_subtype() == "alternative":
        yield from _alternative(_children(part))
    else:
        for child in _children(part):
            yield from _leaves(child)


def _alternative(versions: list[Message]) -> Iterator[Message]:
    """Yield the plain version if it holds text, else the last one that does: the richest."""
    plain = [part for part in versions if part.get_content_type() == "text/plain"]
    ranked = [*plain, *reversed([part for part in versions if part not in plain])]
    found = [leaves for part in ranked if (leaves := list(_leaves(part)))]
    with_text = [leaves for leaves in found if any(payload(leaf).strip() for leaf in leaves)]
    yield from next(iter(with_text), [])


def _children(part: Message) -> list[Message]:
    inner = part.get_payload()
    found = inner if isinstance(inner, list) else []
    return [child for child in found if isinstance(child, Message)]


def _is_body(part: Message) -> bool:
    is_named = part.get_filename() is not None or part.get_content_disposition() == "attachment"
    return part.get_content_type() in _TEXTS and not is_named


def _attachment(part: Message) -> Attachment:
    kind = part.get_content_type()
    name = PurePath(_decoded(part.get_filename()).replace("\\", "/")).name
    suffix = PurePath(name).suffix.lower()
    if kind == "message/rfc822" and suffix != ".eml":
        subject = next((_decoded(inner["Subject"]) for inner in _children(part)), "")
        name = f"{name or subject or 'message'}.eml"
    elif kind.startswith("text/") and suffix not in TEXT_SUFFIXES:
        name = f"{name or 'text'}{'.html' if kind == 'text/html' else '.txt'}"
    return Attachment(name or kind, payload(part))


def _decoded(value: object) -> str:
    """Return a header's value as it is meant; one that is malformed stays as it is."""
    text = str(value or "")
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, UnicodeDecodeError):
        return text
