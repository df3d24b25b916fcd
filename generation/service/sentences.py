"""Which sentences of a model's reply a customer may read: facts with evidence, and courtesy."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from generation.checking.check import find_faults
from generation.citations import CitedText
from generation.records import Sentence, Support
from generation.service.courtesy import is_apology, is_courtesy, names, promises
from models.terms import terms

_STOP: Final = re.compile(r"[.!?。！？；;…]*[\"'”’」』）)]*\s*$")
_HAN_END: Final = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]$")


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

    - A sentence that cites evidence is kept; `generation.citations.cite` has taken the citation
      from those that the evidence does not bear out.
    - One that cites evidence and tells nothing but what `known` and the message say loses its
      citation: the context is never cited.
    - Without a citation only courtesy (an apology, thanks, a request to the customer) and what
      `known` says is kept, and of courtesy only what has no figures or names that stand neither in
      the evidence nor in the message nor in `known`, and no promise.
    """
    told = "\n".join((message, *known))
    everything = (*passages.values(), told)
    kept: list[Sentence] = []
    facts = kept_facts = 0
    for each in cited.sentences:
        sentence = _without_idle_citations(each, passages, told)
        if sentence.citations:
            facts, kept_facts = facts + 1, kept_facts + 1
            kept.append(sentence)
        elif _repeats(sentence.text, known) or _is_harmless(sentence.text, everything):
            kept.append(sentence)
        else:
            facts += 1
    return Checked(tuple(kept), facts, kept_facts)


def written(sentences: Sequence[Sentence]) -> str:
    """Put sentences together, each with its marks before its stop."""
    text = ""
    for each in sentences:
        space = "" if not text or _HAN_END.search(text) else " "
        text += space + _marked(each)
    return text


def _marked(sentence: Sentence) -> str:
    if not sentence.citations:
        return sentence.text
    end = _STOP.search(sentence.text)
    at = end.start() if end else len(sentence.text)
    before, after = sentence.text[:at].rstrip(), sentence.text[at:]
    marks = "".join(f"[{number}]" for number in sentence.citations)
    return f"{before}{' ' if before[-1:].isascii() else ''}{marks}{after}"


def _without_idle_citations(sentence: Sentence, passages: Mapping[int, str], told: str) -> Sentence:
    """Take the citations from a sentence that says what is known without the evidence."""
    added = set(terms(sentence.text)) - set(terms(told))
    held = {term for number in sentence.citations for term in terms(passages[number])}
    if sentence.citations and not added & held and _repeats(sentence.text, [told]):
        return Sentence(sentence.text, (), Support.UNCITED)
    return sentence


def _repeats(sentence: str, known: Sequence[str]) -> bool:
    """Tell whether a sentence says what is known: all of its figures and most of its words."""
    text = "\n".join(known)
    if not text or promises(sentence) or any(find_faults(sentence, (), question=text)):
        return False
    said, there = set(terms(sentence)), set(terms(text))
    return len(said & there) > len(said) / 2


def _is_harmless(sentence: str, everything: Sequence[str]) -> bool:
    if not is_courtesy(sentence) or promises(sentence):
        return False
    if any(find_faults(sentence, everything, question="")):
        return False
    words = " ".join(everything).casefold()
    return all(name.casefold() in words for name in names(sentence))
