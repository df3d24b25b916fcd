"""Reading sets, searching them in memory, and fitting what is found."""

import json
from pathlib import Path

import pytest

from models.bm25 import term_id
from tests.fakes.encoder import FakeEncoder
from training.fit_relevance import background_idf, fit
from training.retrieval_sets import RetrievalSet, is_for_fitting, load_set, sampled
from training.searching import Searched, build_corpus, encode, search

PASSAGES = {
    f"p{number}": f"第{number}条 设备{number}的校准周期为{number}天" for number in range(30)
}
QUESTIONS = {f"q{number}": f"设备{number}的校准周期是多少" for number in range(30)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    def write(name: str, rows: dict[str, str]) -> None:
        lines = (json.dumps({"id": one, "text": text}) for one, text in rows.items())
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")

    write("corpus.jsonl", PASSAGES)
    write("queries.jsonl", QUESTIONS | {"unanswerable": "谁"})
    relevant = "\n".join(f"q{number}\tp{number}\t1" for number in range(30))
    (tmp_path / "qrels.tsv").write_text(f"{relevant}\nq0\tp1\t0\n")
    return tmp_path


@pytest.fixture
def searched(folder: Path) -> list[Searched]:
    data = load_set(folder)
    encoder = FakeEncoder()
    corpus = build_corpus((data, encode(data, encoder)))
    return list(search(data, data.questions, corpus, encoder, {}, rare=1.0))


def test_set_is_read_with_its_relevant_passages_only(folder: Path) -> None:
    data: RetrievalSet = load_set(folder)
    assert len(data.passages) == 30
    assert "unanswerable" not in data.questions
    assert data.relevant["q0"] == frozenset({"p0"})


def test_halves_and_samples_are_the_same_at_every_call() -> None:
    fitting = [one for one in QUESTIONS if is_for_fitting(one)]
    assert 5 < len(fitting) < 25
    assert sampled(QUESTIONS, 7) == sampled(dict(reversed(QUESTIONS.items())), 7)


def test_relevant_passage_is_found_by_its_words(searched: list[Searched]) -> None:
    first = [one.question_id[1:] == one.lexical[0][1:] for one in searched]
    assert sum(first) >= 28


def test_fit_prefers_what_covers_the_question(searched: list[Searched]) -> None:
    model = fit(searched, {}, rare=1.0)
    (chinese,) = model.crossings.values()
    assert list(model.crossings) == ["zh-zh"]
    assert chinese.coverage > 0
    low, high = (chinese.probability(cosine=0.9, covered=covered) for covered in (0.1, 0.9))
    assert low < high


def test_background_holds_the_words_that_say_least(folder: Path) -> None:
    background, rare = background_idf([load_set(folder)])
    assert background["设备"] < rare
    assert term_id("设备") != term_id("校准")
