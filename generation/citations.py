"""Citation marks in what a model wrote: found, checked against the evidence, cleaned."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from generation.attribution import Attribution
from generation.records import Sentence, Support
from ingest.sentences import split_sentences

_NUMBERS = r"\d{1,3}(?:\s*[-–—~～,，、;；]\s*\d{1,3})*"
MARK = re.compile(
    rf"[ \t]*[\[【［](?:evidence|source|passage|证据|来源|资料|\^)?\s*({_NUMBERS})\s*[\]】］]",
    re.IGNORECASE,
)
_CLEAN_MARK = re.compile(r" ?\[(\d{1,2})\]")
_MARKS_AFTER_END = re.compile(r"([.!?。！？；;]+[\"'”’」』）)]*)((?:[ \t]?\[\d{1,2}\])+)")
# After Chinese the model at times puts the mark and the stop as in English.
_SPACE_BEFORE_MARK = re.compile(
    r"(?<=[\u3400-\u9fff”）]) +(?=\[\d)| +(?=(?:\[\d{1,2}\])+[。！？；])"
)
_LATIN_STOP = re.compile(r"(?<=[\u3400-\u9fff”）])((?:\[\d{1,2}\])+)\.(?=\s|$)")
_WIDE_END = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef”]$")
_LIST_NUMBER = re.compile(r"^\s*\d{1,2}[.、)]\s")
_RANGE = re.compile(r"(\d{1,3})(?:\s*[-–—~～]\s*(\d{1,3}))?")
_END = re.compile(r"[.!?。！？；;…]*[\"'”’」』）)]*\s*$")
_UNFINISHED = re.compile(r"[^.!?。！？；;…:：|\"'”’」』）)\]\s]\s*$")


@dataclass(frozen=True, slots=True)
class CitedText:
    """An answer in which only marks `[n]` of known evidence remain, and its sentences.

    Attributes
    ----------
    unknown_marks
        Numbers in the marks of the model that were no passage's.
    """

    text: str
    sentences: tuple[Sentence, ...]
    unknown_marks: int = 0

    def borne_out(self) -> "CitedText":
        """Return it without the sentences that were not verified; headings of lists go, too."""
        kept = tuple(each for each in self.sentences if each.support is Support.VERIFIED)
        if kept == self.sentences:
            return self
        return CitedText(written(kept), kept, self.unknown_marks)

    @property
    def citations(self) -> tuple[int, ...]:
        """All numbers that are cited, ascending."""
        return tuple(sorted({n for sentence in self.sentences for n in sentence.citations}))


def cite(text: str, attribution: Attribution) -> CitedText:
    """Read, clean and check the marks of an answer.

    `[1]`, `[1][3]`, `[1, 2]`, `[1-3]`, `【1】`, `[证据1]` and full-width digits are marks and come
    out as `[n]`. A number that is no passage's is taken out: the model made it up; only where
    one passage was given it stands for that one. A mark after the full stop belongs to the sentence
    before it and is put in front of the stop. What a sentence cites is then corrected by what it
    says, and a sentence that cites nothing is given its source, if it is plain (`Attribution`).
    A sentence that took a value from another place of a table than it speaks of gives way to the
    row itself. Images, links and HTML are taken out first (`generation.harmless`).
    """
    plain = attribution.addresses.harmless(text.strip())
    marked = [number for match in MARK.finditer(plain) for number in _numbers(match[1])]
    unknown = sum(number not in attribution.passages for number in marked)
    clean = MARK.sub(lambda match: _canonical(match, attribution.passages), plain)
    clean = _MARKS_AFTER_END.sub(r"\2\1", clean)
    clean = _LATIN_STOP.sub("\\1。", _SPACE_BEFORE_MARK.sub("", clean)).strip()
    spans = split_sentences(clean)
    pieces = [
        _reread(_corrected(clean[start:end], attribution), attribution) for start, end in spans
    ]
    read = (_sentence(piece, attribution) for piece in pieces)
    sentences = tuple(sentence for sentence in read if sentence)
    return CitedText("".join(pieces), sentences, unknown)


def written(sentences: Sequence[Sentence]) -> str:
    """Put sentences together, each with its marks before its stop; no space follows Chinese."""
    text = ""
    for each in sentences:
        marks = "".join(f"[{number}]" for number in each.citations)
        space = "" if not text or _WIDE_END.search(text) else " "
        text += space + (_with_marks(each.text, marks) if marks else each.text)
    return text


def finished(text: str) -> str:
    """Drop the last sentence of a text that was cut off, unless it is the only one."""
    spans = split_sentences(text)
    if len(spans) > 1 and _UNFINISHED.search(text):
        return text[: spans[-1][0]].rstrip()
    return text


def _canonical(match: re.Match[str], known: Collection[int]) -> str:
    numbers = dict.fromkeys(number for number in _numbers(match[1]) if number in known)
    if not numbers and len(known) == 1:
        # The model miscounts now and then; where one passage was given, a mark can mean no other.
        numbers = dict.fromkeys(known)
    if not numbers:
        return ""
    space = " " if match.group()[0] in " \t" else ""
    return space + "".join(f"[{number}]" for number in numbers)


def _numbers(text: str) -> list[int]:
    found: list[int] = []
    for first, last in _RANGE.findall(text):
        found.extend(range(int(first), int(last or first) + 1))
    return found


def _corrected(piece: str, attribution: Attribution) -> str:
    cited = sorted({int(number) for number in _CLEAN_MARK.findall(piece)})
    words = _LIST_NUMBER.sub("", _CLEAN_MARK.sub("", piece))
    if not words.strip():
        return piece
    right = attribution.correct(words, cited) if cited else attribution.find(words)
    if right == tuple(cited):
        return piece
    if not right:
        return _CLEAN_MARK.sub("", piece)
    return _with_marks(piece, "".join(f"[{number}]" for number in right))


def _reread(piece: str, attribution: Attribution) -> str:
    """Put the row that is meant in the place of a sentence that misread a table."""
    cited = tuple(dict.fromkeys(map(int, _CLEAN_MARK.findall(piece))))
    words = _LIST_NUMBER.sub("", _CLEAN_MARK.sub("", piece))
    row = attribution.row_meant(words, cited)
    if row is None:
        return piece
    end = _END.search(words)
    stop = words[end.start() :] if end else ""
    return _with_marks(f"{row}{stop}", "".join(f"[{number}]" for number in cited))


def _with_marks(piece: str, marks: str) -> str:
    """Put marks where the first one stands, or before the stop; take the others out."""
    first = _CLEAN_MARK.search(piece)
    if first is None:
        end = _END.search(piece)
        before, after = (piece[: end.start()], piece[end.start() :]) if end else (piece, "")
        space = " " if before[-1:].isascii() else ""
        return f"{before}{space}{marks}{after}"
    space = " " if first.group()[0] == " " else ""
    before, after = piece[: first.start()], piece[first.end() :]
    return f"{before}{space}{marks}{_CLEAN_MARK.sub('', after)}"


def _sentence(piece: str, attribution: Attribution) -> Sentence | None:
    numbers = tuple(sorted({int(number) for number in _CLEAN_MARK.findall(piece)}))
    text = _CLEAN_MARK.sub("", piece).strip()
    if not text:
        return None
    support, score = attribution.support(_LIST_NUMBER.sub("", text), numbers)
    return Sentence(text, numbers, support, score)
