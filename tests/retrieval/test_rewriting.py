"""Follow-ups rewritten by rules, and what the searches are given."""

from dataclasses import replace

import pytest

from ingest.lexicon import Lexicon
from models.bm25 import query_weights, term_id
from models.company_words import CompanyWords
from models.synonyms import Synonyms
from models.terms import terms
from retrieval.records import Query, Turn
from retrieval.understanding.rewriting import RewrittenBy, RuleRewriter, Understood
from retrieval.understanding.seeking import EXPANSION_WEIGHT, seek
from stores.access import Principal

ANN = Principal("acme", "ann", frozenset(), frozenset())
WARRANTY = Turn("TX-5 的保修期多长？", "TX-5 保修两年[1]。")
NO_LEXICON = Lexicon(0, CompanyWords([]), Synonyms([]))


def rewritten(text: str, *history: Turn) -> Understood:
    query = Query(text, "zh", ANN, history=history)
    return RuleRewriter().rewrite(query, cancelled=lambda: False)


def test_a_follow_up_brings_the_question_before_and_its_answer() -> None:
    understood = rewritten("那 TX-7 呢？", WARRANTY)
    assert understood.by is RewrittenBy.RULES
    assert understood.query.text == "那 TX-7 呢？（TX-5 的保修期多长？）"
    assert understood.query.context == "TX-5 保修两年[1]。"
    assert understood.query.history == ()
    assert not understood.model_failed


def test_english_has_brackets_of_its_own() -> None:
    understood = rewritten("And for managers?", Turn("How many days of leave?", ""))
    assert understood.query.text == "And for managers? (How many days of leave?)"
    assert understood.query.context == ""


@pytest.mark.parametrize("history", [(), (WARRANTY,)])
def test_a_new_subject_leaves_the_question_alone(history: tuple[Turn, ...]) -> None:
    understood = rewritten("食堂几点开门？", *history)
    assert understood == Understood(Query("食堂几点开门？", "zh", ANN), RewrittenBy.NOBODY)


def test_without_history_a_follow_up_stays_as_it_is() -> None:
    assert rewritten("那 TX-7 呢？").query.text == "那 TX-7 呢？"


def test_a_chain_goes_back_to_the_question_that_stands_alone() -> None:
    chain = (Turn("食堂几点开门？", ""), WARRANTY, Turn("那 TX-7 呢？", ""), Turn("配件呢？", ""))
    understood = rewritten("谁来修？它在哪修？", *chain)
    assert understood.query.text == "谁来修？它在哪修？（TX-5 的保修期多长？；配件呢？）"


def test_another_year_takes_the_place_of_the_one_before() -> None:
    understood = rewritten("那 2024 年呢？", Turn("2025 年 TX-5 卖多少钱？", "3,380 元。"))
    assert understood.query.text == "那 2024 年呢？（TX-5 卖多少钱？）"


def test_what_is_carried_is_bounded() -> None:
    understood = rewritten("那 TX-7 呢？", Turn("问" * 5_000, "答" * 5_000))
    assert len(understood.query.text) < 350
    assert len(understood.query.context) == 400


def test_the_asker_and_the_day_stay() -> None:
    query = replace(Query("那它呢？", "en", ANN, history=(WARRANTY,)), interpret=False)
    understood = RuleRewriter().rewrite(query, cancelled=lambda: False).query
    assert (understood.principal, understood.lang, understood.interpret) == (ANN, "en", False)


def test_without_a_lexicon_the_question_is_sought_as_it_is() -> None:
    sought = seek(Query("年假有几天", "zh", ANN), NO_LEXICON)
    assert sought.dense == "年假有几天"
    assert sought.lexical == query_weights(terms("年假有几天"))


def test_context_is_for_the_dense_search_alone() -> None:
    sought = seek(Query("年假", "zh", ANN, context="五天。"), NO_LEXICON)
    assert sought.dense == "五天。 年假"
    assert sought.lexical == query_weights(terms("年假"))


def test_synonyms_weigh_less_than_every_term_of_the_question() -> None:
    lexicon = Lexicon(1, CompanyWords([]), Synonyms([("差旅", "出差", "business trip")]))
    sought = seek(Query("差旅 trip 标准", "zh", ANN), lexicon)
    assert sought.dense == "差旅 trip 标准 (出差, business trip)"
    assert EXPANSION_WEIGHT < 1
    asked = query_weights(terms("差旅 trip 标准"))
    assert {key: sought.lexical[key] for key in asked} == asked
    added = {key: weight for key, weight in sought.lexical.items() if key not in asked}
    assert added == {term_id("出差"): EXPANSION_WEIGHT, term_id("busi"): EXPANSION_WEIGHT}


def test_the_words_of_the_company_are_sought() -> None:
    lexicon = Lexicon(1, CompanyWords(["智慧眼三代"]), Synonyms([]))
    sought = seek(Query("智慧眼三代的价格", "zh", ANN), lexicon)
    assert sought.lexical[term_id("智 慧 眼 三 代")] == 1.0
