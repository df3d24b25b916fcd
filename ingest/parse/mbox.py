"""Mailboxes in the mbox format: each message is a part under a heading with its subject."""

import re
from email import message_from_bytes
from email.policy import default

from ingest.errors import FileTooLarge, IngestError, UnreadableFile
from ingest.parse.builder import BlockBuilder
from ingest.parse.parts import Parts
from ingest.records import ParsedDocument
from stores.records import BlockKind

MEDIA_TYPE = "application/mbox"
_BEGIN = re.compile(rb"(?:\A|\n\r?\n)From [^\n]*\d{4}[ \t]*\r?\n")
"""RFC 4155: a line with sender and date after an empty one."""


def parse_mbox(data: bytes, filename: str, parts: Parts) -> ParsedDocument:
    """Parse the messages of a mailbox; those that cannot be parsed are named as not read.

    Raises
    ------
    UnreadableFile
        No message could be read.
    FileTooLarge
        Its messages are too many or too large together.
    """
    builder = BlockBuilder()
    is_read = False
    for number, message in enumerate(filter(bytes.strip, _BEGIN.split(data)), start=1):
        parts.take(len(message), filename=filename)
        subject = str(message_from_bytes(message, policy=default)["Subject"] or number)
        try:
            builder.part(subject, parts.parse(message, f"{number}.eml"))
        except FileTooLarge:
            raise
        except IngestError:
            builder.add(BlockKind.TEXT, f"{subject} (not read)")
        else:
            is_read = True
    if not is_read:
        raise UnreadableFile(f"{filename}: holds no message that can be read; export it again")
    return builder.build(title="", filename=filename, media_type=MEDIA_TYPE)
