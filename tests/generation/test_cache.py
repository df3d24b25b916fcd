"""A kept answer is given for the very same question under the same circumstances, and no other."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from generation.answerer import Answerer
from generation.answering import Manner
from generation.cache import AnswerCache, CacheSettings, CachingAnswerer
from generation.errors import ModelUnavailable, PromptTooLong
from generation.prompts import load_prompt
from generation.records import AnswerDone, EvidenceFound, Policy, TokenWritten
from generation.rewriting import ModelRewriter
from retrieval.records import Query, Turn
from retrieval.understanding.rewriting import RuleRewriter
from stores.access import Principal, Scope
from stores.conversation_records import Summary
from stores.filters import Filters
from stores.records import DocType, document_id
from tests.fakes.llm import ScriptedLLM
from tests.generation.answering import (
    FOUND,
    MADE_WITH,
    PROMPT,
    after,
    answer_of,
    build_answerer,
    events_of,
)
from tests.generation.passages import PRINCIPAL, query


@dataclass
class Surroundings:
    """All that the cache looks at beside the question."""

    llm: ScriptedLLM = field(default_factory=lambda: ScriptedLLM(["五天", "[1]。"]))
    version: str = "1.0"
    made_with: dict[str, str] = field(default_factory=lambda: dict(MADE_WITH))
    day: date = date(2025, 9, 1)
    seconds: float = 0.0

    def caching(
        self,
        answerer: Answerer | None = None,
        *,
        entries: int = 10,
        size_bytes: int = 1_000_000,
    ) -> CachingAnswerer:
        settings = CacheSettings(entries=entries, size_bytes=size_bytes, seconds=60)
        return CachingAnswerer(
            answerer or build_answerer(self.llm),
            cache=AnswerCache(settings, clock=lambda: self.seconds),
            versions=lambda tenant: f"{tenant} {self.version}",
            made_with=lambda: self.made_with,
            today=lambda: self.day,
        )

    @property
    def written(self) -> int:
        return len(self.llm.prompts)


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


def test_the_same_question_gets_the_same_events_and_is_flagged(around: Surroundings) -> None:
    caching = around.caching()
    first, second = events_of(caching), events_of(caching)

    assert around.written == 1
    kinds = [type(event) for event in first]
    assert (kinds[0], kinds[-1], kinds.count(TokenWritten)) == (EvidenceFound, AnswerDone, 2)
    assert second[:-1] == first[:-1]
    last, again = first[-1], second[-1]
    assert isinstance(last, AnswerDone)
    assert isinstance(again, AnswerDone)
    assert not last.answer.cached
    assert again.answer == replace(last.answer, cached=True)


def test_who_asks_makes_no_difference_where_the_same_may_be_seen(around: Surroundings) -> None:
    caching = around.caching()
    answer_of(caching)
    bob = replace(PRINCIPAL, user="bob", scopes=frozenset({Scope.READ, Scope.WRITE}))
    assert answer_of(caching, replace(query(), principal=bob)).cached


OTHER: dict[str, Any] = {
    "text": "年假有几天?",
    "lang": "en",
    "principal": replace(PRINCIPAL, groups=frozenset({"everyone", "hr"})),
    "asked_on": date(2024, 1, 1),
    "filters": Filters(doc_types=(DocType.POLICY,)),
    "interpret": False,
    "history": (Turn("病假有几天？", ""),),
    "context": "病假十天。",
    "summary": Summary("问过病假。", 1, frozenset()),
    "kept_documents": frozenset({document_id("acme", "file:///病假")}),
}


def test_what_becomes_of_unverified_sentences_is_part_of_the_question(around: Surroundings) -> None:
    caching = around.caching()
    answer_of(caching)
    assert not answer_of(caching, manner=Manner(policy=Policy.STRICT)).cached


def test_every_field_of_a_question_has_another_value_below() -> None:
    assert OTHER.keys() == {each.name for each in fields(Query)}


@pytest.mark.parametrize("name", OTHER)
def test_another_question_is_answered_anew(around: Surroundings, name: str) -> None:
    caching = around.caching()
    answer_of(caching)
    assert not answer_of(caching, replace(query(), **{name: OTHER[name]})).cached
    assert around.written == 2
    assert answer_of(caching).cached


@pytest.mark.parametrize(
    "principal",
    [
        replace(PRINCIPAL, tenant="other"),
        replace(PRINCIPAL, groups=frozenset()),
        replace(PRINCIPAL, groups=frozenset({"hr"})),
    ],
)
def test_another_access_is_answered_anew(around: Surroundings, principal: Principal) -> None:
    caching = around.caching()
    answer_of(caching)
    assert not answer_of(caching, replace(query(), principal=principal)).cached


def change_content(around: Surroundings) -> None:
    around.version = "2.0"


def change_model(around: Surroundings) -> None:
    around.made_with["model"] = "larger"


def change_prompt(around: Surroundings) -> None:
    around.made_with["prompt"] = "answer@2"


def change_settings(around: Surroundings) -> None:
    around.made_with["config"] = "decade"


def let_a_day_pass(around: Surroundings) -> None:
    around.day = date(2025, 9, 2)


def let_it_grow_old(around: Surroundings) -> None:
    around.seconds = 60.0


@pytest.mark.parametrize(
    "change",
    [
        change_content,
        change_model,
        change_prompt,
        change_settings,
        let_a_day_pass,
        let_it_grow_old,
    ],
)
def test_after_a_change_it_is_answered_anew(
    around: Surroundings, change: Callable[[Surroundings], None]
) -> None:
    caching = around.caching()
    answer_of(caching)
    change(around)
    assert not answer_of(caching).cached
    assert around.written == 2


def test_a_question_as_of_today_and_one_without_a_day_are_the_same(around: Surroundings) -> None:
    caching = around.caching()
    answer_of(caching)
    assert answer_of(caching, replace(query(), asked_on=around.day)).cached


def test_a_day_that_ends_meanwhile_stays_the_day_of_the_answer(around: Surroundings) -> None:
    caching = around.caching()
    events = caching.answer(query(), cancelled=lambda: False)
    next(events)
    let_a_day_pass(around)
    *_, last = events
    assert isinstance(last, AnswerDone)
    assert last.answer.asked is not None
    assert last.answer.asked.day == date(2025, 9, 1)
    assert not answer_of(caching).cached


def test_a_change_during_the_answer_leaves_nothing_to_be_found(around: Surroundings) -> None:
    caching = around.caching()
    events = caching.answer(query(), cancelled=lambda: False)
    next(events)
    change_content(around)
    list(events)
    assert not answer_of(caching).cached


def test_a_refusal_is_kept(around: Surroundings) -> None:
    around.llm.pieces = ("资料没有提到。",)
    caching = around.caching()
    answer_of(caching)
    again = answer_of(caching)
    assert (again.refusal, again.cached, around.written) == (True, True, 1)


def test_a_degraded_answer_is_not_kept(around: Surroundings) -> None:
    around.llm.pieces = ("五", ModelUnavailable("away"))
    caching = around.caching()
    assert answer_of(caching).degraded
    around.llm.pieces = ("五天[1]。",)
    assert (answer_of(caching).cached, answer_of(caching).cached) == (False, True)


def test_an_answer_that_was_broken_off_is_not_kept(around: Surroundings) -> None:
    caching = around.caching()
    assert not isinstance(events_of(caching, cancelled=after(1))[-1], AnswerDone)
    around.llm.pieces = (PromptTooLong("too long"),)
    with pytest.raises(PromptTooLong):
        events_of(caching)
    around.llm.pieces = ("五天[1]。",)
    assert not answer_of(caching).cached


def test_an_answer_that_nobody_read_to_its_end_is_not_kept(around: Surroundings) -> None:
    caching = around.caching()
    events = caching.answer(query(), cancelled=lambda: False)
    next(events)
    del events
    assert not answer_of(caching).cached


def test_an_answer_made_with_something_else_is_not_kept(around: Surroundings) -> None:
    around.made_with["model"] = "the first one"
    caching = around.caching()
    answer_of(caching)
    assert not answer_of(caching).cached


def test_a_follow_up_that_the_model_could_not_write_is_not_kept(around: Surroundings) -> None:
    around.llm.pieces = ("五天[1]。",)  # no question: the rules' is taken, and the answer says so
    rewriter = ModelRewriter(
        llm=around.llm,
        prompt=load_prompt(PROMPT.with_name("rewrite.md")),
        rules=RuleRewriter(),
    )
    caching = around.caching(build_answerer(around.llm, rewriter=rewriter))
    follow_up = replace(query("那病假呢？"), history=(Turn("年假有几天？", "五天。"),))
    first = answer_of(caching, follow_up)
    assert first.understood is not None
    assert first.understood.model_failed
    assert not answer_of(caching, follow_up).cached


def test_an_explained_answer_is_written_anew_and_not_kept(around: Surroundings) -> None:
    caching = around.caching()
    assert answer_of(caching, manner=Manner(explain=True)).explanation is not None
    assert not answer_of(caching).cached
    explained = answer_of(caching, manner=Manner(explain=True))
    assert (explained.cached, around.written) == (False, 3)
    assert explained.explanation is not None


def test_a_kept_answer_can_be_stopped(around: Surroundings) -> None:
    caching = around.caching()
    whole = events_of(caching)
    assert events_of(caching, cancelled=after(2)) == whole[:2]


def test_the_least_recently_used_is_let_go_of(around: Surroundings) -> None:
    caching = around.caching(entries=2)
    first, second, third = (query(text) for text in ("甲？", "乙？", "丙？"))
    for asked in (first, second, first, third):
        answer_of(caching, asked)
    assert around.written == 3
    assert [answer_of(caching, each).cached for each in (first, third, second)] == [
        True, True, False
    ]  # fmt: skip


def test_the_room_is_bounded(around: Surroundings) -> None:
    caching = around.caching(size_bytes=20_000)
    asked = [query(f"第{number}问？") for number in range(9)]
    for each in asked:
        answer_of(caching, each)
    cache = caching._cache
    assert 1 <= len(cache._kept) < len(asked)
    assert sum(kept.size_bytes for kept in cache._kept.values()) == cache._size_bytes <= 20_000
    assert answer_of(caching, asked[-1]).cached


def test_an_answer_larger_than_the_room_is_not_kept(around: Surroundings) -> None:
    caching = around.caching(size_bytes=100)
    answer_of(caching)
    assert not answer_of(caching).cached


def test_texts_of_an_older_version_are_forgotten_at_once(around: Surroundings) -> None:
    caching = around.caching()
    cache = caching._cache
    elsewhere = replace(query(), principal=replace(PRINCIPAL, tenant="other"))
    answer_of(caching, query("甲？"))
    answer_of(caching, query("乙？"))
    change_content(around)
    answer_of(caching, query("丙？"))
    assert [key.query.text for key in cache._kept] == ["丙？"]
    answer_of(caching, elsewhere)
    assert len(cache._kept) == 2


def test_ids_of_filters_are_part_of_the_question(around: Surroundings) -> None:
    caching = around.caching()
    first, second = (replace(query(), filters=Filters(document_ids=(uuid4(),))) for _ in range(2))
    answer_of(caching, first)
    assert not answer_of(caching, second).cached
    assert answer_of(caching, first).evidence == FOUND
