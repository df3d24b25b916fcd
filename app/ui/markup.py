"""Turning foreign text into Streamlit Markdown that shows it as it is.

Answers, quotes, titles and file names are written by models and strangers. Nothing in them may
become a link, an image, a heading, a formula or a colour, so all of them pass `escape`. HTML is
never enabled.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that reorder text so that it reads otherwise than it is."""

_PUNCTUATION = re.compile(r"""[!-/:-@\[-`{-~]""")

# Backslashes do not stop these: links to bare addresses, icons and the logo are made from the text
# that remains after parsing. Code spans are left alone there. The address ends before characters
# that would end a code span, a directive or a table cell.
_ACTIVE = re.compile(
    r"""(?:
        (?:https?://|www(?=\.))[!-Z^_a-{}~]*
        | [-.\w+]+@[-\w]+(?:\.[-\w]+)+
        | :(?:material[_/]\w+|streamlit):
    )+""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)

_BULLET = re.compile(r"(?m)(?<=^)[-*+](?= )")
_MARK = re.compile(r"\[(\d{1,3})\]")

# Private characters stand for what is put into an answer while the rest of it is escaped.
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_CHIP = re.compile("[ ]?\ue000(\\d+)\ue001")
_LABEL = re.compile("\ue002(\\d+)\ue003")
NO_LABELS: Final[Mapping[int, str]] = {}


def _escape_punctuation(text: str) -> str:
    return _PUNCTUATION.sub(lambda match: "\\" + match.group(), text)


def _replace(pattern: re.Pattern[str], text: str, found: Callable[[str], str]) -> str:
    """Apply `found` to what matches and escape all the rest."""
    pieces: list[str] = []
    end = 0
    for match in pattern.finditer(text):
        pieces.append(_escape_punctuation(text[end : match.start()]))
        pieces.append(found(match.group()))
        end = match.end()
    pieces.append(_escape_punctuation(text[end:]))
    return "".join(pieces)


def escape(text: str) -> str:
    """Return Markdown for one line that shows `text` literally; line breaks become spaces."""
    line = " ".join(_HIDDEN.sub("", text).split())
    return _replace(_ACTIVE, line, lambda address: f"`{address}`")


def escape_piece(text: str) -> str:
    """Like `escape`, keeping a space at either end, for pieces that are put together."""
    if not text.strip():
        return " " if text else ""
    before = " " if text[0].isspace() else ""
    after = " " if text[-1].isspace() else ""
    return f"{before}{escape(text)}{after}"


def escape_lines(text: str) -> str:
    """Return Markdown that shows `text` literally and keeps its lines and paragraphs."""
    return join_lines(escape(line) for line in text.strip().splitlines())


def bulleted(text: str) -> str:
    """Return `text` with the dashes and asterisks of lists as bullets; its length is kept."""
    return _BULLET.sub("•", text)


def join_lines(lines: Iterable[str]) -> str:
    """Put escaped lines under each other; an empty one begins a paragraph."""
    return re.sub(r"(?:  \n){2,}", "\n\n", "  \n".join(lines))


def badge(text: str, *, colour: str = "gray") -> str:
    """Return Markdown of a small coloured label."""
    return f":{colour}-badge[{escape(text)}]"


def answer_markdown(
    text: str,
    *,
    numbers: Collection[int],
    labels: Mapping[int, str] = NO_LABELS,
) -> str:
    """Return the Markdown of an answer.

    Parameters
    ----------
    text
        The answer with its marks, such as `[1]`.
    numbers
        Evidence that marks may point to; these become chips, other marks stay as they are written.
    labels
        Markdown that is put behind sentences, by the offset in `text` at which each ends.
    """
    prepared = bulleted(_PRIVATE.sub("\ufffd", text))
    for end in sorted(labels, reverse=True):
        prepared = f"{prepared[:end]}\ue002{end}\ue003{prepared[end:]}"
    prepared = _MARK.sub(
        lambda mark: f"\ue000{mark[1]}\ue001" if int(mark[1]) in numbers else mark[0], prepared
    )
    shown = _CHIP.sub(r" :primary-badge[\1]", escape_lines(prepared))
    return _LABEL.sub(lambda label: f" {labels[int(label[1])]}", shown)
