"""Whether a sentence comes from what it cites: the words that they share, and what is checked."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Self

from generation.checking.cells import misreadings
from generation.checking.check import find_faults, find_wrong_values
from generation.checking.shares import has_digit, share
from generation.harmless import Addresses
from generation.records import Support
from models.language import detect_language
from models.terms import terms

_CLEARLY_MORE = 0.15
_LEAST_SHARE = 0.2
_PLAIN_SHARE = 0.5
"""Of the words of a sentence, to call it verified or to cite what nobody pointed at."""


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
    addresses: Addresses

    @classmethod
    def read(cls, question: str, passages: Mapping[int, str]) -> Self:
        """Take in the question and what the model was given, by number."""
        read = {
            number: _Passage(text, frozenset(terms(text)), detect_language(text))
            for number, text in passages.items()
        }
        addresses = Addresses.of(passages.values())
        return cls(question, frozenset(terms(question)), read, addresses)

    def correct(self, sentence: str, cited: Iterable[int]) -> tuple[int, ...]:
        """Return what a sentence should cite, ascending; nothing if nothing bears it out.

        A single citation is moved to the passage that holds clearly more of the sentence. Citations
        that do not bear the sentence out are replaced by the passage that does, if one does.
        """
        numbers = tuple(sorted(set(cited)))
        words = frozenset(terms(sentence))
        if len(numbers) == 1:
            numbers = (self._source(words, cited=numbers[0]),)
        is_grounded = self._is_grounded(sentence, words, numbers)
        if is_grounded and not self._has_faults(sentence, numbers):
            return numbers
        others = sorted(self.passages, key=lambda n: -share(words, self.passages[n].terms))
        for number in others:
            if self._is_grounded(sentence, words, [number]) and not (
                is_grounded and self._has_faults(sentence, [number])
            ):
                return (number,)
        return numbers if is_grounded else ()

    def support(self, sentence: str, cited: Iterable[int]) -> tuple[Support, float]:
        """Tell how far what a sentence cites bears it out, and the share of its words found there.

        It is verified if nothing of it is wrong (`find_faults`) and half of what it adds to the
        question stands there, all of what it says where it adds nothing. In the other language
        a figure has to stand there that the question does not say.
        """
        numbers = tuple(cited)
        if not numbers:
            return Support.UNCITED, 0.0
        words = frozenset(terms(sentence))
        added = frozenset(word for word in words if not self._is_asked(word))
        passages = [self.passages[number] for number in numbers]
        held: frozenset[str] = frozenset().union(*(passage.terms for passage in passages))
        score = share(added or words, held)
        language = detect_language(sentence)
        if any(passage.language == language for passage in passages):
            is_plain = score >= _PLAIN_SHARE
        else:
            is_plain = any(map(has_digit, added & held))
        is_verified = is_plain and not self._has_faults(sentence, numbers)
        return (Support.VERIFIED if is_verified else Support.UNVERIFIED), score

    def row_meant(self, sentence: str, cited: Iterable[int]) -> str | None:
        """Return the row of a table that a sentence speaks of and read wrongly; None if it did not.

        What is returned stands in the tables of what is cited, as `header: cell; header: cell`,
        without what a renderer would act on.
        """
        texts = [self.passages[number].text for number in cited]
        found = misreadings(sentence, texts, question=self.question)
        return next((self.addresses.harmless(misread.row) for misread in found), None)

    def find(self, sentence: str) -> tuple[int, ...]:
        """Return the passage that a sentence without a citation comes from; nothing if none.

        The passage says all figures of the sentence, and in its own language half of its words;
        in the other language it has to be recognised by a figure that the question does not say.
        """
        words = frozenset(terms(sentence))
        added = {word for word in words if not self._is_asked(word)}
        language = detect_language(sentence)
        for number in sorted(self.passages, key=lambda n: -share(words, self.passages[n].terms)):
            passage = self.passages[number]
            if passage.language == language:
                is_source = bool(added) and share(words, passage.terms) >= _PLAIN_SHARE
            else:
                is_source = any(map(has_digit, added & passage.terms))
            if is_source and self._is_grounded(sentence, words, [number]):
                return (number,)
        return ()

    def _source(self, words: Set[str], *, cited: int) -> int:
        shares = {n: share(words, passage.terms) for n, passage in self.passages.items()}
        best = max(shares, key=lambda number: shares[number])
        return best if shares[best] - shares[cited] >= _CLEARLY_MORE else cited

    def _has_faults(self, sentence: str, numbers: Iterable[int]) -> bool:
        texts = [self.passages[number].text for number in numbers]
        return any(find_faults(sentence, texts, question=self.question))

    def _is_grounded(self, sentence: str, words: Set[str], numbers: Iterable[int]) -> bool:
        """Tell whether the passages say what the sentence adds to the question.

        Words are compared only with passages of the sentence's own language.
        """
        passages = [self.passages[number] for number in numbers]
        texts = [passage.text for passage in passages]
        if any(find_wrong_values(sentence, texts, question=self.question)):
            return False
        held: frozenset[str] = frozenset().union(*(passage.terms for passage in passages))
        added = {word for word in words if not self._is_asked(word)}
        language = detect_language(sentence)
        comparable = any(passage.language == language for passage in passages)
        return not (added and comparable) or share(added, held) >= _LEAST_SHARE

    def _is_asked(self, word: str) -> bool:
        """Tell whether a term comes from the question.

        A pair of Chinese characters does also if the two stand apart there, since most pairs cross
        the border between words.
        """
        return word in self.asked or (
            not word.isascii() and set("".join(self.asked)).issuperset(word)
        )
