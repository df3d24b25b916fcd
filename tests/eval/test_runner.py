"""Runs: every question once, whatever stops them, and never two systems in one."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from app.settings import Settings
from eval.collection import document_name, own_items
from eval.errors import EvalError, RunMismatch
from eval.own_set import QUESTIONS as QUESTION_FILES
from eval.own_set import load_own_questions
from eval.pools import Pool
from eval.records import Question, Row, Run
from eval.run_store import RunFolder
from eval.runner import OWN_SET, RunOptions, RunPlan, make_run, own_plan, passages_plan
from eval.sets import PassageSet, load_set
from tests.eval.test_sets import write_lines
from tests.fakes.openai_server import DONE, ScriptedServer, piece, serve

Rows = list[dict[str, object]]

SHARED = "Lost badges are replaced for 35 yuan at the front desk."
OFFICE: Rows = [
    {"id": "leave", "text": "Employees have fifteen days of annual leave."},
    {"id": "badge", "title": "Badges", "text": SHARED},
    {"id": "wifi", "text": "The password of the guest network changes every Monday."},
    {"id": "停车", "text": "员工停车证每月八十元。"},
    {"id": "食堂", "text": "食堂每天中午十一点半开门。"},
    {"id": "打印", "text": "彩色打印需要部门经理批准。"},
]
TRAVEL: Rows = [
    {"id": "taxi", "text": "Taxis after ten in the evening are paid back."},
    {"id": "hotel", "text": "A hotel in Beijing may cost 600 yuan a night."},
    {"id": "badge", "text": SHARED},
    {"id": "机票", "text": "机票须提前七天预订，只报销经济舱。"},
    {"id": "火车", "text": "高铁出差报销二等座。"},
    {"id": "签证", "text": "出国签证由行政部办理。"},
]
QUESTIONS = {
    "leave": "How many days of annual leave do employees have?",
    "badge": "What does a lost badge cost?",
    "wifi": "When does the password of the guest network change?",
    "停车": "员工停车证每月多少钱？",
    "食堂": "食堂几点开门？",
    "打印": "彩色打印要谁批准？",
    "taxi": "When are taxis paid back?",
    "hotel": "How much may a hotel in Beijing cost?",
    "机票": "机票要提前几天预订？",
    "火车": "出差坐高铁报销几等座？",
    "签证": "出国签证由谁办理？",
}


def write_set(folder: Path, passages: Rows) -> PassageSet:
    """Write a set with a question on each passage, and one that none answers; read it."""
    folder.mkdir(parents=True)
    write_lines(folder / "corpus.jsonl", passages)
    asked: Rows = [{"id": f"q-{p['id']}", "text": QUESTIONS[str(p["id"])]} for p in passages]
    nothing: dict[str, object] = {"text": "Is there a swimming pool?", "answerable": False}
    write_lines(folder / "queries.jsonl", [*asked, {"id": "q-nothing", **nothing}])
    lines = [f"q-{p['id']}\t{p['id']}\t1\n" for p in passages]
    (folder / "qrels.tsv").write_text("".join(lines), encoding="utf-8")
    return load_set(folder)


class Stopped(Exception):
    """What stops a run half-way."""


class Watched:
    """Keeps what it is told, and stops the run if it is told so."""

    def __init__(self, stop_at: tuple[str, int] | None = None) -> None:
        self.told: list[tuple[str, int, int]] = []
        self.stop_at = stop_at

    def __call__(self, task: str, done: int, total: int) -> None:
        self.told.append((task, done, total))
        if (task, done) == self.stop_at:
            raise Stopped

    def of(self, task: str) -> list[tuple[int, int]]:
        return [(done, total) for name, done, total in self.told if name == task]


Make = Callable[..., tuple[RunFolder, Run]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the runs and of the indexes that the tests share."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def settings(models_folder: Path, home: Path) -> Settings:
    return Settings(data_dir=home, models={"directory": models_folder})


@pytest.fixture(scope="module")
def office(home: Path) -> PassageSet:
    return write_set(home / "sets" / "office", OFFICE)


@pytest.fixture(scope="module")
def travel(home: Path) -> PassageSet:
    return write_set(home / "sets" / "travel", TRAVEL)


@pytest.fixture(scope="module")
def make(settings: Settings, home: Path) -> Make:
    def made(
        sets: Sequence[PassageSet],
        *,
        watch: Watched | None = None,
        config: Settings = settings,
        **options: object,
    ) -> tuple[RunFolder, Run]:
        chosen = RunOptions(**{"answers": False, **options})  # type: ignore[arg-type]
        plan = passages_plan(sets, chosen.pool)
        return make_run(plan, chosen, config, folder=home, watch=watch or Watched())

    return made


@pytest.fixture(scope="module")
def whole(make: Make, office: PassageSet) -> Run:
    """Return the run on one set that nothing stopped."""
    return make([office], name="whole")[1]


def bare(rows: Sequence[Row]) -> list[Row]:
    """Return the rows without what a clock says."""
    return [replace(row, search_seconds=0) for row in rows]


def ids(rows: Sequence[Row]) -> list[str]:
    return [row.question.id for row in rows]


@pytest.mark.real
def test_all_questions_are_asked_and_found(whole: Run, office: PassageSet) -> None:
    rows = whole.rows["office"]
    assert ids(rows) == [question.id for question in office.questions]
    answerable = [row for row in rows if row.question.answerable]
    assert [row.rankings["final"][0] for row in answerable] == [p["id"] for p in OFFICE]
    assert all(row.scores["final.recall@1"] == 1 for row in answerable)
    assert all(row.answer is None for row in rows)
    assert (whole.head.name, whole.head.stage, whole.head.pool) == ("whole", "search", "own")


@pytest.mark.real
def test_stopped_run_is_gone_on_with(make: Make, office: PassageSet, whole: Run) -> None:
    first = Watched(stop_at=("ask office", 3))
    with pytest.raises(Stopped):
        make([office], name="stopped", watch=first)
    assert first.of("ask office") == [(1, 7), (2, 7), (3, 7)]
    second = Watched()
    _, run = make([office], name="stopped", watch=second)
    assert second.of("ask office") == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert bare(run.rows["office"]) == bare(whole.rows["office"])


@pytest.mark.real
def test_finished_run_is_read_and_nothing_else(
    make: Make, office: PassageSet, whole: Run, settings: Settings, tmp_path: Path
) -> None:
    models = settings.models.model_copy(update={"directory": tmp_path})
    watch = Watched()
    without_models = settings.model_copy(update={"models": models})
    _, again = make([office], name="whole", watch=watch, config=without_models)
    assert watch.told == []
    assert again == whole


@pytest.mark.real
@pytest.mark.parametrize(
    ("options", "config", "what"),
    [
        ({}, {"retrieval": {"candidates": 51}}, "config"),
        ({"limit": 3}, {}, "limit"),
        ({"pool": Pool.ALL}, {}, "pool"),
        ({"answers": True}, {}, "stage"),
    ],
)
def test_other_run_under_the_same_name_is_refused(
    make: Make,
    office: PassageSet,
    whole: Run,
    settings: Settings,
    options: dict[str, object],
    config: dict[str, object],
    what: str,
) -> None:
    other = Settings(data_dir=settings.data_dir, models=settings.models, **config)  # type: ignore[arg-type]
    with pytest.raises(RunMismatch, match=f"another {what};"):
        make([office], name=whole.head.name, config=other, **options)


@pytest.mark.real
def test_other_data_under_the_same_name_are_refused(make: Make, whole: Run, tmp_path: Path) -> None:
    changed = write_set(tmp_path / "office", [{**OFFICE[0], "text": "Sixteen."}, *OFFICE[1:]])
    with pytest.raises(RunMismatch, match="another data;"):
        make([changed], name=whole.head.name)


@pytest.mark.real
def test_index_is_kept_until_a_passage_changes(
    make: Make, office: PassageSet, whole: Run, home: Path, tmp_path: Path
) -> None:
    kept = set((home / "indexes").iterdir())
    same, other = Watched(), Watched()
    _, run = make([office], name="second", watch=same, limit=1)
    assert same.of("ingest office") == [(6, 6)]
    assert set((home / "indexes").iterdir()) == kept
    text = "Employees have sixteen days of annual leave."
    changed = write_set(tmp_path / "office", [{**OFFICE[0], "text": text}, *OFFICE[1:]])
    make([changed], name="changed", watch=other, limit=1)
    assert other.of("ingest office") == [(done, 6) for done in range(7)]
    assert len(set((home / "indexes").iterdir()) - kept) == 1
    assert bare(run.rows["office"]) == bare(whole.rows["office"][:1])


@pytest.mark.real
def test_limit_takes_questions_evenly_from_each_set(
    make: Make, office: PassageSet, travel: PassageSet
) -> None:
    _, run = make([office, travel], name="limited", limit=3)
    assert ids(run.rows["office"]) == ["q-leave", "q-wifi", "q-食堂"]
    assert ids(run.rows["travel"]) == ["q-taxi", "q-badge", "q-火车"]
    assert run.head.limit == 3


@pytest.mark.real
def test_each_set_is_searched_in_the_pool_of_its_language(
    make: Make, office: PassageSet, travel: PassageSet
) -> None:
    watch = Watched()
    _, run = make([office, travel], name="language", pool=Pool.LANGUAGE, watch=watch)
    assert watch.of("ingest all-en")[-1] == (5, 5)
    assert watch.of("ingest all-zh")[-1] == (6, 6)
    for name, made in {"office": office, "travel": travel}.items():
        assert sorted(ids(run.rows[name])) == sorted(q.id for q in made.questions)
    rows = [row for each in run.rows.values() for row in each]
    english = {"office/leave", "office/badge", "office/wifi", "travel/taxi", "travel/hotel"}
    for row in rows:
        found = set(row.rankings["final"])
        assert found
        assert bool(found & english) == (row.question.source_lang == "en")
        assert bool(found - english) == (row.question.source_lang == "zh")
    (shared,) = [row for row in run.rows["travel"] if row.question.id == "q-badge"]
    assert shared.rankings["final"][0] == "office/badge"
    assert shared.scores["final.recall@1"] == 1


@pytest.mark.real
def test_all_sets_are_searched_together(make: Make, office: PassageSet, travel: PassageSet) -> None:
    watch = Watched(stop_at=("ask office", 5))
    with pytest.raises(Stopped):
        make([office, travel], name="all", pool=Pool.ALL, watch=watch)
    again = Watched()
    _, run = make([office, travel], name="all", pool=Pool.ALL, watch=again)
    assert watch.of("ingest all")[-1] == (11, 11)
    assert again.of("ingest all") == [(11, 11)]
    assert len(again.of("ask office")) == 2
    for name, made in {"office": office, "travel": travel}.items():
        assert ids(run.rows[name]) == [question.id for question in made.questions]
    found = run.rows["office"][0].rankings["dense"]
    assert {each.partition("/")[0] for each in found} == {"office", "travel"}


@pytest.mark.real
def test_run_without_a_name_is_called_what_it_is_made_with(
    make: Make, settings: Settings, tmp_path: Path
) -> None:
    named = write_set(tmp_path / "our office (2026)", OFFICE[:2])
    folder, run = make([named], limit=1)
    assert run.head.name.startswith("our-office-2026-_search_first1_")
    assert make([named], limit=1)[0].path == folder.path
    assert list(run.rows) == ["our office (2026)"]
    config = Settings(data_dir=tmp_path, models=settings.models, retrieval={"candidates": 51})
    assert make([named], limit=1, config=config)[0].path != folder.path


@pytest.mark.real
def test_questions_are_answered_if_wished(
    make: Make, office: PassageSet, settings: Settings
) -> None:
    said = "Employees have fifteen days of annual leave [1]."
    script = ScriptedServer(body=(piece(said), piece("", finish_reason="stop"), DONE))
    with serve(script) as server:
        config = Settings(
            data_dir=settings.data_dir,
            models=settings.models,
            answer={"min_relevance": 0},
            llm={"base_url": server.url},
        )
        _, run = make([office], name="answers", answers=True, limit=1, config=config)
    (row,) = run.rows["office"]
    assert row.answer is not None
    assert [sentence.cited for sentence in row.answer.sentences] == [("leave",)]
    assert row.scores["citation_precision"] == 1
    assert len(script.requests) == 1
    assert run.head.stage == "answers"
    assert run.head.models["default"] == f"served at {script.url}"


def test_sets_of_the_same_name_are_refused(tmp_path: Path) -> None:
    sets = [write_set(tmp_path / each / "office", OFFICE[:1]) for each in ("a", "b")]
    with pytest.raises(EvalError, match="two sets are called 'office'"):
        passages_plan(sets, Pool.OWN)


def test_half_that_a_set_does_not_have_is_refused(tmp_path: Path) -> None:
    plan = passages_plan([write_set(tmp_path / "office", OFFICE[:1])], Pool.OWN)
    options = RunOptions(answers=False, half="tuning")
    with pytest.raises(EvalError, match="office: is not split"):
        make_run(plan, options, Settings(), folder=tmp_path, watch=Watched())
    assert not (tmp_path / "runs").exists()


def test_plan_on_the_company_has_all_documents_and_questions() -> None:
    plan = own_plan()
    assert [question for _, question in plan.questions[OWN_SET]] == list(load_own_questions())
    assert {place for place, _ in plan.questions[OWN_SET]} == {OWN_SET}
    assert plan.items[OWN_SET] == own_items()
    known = {document_name(item.source.uri) for item in plan.items[OWN_SET]}
    assert {name for _, question in plan.questions[OWN_SET] for name in question.grades} <= known


def test_plan_on_the_company_is_another_with_another_question(tmp_path: Path) -> None:
    same = tmp_path / "same"
    shutil.copytree(QUESTION_FILES, same)
    other = tmp_path / "other"
    shutil.copytree(QUESTION_FILES, other)
    with min(other.glob("*.yaml")).open("a", encoding="utf-8") as lines:
        lines.write("# Of no weight.\n")
    document = tmp_path / "documents" / "canteen.md"
    document.parent.mkdir()
    document.write_text("Lunch.")
    before = own_plan(asked=same).data
    assert own_plan().data == before
    assert own_plan(asked=other).data != before
    assert own_plan(document.parent).data != before


@pytest.mark.real
def test_half_is_asked_alone(make: Make, office: PassageSet, settings: Settings) -> None:
    plan = passages_plan([office], Pool.OWN)
    halves = ("tuning", "reporting")
    split: list[tuple[str, Question]] = [
        (place, replace(question, half=halves[number % 2]))
        for number, (place, question) in enumerate(plan.questions["office"])
    ]
    halved = RunPlan(plan.items, {"office": split}, plan.data)
    options = RunOptions(answers=False, half="reporting", name="half", limit=2)
    _, run = make_run(halved, options, settings, folder=settings.data_dir, watch=Watched())
    assert ids(run.rows["office"]) == ["q-badge", "q-停车"]
    assert run.head.half == "reporting"
