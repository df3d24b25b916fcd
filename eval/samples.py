"""`make eval`: the questions on the sample documents, through the same wiring as the product."""

import tempfile
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import yaml
from rich.console import Console
from rich.table import Table

from app.settings import Settings, load_settings
from app.wiring import IngestSystem, System, models_folder, open_system
from generation.records import Answer, AnswerDone
from ingest.records import IngestProgress
from ingest.sources import read_sources
from retrieval.records import Evidence, Query
from stores.access import EVERYONE, Principal, Scope

SAMPLES: Final = Path(__file__).parents[1] / "data" / "samples"
_TENANT = "samples"


@dataclass(frozen=True, slots=True)
class SampleQuestion:
    """A question with what a right answer says.

    Attributes
    ----------
    kind
        `same_language`, `cross_language`, `unanswerable` or `restricted`.
    source
        File name of the document that answers; None where none does.
    facts
        Strings that a right answer contains, compared without spaces, commas and case.
    groups
        Who may read the source.
    """

    id: str
    kind: str
    language: str
    text: str
    source: str | None
    facts: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer beside its question."""

    question: SampleQuestion
    answer: Answer

    @property
    def found(self) -> bool:
        """Tell whether the document that answers is among the evidence."""
        return _names_source(self.question, self.answer.evidence)

    @property
    def right(self) -> bool:
        """Tell whether all facts are said and the right document is cited; else, is refused."""
        if self.question.source is None:
            return self.answer.refusal
        said = _normalised(self.answer.text)
        cited = _names_source(self.question, self.answer.citations)
        return cited and all(_normalised(fact) in said for fact in self.question.facts)


def load_questions(path: Path = SAMPLES / "questions.yaml") -> list[SampleQuestion]:
    """Read the questions, in the order of the file."""
    kinds = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        SampleQuestion(
            id=row["id"],
            kind=kind,
            language=row["language"],
            text=row["question"],
            source=row["source"],
            facts=tuple(row.get("facts", ())),
            groups=tuple(row.get("groups", (EVERYONE,))),
        )
        for kind, rows in kinds.items()
        for row in rows
    ]


def load_samples(system: IngestSystem, *, tenant: str) -> None:
    """Ingest the sample documents; each subfolder is for the group of its name."""
    folder = SAMPLES / "documents"
    groups = {EVERYONE: folder} | {each.name: each for each in folder.iterdir() if each.is_dir()}
    for group, place in groups.items():
        files = sorted(path for path in place.iterdir() if path.is_file())
        sources = read_sources(files, max_bytes=system.settings.ingest.max_file_megabytes * 10**6)
        for outcome in system.pipeline.run(
            sources, tenant=tenant, groups=[group], on_progress=_ignore
        ):
            if outcome.reason:
                raise RuntimeError(f"{outcome.uri}: {outcome.reason}")


def judge(system: System, questions: Sequence[SampleQuestion], *, tenant: str) -> list[Judged]:
    """Answer each question as a member of the groups that may know."""
    return [Judged(question, _answer(system, question, tenant)) for question in questions]


def scratch_settings(settings: Settings, folder: Path) -> Settings:
    """Return the settings with empty stores in `folder` and the installed models."""
    models = settings.models.model_copy(update={"directory": models_folder(settings)})
    return settings.model_copy(update={"data_dir": folder, "models": models})


def _answer(system: System, question: SampleQuestion, tenant: str) -> Answer:
    groups = frozenset({EVERYONE, *question.groups})
    principal = Principal(tenant, "eval", groups, frozenset({Scope.READ}))
    query = Query(question.text, question.language, principal)
    events = system.answerer.answer(query, cancelled=lambda: False)
    return next(event.answer for event in events if isinstance(event, AnswerDone))


def _names_source(question: SampleQuestion, evidence: Sequence[Evidence]) -> bool:
    name = Path(question.source or "").name
    return any(unquote(each.uri).endswith(f"/{name}") for each in evidence)


def _normalised(text: str) -> str:
    kept = unicodedata.normalize("NFKC", text).casefold().replace(",", "")
    return "".join(kept.split())


def _ignore(report: IngestProgress) -> None:
    """Take no notice of the ingest's progress."""


def main() -> None:
    """Answer all questions, print each answer and the table."""
    output = Console(soft_wrap=True, highlight=False)
    with tempfile.TemporaryDirectory() as scratch:
        system = open_system(scratch_settings(load_settings(), Path(scratch)))
        try:
            load_samples(system, tenant=_TENANT)
            judged = judge(system, load_questions(), tenant=_TENANT)
        finally:
            system.close()
    for one in judged:
        mark = "right" if one.right else "WRONG"
        output.print(f"{mark}  {one.question.id}: {one.question.text}", markup=False)
        output.print(f"       {one.answer.text}", markup=False)
    output.print(_table(judged))


def _table(judged: Sequence[Judged]) -> Table:
    table = Table("questions", "language", "number", "source found", "right")
    totals = Counter((one.question.kind, one.question.language) for one in judged)
    for (kind, language), total in totals.items():
        group = [
            one for one in judged if (one.question.kind, one.question.language) == (kind, language)
        ]
        found = "–" if kind == "unanswerable" else str(sum(one.found for one in group))
        table.add_row(kind, language, str(total), found, str(sum(one.right for one in group)))
    return table


if __name__ == "__main__":
    main()
