"""Whether questions are let through by what the model says of their evidence."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from generation.gate import Gate, GateLogistic, GateWeights, Verdict, log_odds
from generation.llm import Message
from generation.prompts import load_prompt
from tests.fakes.gate import scripted_gate
from tests.fakes.llm import ScriptedLLM

PROMPT = load_prompt(Path(__file__).parents[2] / "generation" / "prompts" / "answer.md")
EVIDENCE = {"evidence": [{"number": 1, "heading": "年假", "text": "五天。"}]}


class _SaysInTurn(ScriptedLLM):
    def __init__(self, *likely: Mapping[str, float]) -> None:
        super().__init__()
        self._turns = iter(likely)

    def likeliest(
        self, messages: Sequence[Message], *, cancelled: Callable[[], bool]
    ) -> Mapping[str, float]:
        self.judged.append(tuple(messages))
        return next(self._turns)


YES = {"是": -0.1, "否": -3.0, "也": -5.0}
NO = {"是": -3.0, "否": -0.1}


def judge(llm: ScriptedLLM, question: str = "年假有几天？") -> Verdict:
    gate = scripted_gate(llm, PROMPT, min_answerable=0.5)
    variables = {**EVIDENCE, "question": question, "language": "zh", "judged": ""}
    return gate.judge(
        variables, question=question, lang="zh", relevance=0.9, cancelled=lambda: False
    )


def test_what_the_evidence_states_is_answered_whole() -> None:
    verdict = judge(_SaysInTurn(YES))
    assert (verdict.answered, verdict.missing) == ("年假有几天？", ())
    assert verdict.probability == pytest.approx(1 / (1 + math.exp(-2.9)), abs=0.001)


def test_what_it_does_not_state_is_not_answered() -> None:
    assert judge(_SaysInTurn(NO)).answered == ""


def test_the_model_is_not_asked_about_passages_that_are_relevant_enough() -> None:
    numbers = GateLogistic(intercept=0.0, odds=1.0, relevance=1.0, least_odds=-1.0)
    llm = ScriptedLLM(likely=NO)
    gate = Gate(llm, PROMPT, GateWeights({"zh": numbers}), min_answerable=0.5)

    def answered(question: str, relevance: float) -> str:
        variables = {**EVIDENCE, "question": question, "language": "zh", "judged": ""}
        return gate.judge(
            variables, question=question, lang="zh", relevance=relevance, cancelled=lambda: False
        ).answered

    assert answered("年假有几天？", 0.9) == "年假有几天？"
    assert len(llm.judged) == 0
    assert answered("年假有几天？", 0.6) == ""
    assert answered("年假有几天，怎么申请？", 0.9) == ""
    assert len(llm.judged) == 3


def test_each_part_is_judged_by_itself() -> None:
    llm = _SaysInTurn(YES, NO)
    verdict = judge(llm, "年假有几天，怎么申请？")
    assert (verdict.answered, verdict.missing) == ("年假有几天", ("怎么申请",))
    tails = [messages[-1].content.split("</evidence>")[1] for messages in llm.judged]
    assert ["其中“年假有几天”" in tails[0], "其中“怎么申请”" in tails[1]] == [True, True]


def test_the_model_is_asked_with_the_beginning_of_the_answers_prompt() -> None:
    llm = _SaysInTurn(YES)
    judge(llm)
    variables = {**EVIDENCE, "question": "年假有几天？", "language": "zh", "judged": ""}
    *before, last = PROMPT.render(variables)
    assert list(llm.judged[0][:-1]) == before
    start = last.content.split("</evidence>")[0]
    assert llm.judged[0][-1].content.startswith(start)


@pytest.mark.parametrize("likely", [{}, {"也许": -0.1}])
def test_a_model_that_does_not_tell_lets_the_question_through(likely: Mapping[str, float]) -> None:
    assert judge(_SaysInTurn(likely)) == Verdict(0.9, "年假有几天？")


def test_odds_are_those_of_all_words_for_yes_and_no() -> None:
    likely = {"Yes": math.log(0.5), " yes": math.log(0.3), "No": math.log(0.1), "Well": -1.0}
    assert log_odds(likely) == pytest.approx(math.log(8), abs=0.001)
    assert log_odds({"Well": -0.5}) is None


def test_the_probability_takes_the_search_into_account() -> None:
    logistic = GateLogistic(intercept=-1.0, odds=2.0, relevance=0.5, least_odds=0.0)
    sure = logistic.probability(odds=1.0, relevance=0.9)
    assert sure == pytest.approx(1 / (1 + math.exp(-(-1 + 2 + 0.5 * math.log(9)))))
    assert logistic.probability(odds=1.0, relevance=0.0) > 0


def test_the_shipped_numbers_are_of_both_languages_and_rise_with_the_odds() -> None:
    weights = GateWeights.load()
    assert set(weights.by_language) == {"zh", "en"}
    for logistic in weights.by_language.values():
        low, high = (logistic.probability(odds=odds, relevance=0.5) for odds in (-2.0, 5.0))
        assert low < high


def test_a_gate_of_zero_lets_everything_through() -> None:
    gate = Gate(ScriptedLLM(likely=NO), PROMPT, GateWeights.load(), min_answerable=0.0)
    variables = {**EVIDENCE, "question": "x", "language": "en", "judged": ""}
    verdict = gate.judge(variables, question="x", lang="en", relevance=0.1, cancelled=lambda: False)
    assert verdict.answered == "x"
