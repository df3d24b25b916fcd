"""Messages of Outlook (.msg): put into the form of the internet's e-mails and read as those are."""

import codecs
from dataclasses import replace
from email.message import EmailMessage
from email.parser import HeaderParser
from email.utils import format_datetime
from io import BytesIO
from struct import error as StructError

from olefile import OleFileIO
from oxmsg.domain import constants
from oxmsg.domain.model import ATTACH_HDR_OFFSET, MSG_HDR_OFFSET, RECIP_HDR_OFFSET
from oxmsg.properties import Properties
from oxmsg.storage import Storage

from ingest.errors import UnreadableFile
from ingest.parse.decode import decode
from ingest.parse.eml import parse_eml
from ingest.parse.parts import Parts
from ingest.records import ParsedDocument

MEDIA_TYPE = "application/vnd.ms-outlook"
_BROKEN = (AttributeError, LookupError, OSError, StructError, ValueError)
"""What a file raises that is no complete message."""
_RECIPIENT_TYPE = 0x0C15
_KINDS = {1: "To", 2: "Cc"}
_CODECS = {936: "gb18030", 65001: "utf-8", 20127: "ascii", 28591: "latin-1", 54936: "gb18030"}
"""Code pages that Python has under another name than their number, or in a larger form."""


def parse_msg(data: bytes, filename: str, parts: Parts) -> ParsedDocument:
    """Parse a message of Outlook; its attachments are parts, as those of any e-mail.

    Raises
    ------
    UnreadableFile
        It is damaged.
    FileTooLarge
        Its attachments are too many or too large together.
    """
    try:
        with OleFileIO(BytesIO(data)) as file:
            email = _as_email(Storage.from_ole(file))
    except _BROKEN as error:
        raise UnreadableFile(
            f"{filename}: is no complete message of Outlook; open it there and save it as .eml"
        ) from error
    return replace(parse_eml(email.as_bytes(), filename, parts), media_type=MEDIA_TYPE)


class _Values:
    """The properties of a message, a recipient or an attachment.

    The library reads the numbers. Text of old messages is decoded here: the library takes 936 for
    GB 2312 without its extensions, and does not know 950.
    """

    def __init__(self, storage: Storage, *, offset: int, codepage: int | None = None) -> None:
        self._streams = {stream.name: stream.bytes_ for stream in storage.streams}
        self.numbers = Properties(storage, properties_header_offset=offset)
        stated = self.numbers.int_prop_value(constants.PID_MESSAGE_CODEPAGE)
        self.codepage = stated if codepage is None else codepage

    def data(self, name: int) -> bytes:
        return self._stream(name, constants.PTYP_BINARY)

    def text(self, name: int, *, codepage: int | None = None) -> str:
        """Return a text on which no lone surrogate is left; "" if there is none."""
        wide = self._stream(name, constants.PTYP_STRING)
        if wide:
            return wide.decode("utf-16-le", errors="replace").rstrip("\0")
        narrow = self._stream(name, constants.PTYP_STRING8).rstrip(b"\0")
        codec = _codec(self.codepage if codepage is None else codepage)
        if codec:
            return narrow.decode(codec, errors="replace")
        return decode(narrow, filename="the message") if narrow else ""

    def line(self, *names: int) -> str:
        """Return the first of some texts that there is, on one line."""
        return next((line for name in names if (line := " ".join(self.text(name).split()))), "")

    def _stream(self, name: int, kind: int) -> bytes:
        return self._streams.get(f"__substg1.0_{name:04X}{kind:04X}", b"")


def _codec(codepage: int | None) -> str:
    """Return Python's name of a code page, "" if it has none."""
    name = _CODECS.get(codepage or 0, f"cp{codepage}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""


def _as_email(storage: Storage) -> EmailMessage:
    message = _Values(storage, offset=MSG_HDR_OFFSET)
    date = message.numbers.date_prop_value(constants.PID_CLIENT_SUBMIT_TIME)
    email = EmailMessage()
    email["From"] = _sender(message)
    for name, people in _recipients(storage, message.codepage).items():
        email[name] = ", ".join(people)
    email["Date"] = format_datetime(date) if date else ""
    email["Subject"] = message.line(constants.PID_SUBJECT)
    of_body = message.numbers.int_prop_value(constants.PID_INTERNET_CODEPAGE)
    body = message.text(constants.PID_BODY, codepage=of_body)
    page = message.data(constants.PID_HTML)
    if body.strip() or not page:
        email.set_content(body)
    else:
        email.set_content(page, maintype="text", subtype="html", disposition="inline")
    for attached in storage.iter_attachment_storages():
        _attach(_Values(attached, offset=ATTACH_HDR_OFFSET, codepage=message.codepage), email)
    return email


def _sender(message: _Values) -> str:
    """Return who sent a message, as its header says where it came over the internet."""
    headers = message.text(constants.PID_TRANSPORT_MESSAGE_HEADERS)
    stated = HeaderParser().parsestr(headers)["From"]
    if stated:
        return " ".join(str(stated).split())
    name = message.line(constants.PID_SENDER_NAME, constants.PID_SENT_REPRESENTING_NAME)
    return _person(
        name, message.line(constants.PID_SENDER_SMTP_ADDRESS, constants.PID_SENDER_EMAIL_ADDRESS)
    )


def _recipients(storage: Storage, codepage: int | None) -> dict[str, list[str]]:
    """Return the receivers by the header that they belong to; blind copies are left out."""
    found: dict[str, list[str]] = {name: [] for name in _KINDS.values()}
    for each in storage.iter_recipient_storages():
        person = _Values(each, offset=RECIP_HDR_OFFSET, codepage=codepage)
        kind = _KINDS.get(person.numbers.int_prop_value(_RECIPIENT_TYPE) or 1)
        if kind is not None:
            address = person.line(constants.PID_SMTP_ADDRESS, constants.PID_EMAIL_ADDRESS)
            found[kind].append(_person(person.line(constants.PID_DISPLAY_NAME), address))
    return found


def _person(name: str, address: str) -> str:
    """Return name and address; an address within an Exchange server says nothing to a reader."""
    if "@" not in address or name == address:
        return name or address
    return f'"{name}" <{address}>' if name else address


def _attach(attachment: _Values, email: EmailMessage) -> None:
    """Attach a file; one that is another message of Outlook has no bytes, and cannot be read."""
    name = attachment.line(
        constants.PID_ATTACH_LONG_FILENAME,
        constants.PID_ATTACH_FILENAME,
        constants.PID_DISPLAY_NAME,
    )
    email.add_attachment(
        attachment.data(constants.PID_ATTACH_DATA_BINARY),
        maintype="application",
        subtype="octet-stream",
        filename=name or "attachment",
    )
