"""The comparison with the stock stack: what both are given, and how they are measured."""

import json
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from app.settings import Settings
from eval.errors import EvalError
from eval.sets import Passage, PassageSet, load_set
from eval.stock.comparison import (
    Comparison,
    StackResult,
    compared_stacks,
    comparison_json,
    question_key,
    reranker_of,
    score,
)
from eval.stock.corpus import (
    Asked,
    Cutter,
    Entry,
    choose,
    entries,
    read_entries,
    taken,
    write_entries,
)
from eval.stock.filler import recombined
from eval.stock.llama_stack import CHINESE_PATTERN, LlamaStack, check_rerank
from eval.stock.measure import (
    Job,
    Measurement,
    StackName,
    measure,
    measure_alone,
    open_stack,
)
from eval.stock.table import comparison_table
from eval.stock.vectors import RememberingEncoder
from tests.contracts.encoder import EncoderContract
from tests.eval.test_sets import write_set
from tests.fakes.cross_encoder import write_cross_encoder
from tests.fakes.encoder import FakeEncoder

# Of an encoder that is not the embedded one the vectors are taken as they are.
SETTINGS = {"encoder": {"kind": "sentence-transformers"}, "retrieval": {"candidates": 10}}


def prose(number: int, lang: str = "zh") -> Passage:
    text = (
        f"第{number}条规定了住宿标准。每晚不超过{number}元。超出部分自理。"
        if lang == "zh"
        else f"Rule {number} is about hotels. A night costs {number} dollars. The rest is yours."
    )
    return Passage(f"p{number}", f"Rule {number}", text, lang)


SUBJECTS = ("hotel", "parking", "canteen", "laptop", "training", "typhoon")


@pytest.fixture
def passage_set(tmp_path: Path) -> PassageSet:
    """Return six passages, and questions that the first four answer."""
    return load_set(
        write_set(
            tmp_path / "rules",
            passages=[
                {
                    "id": f"p{number}",
                    "text": f"The {each} is paid for. Ask {each} staff. Page {each}.",
                }
                for number, each in enumerate(SUBJECTS)
            ],
            queries=[
                {"id": f"q{number}", "text": f"Who pays for the {each}?"}
                for number, each in enumerate(SUBJECTS[:4])
            ],
            qrels="".join(f"q{number}\tp{number}\t1\n" for number in range(4)),
        )
    )


@pytest.fixture
def encoder(tmp_path: Path) -> Iterator[RememberingEncoder]:
    with closing(RememberingEncoder(FakeEncoder(), tmp_path / "v" / "vectors.sqlite")) as made:
        yield made


@pytest.fixture
def cutter() -> Cutter:
    return Cutter(FakeEncoder(), target_tokens=200)


class TestRememberingEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, tmp_path: Path) -> Iterator[RememberingEncoder]:
        with closing(RememberingEncoder(FakeEncoder(), tmp_path / "vectors.sqlite")) as made:
            yield made


class TestVectors:
    def test_passage_is_encoded_once_whoever_asks(
        self, encoder: RememberingEncoder, tmp_path: Path
    ) -> None:
        texts = ["住宿", "hotel", "住宿"]
        first = encoder.encode_passages(texts)
        assert encoder.encoded == 2
        assert np.array_equal(first, FakeEncoder().encode_passages(texts))
        with closing(RememberingEncoder(FakeEncoder(), tmp_path / "v/vectors.sqlite")) as again:
            assert np.array_equal(again.encode_passages(texts[::-1]), first[::-1])
            assert again.encoded == 0

    def test_other_weights_have_other_vectors(
        self, encoder: RememberingEncoder, tmp_path: Path
    ) -> None:
        class Other(FakeEncoder):
            weights_sha256 = "0" * 64

        encoder.encode_passages(["住宿"])
        with closing(RememberingEncoder(Other(), tmp_path / "v/vectors.sqlite")) as other:
            other.encode_passages(["住宿"])
            assert other.encoded == 1

    def test_more_than_a_statement_takes(self, encoder: RememberingEncoder) -> None:
        texts = [f"text {number}" for number in range(1201)]
        encoder.encode_passages(texts)
        assert np.array_equal(encoder.encode_passages(texts), FakeEncoder().encode_passages(texts))
        assert encoder.encoded == 1201


