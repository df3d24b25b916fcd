"""Conversations that the catalog keeps: what is remembered of them, and what is not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from generation.dialogue import Dialogue
from generation.prompts import load_prompt
from generation.records import (
    Answer,
    AnswerDone,
    AnswerEvent,
    Conflict,
    EvidenceFound,
    Sentence,
    Support,
    Understanding,
)
from generation.summarising import Summariser
from retrieval.records import Evidence, Query, Turn
from retrieval.understanding.rewriting import RewrittenBy
from stores.access import Principal
from stores.catalog import Catalog
from stores.conversation_records import (
    CheckedSentence,
    Citation,
    Contradiction,
    KeptExchange,
    Summary,
)
from stores.errors import UnknownConversation
from stores.records import Document
from tests.fakes.llm import ScriptedLLM
from tests.generation.passages import PRINCIPAL, passage, query
from tests.stores.builders import make_blocks, make_chunks, make_document, remove_document

PROMPT = Path(__file__).parents[2] / "generation" / "prompts" / "summarise.md"


class ScriptedAnswers:
    """Answers what the test wrote down; `queries` keeps what was asked."""

    def __init__(self) -> None:
        self.queries: list[Query] = []
        self.next = answer("五天[1]。")

    def __call__(self, query: Query) -> Iterator[AnswerEvent]:
        self.queries.append(query)
        yield EvidenceFound(self.next.evidence)
        yield AnswerDone(self.next)


def answer(text: str, *evidence: Evidence, refusal: bool = False) -> Answer:
    return Answer(
        text=text, lang="zh", sentences=(), citations=evidence[:1], evidence=evidence,
        refusal=refusal, usage=None, provenance={},
    )  # fmt: skip


class World:
    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog(f"sqlite:///{folder / 'catalog.sqlite'}")
        self.answers = ScriptedAnswers()
        self.llm = ScriptedLLM(["用户问了年假。"])
        self.dialogue = Dialogue(
            conversations=self.catalog.conversations,
            summariser=Summariser(llm=self.llm, prompt=load_prompt(PROMPT)),
            window_turns=2,
        )
        self.id = self.catalog.conversations.create(PRINCIPAL).id

    def document(self, title: str) -> tuple[Document, Evidence]:
        document = make_document(f"file:///{title}")
        self.catalog.documents.commit(document, make_blocks(document), make_chunks(document))
        return document, passage(1, title=title)

    def ask(self, text: str, given: Answer | None = None) -> Query:
        """Ask; return what the answerer was given."""
        self.answers.next = given or answer("五天[1]。")
        *_, last = self.begin(query(text))
        assert isinstance(last, AnswerDone)
        self.summarise()
        return self.answers.queries[-1]

    def begin(
        self, asked: Query, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[AnswerEvent]:
        return self.dialogue.answer(asked, self.id, self.answers, cancelled=cancelled)

    def summarise(self) -> Summary:
        self.dialogue.summarise(self.id, PRINCIPAL, cancelled=lambda: False)
        return self.catalog.conversations.get(self.id, PRINCIPAL).summary

    def kept(self) -> list[KeptExchange]:
        return self.catalog.conversations.exchanges(self.id, PRINCIPAL, limit=50)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.catalog.close()


def test_what_was_answered_is_kept(world: World) -> None:
    first, second = world.document("a")[1], replace(world.document("b")[1], number=2)
    understood = frozenset({world.document("c")[0].id})
    given = replace(
        answer("五天[1]。", first, second),
        understood=Understanding("年假有几天？", RewrittenBy.RULES, False, understood),
    )
    former = world.document("d")[1]
    given = replace(
        given,
        sentences=(Sentence("五天。", (1,), Support.UNVERIFIED, 0.5),),
        conflicts=(Conflict("五天。", 1, former, "六天", False),),
    )
    world.ask("那年假呢？", given)
    (kept,) = world.kept()
    assert (kept.exchange.question, kept.exchange.understood) == ("那年假呢？", "年假有几天？")
    assert kept.exchange.citations == (Citation(1, first.document_id, first.chunk_id),)
    held = {first.document_id, second.document_id, former.document_id}
    assert kept.exchange.documents == held | understood
    assert kept.exchange.sentences == (CheckedSentence("五天。", (1,), "unverified", 0.5),)
    assert kept.exchange.contradictions == (Contradiction(former.document_id, "六天", False),)


def test_the_next_question_is_asked_after_the_last_turns(world: World) -> None:
    document, found = world.document("a")
    for number in range(3):
        world.ask(f"问题{number}？", answer(f"回答{number}[1]。", found))
    asked = world.ask("那呢？")
    documents = frozenset({document.id})
    assert asked.text == "那呢？"
    assert asked.history == (
        Turn("问题1？", "回答1[1]。", documents),
        Turn("问题2？", "回答2[1]。", documents),
    )
    assert asked.summary == Summary("用户问了年假。", 1, documents)


def test_the_first_turn_of_the_window_is_told_as_it_was_understood(world: World) -> None:
    for number in range(2):
        understood = Understanding(f"懂得{number}？", RewrittenBy.RULES, model_failed=False)
        world.ask(f"那{number}呢？", replace(answer("五天。"), understood=understood))
    asked = world.ask("那呢？")
    assert [(turn.question, turn.restated) for turn in asked.history] == [
        ("懂得0？", True),
        ("那1呢？", False),
    ]


def test_a_refusal_is_kept_and_remembered_without_an_answer(world: World) -> None:
    document, found = world.document("a")
    world.ask("年假？", answer("没有找到。最接近的是《a》。", found, refusal=True))
    (kept,) = world.kept()
    assert kept.exchange.answer == "没有找到。最接近的是《a》。"
    assert kept.exchange.documents == {document.id}
    assert world.ask("那呢？").history[0].answer == ""


def test_what_may_not_be_seen_any_more_is_not_remembered(world: World) -> None:
    document, found = world.document("a")
    world.ask("年假？", answer("五天[1]。", found))
    world.ask("病假？")
    world.ask("婚假？")
    assert world.summarise().documents == {document.id}
    remove_document(world.catalog, "acme", document.id)
    asked = world.ask("那呢？")
    assert asked.summary == Summary(turns=1)
    assert "五天[1]。" not in repr(world.kept()[0])
    assert world.ask("还有呢？").summary.text == "用户问了年假。", "made anew from the others"


def test_a_document_that_goes_within_the_window_takes_its_answer_along(world: World) -> None:
    document, found = world.document("a")
    world.ask("年假？", answer("五天[1]。", found))
    remove_document(world.catalog, "acme", document.id)
    assert world.ask("那呢？").history == (Turn("年假？", ""),)


def test_a_cancelled_answer_is_not_kept(world: World) -> None:
    stopped = False
    events = world.begin(query(), lambda: stopped)
    assert isinstance(next(events), EvidenceFound)
    stopped = True
    assert list(events) == []
    assert world.kept() == []


def test_an_answer_that_nobody_waits_for_is_not_kept(world: World) -> None:
    events = world.begin(query())
    assert isinstance(next(events), EvidenceFound)
    events.close()  # type: ignore[attr-defined]
    assert world.kept() == []


@pytest.mark.parametrize("asker", [replace(PRINCIPAL, user="ben"), replace(PRINCIPAL, tenant="b")])
def test_somebody_elses_conversation_is_not_answered_in(world: World, asker: Principal) -> None:
    asked = replace(query(), principal=asker)
    with pytest.raises(UnknownConversation):
        next(world.begin(asked))
    world.id = uuid4()
    with pytest.raises(UnknownConversation):
        next(world.begin(query()))
    assert world.answers.queries == []


def test_a_conversation_erased_meanwhile_is_told(world: World) -> None:
    events = world.begin(query())
    next(events)
    world.catalog.conversations.erase(world.id, PRINCIPAL)
    with pytest.raises(UnknownConversation):
        next(events)


def test_the_summary_grows_when_turns_leave_the_window(world: World) -> None:
    for number in range(2):
        world.ask(f"问题{number}？")
    assert world.llm.prompts == [], "all turns are remembered as they were"
    world.ask("问题2？")
    assert world.llm.prompts[-1][-1].content == "新的对话：\n问：问题0？\n答：五天。"
    world.llm.pieces = ("用户问了年假和病假。",)
    world.ask("问题3？")
    prompt = world.llm.prompts[-1][-1].content
    assert "已有摘要：用户问了年假。" in prompt
    assert "问：问题1？" in prompt
    assert world.summarise() == Summary("用户问了年假和病假。", 2)
    assert len(world.llm.prompts) == 2, "nothing has left the window since"


def test_without_the_model_the_summary_waits(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.llm.available = False
    for number in range(6):
        world.ask(f"问题{number}？")
    assert world.summarise() == Summary()
    assert "waits for its next turn" in caplog.text
    world.llm.available = True
    assert world.summarise().turns == 3, "as many as fit one call"
    assert world.summarise().turns == 4


def test_a_summary_of_which_nothing_is_left_keeps_the_one_before(world: World) -> None:
    for number in range(3):
        world.ask(f"问题{number}？")
    world.llm.pieces = ("一共 99 天。",)
    world.ask("问题3？")
    assert world.summarise() == Summary("用户问了年假。", 2)


def test_a_summary_is_of_nobody_else(world: World) -> None:
    with pytest.raises(UnknownConversation):
        world.dialogue.summarise(world.id, replace(PRINCIPAL, user="ben"), cancelled=lambda: False)
