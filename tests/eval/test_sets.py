"""Sets of passages: the layout, RGB's files, and what is said of a broken line."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from eval.errors import BrokenSet
from eval.sets import load_set

PASSAGES: list[dict[str, object]] = [
    {"id": "d1", "title": "Leave", "text": "Staff have 12 days of leave."},
    {"id": "d2", "text": "员工每年有十二天年假。"},
    {"id": "d3", "text": "The canteen opens at noon."},
]
QUERIES: list[dict[str, object]] = [
    {"id": "q1", "text": "How many days of leave?", "answers": ["12 days"], "evidences": ["Staff"]},
    {"id": "q2", "text": "How many days of leave do we have?", "answers": ["12 天"]},
    {"id": "q3", "text": "When does the gym open?", "answerable": False, "related_doc": "d3"},
    {"id": "q4", "text": "Of this nothing is known?"},
]
QRELS = "q1\td1\t2\nq2\td2\t1\nq1\td3\t0\n"


def write_set(
    folder: Path,
    *,
    passages: list[dict[str, object]] | None = None,
    queries: list[dict[str, object]] | None = None,
    qrels: str = QRELS,
) -> Path:
    folder.mkdir(exist_ok=True)
    write_lines(folder / "corpus.jsonl", passages if passages is not None else PASSAGES)
    write_lines(folder / "queries.jsonl", queries if queries is not None else QUERIES)
    (folder / "qrels.tsv").write_text(qrels)
    return folder


def write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def test_questions_keep_what_the_files_say(tmp_path: Path) -> None:
    read = load_set(write_set(tmp_path / "leave"))
    first, across, unanswerable = read.questions
    assert read.name == "leave"
    assert read.dropped == 1
    assert first.grades == {"d1": 2}
    assert first.parts == (("12 days",),)
    assert [(gold.document, gold.quote) for gold in first.gold] == [("d1", "Staff")]
    assert across.crossing == "en→zh"
    assert unanswerable.answerable is False
    assert unanswerable.grades == {}
    assert unanswerable.kinds == ("unanswerable",)


def test_every_span_of_an_answer_in_several_is_a_part(tmp_path: Path) -> None:
    query: dict[str, object] = {
        "id": "q1",
        "text": "Which?",
        "answers": ["a", "b"],
        "answer_type": "multi-span",
    }
    folder = write_set(tmp_path, queries=[query], qrels="q1\td1\t1\n")
    assert load_set(folder).questions[0].parts == (("a",), ("b",))


def test_hash_changes_with_a_judgement(tmp_path: Path) -> None:
    before = load_set(write_set(tmp_path)).sha256
    assert load_set(write_set(tmp_path)).sha256 == before
    assert load_set(write_set(tmp_path, qrels=QRELS + "q2\td3\t1\n")).sha256 != before


@pytest.mark.parametrize(
    ("file", "line", "where", "said"),
    [
        ("corpus.jsonl", '{"id": "d4", "text": "cut', "corpus.jsonl:4", "no JSON"),
        ("corpus.jsonl", '{"id": "d1", "text": "again"}', "corpus.jsonl:4", "second time"),
        ("corpus.jsonl", '{"id": "d4"}', "corpus.jsonl:4", '"text"'),
        ("corpus.jsonl", '["d4"]', "corpus.jsonl:4", '"id"'),
        ("queries.jsonl", '{"id": 7, "text": "x"}', "queries.jsonl:5", '"id"'),
        ("queries.jsonl", '{"id": "q5", "text": " "}', "queries.jsonl:5", '"text"'),
        ("queries.jsonl", '{"id": "q5", "text": "x", "answers": "y"}', "queries.jsonl:5", "list"),
        ("queries.jsonl", '{"id": "q5", "text": "x", "related_doc": "d9"}', ":5", "d9"),
        ("qrels.tsv", "q1\td9\t1", "qrels.tsv:4", "d9"),
        ("qrels.tsv", "q9\td1\t1", "qrels.tsv", "q9"),
        ("qrels.tsv", "q1 d1 1", "qrels.tsv:4", "tabs"),
        ("qrels.tsv", "q1\td1\tyes", "qrels.tsv:4", "grade"),
    ],
)
def test_broken_line_is_named(tmp_path: Path, file: str, line: str, where: str, said: str) -> None:
    folder = write_set(tmp_path)
    with (folder / file).open("a") as lines:
        lines.write(line + "\n")
    with pytest.raises(BrokenSet) as raised:
        load_set(folder)
    assert where in str(raised.value)
    assert said in str(raised.value)


@pytest.mark.parametrize("missing", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    folder = write_set(tmp_path)
    (folder / missing).unlink()
    with pytest.raises(BrokenSet, match=missing):
        load_set(folder)


@pytest.mark.parametrize("empty", ["corpus.jsonl", "queries.jsonl"])
def test_empty_file_is_named(tmp_path: Path, empty: str) -> None:
    folder = write_set(tmp_path)
    (folder / empty).write_text("\n")
    with pytest.raises(BrokenSet, match=f"{empty}: is empty"):
        load_set(folder)


@pytest.mark.parametrize("file", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_file_in_another_encoding_is_named(tmp_path: Path, file: str) -> None:
    folder = write_set(tmp_path)
    (folder / file).write_bytes("年假".encode("gbk"))
    with pytest.raises(BrokenSet, match=f"{file}: is not UTF-8 at byte 0"):
        load_set(folder)


@pytest.mark.parametrize("content", ["{", "[]"])
def test_broken_meta_is_named(tmp_path: Path, content: str) -> None:
    folder = write_set(tmp_path)
    (folder / "meta.json").write_text(content)
    with pytest.raises(BrokenSet, match=r"meta\.json: is no"):
        load_set(folder)


def test_set_without_any_judged_question_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenSet, match="no question has a relevant passage"):
        load_set(write_set(tmp_path, queries=QUERIES[:1], qrels=""))


def test_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenSet, match="no such folder"):
        load_set(tmp_path / "nowhere")


RGB: Mapping[str, object] = {
    "id": "r1",
    "query": "谁赢得了比赛？",
    "answer": [["李娜", "Li Na"], "2011 年"],
    "positive": [["李娜夺冠。"], ["她在 2011 年夺冠。"]],
    "negative": ["比赛在巴黎举行。"],
    "positive_wrong": ["王娜夺冠。"],
    "fakeanswer": ["王娜"],
}


def test_rgb_passages_of_all_questions_are_the_corpus(tmp_path: Path) -> None:
    second = {**RGB, "id": "r2", "positive": [], "fakeanswer": None}
    write_lines(tmp_path / "rgb_zh.jsonl", [dict(RGB), second])
    read = load_set(tmp_path)
    first, unanswerable = read.questions
    assert sorted(passage.text for passage in read.passages) == sorted(
        ["李娜夺冠。", "她在 2011 年夺冠。", "比赛在巴黎举行。", "王娜夺冠。"]
    )
    assert len(first.grades) == 2
    assert len(first.beside) == 2
    assert not set(first.beside) & set(first.grades)
    assert first.parts == (("李娜", "Li Na"), ("2011 年",))
    assert first.wrong == ("王娜",)
    assert unanswerable.answerable is False


def test_rgb_line_without_question_is_named(tmp_path: Path) -> None:
    write_lines(tmp_path / "rgb_zh.jsonl", [{"id": "r1", "answer": []}])
    with pytest.raises(BrokenSet, match=r"rgb_zh\.jsonl:1"):
        load_set(tmp_path)
