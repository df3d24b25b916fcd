"""Parts of a set: the questions of one half, language, crossing or kind."""

from collections.abc import Iterable
from dataclasses import dataclass

from eval.records import Question


@dataclass(frozen=True, slots=True)
class Slice:
    """Which questions of a set are meant; a field that is empty or None restricts nothing.

    Attributes
    ----------
    language
        Of the question.
    crossing
        `zh→en` and the like, as `Question.crossing`.
    answerable
        False for questions that have to be refused.
    """

    half: str = ""
    language: str = ""
    crossing: str = ""
    kind: str = ""
    answerable: bool | None = None

    def holds(self, question: Question) -> bool:
        """Tell whether a question belongs to the slice."""
        return (
            self.half in ("", question.half)
            and self.language in ("", question.lang)
            and self.crossing in ("", question.crossing)
            and (not self.kind or self.kind in question.kinds)
            and self.answerable in (None, question.answerable)
        )

    @property
    def label(self) -> str:
        """Return what restricts it, or `all`."""
        words = [word for word in (self.half, self.language, self.crossing, self.kind) if word]
        if self.answerable is not None:
            words.append("answerable" if self.answerable else "unanswerable")
        return ", ".join(words) or "all"


def slices_of(questions: Iterable[Question]) -> tuple[Slice, ...]:
    """Return the whole, then each half, language, crossing and kind that the questions have."""
    listed = list(questions)
    return (
        Slice(),
        *(Slice(half=half) for half in sorted({each.half for each in listed} - {""})),
        *(Slice(language=lang) for lang in sorted({each.lang for each in listed})),
        *(Slice(crossing=crossing) for crossing in crossings_of(listed)),
        *(Slice(kind=kind) for kind in sorted({kind for each in listed for kind in each.kinds})),
    )


def crossings_of(questions: Iterable[Question]) -> list[str]:
    """Return the crossings that occur, those within one language first."""
    found = {each.crossing for each in questions}
    return sorted(found, key=lambda crossing: (len(set(crossing.split("→"))), crossing))
