"""Answerers for the tests of what stands around them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from generation.answerer import Answerer, AnswerSettings
from generation.answering import Answering
from generation.prompts import load_prompt
from generation.records import Answer, AnswerDone, AnswerEvent, Policy
from retrieval.records import Evidence, Query
from retrieval.understanding.rewriting import Rewriter, RuleRewriter
from tests.fakes.gate import scripted_gate
from tests.fakes.llm import ScriptedLLM
from tests.generation.passages import ScriptedSearch, count, passage, query

PROMPT = Path(__file__).parents[2] / "generation" / "prompts" / "answer.md"
FOUND = (passage(1, 0.9, "满一年有年假五天。"), passage(2, 0.8, "提前三天申请。", title="请假流程"))
MADE_WITH = {"prompt": "answer@1", "model": "scripted", "config": "c0ffee"}


def build_answerer(
    llm: ScriptedLLM, *, found: tuple[Evidence, ...] = FOUND, rewriter: Rewriter | None = None
) -> Answerer:
    return Answerer(
        retriever=ScriptedSearch(found),
        rewriter=rewriter or RuleRewriter(),
        llm=llm,
        gate=scripted_gate(llm, load_prompt(PROMPT)),
        prompt=load_prompt(PROMPT),
        count_tokens=count,
        settings=AnswerSettings(
            min_relevance=0.5,
            max_evidence=3,
            max_evidence_tokens=100,
            max_answer_tokens=50,
            policy=Policy.MARK,
        ),
        provenance=MADE_WITH,
    )


def events_of(
    answerer: Answering,
    asked: Query | None = None,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    **options: Any,
) -> list[AnswerEvent]:
    return list(answerer.answer(asked or query(), cancelled=cancelled, **options))


def answer_of(answerer: Answering, asked: Query | None = None, **options: Any) -> Answer:
    last = events_of(answerer, asked, **options)[-1]
    assert isinstance(last, AnswerDone)
    return last.answer


def after(calls: int) -> Callable[[], bool]:
    """Return what says to stop once it was asked that often."""
    answers: Iterator[bool] = iter([False] * calls)
    return lambda: next(answers, True)
