"""Where sentences end, in Chinese and in English."""

import re

_CLOSERS = "\"'”’」』）】》〉〕)\\]"
_BOUNDARY = re.compile(
    rf"""
    (?P<wide>[。！？；｡…]+[{_CLOSERS}]*)       # Chinese: needs no space after it
    | (?P<mark>[.!?]+[{_CLOSERS}]*)(?=\s|$|[\u3400-\u9fff])
    | (?P<line>\n)
    """,
    re.VERBOSE,
)
_SPACE = re.compile(r"\s*")
_LAST_WORD = re.compile(r"[^\s(（“\"']*$")
_ABBREVIATION = re.compile(
    r"(?:mr|mrs|ms|dr|prof|sr|jr|st|vs|no|nos|fig|figs|eq|sec|ch|vol|art|pp?|ed|eds|cf|al"
    r"|inc|ltd|co|corp|dept|approx|est|e\.g|i\.e|u\.s|u\.k|a\.m|p\.m"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|[a-z])$",
    re.IGNORECASE,
)
_LIST_NUMBER = re.compile(r"(?:^|\n)\s*(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})$")


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Split text into sentences.

    Parameters
    ----------
    text
        Chinese, English, or both.

    Returns
    -------
    list
        Start and end of each sentence, in order. Closing quotes and brackets and the space after a
        sentence belong to it, so the pieces put together are the text again. A line break ends a
        sentence: paragraphs have none but where their author wanted one.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _BOUNDARY.finditer(text):
        end = _end_of_sentence(text, match)
        if end is not None and end > start:
            spans.append((start, end))
            start = end
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def split_sentences_and_rows(text: str) -> list[tuple[int, int]]:
    """Split text into sentences, and its Markdown tables into rows.

    As `split_sentences`, but a line that starts with `|` stays whole, whatever ends in its cells.
    """
    spans: list[tuple[int, int]] = []
    row_end = 0
    for start, end in split_sentences(text):
        if start < row_end:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
            row_end = _line_end(text, start) if text.startswith("|", start) else 0
    return spans


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _end_of_sentence(text: str, match: re.Match[str]) -> int | None:
    """Return where the sentence ends with its space, or None if it goes on."""
    space = _SPACE.match(text, match.end())
    end = space.end() if space else match.end()
    if match["mark"] and end < len(text) and not _ends(text, match, following=text[end]):
        return None
    return end


def _ends(text: str, match: re.Match[str], *, following: str) -> bool:
    """Tell whether `.`, `!` or `?` before more text ends a sentence."""
    if following.islower():
        return False
    if not match["mark"].startswith(".") or match["mark"].startswith(".."):
        return True
    before = text[max(0, match.start() - 24) : match.start()]
    word = _LAST_WORD.search(before)
    is_abbreviation = word is not None and _ABBREVIATION.match(word.group()) is not None
    return not is_abbreviation and _LIST_NUMBER.search(before) is None