class TestFiller:
    def test_made_of_sentences_of_one_language(self) -> None:
        real = [prose(n, lang) for n in range(5) for lang in ("zh", "en")]
        made = list(islice(recombined(real), 40))
        assert {each.lang for each in made} == {"zh", "en"}
        sentences = {part for each in real for part in each.text.replace("。", "。\n").split("\n")}
        for each in made:
            if each.lang == "zh":
                assert set(each.text.replace("。", "。\n").strip().split("\n")) <= sentences
        assert len({each.text for each in (*real, *made)}) == 50
        assert len({each.id for each in made}) == 40

    def test_same_at_each_call(self) -> None:
        real = [prose(number) for number in range(5)]
        assert list(islice(recombined(real), 9)) == list(islice(recombined(real), 9))

    def test_ends_where_nothing_new_can_be_made(self) -> None:
        with pytest.raises(EvalError, match="too few to make more than"):
            list(recombined([replace(prose(1), text="住宿。餐饮。")]))
        with pytest.raises(EvalError, match="no passage is left"):
            next(recombined([]))


class TestCorpus:
    def test_what_answers_comes_first(self, passage_set: PassageSet) -> None:
        asked = choose([passage_set], most=2)
        assert [question.id for question in asked.questions["rules"]] == ["q0", "q2"]
        assert {each.id for each in asked.passages[: asked.answers]} == {"rules/p0", "rules/p2"}
        assert len(asked.passages) == 6
        assert {each.id for each in asked.others}.isdisjoint({"rules/p0", "rules/p2"})

    def test_size_is_kept_and_smaller_ones_are_part_of_it(
        self, passage_set: PassageSet, cutter: Cutter
    ) -> None:
        asked = choose([passage_set], most=2)
        large = taken(entries(asked, cutter, texts=None), chunks=11, answers=2)
        assert sum(len(entry.chunks) for entry in large) == 11
        assert sum(entry.name.startswith("filler/") for entry in large) == 5
        assert taken(large, chunks=4, answers=2) == large[:4]

    def test_size_below_the_answers_is_refused(
        self, passage_set: PassageSet, cutter: Cutter
    ) -> None:
        found = entries(choose([passage_set], most=4), cutter, texts=None)
        with pytest.raises(EvalError, match="do not even hold the 4 passages"):
            taken(found, chunks=3, answers=4)

    def test_files_are_searched_among_before_filler(
        self, passage_set: PassageSet, cutter: Cutter, tmp_path: Path
    ) -> None:
        texts = tmp_path / "texts"
        (texts / "deep").mkdir(parents=True)
        (texts / "deep" / "a b.txt").write_text("Debian is an operating system.\n")
        (texts / "broken.pdf").write_bytes(b"%PDF-1.7\nno more")
        found = entries(choose([passage_set], most=2), cutter, texts=texts)
        names = [entry.name for entry in taken(found, chunks=8, answers=2)]
        assert names[6:] == ["texts/deep/a b.txt", "filler/0"]

    def test_entries_outlive_the_process(
        self, passage_set: PassageSet, cutter: Cutter, tmp_path: Path
    ) -> None:
        found = entries(choose([passage_set], most=2), cutter, texts=None)
        kept = taken(found, chunks=8, answers=2)
        write_entries(tmp_path / "entries", kept)
        assert list(read_entries(tmp_path / "entries")) == kept


def job_of(stack: StackName, folder: Path, *, rerank: Path | None = None) -> Job:
    settings = Settings.model_validate({"data_dir": folder, **SETTINGS})
    return Job(stack, folder / "entries", {"q": "住宿"}, settings, folder / "vectors", rerank)


