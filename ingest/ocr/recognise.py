"""What is written on a page, from its pixels; the models are loaded when this is imported.

For the process of its own that recognises: `ingest.ocr.pages` starts it.
"""

from typing import Final

from ingest.ocr.lines import read_picture
from ingest.records import PageReading, Source
from ingest.sandbox.wire import decode_picture
from models.ocr import TextReader

_READER: Final = TextReader()


def recognise(source: Source) -> PageReading:
    """Read the picture of a page, which is the data of the source."""
    return read_picture(decode_picture(source.data), _READER.read)
