"""A question put to a scripted product, and the row that comes out."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from eval.asking import STAGES, ask, is_right
from eval.errors import EvalError
from eval.records import Gold, Question, Row, Turn
from generation.llm import Usage
from generation.records import (
    Answer,
    AnswerDone,
    AnswerEvent,
    EvidenceFound,
    Sentence,
    Support,
    TokenWritten,
)
from retrieval.records import Evidence, Query
from retrieval.understanding.rewriting import RuleRewriter
from stores.access import EVERYONE
from tests.generation.passages import ScriptedSearch, passage

LEAVE = Question(
    "q1",
    "年假有几天？",
    "zh",
    "zh",
    groups=("hr",),
    grades={"leave.md": 1},
    gold=(Gold("leave.md", "年假 | 五天"),),
    parts=(("五天",),),
    answerable=True,
)


def found(number: int, document: str, quote: str, **ranks: float) -> Evidence:
    made = passage(number, 1 - number / 10, quote)
    return replace(made, uri=f"eval:///{document}", signals=ranks)


FOUND = (
    found(1, "trips.md", "住宿费六百元。", dense_rank=2, lexical_rank=1, fusion_rank=1),
    found(2, "leave.md", "工龄计算。", dense_rank=1, fusion_rank=3),
    found(3, "leave.md", "年假：五天。", dense_rank=3, lexical_rank=2, fusion_rank=2),
)


class ScriptedAnswerer:
    """Gives the answer the test wrote down; keeps who asked."""

    def __init__(self, answer: Answer) -> None:
        self.given = answer
        self.asked: list[Query] = []

    def answer(self, query: Query, *, cancelled: Callable[[], bool]) -> Iterator[AnswerEvent]:
        self.asked.append(query)
        yield EvidenceFound(self.given.evidence)
        if not self.given.refusal:
            yield TokenWritten(self.given.text)
        yield AnswerDone(self.given)


def answered(*sentences: Sentence, refusal: bool = False) -> Answer:
    return Answer(
        text="".join(sentence.text for sentence in sentences) or "没有找到依据。",
        lang="zh",
        sentences=sentences,
        citations=(),
        evidence=FOUND,
        refusal=refusal,
        usage=Usage(1, 1),
        provenance={},
    )


def asked(question: Question = LEAVE, answer: Answer | None = None) -> Row:
    answerer = None if answer is None else ScriptedAnswerer(answer)
    return ask(
        question, ScriptedSearch(FOUND), rewriter=RuleRewriter(), candidates=100, answerer=answerer
    )


def test_each_stage_has_its_own_order_of_documents() -> None:
    row = asked()
    assert row.rankings == {
        "dense": ("leave.md", "trips.md"),
        "lexical": ("trips.md", "leave.md"),
        "fusion": ("trips.md", "leave.md"),
        "final": ("trips.md", "leave.md"),
    }
    assert row.quotes == {"dense": 3, "lexical": 2, "fusion": 2, "final": 3}
    assert row.answer is None
    assert row.search_seconds > 0


def test_what_the_best_passage_claims_is_kept_beside_the_truth() -> None:
    row = asked()
    assert (row.probability, row.relevant) == (0.9, False)
    alone = ask(
        LEAVE, ScriptedSearch(FOUND[2:]), rewriter=RuleRewriter(), candidates=100, answerer=None
    )
    assert (alone.probability, alone.relevant) == (0.7, True)


def test_a_passage_of_the_right_document_without_the_quote_is_not_right() -> None:
    assert not is_right(LEAVE, FOUND[1])
    assert is_right(LEAVE, FOUND[2])
    assert is_right(replace(LEAVE, gold=(Gold("leave.md"),)), FOUND[1])


def test_sets_without_quotes_have_no_ranks_of_quotes() -> None:
    row = asked(replace(LEAVE, gold=(Gold("leave.md"),)))
    assert row.quotes == {}
    assert not any("quote" in name for name in row.scores)


def test_answer_keeps_which_citations_are_right() -> None:
    answer = answered(
        Sentence("年假五天。", (1, 3), Support.VERIFIED, 1.0),
        Sentence("祝好。", (), Support.UNCITED, 0.0),
    )
    given = asked(answer=answer).answer
    assert given is not None
    assert given.sentences[0].cited == ("trips.md", "leave.md")
    assert given.sentences[0].right == (False, True)
    assert given.sentences[1].cited == ()
    assert given.evidence == ("trips.md", "leave.md")
    assert given.first_token_seconds is not None
    assert given.first_token_seconds <= given.seconds


def test_refusal_has_no_first_token() -> None:
    given = asked(answer=answered(refusal=True)).answer
    assert given is not None
    assert given.refusal
    assert given.first_token_seconds is None


def test_an_answer_without_the_model_is_not_measured() -> None:
    with pytest.raises(EvalError, match="the language model was away"):
        asked(answer=replace(answered(), degraded=True))


def test_asker_has_the_groups_of_the_question_and_everyone() -> None:
    answerer = ScriptedAnswerer(answered())
    ask(LEAVE, ScriptedSearch(FOUND), rewriter=RuleRewriter(), candidates=100, answerer=answerer)
    (query,) = answerer.asked
    assert query.principal.groups == {EVERYONE, "hr"}
    assert query.lang == "zh"


def test_search_is_asked_for_all_its_stages_saw() -> None:
    search = ScriptedSearch(())
    row = ask(LEAVE, search, rewriter=RuleRewriter(), candidates=100, answerer=None)
    assert search.limits == [100]
    assert row.rankings == dict.fromkeys(STAGES, ())
    assert (row.probability, row.relevant) == (0.0, False)


def test_a_follow_up_is_searched_as_it_is_understood_and_answered_with_its_history() -> None:
    follow_up = replace(LEAVE, text="那试用期呢？", history=(Turn("年假有几天？", "五天。"),))
    search, answerer = ScriptedSearch(FOUND), ScriptedAnswerer(answered())
    ask(follow_up, search, rewriter=RuleRewriter(), candidates=100, answerer=answerer)
    (searched,) = search.queries
    assert (searched.text, searched.context) == ("那试用期呢？（年假有几天？）", "五天。")
    (asked_query,) = answerer.asked
    assert asked_query.text == "那试用期呢？"
    assert [turn.question for turn in asked_query.history] == ["年假有几天？"]
