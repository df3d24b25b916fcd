"""Reading the scanned pages of a file, several at a time, each in processes with limits."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ingest.errors import IngestError, ParserUnavailable, ScansUnreadable
from ingest.records import PageReading, Source
from ingest.sandbox.limits import Limits
from ingest.sandbox.pool import ChildPool
from ingest.sandbox.wire import decode_picture, decode_reading, encode_picture
from models.errors import ModelError
from models.ocr import checked_weights, wheel_folder

RENDER: Final = "ingest.ocr.render:render_page"
RECOGNISE: Final = "ingest.ocr.recognise:recognise"

PageCallback = Callable[[int, int], None]
"""Gets how many pages are done, and how many are to be done."""


@dataclass(frozen=True, slots=True)
class ReadPages:
    """What became of the pages of a file, by their number from 1; some may be in neither."""

    readings: dict[int, PageReading]
    failures: dict[int, IngestError]


class PageReader:
    """Recognises the text of scanned pages. Threads may share it.

    Parameters
    ----------
    drawing, reading
        What one page may take: to be drawn into pixels, and to be read.
    processes
        Pages that are read at the same time; each process takes one core.
    max_pages
        Of one file; later ones are left out.
    entry
        `module:function` that reads in the child.
    folder
        In which the processes have theirs; None: that of the system.
    """

    def __init__(
        self,
        *,
        drawing: Limits,
        reading: Limits,
        processes: int,
        max_pages: int,
        entry: str = RECOGNISE,
        folder: Path | None = None,
    ) -> None:
        self._drawn = ChildPool(drawing, entry=RENDER, folder=folder)
        self._read = ChildPool(reading, entry=entry, folder=folder)
        self.reading = reading
        self.processes = processes
        self.max_pages = max_pages
        self._is_checked = False

    def read(self, source: Source, pages: Sequence[int], on_page: PageCallback) -> ReadPages:
        """Read pages of a file; one that cannot be read does not stop the others.

        Raises
        ------
        ScansUnreadable
            The models are not there.
        ParserUnavailable
            No process can be started.
        """
        self._check_models()
        result = ReadPages({}, {})
        with _executor(self.processes) as executor:
            asked = {
                executor.submit(self._read_page, source, page): page
                for page in pages[: self.max_pages]
            }
            on_page(0, len(asked))
            for done, future in enumerate(as_completed(asked), start=1):
                try:
                    result.readings[asked[future]] = future.result()
                except ParserUnavailable:
                    raise
                except IngestError as error:
                    result.failures[asked[future]] = error
                on_page(done, len(asked))
        return result

    def close(self) -> None:
        """End the children."""
        self._drawn.close()
        self._read.close()

    def _read_page(self, source: Source, page: int) -> PageReading:
        picture = self._drawn.ask(replace(source, page=page), decode_picture)
        pixels = Source(uri="", filename=source.filename, data=encode_picture(picture))
        return self._read.ask(pixels, decode_reading)

    def _check_models(self) -> None:
        """Say what is wrong with the models, once, before a child would only fail to start."""
        if self._is_checked:
            return
        try:
            checked_weights(wheel_folder())
        except ModelError as error:
            raise ScansUnreadable(f"scans cannot be read: {error}") from error
        self._is_checked = True


@contextmanager
def _executor(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Yield threads; whoever leaves early does not wait for pages that were not begun."""
    executor = ThreadPoolExecutor(threads)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)
