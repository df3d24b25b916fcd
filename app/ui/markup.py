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
_WITHIN_LINES = re.compile(r"[\\`*_\[\]<>#|~$&!]")
"""What means something within a line of Markdown."""

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


def _escape_punctuation(text: str, punctuation: re.Pattern[str]) -> str:
    return punctuation.sub(lambda match: "\\" + match.group(), text)


def _literal(text: str, punctuation: re.Pattern[str]) -> str:
    """Escape the punctuation of a line, and put what backslashes do not stop in code spans."""
    line = " ".join(_HIDDEN.sub("", text).split())
    pieces: list[str] = []
    end = 0
    for match in _ACTIVE.finditer(line):
        pieces.append(_escape_punctuation(line[end : match.start()], punctuation))
        pieces.append(f"`{match.group()}`")
        end = match.end()
    pieces.append(_escape_punctuation(line[end:], punctuation))
    return "".join(pieces)


def escape(text: str) -> str:
    """Return Markdown for one line that shows `text` literally; line breaks become spaces."""
    return _literal(text, _PUNCTUATION)


def escape_lightly(text: str) -> str:
    """Like `escape`, for files that are also read as they are: full stops and commas stay.

    Nothing becomes a link, an image, HTML or a formula; a line may begin a list.
    """
    return _literal(text, _WITHIN_LINES)


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
    return _with_marks(
        text, numbers=numbers, labels=labels, chip=r" :primary-badge[\1]", line=escape
    )


def exported_answer(text: str, *, numbers: Collection[int], labels: Mapping[int, str]) -> str:
    """Return the Markdown of an answer for a file: marks as they were, the rest taken literally.

    For the parameters see `answer_markdown`; the marks stand at their places without a link.
    """
    shown = _with_marks(text, numbers=numbers, labels=labels, chip=r" [\1]", line=escape_lightly)
    # With a colon behind it a mark would say where all marks like it lead.
    return shown.replace("]:", "]\\:")


def _with_marks(
    text: str,
    *,
    numbers: Collection[int],
    labels: Mapping[int, str],
    chip: str,
    line: Callable[[str], str],
) -> str:
    prepared = bulleted(_PRIVATE.sub("\ufffd", text))
    for end in sorted(labels, reverse=True):
        prepared = f"{prepared[:end]}\ue002{end}\ue003{prepared[end:]}"
    prepared = _MARK.sub(
        lambda mark: f"\ue000{mark[1]}\ue001" if int(mark[1]) in numbers else mark[0], prepared
    )
    shown = _CHIP.sub(chip, join_lines(line(each) for each in prepared.strip().splitlines()))
    return _LABEL.sub(lambda label: f" {labels[int(label[1])]}", shown)
