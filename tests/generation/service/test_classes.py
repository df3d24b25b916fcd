"""Who decides on the class of a complaint. How often the rules are right: tests/eval."""

import pytest

from generation.errors import ModelUnavailable
from generation.llm import Usage
from generation.prompts import load_prompt
from generation.service.classes import Classifier, rule
from generation.service.cues import load_cues
from generation.service.records import Classified, ComplaintClass, DecidedBy
from tests.fakes.llm import ScriptedLLM
from tests.generation.service.desk import PROMPTS

UNDECIDED = "你们楼上太吵了，太过分了！"


def classified(text: str, *pieces: str | Exception) -> tuple[Classified, Usage | None, ScriptedLLM]:
    llm = ScriptedLLM(pieces)
    prompt = load_prompt(PROMPTS / "complaint.md")
    classifier = Classifier(cues=load_cues(), llm=llm, prompt=prompt)
    found, usage = classifier.classify(text, lang="zh", cancelled=lambda: False)
    return found, usage, llm


def test_the_model_is_not_asked_where_the_rules_are_sure() -> None:
    found, usage, llm = classified("包裹一直没收到，物流也不更新。", "quality")
    assert found == Classified(ComplaintClass.DELIVERY, DecidedBy.RULES)
    assert usage is None
    assert llm.prompts == []


@pytest.mark.parametrize("written", ["billing", " Billing.\n"])
def test_the_model_decides_where_they_are_not(written: str) -> None:
    assert not rule(UNDECIDED, load_cues()).decided
    found, usage, llm = classified(UNDECIDED, written)
    assert found == Classified(ComplaintClass.BILLING, DecidedBy.MODEL)
    assert usage is not None
    assert UNDECIDED in llm.prompts[0][-1].content


@pytest.mark.parametrize(
    "written", ["", "noise", "billing or quality", "The class is billing", ModelUnavailable("away")]
)
def test_what_is_no_class_leaves_it_to_the_rules(written: str | Exception) -> None:
    found, _, _ = classified(UNDECIDED, written)
    assert found == Classified(ComplaintClass.OTHER, DecidedBy.RULES)


def test_danger_comes_before_everything() -> None:
    text = "发票开错了，快递慢，客服态度恶劣，而且充电器冒烟了。"
    assert rule(text, load_cues()).complaint_class is ComplaintClass.SAFETY_LEGAL


def test_content_outweighs_as_much_trouble() -> None:
    cues = load_cues()
    praise = "水壶坏了，你们很快换了新的，服务很好，问题已经解决了。"
    assert rule(praise, cues).complaint_class is ComplaintClass.NONE
    assert rule("水壶坏了。", cues).complaint_class is ComplaintClass.QUALITY


@pytest.mark.parametrize("text", ["", "   ", "？？？", "Ｔｈｅ ＳＣＲＥＥＮ ｉｓ ＤＥＡＤ"])
def test_any_text_has_a_class(text: str) -> None:
    expected = ComplaintClass.QUALITY if text.startswith("Ｔ") else ComplaintClass.NONE
    assert rule(text, load_cues()).complaint_class is expected
