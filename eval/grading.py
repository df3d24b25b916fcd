"""What an answer says: expected strings, wrong strings, and numbers with or without a source."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generation.checking.values import KnownValues, values
from models.normalise import normalise

_LETTER = "0-9a-z\u00df-\u024f\u0370-\u03ff"
_MARK = re.compile(r"[\[【［]\s*\d{1,2}(?:\s*[-–,，、;；]\s*\d{1,2})*\s*[\]】］]")
_EDGES = re.compile(r"^(?:[^\w%°$-]|_)+|(?:[^\w%°]|_)+$")
_ARTICLE = re.compile(r"^(?:the|an?) ")


def contains(answer_text: str, spellings: Sequence[str]) -> bool:
    """Tell whether the answer says at least one of the spellings, whole.

    Both are compared in normal form (`models.normalise`). A spelling that begins or ends in a Latin
    letter or digit is not found inside a longer word, number or code: `5 天` is not in `15 天`,
    `1.5 天` or `-5 天`, `E04` not in `E041`, `380` not in `TP-380`. Chinese has no such boundaries.

    Raises
    ------
    ValueError
        If a spelling is empty, since it would be found everywhere.
    """
    return _says(normalise(answer_text), spellings)


def exact_match(answer_text: str, spellings: Sequence[str]) -> bool:
    """Tell whether the answer is one of the spellings and says nothing else.

    After the exact match of SQuAD (Rajpurkar et al., 2016): normal form, without citation marks,
    punctuation at both ends and a leading English article.
    """
    return _bare(answer_text) in {_bare(spelling) for spelling in spellings}


def answer_parts_said(text: str, parts: Sequence[Sequence[str]]) -> tuple[bool, ...]:
    """Tell of each part of a right answer, given by its spellings, whether the text says it."""
    normal = normalise(text)
    return tuple(_says(normal, spellings) for spellings in parts)


def wrong_said(
    text: str, wrong: Sequence[str], parts: Sequence[Sequence[str]] = ()
) -> tuple[str, ...]:
    """Return the wrong strings that the text says, in the order given.

    What stands inside a right spelling is not wrong: `12 号楼` may be listed as the wrong building
    though `12 号楼 3 层` is the right floor.
    """
    normal = normalise(text)
    right = [span for spellings in parts for each in spellings for span in _spans(normal, each)]
    return tuple(
        each for each in wrong if any(not _lies_in(span, right) for span in _spans(normal, each))
    )


@dataclass(frozen=True, slots=True)
class NumberFidelity:
    """The numbers, dates and codes of one answer.

    Attributes
    ----------
    found
        How many of them stand in the evidence.
    count
        How many there are; each counts once.
    missing
        Those that do not stand in the evidence, as they are compared.
    """

    found: int
    count: int
    missing: tuple[str, ...]

    @property
    def share(self) -> float | None:
        """Part that stands in the evidence; None if the answer has no number of its own."""
        return self.found / self.count if self.count else None


def number_fidelity(answer: str, evidence: Iterable[str], *, question: str = "") -> NumberFidelity:
    """Compare the numbers, dates and codes of an answer with those of the evidence.

    Numbers are compared by value, without their units; a date also stands in the evidence as part
    of a fuller one; codes are compared without their joiners (`E-04`, `E04`). Left out are numbers
    that the question already says, citation marks `[1]` and the numbers of a list.
    """
    asked, known = KnownValues.of([question]), KnownValues.of(evidence)
    said = {each.text: each for each in values(answer) if not asked.holds(each)}
    missing = tuple(text for text, each in said.items() if not known.holds(each))
    return NumberFidelity(found=len(said) - len(missing), count=len(said), missing=missing)


def number_coverage(results: Sequence[NumberFidelity]) -> float:
    """Return the share of answers with any number: of how many the fidelity speaks at all."""
    if not results:
        raise ValueError("no answers: their share with numbers is undefined")
    return sum(result.count > 0 for result in results) / len(results)


def _says(normal: str, spellings: Sequence[str]) -> bool:
    return any(_spans(normal, spelling) for spelling in spellings)


def _spans(normal: str, spelling: str) -> list[tuple[int, int]]:
    """Return where a spelling stands in a text in normal form."""
    wanted = normalise(spelling)
    if not wanted:
        raise ValueError(f"the spelling {spelling!r} is empty in normal form; every text has it")
    pattern = f"{_start(wanted)}{re.escape(wanted)}{_end(wanted)}"
    return [match.span() for match in re.finditer(pattern, normal)]


def _start(wanted: str) -> str:
    """Return what must not stand before: for a number also the start of a longer one, or a sign."""
    if re.match(r"-?\d", wanted):
        return rf"(?<![{_LETTER}-])(?<!\d[.:/])"
    return rf"(?<![{_LETTER}])" if re.match(f"[{_LETTER}]", wanted) else ""


def _end(wanted: str) -> str:
    """Return what must not follow: for a digit also decimals and the rest of a code."""
    if wanted[-1].isdigit():
        return rf"(?![{_LETTER}])(?![.:/-]\d)"
    return rf"(?![{_LETTER}])" if re.search(f"[{_LETTER}]$", wanted) else ""


def _lies_in(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)


def _bare(text: str) -> str:
    return _ARTICLE.sub("", _EDGES.sub("", normalise(_MARK.sub("", text))))
