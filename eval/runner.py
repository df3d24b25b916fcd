"""A run: sets, their collections, and a row for each question."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeVar

from app.settings import Settings
from app.wiring import open_search, open_system
from eval import fingerprint
from eval.asking import ask
from eval.collection import Item, bring_in, kept_settings, own_items, passage_items
from eval.errors import EvalError
from eval.own_set import DOCUMENTS, QUESTIONS, load_own_questions
from eval.pools import Pool, pooled
from eval.records import Question, Row, Run, RunHead
from eval.run_store import RunFolder, run_folder
from eval.sets import PassageSet

OWN_SET: Final = "zhiku-own"
_NO_NAME: Final = re.compile(r"[^\w.-]+")
"""What folders of sets may be called by and runs may not."""

_Listed = TypeVar("_Listed")


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a run does.

    Attributes
    ----------
    items
        Documents by the name of their collection.
    questions
        By set: each question and the name of the collection that it is asked of.
    data
        SHA-256 of each set.
    """

    items: Mapping[str, Sequence[Item]]
    questions: Mapping[str, Sequence[tuple[str, Question]]]
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run is made.

    Attributes
    ----------
    answers
        Whether the questions are answered, too; else only searched for.
    limit
        How many questions of each set at most, taken evenly.
    name
        Of the run's folder; empty for one made of what the run is made with.
    """

    answers: bool
    pool: Pool = Pool.OWN
    limit: int | None = None
    half: str = ""
    name: str = ""


class Watch(Protocol):
    """Is told how far a run is."""

    def __call__(self, task: str, done: int, total: int) -> None:
        """Take notice that `done` of `total` items of a task are done."""


def own_plan(documents: Path = DOCUMENTS, asked: Path = QUESTIONS) -> RunPlan:
    """Plan a run on the sample company."""
    items = own_items(documents)
    digest = hashlib.sha256()
    for item in items:
        digest.update(item.source.uri.encode() + item.source.data)
    for path in sorted(asked.glob("*.yaml")):
        digest.update(path.read_bytes())
    return RunPlan(
        items={OWN_SET: items},
        questions={OWN_SET: [(OWN_SET, question) for question in load_own_questions(asked)]},
        data={OWN_SET: digest.hexdigest()},
    )


def passages_plan(sets: Sequence[PassageSet], pool: Pool) -> RunPlan:
    """Plan a run on sets of passages."""
    names = [each.name for each in sets]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise EvalError(f"two sets are called {twice[0]!r}; rename the folder of one")
    # In the same order whatever the order of the options: it decides the names in a pool.
    made = pooled(sorted(sets, key=lambda each: each.name), pool)
    return RunPlan(
        items={name: passage_items(passages) for name, passages in made.collections.items()},
        questions=made.questions,
        data={each.name: each.sha256 for each in sets},
    )


def make_run(
    plan: RunPlan, options: RunOptions, settings: Settings, *, folder: Path, watch: Watch
) -> tuple[RunFolder, Run]:
    """Make a run, or go on with one that was stopped; return it with its folder.

    Parameters
    ----------
    folder
        Holds `indexes`, which are kept from run to run, and `runs`.

    Raises
    ------
    EvalError
        A document cannot be brought in, a set has no question to ask, or the run that is there was
        made with something else.
    """
    _check_half(plan, options.half)
    head = _head(plan, options, settings)
    run = run_folder(folder / "runs", head.name)
    run.begin(head)
    asked = {
        name: _chosen(questions, options, done={row.question.id for row in run.rows(name)})
        for name, questions in plan.questions.items()
    }
    for collection, items in plan.items.items():
        wanted = {
            name: [question for place, question in questions if place == collection]
            for name, questions in asked.items()
        }
        if any(wanted.values()):
            placed = kept_settings(settings, folder / "indexes", items)
            for done in bring_in(placed, items):
                watch(f"ingest {collection}", done, len(items))
            _ask_all(wanted, placed, options, run=run, watch=watch)
    return run, run.read()


def _ask_all(
    wanted: Mapping[str, Sequence[Question]],
    settings: Settings,
    options: RunOptions,
    *,
    run: RunFolder,
    watch: Watch,
) -> None:
    with _asker(settings, answers=options.answers) as asked:
        for name, questions in wanted.items():
            for done, row in enumerate(map(asked, questions), start=1):
                run.append(name, row)
                watch(f"ask {name}", done, len(questions))


@contextmanager
def _asker(settings: Settings, *, answers: bool) -> Iterator[Callable[[Question], Row]]:
    """Open what is asked, with a language model only if it has to answer."""
    candidates = 2 * settings.retrieval.candidates
    if answers:
        with closing(open_system(settings)) as system:
            yield lambda question: ask(
                question,
                system.retriever,
                rewriter=system.rewriter,
                candidates=candidates,
                answerer=system.answerer,
            )
    else:
        with closing(open_search(settings)) as search:
            yield lambda question: ask(
                question,
                search.retriever,
                rewriter=search.rewriter,
                candidates=candidates,
                answerer=None,
            )


def evenly(listed: Sequence[_Listed], limit: int | None) -> Sequence[_Listed]:
    """Return at most `limit` of a list, taken at equal distances; all without a limit."""
    if limit is None or limit >= len(listed):
        return listed
    step = len(listed) / limit
    return [listed[int(number * step)] for number in range(limit)]


def _chosen(
    questions: Sequence[tuple[str, Question]], options: RunOptions, *, done: set[str]
) -> list[tuple[str, Question]]:
    """Return the questions still to ask: those of the half, evenly taken up to the limit."""
    listed = [each for each in questions if options.half in ("", each[1].half)]
    return [each for each in evenly(listed, options.limit) if each[1].id not in done]


def _check_half(plan: RunPlan, half: str) -> None:
    for name, questions in plan.questions.items():
        if half and all(question.half != half for _, question in questions):
            raise EvalError(f"{name}: is not split, or has no {half} half; leave out --half")


def _head(plan: RunPlan, options: RunOptions, settings: Settings) -> RunHead:
    code, config = fingerprint.commit(), fingerprint.config(settings)
    data = hashlib.sha256("".join(plan.data.values()).encode()).hexdigest()[:6]
    stage = "answers" if options.answers else "search"
    parts = [
        next(iter(plan.data)) if len(plan.data) == 1 else f"{len(plan.data)}-sets",
        options.half,
        options.pool.value if options.pool is not Pool.OWN else "",
        stage,
        f"first{options.limit}" if options.limit else "",
        code.replace("+", "-"),
        config[:6],
        data,
    ]
    return RunHead(
        name=options.name or _NO_NAME.sub("-", "_".join(part for part in parts if part)),
        data=dict(plan.data),
        config=config,
        models=fingerprint.models(settings),
        commit=code,
        machine=fingerprint.machine(),
        started=fingerprint.now(),
        stage=stage,
        pool=options.pool.value,
        limit=options.limit,
        half=options.half,
    )
