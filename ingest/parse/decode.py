"""Bytes of unknown encoding to text."""

import codecs
import re

from charset_normalizer import from_bytes

from ingest.errors import UnreadableFile

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 200_000
_LIKELY_CHINESE = 0.7
"""Share of the two-byte characters that are everyday ones, above which a text is Chinese: real
texts have more than 0.9, bytes of another encoding about 0.4."""
_WESTERN_MARKS = "“”‘’„‚–—…•·€£¥©®™°§«»¿¡±×÷½¼¾²³´\u00a0\u00ad"
_BINARY_CONTROLS = frozenset(range(0x20)) - frozenset({0x09, 0x0A, 0x0C, 0x0D, 0x1A, 0x1B})
_MAX_CONTROL_SHARE = 0.01
_PLAIN = re.compile(r"[\t\n\r -~\u00a1-\u00ff\u2010-\u2026\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")
_LIKELY_TEXT = 0.9
_PUNCTUATION_LEADS = range(0xA1, 0xA4)


def decode(data: bytes, *, filename: str) -> str:
    """Return the text of `data`: by its byte order mark, as UTF-8, GB 18030, Big5, or by guess.

    Raises
    ------
    UnreadableFile
        No encoding fits, or it is no text at all.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_as(data, encoding, filename=filename)
    known = _unmarked_utf(data) or _chinese(data) or _western(data)
    return _decode_as(data, known or _guessed(data, filename=filename), filename=filename)


def looks_binary(data: bytes) -> bool:
    """Tell whether `data` is no text in any encoding that is read here."""
    if data.startswith(tuple(mark for mark, _ in _BYTE_ORDER_MARKS)):
        return False
    sample = data[:_SAMPLE]
    controls = sum(byte in _BINARY_CONTROLS for byte in sample)
    return controls > _MAX_CONTROL_SHARE * len(sample) and _unmarked_utf16(sample) is None


def is_utf16(data: bytes) -> bool:
    """Tell whether `data` is text in UTF-16, with a byte order mark or without."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    return _unmarked_utf16(data[:_SAMPLE]) is not None


def decodes_as(data: bytes, encoding: str) -> bool:
    """Tell whether `data` is valid in `encoding`; an unknown encoding is not."""
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _decode_as(data: bytes, encoding: str, *, filename: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"{filename}: is damaged or in an unknown encoding (not {encoding} at byte "
            f"{error.start}); save it as UTF-8"
        ) from error


def _unmarked_utf(data: bytes) -> str | None:
    utf16 = _unmarked_utf16(data[:_SAMPLE])
    if utf16 is None and decodes_as(data, "utf-8"):
        return "utf-8"
    return utf16


def _unmarked_utf16(sample: bytes) -> str | None:
    """Recognise UTF-16 by its zero bytes, and by what the text is in one of the byte orders."""
    if 0 not in sample:
        return None
    even = sample[: len(sample) // 2 * 2]
    shares = {encoding: _plain_share(even, encoding) for encoding in ("utf-16-le", "utf-16-be")}
    best = max(shares, key=lambda encoding: shares[encoding])
    return best if shares[best] > _LIKELY_TEXT else None


def _plain_share(data: bytes, encoding: str) -> float:
    text = data.decode(encoding, errors="replace")
    return len(_PLAIN.findall(text)) / max(1, len(text))


def _chinese(data: bytes) -> str | None:
    """Tell GB 18030 from Big5: both accept most bytes, so the share of everyday characters says.

    Level 1 of GB 2312 has lead bytes B0-D7, that of Big5 A4-C6; punctuation A1-A3 in both.
    """
    shares = {
        "gb18030": _everyday_share(data, "gb18030", leads=range(0xB0, 0xD8)),
        "big5hkscs": _everyday_share(data, "big5hkscs", leads=range(0xA4, 0xC7)),
    }
    best = max(shares, key=lambda encoding: shares[encoding])
    return best if shares[best] > _LIKELY_CHINESE else None


def _everyday_share(data: bytes, encoding: str, *, leads: range) -> float:
    if not decodes_as(data, encoding):
        return 0.0
    everyday = total = 0
    for character in data[:_SAMPLE].decode(encoding, errors="ignore"):
        if character < "\x80":
            continue
        lead = character.encode(encoding)[0]
        if lead in _PUNCTUATION_LEADS:
            continue
        total += 1
        everyday += lead in leads and "\u4e00" <= character <= "\u9fff"
    return everyday / total if total else 0.0


def _western(data: bytes) -> str | None:
    """Recognise Windows-1252: some accented letters among many ASCII ones."""
    sample = data[:_SAMPLE]
    if not decodes_as(sample, "cp1252"):
        return None
    accented = [character for character in sample.decode("cp1252") if character >= "\x80"]
    is_western = all(c.isalpha() or c in _WESTERN_MARKS for c in accented)
    return "cp1252" if is_western and len(accented) < len(sample) / 2 else None


def _guessed(data: bytes, *, filename: str) -> str:
    best = from_bytes(data[:_SAMPLE]).best()
    if best is None:
        raise UnreadableFile(f"{filename}: is in an unknown encoding; save it as UTF-8")
    return str(best.encoding)
