"""Whether a sentence comes from what it cites: the words that they share, and what is checked."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Self

from generation.checking.check import find_faults
from models.language import detect_language
from models.terms import terms

_WEIGHT_OF_NUMBERS = 3.0
"""Of numbers and codes against 1 for a word: two editions of a rule differ in little else."""

_CLEARLY_MORE = 0.15
_LEAST_SHARE = 0.2
_UNCITED_SHARE = 0.5
"""Of what a sentence without a citation says, its source has to hold more: nobody pointed there."""


@dataclass(frozen=True, slots=True)
class _Passage:
    text: str
    terms: frozenset[str]
    language: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """Corrects the citations of sentences."""

    question: str
    asked: frozenset[str]
    passages: Mapping[int, _Passage]

    @classmethod
    def read(cls, question: str, passages: Mapping[int, str]) -> Self:
        """Take in the question and what the model was given, by number."""
        read = {
            number: _Passage(text, frozenset(terms(text)), detect_language(text))
            for number, text in passages.items()
        }
        return cls(question, frozenset(terms(question)), read)

    def correct(self, sentence: str, cited: Iterable[int]) -> tuple[int, ...]:
        """Return what a sentence should cite, ascending; nothing if nothing bears it out.

        A single citation is moved to the passage that holds clearly more of the sentence. Citations
        that do not bear the sentence out are replaced by the passage that does, if one does.
        """
        numbers = tuple(sorted(set(cited)))
        words = frozenset(terms(sentence))
        if len(numbers) == 1:
            numbers = (self._source(words, cited=numbers[0]),)
        if self._is_grounded(sentence, words, numbers):
            return numbers
        others = sorted(self.passages, key=lambda n: -_share(words, self.passages[n].terms))
        for number in others:
            if self._is_grounded(sentence, words, [number]):
                return (number,)
        return ()

    def find(self, sentence: str) -> tuple[int, ...]:
        """Return the passage that a sentence without a citation comes from; nothing if none.

        The passage says all figures of the sentence, and in its own language half of its words;
        in the other language it has to be recognised by a figure that the question does not say.
        """
        words = frozenset(terms(sentence))
        added = {word for word in words if not self._is_asked(word)}
        language = detect_language(sentence)
        for number in sorted(self.passages, key=lambda n: -_share(words, self.passages[n].terms)):
            passage = self.passages[number]
            if passage.language == language:
                is_source = bool(added) and _share(words, passage.terms) >= _UNCITED_SHARE
            else:
                is_source = any(map(_has_digit, added & passage.terms))
            if is_source and self._is_grounded(sentence, words, [number]):
                return (number,)
        return ()

    def _source(self, words: Set[str], *, cited: int) -> int:
        shares = {n: _share(words, passage.terms) for n, passage in self.passages.items()}
        best = max(shares, key=lambda number: shares[number])
        return best if shares[best] - shares[cited] >= _CLEARLY_MORE else cited

    def _is_grounded(self, sentence: str, words: Set[str], numbers: Iterable[int]) -> bool:
        """Tell whether the passages say what the sentence adds to the question.

        Words are compared only with passages of the sentence's own language.
        """
        passages = [self.passages[number] for number in numbers]
        if any(find_faults(sentence, [each.text for each in passages], question=self.question)):
            return False
        held: frozenset[str] = frozenset().union(*(passage.terms for passage in passages))
        added = {word for word in words if not self._is_asked(word)}
        language = detect_language(sentence)
        comparable = any(passage.language == language for passage in passages)
        return not (added and comparable) or _share(added, held) >= _LEAST_SHARE

    def _is_asked(self, word: str) -> bool:
        """Tell whether a term comes from the question.

        A pair of Chinese characters does also if the two stand apart there, since most pairs cross
        the border between words.
        """
        return word in self.asked or (
            not word.isascii() and set("".join(self.asked)).issuperset(word)
        )


def _share(words: Set[str], held: Set[str]) -> float:
    """Return the weighted share of `words` that is in `held`; 0 without words."""
    total = sum(map(_weight, words))
    return sum(map(_weight, words & held)) / total if total else 0.0


def _weight(term: str) -> float:
    return _WEIGHT_OF_NUMBERS if _has_digit(term) else 1.0


def _has_digit(term: str) -> bool:
    return any(character.isdigit() for character in term)
