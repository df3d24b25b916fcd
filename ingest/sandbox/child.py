"""The process that parses: reads files from one pipe and writes what they hold into another."""

import math
import resource
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from ingest.errors import IngestError, QuarantinedFile, UnreadableFile
from ingest.records import PagePicture, PageReading, ParsedDocument, Source
from ingest.sandbox.frames import BadAnswer, read_frame, write_frame
from ingest.sandbox.guard import Guard
from ingest.sandbox.limits import (
    MAX_ANSWER_BYTES,
    MAX_TEMPORARY_BYTES,
    MAX_TEXT_BLOCKS,
    MAX_TEXT_CHARACTERS,
)
from ingest.sandbox.wire import (
    decode_request,
    encode_document,
    encode_error,
    encode_picture,
    encode_reading,
)

Answer = ParsedDocument | PagePicture | PageReading
Parse = Callable[[Source], Answer]
_NO_LIMIT: Final = resource.RLIM_INFINITY
_MEGABYTE: Final = 1_000_000
_GRACE_SECONDS: Final = 5.0
"""After the wall time of a file: the parent kills first, and this is for when it is gone."""


def main(arguments: list[str]) -> None:
    """Parse one file after the other until the parent closes its end.

    The arguments are the two pipes, the folder for temporary files, the limits with the name of
    their settings, and where the parsing function is (`module:function`).
    """
    requests, answers, folder, seconds, wall_seconds, memory_bytes, setting, entry = arguments
    module, _, name = entry.partition(":")
    parse = cast(Parse, getattr(import_module(module), name))
    guard = Guard(folder)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_TEMPORARY_BYTES, MAX_TEMPORARY_BYTES))
    guard.begin()
    child = _Child(
        parse,
        guard,
        seconds=float(seconds),
        wall_seconds=float(wall_seconds),
        memory_bytes=int(memory_bytes),
        setting=setting,
    )
    child.serve(int(requests), int(answers))


class _Child:
    def __init__(
        self,
        parse: Parse,
        guard: Guard,
        *,
        seconds: float,
        wall_seconds: float,
        memory_bytes: int,
        setting: str,
    ) -> None:
        self._parse = parse
        self._guard = guard
        self._seconds = seconds
        self._wall_seconds = wall_seconds
        self._memory_bytes = memory_bytes
        self._setting = setting

    def serve(self, requests: int, answers: int) -> None:
        write_frame(answers, b"ready")
        while True:
            try:
                request = read_frame(requests, max_bytes=MAX_ANSWER_BYTES)
                self._limit()
                data = read_frame(requests, max_bytes=self._memory_bytes)
            except BadAnswer:
                return
            write_frame(answers, self._answer(decode_request(request, data)))
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _limit(self) -> None:
        """Set the limits of the next file, beside what this process has used already."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        processor = math.ceil(used.ru_utime + used.ru_stime + self._seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (processor, _NO_LIMIT))
        signal.setitimer(signal.ITIMER_REAL, self._wall_seconds + _GRACE_SECONDS)
        # The kernel bounds what is mapped, and what is held of it is what counts: libraries are
        # mapped in whole and held in small part.
        mapped, held = memory_bytes()
        resource.setrlimit(
            resource.RLIMIT_AS, (mapped + max(0, self._memory_bytes - held), _NO_LIMIT)
        )

    def _answer(self, source: Source) -> bytes:
        self._guard.refused.clear()
        try:
            answer = _encoded(self._parse(source), source)
            if len(answer) > MAX_ANSWER_BYTES:
                answer = encode_error(
                    QuarantinedFile(
                        f"{source.filename}: is set aside, because what it holds beside its text "
                        "is too much to be passed on; open it and save it again, or split it"
                    )
                )
        except IngestError as error:
            answer = encode_error(error)
        except MemoryError:
            answer = encode_error(
                out_of_memory(source.filename, self._memory_bytes, setting=self._setting)
            )
        except Exception as error:  # noqa: BLE001 - parsers of foreign files may raise anything
            answer = encode_error(
                UnreadableFile(
                    f"{source.filename}: cannot be parsed ({type(error).__name__}: {error}); "
                    "open it and save it again, or convert it to another format"
                )
            )
        if self._guard.refused:
            return encode_error(
                QuarantinedFile(
                    f"{source.filename}: is set aside, because reading it tried to "
                    f"{self._guard.refused[0]}; a document has no need to, so ask where it is from"
                )
            )
        return answer


def memory_bytes() -> tuple[int, int]:
    """Return how much this process has mapped and how much of it it holds; see proc(5)."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(pages[0]) * resource.getpagesize(), int(pages[1]) * resource.getpagesize()


def out_of_memory(filename: str, limit_bytes: int, *, setting: str) -> QuarantinedFile:
    """Return the error of a file that needs more memory than it may have."""
    return QuarantinedFile(
        f"{filename}: is set aside, because reading it takes more than {limit_bytes // _MEGABYTE} "
        f"MB of memory; if it comes from someone you trust, split it or raise {setting}_megabytes"
    )


def _encoded(answer: Answer, source: Source) -> bytes:
    match answer:
        case PagePicture():
            return encode_picture(answer)
        case PageReading():
            return encode_reading(answer)
        case ParsedDocument():
            return encode_document(_bounded(answer, source))


def _bounded(document: ParsedDocument, source: Source) -> ParsedDocument:
    characters = sum(len(block.text) for block in document.blocks)
    if characters > MAX_TEXT_CHARACTERS or len(document.blocks) > MAX_TEXT_BLOCKS:
        raise QuarantinedFile(
            f"{source.filename}: is set aside, because it holds {characters:,} characters of text "
            f"in {len(document.blocks):,} paragraphs; at most {MAX_TEXT_CHARACTERS:,} in "
            f"{MAX_TEXT_BLOCKS:,} are read, so split it"
        )
    return document


if __name__ == "__main__":
    main(sys.argv[1:])
