"""Whether a sentence denies what its passages affirm, or the other way round."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from generation.checking.shares import share
from models.chinese import to_simplified
from models.terms import terms

_LEAST_SHARE: Final = 0.2
_CLEARLY_MORE: Final = 0.2
_REMEMBERED: Final = 256

_CLAUSE = re.compile(
    r"[，,；;。！？!?：:\n]+|(?<=\w)\.(?=\s|$)|\s(?:but|and|while|unless|except)\s|但是?|而且?|除非"
)
# Comparisons, questions and words in which the sign negates nothing.
_NO_NEGATION = re.compile(
    r"(?:不得|不能|不可|不应|不会|不)(?=超过|高于|多于|大于|少于|低于|小于|早于|晚于|迟于|超出|逾)"
    r"|不(?=仅|只|但|论|管|断|过是|锈|同|良|足|含|满|必要时)|(?:能|是|可|会|要|有|得)(?:不|没)(?=能|是|可|会|要|有|得)"
    r"|未(?=来|满|达|税)|非(?=常|正式|标|工作)|无(?=论|线|人|尘|纸)|(?<=否)则|是否|能否|可否|有无"
    r"|\bnot (?:only|more|less|later|earlier|exceed\w*)\b|\bcannot exceed\b"
    r"|\bno (?:more|less|later|earlier|fewer)\b|\bno\. ?\d|\bnon-\w+",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"不|未|无(?!锡)|没有?|非|勿|毋|禁止|严禁|拒绝|免于|免除"
    r"|\b(?:not|no|never|without|cannot|neither|nor|none|nobody|nothing|forbidden|prohibited"
    r"|refuses?d?|den(?:y|ies|ied))\b|n['’]t\b",
    re.IGNORECASE,
)


def is_turned_round(sentence: str, passages: Sequence[str], *, question: str) -> bool:
    """Tell whether a clause of the sentence stands in the passages but for a negation.

    How much of the clause's words (numbers count threefold) a clause of the passages holds at best
    is compared between those that are negated another number of times (even or odd) and those that
    are as the clause is: the others must hold at least `_LEAST_SHARE` and `_CLEARLY_MORE` than
    these. What the question says may be said again.
    """
    sources = [each for text in passages for each in _clauses(text)]
    asked = _clauses(question)
    return any(
        _best_share(words, sources, negated=not negated)
        >= max(
            _LEAST_SHARE, _CLEARLY_MORE + _best_share(words, [*sources, *asked], negated=negated)
        )
        for words, negated in _clauses(sentence)
    )


@lru_cache(_REMEMBERED)
def _clauses(text: str) -> tuple[tuple[frozenset[str], bool], ...]:
    """Return the words of each clause, without its negations, and whether it is negated."""
    found = []
    for clause in _CLAUSE.split(_NO_NEGATION.sub("", to_simplified(text))):
        signs = _NEGATION.findall(clause)
        words = frozenset(terms(_NEGATION.sub("", clause)))
        if words:
            found.append((words, len(signs) % 2 == 1))
    return tuple(found)


def _best_share(
    words: frozenset[str], clauses: Sequence[tuple[frozenset[str], bool]], *, negated: bool
) -> float:
    return max((share(words, held) for held, other in clauses if other == negated), default=0.0)
