"""The sample company with the real models: the shipped gates hold, and catch a broken retriever."""

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from app.settings import Settings
from app.wiring import SearchSystem, open_search
from eval.asking import ask
from eval.collection import bring_in, kept_settings, own_items
from eval.gates import Gate, check_gates, load_gates
from eval.own_set import load_own_questions
from eval.records import Question, Run
from eval.runner import OWN_SET
from models.language import detect_language
from retrieval.explain import Explanation
from retrieval.records import Evidence, Query
from retrieval.understanding.rewriting import RuleRewriter
from tests.app.cli_process import zhiku
from tests.eval.runs import HEAD

# Two hundred and fifty questions with twenty passages each to read: minutes on a busy machine.
pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

# The half that the gates count.
QUESTIONS = [each for each in load_own_questions() if each.half == "reporting"]
SEARCH_GATES = [
    gate for gate in load_gates() if gate.metric.startswith("final.") or gate.metric == "leaked"
]


class Search(Protocol):
    def explain(self, query: Query, *, limit: int) -> Explanation: ...


class Remembered:
    """The retriever, asked once for each question: with its model it takes a third of a second."""

    def __init__(self, whole: Search) -> None:
        self.whole = whole
        self.found: dict[tuple[Query, int], Explanation] = {}

    def explain(self, query: Query, *, limit: int) -> Explanation:
        if (query, limit) not in self.found:
            self.found[query, limit] = self.whole.explain(query, limit=limit)
        return self.found[query, limit]


class Broken:
    """A retriever that something went wrong in."""

    def __init__(self, whole: Search) -> None:
        self.whole = whole

    def explain(self, query: Query, *, limit: int) -> Explanation:
        whole = self.whole.explain(query, limit=limit)
        return replace(whole, evidence=tuple(self.broken(query, whole.evidence)))

    def broken(self, query: Query, found: Sequence[Evidence]) -> Sequence[Evidence]:
        raise NotImplementedError


class Shuffled(Broken):
    """Loses the order."""

    def broken(self, query: Query, found: Sequence[Evidence]) -> Sequence[Evidence]:
        return random.Random(query.text).sample(found, len(found))


class CutShort(Broken):
    """Loses all but the beginning of each passage."""

    def broken(self, query: Query, found: Sequence[Evidence]) -> Sequence[Evidence]:
        return [replace(each, quote=each.quote[:20]) for each in found]


class WrongLanguage(Broken):
    """Finds only what is written in the other language."""

    def broken(self, query: Query, found: Sequence[Evidence]) -> Sequence[Evidence]:
        return [each for each in found if detect_language(each.quote) != query.lang]


class WithoutAccess(Broken):
    """Forgets who asks."""

    def explain(self, query: Query, *, limit: int) -> Explanation:
        groups = set(GROUPS) | query.principal.groups
        principal = replace(query.principal, groups=frozenset(groups))
        return self.whole.explain(replace(query, principal=principal), limit=limit)


ACCESS = [each for each in QUESTIONS if "access" in each.kinds]
GROUPS = sorted({name.partition("/")[0] for q in QUESTIONS for name in q.secret})


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("company")


@pytest.fixture(scope="module")
def system(models_folder: Path, data_dir: Path) -> Iterator[SearchSystem]:
    items = own_items()
    # Of the defaults only the folders differ, so that the command finds the same index again.
    settings = Settings(data_dir=data_dir, models={"directory": models_folder})
    placed = kept_settings(settings, data_dir / "eval" / "indexes", items)
    assert list(bring_in(placed, items))[-1] == len(items)
    with closing(open_search(placed)) as opened:
        yield opened


@pytest.fixture(scope="module")
def retriever(system: SearchSystem) -> Remembered:
    return Remembered(system.retriever)


def run_of(retriever: Search, questions: Sequence[Question] = QUESTIONS) -> Run:
    rows = tuple(
        ask(each, retriever, rewriter=RuleRewriter(), candidates=100, answerer=None)
        for each in questions
    )
    return Run(HEAD, {OWN_SET: rows})


def failed(run: Run) -> list[Gate]:
    return [result.gate for result in check_gates(run, SEARCH_GATES) if not result.passed]


def test_shipped_gates_hold(retriever: Remembered) -> None:
    assert len(SEARCH_GATES) >= 6
    assert failed(run_of(retriever)) == []


@pytest.mark.parametrize(
    ("breaking", "questions", "metric"),
    [
        (Shuffled, QUESTIONS, "final.mrr@10"),
        (CutShort, QUESTIONS, "final.quote@5"),
        (WrongLanguage, QUESTIONS, "final.recall@5"),
        (WithoutAccess, ACCESS, "leaked"),
    ],
)
def test_broken_retriever_is_caught(
    retriever: Remembered, breaking: type[Broken], questions: Sequence[Question], metric: str
) -> None:
    broken = failed(run_of(breaking(retriever), questions))
    assert metric in {gate.metric for gate in broken}


def test_two_runs_agree(system: SearchSystem) -> None:
    questions = QUESTIONS[::10]
    first, second = (run_of(system.retriever, questions).rows[OWN_SET] for _ in range(2))
    assert [row.rankings for row in first] == [row.rankings for row in second]
    assert [row.scores for row in first] == [row.scores for row in second]


def test_command_answers_reports_compares_and_gates(
    system: SearchSystem, data_dir: Path, models_folder: Path
) -> None:
    """After the fixture has closed nothing: the command opens the kept index itself."""
    system.close()
    environment = {"ZHIKU_MODELS__DIRECTORY": str(models_folder)}

    def evaluated(*arguments: str) -> str:
        result = zhiku("eval", *arguments, data_dir=data_dir, environment=environment)
        assert result.returncode == 0, result.stderr
        return result.stdout

    evaluated("--limit", "3", "--answers", "--name", "one")
    evaluated("--limit", "3", "--name", "two")
    assert evaluated("list").split() == ["one", "two"]
    runs = data_dir / "eval" / "runs"
    assert "plotly" in (runs / "one" / "report.html").read_text()
    assert len((runs / "one" / "rows" / f"{OWN_SET}.jsonl").read_text().splitlines()) == 3
    assert "one" in evaluated("compare", "one", "two")
    gated = zhiku("eval", "gate", "two", data_dir=data_dir, environment=environment)
    assert gated.returncode == 1
    assert "FAILED" in gated.stdout
