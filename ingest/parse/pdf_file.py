"""Opening PDF files with PDFium."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.errors import UnreadableFile

_PDFIUM = Lock()
"""PDFium is not safe to use from several threads, not even on several documents."""


@contextmanager
def opened_pdf(data: bytes, *, filename: str) -> Iterator[pypdfium2.PdfDocument]:
    """Yield an open PDF; no other thread uses PDFium meanwhile.

    Raises
    ------
    UnreadableFile
        The file is damaged, or protected with a password.
    """
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data)
            try:
                yield document
            finally:
                document.close()
        except pypdfium2.PdfiumError as error:
            raise _unreadable(error, filename=filename) from error


def _unreadable(error: pypdfium2.PdfiumError, *, filename: str) -> UnreadableFile:
    if error.err_code == pdfium.FPDF_ERR_PASSWORD:
        return UnreadableFile(
            f"{filename}: is encrypted (protected with a password); save it without one"
        )
    return UnreadableFile(f"{filename}: is a damaged PDF ({error}); open it and save it again")
