"""Simple extractors of our own for formats that no common program turns into text."""

import email
import html
import re
from email.message import Message
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from eval.errors import EvalError

_CHINESE_SHARE = 0.25
"""Share of the bytes beyond ASCII from which text that is no UTF-8 is taken for GB 18030."""
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_TARGET = re.compile(r"\]\([^)\s]*\)|<!--.*?-->|<[^>\n]{1,200}>", re.DOTALL)
_TAG = re.compile(
    r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE
)
_TEXT_PART = re.compile(
    r"(?:word/document|ppt/slides/slide\d+|xl/sharedStrings|xl/worksheets/\w+)\.xml"
)


def plain_text(path: Path) -> str:
    """Return text by its byte order mark, else in the first encoding that fits."""
    return _decoded(path.read_bytes())


def markdown_text(path: Path) -> str:
    """Return Markdown without what a reader does not see: targets of links, tags, comments."""
    return _TARGET.sub("] ", plain_text(path))


def xml_text(path: Path) -> str:
    """Return what stands between the tags of an Office file's main parts.

    Raises
    ------
    EvalError
        It is no ZIP file.
    """
    try:
        with ZipFile(path) as package:
            names = [name for name in package.namelist() if _TEXT_PART.fullmatch(name)]
            parts = [package.read(name).decode("utf-8", errors="replace") for name in names]
    except BadZipFile as error:
        raise EvalError(f"{path.name}: is no ZIP file") from error
    joined = re.sub(r"</(?:w:p|a:p|si|c)>", "\n", "\n".join(parts))
    return html.unescape(re.sub(r"<[^>]*>", "", joined))


def mail_text(path: Path) -> str:
    """Return subject, sender, receivers and all text parts of a message or mailbox.

    Of a text and an HTML version the text counts; attachments that are text count too.
    """
    data = path.read_bytes().lstrip()
    if data[1:2] == b"\0":
        data = data.decode("utf-16-le").encode()
    is_box = data.startswith(b"From ")
    parts = re.split(rb"(?m)^From \S+.*\d{4}[ \t]*\r?\n", data) if is_box else [data]
    return "\n".join(
        _message_text(email.message_from_bytes(part)) for part in parts if part.strip()
    )


def _message_text(message: Message) -> str:
    lines = []
    for name in ("subject", "from", "to"):
        if message[name]:
            lines.append(_header(message[name]))
    return "\n".join([*lines, *_bodies(message)])


def _header(value: object) -> str:
    try:
        return str(email.header.make_header(email.header.decode_header(str(value))))
    except (LookupError, UnicodeDecodeError, email.errors.HeaderParseError):
        return str(value)


def _bodies(message: Message) -> list[str]:
    if message.is_multipart():
        children = [part for part in message.get_payload() if isinstance(part, Message)]
        if message.get_content_subtype() == "alternative":
            plain = [part for part in children if part.get_content_type() == "text/plain"]
            children = plain or children[-1:]
        return [text for part in children for text in _bodies(part)]
    if message.get_content_maintype() != "text":
        return []
    payload = message.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = message.get_content_charset()
    try:
        text = data.decode(charset or "ascii")
    except (LookupError, UnicodeDecodeError):
        text = _decoded(data)
    is_page = message.get_content_subtype() == "html"
    return [html.unescape(_TAG.sub(" ", text)) if is_page else text]


def _decoded(data: bytes) -> str:
    encoding = _MARKS.get(data[:2])
    if encoding:
        return data.decode(encoding, errors="replace")
    beyond = sum(byte > 0x7F for byte in data) / max(1, len(data))  # noqa: PLR2004 - ASCII
    for each in ("utf-8-sig", "gb18030" if beyond > _CHINESE_SHARE else "cp1252"):
        try:
            return data.decode(each)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")
