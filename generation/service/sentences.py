"""Which sentences of a model's reply a customer may read: facts with evidence, and courtesy."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from generation.checking.check import find_wrong_values
from generation.citations import CitedText
from generation.records import Sentence, Support
from generation.service.courtesy import is_apology, is_courtesy, names, promises
from generation.service.cues import comparable
from ingest.sentences import split_sentences
from models.terms import terms

_PUNCTUATION: Final = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of a reply.

    Attributes
    ----------
    sentences
        Those that are kept.
    facts, kept_facts
        Sentences of fact before and after the check.
    """

    sentences: tuple[Sentence, ...]
    facts: int
    kept_facts: int

    @property
    def citations(self) -> frozenset[int]:
        """Numbers of the evidence that is cited."""
        return frozenset(number for each in self.sentences for number in each.citations)

    @property
    def apologises(self) -> bool:
        """Tell whether an apology is among them."""
        return any(is_apology(each.text) for each in self.sentences)


def check_sentences(
    cited: CitedText, passages: Mapping[int, str], *, message: str, known: Sequence[str]
) -> Checked:
    """Keep what may be said: strictly, since nobody reads it before the customer does.

    - A sentence that was verified against the evidence it cites is kept.
    - One that only gives the customer's own statement back is dropped, whatever it cites: it shares
      all of its words with the message, so that no check of the evidence would find fault with it.
    - One that says what `known` does (all of its figures, most of its words) is kept without its
      citation: the context is never cited.
    - Of others only courtesy is kept (an apology, thanks, a request to the customer) that makes no
      promise, and has no figures or names but those of evidence, message and `known`.
    """
    everything = (*passages.values(), message, *known)
    kept: list[Sentence] = []
    facts = kept_facts = 0
    for each in cited.sentences:
        if _echoes(each.text, message):
            continue
        if _repeats(each.text, known):
            kept.append(Sentence(each.text, (), Support.UNCITED, 0.0))
        elif each.support is Support.VERIFIED:
            facts, kept_facts = facts + 1, kept_facts + 1
            kept.append(each)
        elif not each.citations and _is_harmless(each.text, everything):
            kept.append(each)
        else:
            facts += 1
    return Checked(tuple(kept), facts, kept_facts)


def _echoes(sentence: str, message: str) -> bool:
    """Tell whether a sentence stands in the message, but for a question: that may be answered so.

    `可以退货。` answers `可以退货吗？`, but `发票也没给我们。` gives a complaint back.
    """
    said = _bare(sentence)
    spans = split_sentences(message)
    statements = (message[start:end].strip() for start, end in spans)
    return any(said in _bare(each) for each in statements if not each.endswith(("?", "？")))


def _bare(text: str) -> str:
    return _PUNCTUATION.sub("", comparable(text))


def _repeats(sentence: str, known: Sequence[str]) -> bool:
    """Tell whether a sentence says what is known: all of its figures and most of its words."""
    text = "\n".join(known)
    if not text or promises(sentence) or any(find_wrong_values(sentence, (), question=text)):
        return False
    said, there = set(terms(sentence)), set(terms(text))
    return len(said & there) > len(said) / 2


def _is_harmless(sentence: str, everything: Sequence[str]) -> bool:
    if not is_courtesy(sentence) or promises(sentence):
        return False
    if any(find_wrong_values(sentence, everything, question="")):
        return False
    words = " ".join(everything).casefold()
    return all(name.casefold() in words for name in names(sentence))
