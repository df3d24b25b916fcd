"""Frames on the pipes between the pipeline and the processes that read files."""

import os
import struct
from typing import Final

_LENGTH: Final = struct.Struct(">Q")
_STEP: Final = 1 << 20


class BadAnswer(Exception):
    """What came is no answer: it is cut short, too long, or not what was agreed."""


def write_frame(descriptor: int, data: bytes) -> None:
    """Write bytes with their length before them; wait while the other side is slow.

    Raises
    ------
    OSError
        The other side is gone.
    """
    for part in (_LENGTH.pack(len(data)), data):
        left = memoryview(part)
        while left:
            left = left[os.write(descriptor, left) :]


def read_frame(descriptor: int, *, max_bytes: int) -> bytes:
    """Return the bytes of a frame.

    Raises
    ------
    BadAnswer
        The other side ended before or within it, or it is longer than `max_bytes`.
    """
    (length,) = _LENGTH.unpack(_read(descriptor, _LENGTH.size))
    if length > max_bytes:
        raise BadAnswer(f"a frame of {length} bytes")
    return _read(descriptor, length)


def _read(descriptor: int, length: int) -> bytes:
    parts: list[bytes] = []
    while length:
        part = os.read(descriptor, min(length, _STEP))
        if not part:
            raise BadAnswer("the other side ended")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