@pytest.mark.parametrize("name", get_args(StackName))
class TestStacks:
    def test_finds_on_the_same_chunks_and_vectors(
        self,
        name: StackName,
        passage_set: PassageSet,
        cutter: Cutter,
        encoder: RememberingEncoder,
        tmp_path: Path,
    ) -> None:
        asked = choose([passage_set], most=4)
        kept = taken(entries(asked, cutter, texts=None), chunks=30, answers=4)
        encoder.encode_passages([chunk for entry in kept for chunk in entry.chunks])
        encoder.encoded = 0
        questions = {question_key("rules", q): q.text for q in asked.questions["rules"]}
        with closing(open_stack(job_of(name, tmp_path / "stack"), encoder)) as stack:
            found = measure(stack, encoder, kept, questions, bare_mebibytes=1.0)
        assert found.chunks == 30
        assert list(found.rankings) == list(questions)
        scores = score(asked.questions, found.rankings)["rules"]
        assert scores["recall@10"] == (1.0,) * 4
        for ranking in found.rankings.values():
            assert len(set(ranking)) == len(ranking) >= 10
        assert len(found.search_seconds) == len(found.encode_seconds) == 4
        assert found.peak_mebibytes >= found.serving_mebibytes > 10

    def test_chunks_that_were_not_prepared_are_an_error(
        self,
        name: StackName,
        passage_set: PassageSet,
        cutter: Cutter,
        encoder: RememberingEncoder,
        tmp_path: Path,
    ) -> None:
        asked = choose([passage_set], most=4)
        kept = taken(entries(asked, cutter, texts=None), chunks=6, answers=4)
        with (
            closing(open_stack(job_of(name, tmp_path / "stack"), encoder)) as stack,
            pytest.raises(EvalError, match="6 passages had to be encoded"),
        ):
            measure(stack, encoder, kept, {"q": "住宿"}, bare_mebibytes=1.0)

    def test_search_before_building_is_an_error(
        self, name: StackName, encoder: RememberingEncoder, tmp_path: Path
    ) -> None:
        with (
            closing(open_stack(job_of(name, tmp_path / "stack"), encoder)) as stack,
            pytest.raises(EvalError, match="nothing was built"),
        ):
            stack.search("住宿")


def found_by_terms(pattern: str, folder: Path, encoder: RememberingEncoder) -> str:
    """Return what comes first for a word inside of a clause, where vectors say nothing."""

    class Blind(RememberingEncoder):
        def encode_query(self, text: str) -> np.ndarray:
            return np.full(self.dimension, self.dimension**-0.5, dtype=np.float32)

        def encode_passages(self, texts: object) -> np.ndarray:
            return np.stack([self.encode_query("") for _ in list(texts)])  # type: ignore[call-overload]

    blind = Blind(FakeEncoder(), folder / "blind.sqlite")
    texts = ["员工停车证每月办理一次", "差旅住宿标准每晚六百元", "食堂中午供应午餐"]
    passages = [Passage(f"p{n}", "", text, "zh") for n, text in enumerate(texts)]
    cutter = Cutter(FakeEncoder(), target_tokens=200)
    kept = list(islice(entries(Asked({}, tuple(passages), 0), cutter, texts=None), 3))
    stack = LlamaStack(folder / "qdrant", blind, depth=2, token_pattern=pattern)
    with closing(blind), closing(stack):
        stack.build(kept)
        return stack.search("请问住宿要多少钱")[0]


def test_bigrams_find_a_chinese_word_inside_a_clause(
    encoder: RememberingEncoder, tmp_path: Path
) -> None:
    assert found_by_terms(CHINESE_PATTERN, tmp_path, encoder) == "p1"


class TestRerankFolder:
    def test_what_is_no_model_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(EvalError, match="is no model in the Hugging Face layout"):
            check_rerank(tmp_path)

    def test_code_of_its_own_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text('{"auto_map": {"AutoModel": "evil.Model"}}')
        (tmp_path / "model.safetensors").write_bytes(b"")
        with pytest.raises(EvalError, match="asks for code"):
            check_rerank(tmp_path)


