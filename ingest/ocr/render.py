"""A page of a file as pixels; runs in the sandbox of the parsers."""

import numpy as np

from ingest.errors import UnreadableFile
from ingest.parse.detect import detect_format
from ingest.parse.pdf_file import opened_pdf
from ingest.parse.pictures import decoded_page, fitting_scale, opened_picture
from ingest.records import PagePicture, Source

_MAX_SCALE = 300 / 72
"""A page is drawn with at most 300 dots per inch: cards and labels gain nothing by more."""


def render_page(source: Source) -> PagePicture:
    """Return the page that is asked for, as it is shown.

    Raises
    ------
    IngestError
        It is damaged, or too large.
    """
    page = source.page or 1
    if detect_format(source.data, filename=source.filename) == "pdf":
        return _pdf_page(source.data, page, filename=source.filename)
    with opened_picture(source.data, filename=source.filename) as picture:
        return decoded_page(picture, page, filename=source.filename)


def _pdf_page(data: bytes, number: int, *, filename: str) -> PagePicture:
    with opened_pdf(data, filename=filename) as document:
        page = document[number - 1]
        width, height = page.get_size()
        if min(width, height) < 1:
            raise UnreadableFile(f"{filename}: page {number} has no size")
        scale = min(_MAX_SCALE, fitting_scale(width * _MAX_SCALE, height * _MAX_SCALE) * _MAX_SCALE)
        bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
        pixels = np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
        page.close()
    return PagePicture(pixels.shape[1], pixels.shape[0], 1 / scale, pixels.tobytes())
