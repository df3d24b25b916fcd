"""The reranker over nodes that others have found."""

import asyncio
from collections.abc import Sequence

import pytest
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from pydantic import ValidationError

from app.llama_index import ZhikuRerank
from retrieval.records import Candidate
from retrieval.rerank import FusedOrder, Relevance
from tests.fakes.encoder import FakeEncoder

QUESTION = "年假有几天"


class Recording:
    """Judges by the cosine, and keeps what it was asked to judge."""

    def __init__(self) -> None:
        self.candidates: list[Candidate] = []

    def judge(self, question: str, candidates: Sequence[Candidate]) -> list[Relevance]:
        self.candidates += candidates
        return [Relevance(each.cosine, max(0.0, each.cosine), {}) for each in candidates]


@pytest.fixture
def reranker() -> Recording:
    return Recording()


def nodes(*texts: str) -> list[NodeWithScore]:
    made = (TextNode(text=text, id_=f"n{number}") for number, text in enumerate(texts))
    return [NodeWithScore(node=node, score=0.5) for node in made]


def ids(found: Sequence[NodeWithScore]) -> list[str]:
    return [each.node.node_id for each in found]


def test_best_comes_first_with_its_probability(reranker: Recording) -> None:
    given = nodes("住宿费每晚六百元", "年假有五天", "停车证每月八十元")
    found = ZhikuRerank(reranker, FakeEncoder(), top_n=2).postprocess_nodes(
        given, query_str=QUESTION
    )
    assert ids(found)[0] == "n1"
    assert len(found) == 2
    assert found[0].node is given[1].node
    encoder = FakeEncoder()
    cosine = float(encoder.encode_passages(["\n年假有五天"])[0] @ encoder.encode_query(QUESTION))
    assert found[0].score == pytest.approx(cosine)


def test_nodes_given_stay_as_they_were(reranker: Recording) -> None:
    given = nodes("住宿费", "年假")
    ZhikuRerank(reranker, FakeEncoder()).postprocess_nodes(given, query_str=QUESTION)
    assert ids(given) == ["n0", "n1"]
    assert [each.score for each in given] == [0.5, 0.5]
    assert [each.metadata for each in given] == [{}, {}]


def test_shipped_reranker_takes_foreign_nodes() -> None:
    """Cosine and coverage are both there: a shared term lifts, and languages are told apart."""
    found = ZhikuRerank(FusedOrder(), FakeEncoder()).postprocess_nodes(
        nodes("停车证每月八十元", "年假有五天", "Annual leave has five days"), query_str=QUESTION
    )
    assert ids(found)[0] == "n1"
    assert all(each.score is not None and 0 < each.score < 1 for each in found)


def test_candidate_says_what_is_known_and_no_more(reranker: Recording) -> None:
    ZhikuRerank(reranker, FakeEncoder()).postprocess_nodes(
        nodes("住宿费", "Annual leave"), query_str=QUESTION
    )
    first, second = reranker.candidates
    assert (first.lexical, second.lexical) == (0, 0)
    assert {first.ranks["fusion_rank"], second.ranks["fusion_rank"]} == {1, 2}
    assert len(first.ranks) == len(second.ranks) == 1
    assert first.coverage == second.coverage == 0
    assert [each.found.document.lang for each in reranker.candidates] == ["zh", "en"]
    assert first.terms
    assert first.terms.isdisjoint(second.terms)


def test_best_window_speaks_for_a_long_node(reranker: Recording) -> None:
    filler = "".join(f"第{number}条规定停车证的办理。" for number in range(60))
    given = nodes(filler, filler + "年假有几天。" + filler)
    found = ZhikuRerank(reranker, FakeEncoder(), window_tokens=64).postprocess_nodes(
        given, query_str=QUESTION
    )
    assert ids(found) == ["n1", "n0"]
    assert len(reranker.candidates) > 20
    assert {each.found.chunk.document_id for each in reranker.candidates} == {
        each.found.document.id for each in reranker.candidates
    }
    assert max(each.found.chunk.tokens for each in reranker.candidates) <= 80


def test_shown_metadata_stands_above_each_window(reranker: Recording) -> None:
    node = TextNode(
        text="五天",
        metadata={"title": "年假", "secret": "x"},
        excluded_embed_metadata_keys=["secret"],
    )
    rerank = ZhikuRerank(reranker, FakeEncoder())
    rerank.postprocess_nodes([NodeWithScore(node=node)], query_str=QUESTION)
    (candidate,) = reranker.candidates
    assert candidate.found.chunk.context == "title: 年假"
    assert candidate.found.chunk.text == "五天"


def test_equal_nodes_keep_their_order(reranker: Recording) -> None:
    found = ZhikuRerank(reranker, FakeEncoder()).postprocess_nodes(
        nodes("住宿费", "住宿费", "住宿费"), query_str=QUESTION
    )
    assert ids(found) == ["n0", "n1", "n2"]


def test_node_without_text_comes_last(reranker: Recording) -> None:
    found = ZhikuRerank(reranker, FakeEncoder()).postprocess_nodes(
        nodes(" \n", "停车证"), query_str=QUESTION
    )
    assert ids(found) == ["n1", "n0"]
    assert found[1].score == 0
    assert len(reranker.candidates) == 1


def test_nothing_in_nothing_out(reranker: Recording) -> None:
    assert ZhikuRerank(reranker, FakeEncoder()).postprocess_nodes([], query_str=QUESTION) == []


def test_question_is_needed(reranker: Recording) -> None:
    with pytest.raises(ValueError, match="needs the question"):
        ZhikuRerank(reranker, FakeEncoder()).postprocess_nodes(nodes("年假"))


def test_impossible_number_is_refused(reranker: Recording) -> None:
    with pytest.raises(ValidationError, match="top_n"):
        ZhikuRerank(reranker, FakeEncoder(), top_n=0)


def test_async_judges_the_same(reranker: Recording) -> None:
    rerank = ZhikuRerank(reranker, FakeEncoder(), top_n=1)
    given = nodes("住宿费", "年假有五天")
    found = asyncio.run(rerank.apostprocess_nodes(given, QueryBundle(QUESTION)))
    assert ids(found) == ["n1"]