@pytest.mark.real
def test_stock_stack_reranks_with_the_cross_encoder_of_a_folder(
    passage_set: PassageSet, cutter: Cutter, encoder: RememberingEncoder, tmp_path: Path
) -> None:
    write_cross_encoder(tmp_path / "model", words=("The", "is", "paid", "Who", *SUBJECTS))
    from sentence_transformers import CrossEncoder  # (torch loads slowly)

    check_rerank(tmp_path / "model")
    asked = choose([passage_set], most=4)
    kept = taken(entries(asked, cutter, texts=None), chunks=6, answers=4)
    question = asked.questions["rules"][0].text

    def search(rerank: Path | None) -> list[str]:
        folder = tmp_path / f"reranked-{rerank is not None}"
        with closing(open_stack(job_of("stock", folder, rerank=rerank), encoder)) as stack:
            stack.build(kept)
            return stack.search(question)

    fused, reranked = search(None), search(tmp_path / "model")
    model = CrossEncoder(str(tmp_path / "model"), device="cpu", max_length=512)
    scores = model.predict([(question, each.chunks[0]) for each in kept])
    best = sorted(zip(scores, kept, strict=True), key=lambda pair: -pair[0])
    assert reranked == [entry.name for _, entry in best]
    assert reranked != fused
    assert set(reranked) == set(fused)


def scripted(job: Job) -> Measurement:
    """Measure nothing: what another process is given comes back."""
    if job.stack == "stock":
        raise EvalError("no room")
    if job.stack != "Zhiku":
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(MEASURED, rankings={key: (text,) for key, text in job.questions.items()})


MEASURED = Measurement(
    chunks=3,
    build_seconds=2.0,
    bare_mebibytes=60.0,
    peak_mebibytes=100.0,
    serving_mebibytes=80.0,
    rankings={},
    search_seconds=(0.010, 0.020),
    encode_seconds=(0.004, 0.006),
)


class TestProcess:
    def test_measurement_comes_back(self, tmp_path: Path) -> None:
        found = measure_alone(job_of("Zhiku", tmp_path), scripted)
        assert found == replace(MEASURED, rankings={"q": ("住宿",)})

    def test_reason_comes_back(self, tmp_path: Path) -> None:
        with pytest.raises(EvalError, match="stock: no room"):
            measure_alone(job_of("stock", tmp_path), scripted)

    def test_process_that_dies_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(EvalError, match="bigrams: the process of scripted was killed"):
            measure_alone(job_of("stock, Chinese bigrams", tmp_path), scripted)


def comparison() -> Comparison:
    def result(factor: float, recalls: tuple[float, ...]) -> StackResult:
        measured = replace(
            MEASURED,
            build_seconds=2.0 * factor,
            peak_mebibytes=60.0 + 20.0 * (factor - 1),
            search_seconds=tuple(seconds * factor for seconds in MEASURED.search_seconds),
        )
        labels = ("recall@10", "mrr@10", "ndcg@10")
        return StackResult(measured, {"law": dict.fromkeys(labels, recalls)})

    return Comparison(
        data={"law": "a" * 64},
        config="c",
        models={"e5": "b" * 64},
        commit="0123abc",
        machine={"processor": "Some CPU", "cores": "2"},
        started="2026-11-22T10:00:00+00:00",
        rerank="",
        reranker="embedded, at most 20 passages",
        documents={10: (9, 2)},
        results={
            10: {
                "stock": result(3.0, (0.0, 1.0)),
                "stock, Chinese bigrams": result(2.0, (1.0, 1.0)),
                "Zhiku, no model": result(0.5, (0.0, 0.0)),
                "Zhiku": result(1.0, (1.0, 1.0)),
            }
        },
    )


def cells(made: Comparison) -> dict[tuple[str, str], list[str]]:
    lines = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in comparison_table(made).splitlines()
        if line.startswith("|")
    ]
    assert len({len(line) for line in lines}) == 1
    return {(line[1], line[2]): line[3:] for line in lines}


