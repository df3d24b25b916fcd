"""Follow-ups rewritten by rules, and what the searches are given."""

from dataclasses import replace
from uuid import uuid4

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
from stores.conversation_records import NO_SUMMARY

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


def test_places_are_sought_by_their_other_name_too() -> None:
    sought = seek(Query("Leave in Chengdu", "en", ANN), NO_LEXICON)

    assert sought.dense == "Leave in Chengdu (成都)"
    assert sought.lexical[term_id("成都")] == EXPANSION_WEIGHT


def test_a_name_that_the_lexicon_also_has_is_added_once() -> None:
    lexicon = Lexicon(1, CompanyWords([]), Synonyms([("Chengdu", "成都", "蓉城")]))

    assert seek(Query("Chengdu", "en", ANN), lexicon).dense == "Chengdu (成都, 蓉城)"


def test_the_words_of_the_company_are_sought() -> None:
    lexicon = Lexicon(1, CompanyWords(["智慧眼三代"]), Synonyms([]))
    sought = seek(Query("智慧眼三代的价格", "zh", ANN), lexicon)
    assert sought.lexical[term_id("智 慧 眼 三 代")] == 1.0


LEAVE = frozenset({uuid4()})
GRADES = frozenset({uuid4()})
LISTED = Turn("公司有哪些假期？", "有年假、病假和婚假[1]。", LEAVE)


def test_an_item_of_the_answer_before_is_named_and_its_documents_are_told() -> None:
    understood = rewritten("第二种怎么申请？", LISTED)
    assert understood.query.text == "病假怎么申请？（公司有哪些假期？）"
    assert understood.by is RewrittenBy.RULES
    assert understood.documents == LEAVE
    assert understood.query.kept_documents == LEAVE


def test_a_follow_up_keeps_the_documents_of_the_answer_before_alone() -> None:
    understood = rewritten("那上海呢？", LISTED, Turn("北京的住宿标准？", "600 元[1]。", GRADES))
    assert understood.query.kept_documents == GRADES
    assert understood.documents == frozenset(), "no word of the answer stands in the question"


def test_a_new_subject_keeps_no_documents() -> None:
    understood = rewritten("食堂几点开门？", LISTED)
    assert understood.query.kept_documents == frozenset()
    assert understood.query.summary == NO_SUMMARY


CONVERSATIONS = """
北京的住宿标准是多少？ | 每晚 600 元[1]。 | 那上海呢？ | 那上海呢？（北京的住宿标准是多少？）
TX-5 的保修期多长？ | 两年[1]。 | 它的配件也保修吗？ | 它的配件也保修吗？（TX-5 的保修期多长？）
有哪些付款方式？ | 可选支付宝、微信和银行转账[1]。 | 后者要手续费吗？ | \
银行转账要手续费吗？（有哪些付款方式？）
谁审批出差？ | 部门经理[1]。 | 经理自己的呢？ | 经理自己的呢？（谁审批出差？）
谁审批出差？ | 部门经理[1]。 | 打印机怎么连？ | 打印机怎么连？
有哪些假期？ | 有年假和病假[1]。 | 第二个月的工资几号发？ | 第二个月的工资几号发？
What is the hotel limit in Beijing? | 600 yuan [1]. | And for Shanghai? | \
And for Shanghai? (What is the hotel limit in Beijing?)
Who approves travel? | Your manager [1]. | Can she delegate it? | \
Can she delegate it? (Who approves travel?)
Which cards are there? | A blue card and a red card [1]. | Yes, the second one. | \
Yes, a red card. (Which cards are there?)
Where can I park? | In Lot A or Lot B [1]. | Is the latter covered? | \
Is Lot B covered? (Where can I park?)
Where can I park? | In Lot A or Lot B [1]. | How do I reset my password? | \
How do I reset my password?
Which plans are there? | Basic and Pro [1]. | Who has the second largest budget? | \
Who has the second largest budget?
""".replace("\\\n", "").strip()


@pytest.mark.parametrize("line", CONVERSATIONS.splitlines())
def test_conversations_in_both_languages(line: str) -> None:
    asked, answered, follow_up, understood = line.split(" | ")
    found = rewritten(follow_up, Turn(asked, answered, LEAVE))
    assert found.query.text == understood
    goes_on = understood != follow_up
    assert found.query.kept_documents == (LEAVE if goes_on else frozenset())


def test_a_chain_longer_than_the_history_goes_on_with_its_first_question() -> None:
    first = Turn("那 TX-7 呢？（TX-5 的保修期多长？）", "三年[1]。", GRADES, restated=True)
    understood = rewritten("那配件呢？", first, Turn("那外壳呢？", ""))
    assert understood.query.text == (
        "那配件呢？（那 TX-7 呢？（TX-5 的保修期多长？）；那外壳呢？）"
    )
    assert understood.documents == GRADES
