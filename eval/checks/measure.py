"""How well right statements and slightly wrong ones are told apart."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from eval.checks.claims import Claim
from eval.checks.perturb import Change, perturbed
from eval.significance import wilson_interval
from generation.citations import cite
from generation.records import Support
from models.language import detect_language

RIGHT: Final = "none"
_SEED: Final = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """A statement that was checked.

    Attributes
    ----------
    change
        What was made wrong in it, or `none`.
    wording
        `verbatim`, `other words`, or `other language`, as against its passages.
    is_verified
        All of its sentences stand as they were and are verified.
    """

    change: str
    wording: str
    lang: str
    text: str
    is_verified: bool


def judge_claims(claims: Iterable[Claim]) -> Iterator[Judged]:
    """Check each statement, and each version with one thing wrong, against its passages."""
    chance = random.Random(_SEED)
    for claim in claims:
        yield _judged(RIGHT, claim, claim.text)
        for change in Change:
            wrong = perturbed(
                claim.text, change, chance, passages=claim.passages, question=claim.question
            )
            if wrong is not None:
                yield _judged(change, claim, wrong)


def _judged(change: str, claim: Claim, text: str) -> Judged:
    attribution = claim.attribution()
    marks = "".join(f"[{number}]" for number in attribution.passages)
    sentences = cite(text.rstrip() + marks, attribution).sentences
    is_verified = all(each.support is Support.VERIFIED and each.text in text for each in sentences)
    return Judged(change, _wording(claim), detect_language(claim.text), text, is_verified)


def _wording(claim: Claim) -> str:
    if claim.is_verbatim:
        return "verbatim"
    languages = {detect_language(passage) for passage in claim.passages}
    return "other words" if detect_language(claim.text) in languages else "other language"


def checks_table(judged: Sequence[Judged]) -> Table:
    """Return how many were verified, by wording, by what is wrong with them and by language."""
    table = Table("wording", "made wrong", "language", "statements", "verified")
    groups: dict[tuple[str, str, str], list[bool]] = {}
    for wording in ("verbatim", "other words", "other language"):
        for change in (RIGHT, *Change):
            for lang in ("zh", "en"):
                groups[wording, change, lang] = []
    for each in judged:
        groups[each.wording, each.change, each.lang].append(each.is_verified)
    for key, verified in groups.items():
        if verified:
            interval = wilson_interval(sum(verified), len(verified))
            table.add_row(*key, str(len(verified)), str(interval))
    return table
