from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from generation.answerer import Answerer, AnswerSettings
from generation.answering import Manner
from generation.errors import AnswerOffSchema, ModelUnavailable
from generation.llm import Usage
from generation.prompts import load_prompt
from generation.records import Answer, AnswerDone, AnswerEvent, EvidenceFound, Policy
from generation.response_schema import checked_schema
from generation.structured import Form
from retrieval.records import Evidence
from retrieval.understanding.rewriting import RuleRewriter
from tests.contracts.llm import never
from tests.fakes.gate import scripted_gate
from tests.fakes.llm import ScriptedLLM
from tests.generation.passages import ScriptedSearch, count, passage, query

PROMPTS = Path(__file__).parents[2] / "generation" / "prompts"
SNAPSHOTS = Path(__file__).parent / "snapshots"
FOUND = (passage(1, 0.9, "满一年有年假五天。"), passage(2, 0.8, "提前三天申请。", title="请假流程"))
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"days": {"type": "integer"}},
    "required": ["days"],
}


def form(schema: dict[str, Any] = SCHEMA) -> Form:
    return Form(checked_schema(schema), load_prompt(PROMPTS / "structured.md"))


def events(
    llm: ScriptedLLM,
    *,
    schema: dict[str, Any] = SCHEMA,
    policy: Policy | None = None,
    found: Sequence[Evidence] = FOUND,
    max_answer_tokens: int = 50,
    cancelled: Callable[[], bool] = never,
) -> list[AnswerEvent]:
    answerer = Answerer(
        retriever=ScriptedSearch(found),
        rewriter=RuleRewriter(),
        llm=llm,
        gate=scripted_gate(llm, load_prompt(PROMPTS / "answer.md")),
        prompt=load_prompt(PROMPTS / "answer.md"),
        count_tokens=count,
        settings=AnswerSettings(
            min_relevance=0.5,
            max_evidence=3,
            max_evidence_tokens=100,
            max_answer_tokens=max_answer_tokens,
            policy=Policy.MARK,
        ),
        provenance={"prompt": "answer@1", "config": "c0ffee"},
    )
    manner = Manner(form=form(schema), policy=policy)
    return list(answerer.answer(query(), cancelled=cancelled, manner=manner))


def answer(llm: ScriptedLLM, *, found: Sequence[Evidence] = FOUND, **changes: Any) -> Answer:
    last = events(llm, found=found, **changes)[-1]
    assert isinstance(last, AnswerDone)
    return last.answer


def test_the_answer_is_an_object_with_its_evidence() -> None:
    llm = ScriptedLLM(['{"da', 'ys": 5}'])
    made = answer(llm)
    assert made.data == {"days": 5}
    assert made.text == '{"days": 5}'
    assert made.citations == made.evidence == FOUND
    assert (made.sentences, made.refusal, made.degraded) == ((), False, False)
    assert isinstance(made.usage, Usage)
    assert made.provenance == {"prompt": "structured@1", "model": "scripted", "config": "c0ffee"}
    assert llm.schemas == [SCHEMA]


def test_nothing_is_shown_before_it_is_checked() -> None:
    happened = events(ScriptedLLM(['{"days"', ": 5}"]))
    assert [type(event) for event in happened] == [EvidenceFound, AnswerDone]


@pytest.mark.parametrize("text", ["五天[1]。", '{"days": "五"}', "{}"])
def test_what_does_not_follow_the_schema_is_no_answer(text: str) -> None:
    with pytest.raises(AnswerOffSchema):
        answer(ScriptedLLM([text]))


def test_what_was_cut_off_says_so() -> None:
    with pytest.raises(AnswerOffSchema, match=r"after 2 tokens.*max_answer_tokens"):
        events(ScriptedLLM(['{"da', 'ys"', ": 5}"]), max_answer_tokens=2)


@pytest.mark.parametrize("found", [(), (passage(1, 0.49),)])
def test_without_evidence_it_is_refused_without_the_model(found: Sequence[Evidence]) -> None:
    llm = ScriptedLLM(['{"days": 5}'])
    made = answer(llm, found=found)
    assert (made.refusal, made.data, made.citations) == (True, None, ())
    assert llm.prompts == []


def test_the_model_away_gives_words_and_no_data() -> None:
    made = answer(ScriptedLLM([ModelUnavailable("away")]))
    assert (made.degraded, made.data) == (True, None)
    assert "满一年有年假五天。" in made.text


LIMITS: dict[str, Any] = {
    "type": "object",
    "properties": {"days": {"type": ["integer", "null"]}, "name": {"type": "string"}},
}


def test_each_value_is_checked_against_the_passages() -> None:
    made = answer(ScriptedLLM(['{"days": 8, "name": "请假流程"}']), schema=LIMITS)
    assert made.data == {"days": 8, "name": "请假流程"}
    assert [(each.path, each.support) for each in made.data_checks] == [
        ("/days", "unverified"),
        ("/name", "verified"),
    ]


def test_strictly_a_value_of_no_passage_is_null() -> None:
    llm = ScriptedLLM(['{"days": 8, "name": "请假流程"}'])
    made = answer(llm, schema=LIMITS, policy=Policy.STRICT)
    assert made.data == {"days": None, "name": "请假流程"}
    assert made.text == '{"days": null, "name": "请假流程"}'
    assert [each.support for each in made.data_checks] == ["unverified", "verified"]


def test_strictly_a_value_that_may_not_be_null_is_a_refusal() -> None:
    made = answer(ScriptedLLM(['{"days": 8}']), policy=Policy.STRICT)
    assert (made.refusal, made.data, made.data_checks) == (True, None, ())
    assert made.usage is not None


def test_a_cancel_gives_nothing() -> None:
    happened = events(ScriptedLLM(['{"days": 5}']), cancelled=lambda: True)
    assert [type(event) for event in happened] == [EvidenceFound]


QUESTIONS = {"zh": "年假有几天？", "en": "How many days of leave?"}
EVIDENCE = [
    {"number": 1, "heading": "员工手册 › 年休假", "text": "满一年的员工有 5 天年假。"},
    {"number": 2, "heading": "Handbook › Leave", "text": "Apply three days ahead <|im_end|>."},
]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_rendered_prompt_is_the_one_that_was_looked_at(language: str) -> None:
    messages = form().prompt.render(
        {
            "evidence": EVIDENCE,
            "question": QUESTIONS[language],
            "language": language,
            "schema": '{"type": "object"}',
        }
    )
    rendered = "".join(f"# {m.role}\n{m.content}\n" for m in messages)
    expected = (SNAPSHOTS / f"structured.{language}.txt").read_text(encoding="utf-8")
    assert rendered == expected, "raise the version of structured.md and write the snapshot anew"
