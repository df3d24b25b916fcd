"""Our own questions: each stands on what a document really says, and there are enough of a kind."""

from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
import yaml

from eval.asking import bare
from eval.bench.follow_ups import load_standalone
from eval.errors import BrokenSet
from eval.grading import answer_parts_said, wrong_said
from eval.own_set import DOCUMENTS, QUESTIONS, QuestionIn, load_own_questions, read_file
from ingest.parse import parse
from ingest.records import Source
from models.language import detect_language

FILES = [read_file(path) for path in sorted(QUESTIONS.glob("*.yaml"))]
READ = [question for file in FILES for question in file.questions]
LOADED = load_own_questions()
BY_ID = pytest.mark.parametrize("question", READ, ids=lambda question: question.id)


@cache
def page_texts(name: str) -> dict[int, str]:
    """Return the letters and digits of a document by page; 0 where it has none."""
    path = DOCUMENTS / name
    texts: dict[int, list[str]] = defaultdict(list)
    for block in parse(Source(path.as_uri(), path.name, path.read_bytes())).blocks:
        texts[block.page or 0].append(block.text)
    return {page: bare("\n".join(parts)) for page, parts in texts.items()}


@BY_ID
def test_quotes_stand_where_the_question_says(question: QuestionIn) -> None:
    places = [*question.gold, *([question.nearest] if question.nearest else [])]
    assert places
    for place in places:
        assert bare(place.quote) in page_texts(place.document).get(place.page or 0, "")


@BY_ID
def test_model_answer_is_right_and_a_wrong_one_is_not(question: QuestionIn) -> None:
    assert question.wrong
    if question.answer is not None:
        assert counts_as_right(question.answer, question)
        assert [wrong for wrong in question.wrong if counts_as_right(wrong, question)] == []


def counts_as_right(answer: str, question: QuestionIn) -> bool:
    said = all(answer_parts_said(answer, question.parts))
    return said and not wrong_said(answer, question.wrong, question.parts)


@BY_ID
def test_only_members_can_answer_from_a_restricted_document(question: QuestionIn) -> None:
    needed = {place.document.partition("/")[0] for place in question.gold if "/" in place.document}
    assert needed <= set(question.groups)
    if "access" in question.kinds and not question.gold:
        assert question.nearest is not None
        group = question.nearest.document.partition("/")[0]
        assert group != question.nearest.document
        assert group not in question.groups


@BY_ID
def test_kinds_are_what_they_say(question: QuestionIn) -> None:
    if not question.gold:
        assert {"unanswerable", "access"} & set(question.kinds)
    if "unanswerable" in question.kinds:
        assert not question.gold
    if "two_documents" in question.kinds:
        assert len({place.document for place in question.gold}) >= 2


def test_there_are_enough_of_each_kind() -> None:
    kinds = Counter(kind for question in LOADED for kind in question.kinds)
    languages = Counter(question.lang for question in LOADED)
    assert len(LOADED) >= 300
    assert abs(languages["zh"] - languages["en"]) <= len(LOADED) // 10
    assert kinds["cross_language"] >= 60
    assert kinds["unanswerable"] >= 60
    assert kinds["two_documents"] >= 40
    assert kinds["table"] >= 40
    assert kinds["edition"] >= 30
    assert kinds["follow_up"] >= 30
    assert kinds["access"] >= 20
    crossings = Counter(q.crossing for q in LOADED if "cross_language" in q.kinds)
    assert min(crossings["zh→en"], crossings["en→zh"]) >= 20


def test_halves_are_balanced_and_hold_every_document() -> None:
    listed = [
        name for file in FILES for name in (*file.documents.tuning, *file.documents.reporting)
    ]
    on_disk = [p.relative_to(DOCUMENTS).as_posix() for p in DOCUMENTS.rglob("*") if p.is_file()]
    assert sorted(listed) == sorted(on_disk)
    halves = Counter(question.half for question in LOADED)
    assert min(halves.values()) >= 0.4 * len(LOADED)
    for kind in (
        "cross_language",
        "unanswerable",
        "two_documents",
        "table",
        "edition",
        "follow_up",
    ):
        shares = Counter(question.half for question in LOADED if kind in question.kinds)
        assert min(shares["tuning"], shares["reporting"]) >= 10


def test_no_question_is_asked_twice() -> None:
    texts = Counter((bare(question.text), question.history, question.groups) for question in LOADED)
    assert [text for text, count in texts.items() if count > 1] == []


def test_restricted_question_names_what_must_not_be_shown() -> None:
    denied = [question for question in LOADED if question.secret]
    assert len(denied) >= 10
    assert all(question.answerable is False for question in denied)


def write_file(folder: Path, **changes: object) -> Path:
    question = {
        "id": "x-1",
        "language": "zh",
        "question": "几天？",
        "answer": "5 天",
        "parts": [["5 天"]],
        "gold": [{"document": "a.md", "quote": "五天"}],
        "wrong": ["6 天"],
        **changes,
    }
    halves = {"tuning": ["a.md"], "reporting": ["b.md"]}
    path = folder / "x.yaml"
    path.write_text(yaml.safe_dump({"documents": halves, "questions": [question]}))
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"parts": []}, "all of answer, parts and gold"),
        ({"answer": None, "parts": [], "gold": []}, "no nearest"),
        ({"kinds": ["follow_up"]}, "without history"),
        ({"kinds": ["hard"]}, "kinds"),
        ({"langauge": "zh"}, "langauge"),
        ({"gold": [{"document": "c.md", "quote": "x"}]}, "in no half"),
        (
            {"gold": [{"document": n, "quote": "x"} for n in ("a.md", "b.md")]},
            "both halves",
        ),
    ],
)
def test_broken_question_is_named(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    path = write_file(tmp_path, **changes)
    with pytest.raises(BrokenSet) as raised:
        load_own_questions(tmp_path)
    assert str(path) in str(raised.value)
    assert said in str(raised.value)


def test_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("questions: [")
    with pytest.raises(BrokenSet, match=r"x\.yaml"):
        load_own_questions(tmp_path)


def test_folder_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenSet, match="holds no questions"):
        load_own_questions(tmp_path)


def test_every_follow_up_is_written_out() -> None:
    asked = {question.id: question for question in load_own_questions() if question.history}
    written = load_standalone()
    assert written.keys() == asked.keys()
    assert all(detect_language(text) == asked[name].lang for name, text in written.items())
    assert all(text != asked[name].text for name, text in written.items())


def test_a_broken_file_of_written_out_questions_is_told(tmp_path: Path) -> None:
    path = tmp_path / "follow_ups.yaml"
    path.write_text("- a\n- b\n", encoding="utf-8")
    with pytest.raises(BrokenSet, match="mapping"):
        load_standalone(path)