def test_table_holds_quality_and_cost_of_each_stack() -> None:
    found = cells(comparison())
    stock, bigrams, plain, ours, *differences = found["law (2)", "recall@10"]
    assert stock == "0.500 [0.000, 1.000]"
    assert bigrams == ours == "1.000 [1.000, 1.000]"
    assert plain == "0.000 [0.000, 0.000]"
    assert [each.split(" ")[0] for each in differences] == ["-0.500", "-1.000", "+0.500", "+0.000"]
    assert differences[3] == "+0.000 [+0.000, +0.000]"
    assert found["", "search p50, ms"] == [
        *("45.0", "30.0", "7.5", "15.0"),
        *("× 6.00", "× 4.00", "× 3.00", "× 2.00"),
    ]
    assert found["", "encoding alone p50, ms"][3] == "5.0"
    assert found["", "search less encoding p50, ms"][3] == "10.0"
    assert found["", "build, s"][:4] == ["6.0", "4.0", "1.0", "2.0"]
    assert found["", "chunks held"] == ["3", "3", "3", "3", "", "", "", ""]
    assert found["", "peak above that, MiB"][3] == "0.0"
    assert found["", "peak above that, MiB"][-2:] == ["–", "–"]


def test_table_names_what_is_compared() -> None:
    first, _, headings, *_ = comparison_table(comparison()).splitlines()
    assert "reranker of Zhiku: embedded, at most 20 passages; " in first
    assert "cross-encoder of the stock stack: none; " in first
    assert [heading.strip() for heading in headings.split("|")[8:-1]] == [
        "Zhiku, no model against stock",
        "Zhiku, no model against stock, Chinese bigrams",
        "Zhiku against stock",
        "Zhiku against stock, Chinese bigrams",
    ]


def test_reranker_is_named_with_what_it_reads() -> None:
    def named(**fields: object) -> str:
        return reranker_of(Settings.model_validate({"retrieval": fields}))

    assert named() == "embedded, at most 20 passages"
    assert named(reranker="signals") == "signals"
    assert named(reranker="cross-encoder", cross_encoder="x/y", rerank_depth=9) == (
        "cross-encoder x/y, at most 9 passages"
    )
    assert named(reranker="server", rerank_url="http://h:1").startswith("server http://h:1, ")


def test_zhiku_without_a_model_is_compared_once() -> None:
    assert compared_stacks(Settings()) == get_args(StackName)
    signals = Settings.model_validate({"retrieval": {"reranker": "signals"}})
    assert compared_stacks(signals) == ("stock", "stock, Chinese bigrams", "Zhiku")
    results = comparison().results[10]
    kept = {stack: results[stack] for stack in compared_stacks(signals)}
    found = cells(replace(comparison(), results={10: kept}))
    assert found["", "search p50, ms"] == ["45.0", "30.0", "15.0", "× 3.00", "× 2.00"]


def test_sets_are_taken_together_where_there_are_several() -> None:
    made = comparison()
    doubled = {
        stack: replace(result, scores={**result.scores, "faq": result.scores["law"]})
        for stack, result in made.results[10].items()
    }
    found = cells(replace(made, results={10: doubled}))
    assert ("all (4)", "ndcg@10") in found


def test_figures_are_kept_whole() -> None:
    read = json.loads(comparison_json(comparison()))
    assert read["results"]["10"]["Zhiku"]["measured"]["search_seconds"] == [0.01, 0.02]
    assert read["commit"] == "0123abc"


def test_first_question_is_asked_before_the_clock_runs(encoder: RememberingEncoder) -> None:
    class Scripted:
        """Finds nothing, and keeps what it was asked."""

        def __init__(self) -> None:
            self.asked: list[str] = []

        def build(self, entries: Iterable[Entry]) -> int:
            return len(list(entries))

        def search(self, text: str) -> list[str]:
            self.asked.append(text)
            return []

        def close(self) -> None:
            """Hold nothing."""

    stack = Scripted()
    found = measure(stack, encoder, [], {"a": "one", "b": "two"}, bare_mebibytes=1.0)
    assert stack.asked == ["one", "one", "two"]
    assert len(found.search_seconds) == 2
