"""A replier around scripted parts, and what it is asked."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from generation.answerer import AnswerSettings
from generation.prompts import load_prompt
from generation.records import Policy
from generation.service.classes import Classifier
from generation.service.cues import load_cues
from generation.service.handover import HandOverRules, HandOverSettings
from generation.service.records import (
    Customer,
    Interaction,
    Item,
    Order,
    ServiceContext,
    ServiceMessage,
    ServiceReply,
)
from generation.service.replier import Replier, Triage
from retrieval.records import Evidence, Query
from tests.fakes.llm import ScriptedLLM
from tests.generation.passages import PRINCIPAL, ScriptedSearch, count, passage

PROMPTS = Path(__file__).parents[3] / "generation" / "prompts"
SETTINGS = HandOverSettings(
    repeated_contacts=3, high_amounts={"CNY": Decimal(10_000)}, min_confidence=0.3
)
CONTEXT = ServiceContext(
    order=Order("SO-77", "已签收", Decimal("1299.50"), "CNY", (Item("电热水壶", 2), Item("滤芯"))),
    customer=Customer("王敏", "金卡"),
    interactions=(Interaction(date(2025, 6, 3), "电话", "询问换货，承诺赔 800 元"),),
)
FOUND = (
    passage(1, 0.9, "水壶故障的，自签收起 15 天内凭订单号换新。", title="售后规定"),
    passage(2, 0.8, "Faulty kettles are replaced within 15 days of delivery.", title="Terms"),
)
COMPLAINT = "水壶用了三天就坏了，太差了，怎么办？"


def message(
    text: str = COMPLAINT, lang: str = "zh", context: ServiceContext = CONTEXT
) -> ServiceMessage:
    return ServiceMessage(Query(text, lang, PRINCIPAL), context)


def contacts(*summaries: str) -> ServiceContext:
    return ServiceContext(
        interactions=tuple(Interaction(date(2025, 6, 3), "mail", each) for each in summaries)
    )


def order(amount: str, currency: str = "CNY") -> ServiceContext:
    return ServiceContext(order=Order("SO-77", "", Decimal(amount), currency))


def replier(llm: ScriptedLLM, search: ScriptedSearch) -> Replier:
    cues = load_cues()
    return Replier(
        retriever=search,
        triage=Triage(
            Classifier(cues=cues, llm=llm, prompt=load_prompt(PROMPTS / "complaint.md")),
            HandOverRules(cues=cues, settings=SETTINGS),
        ),
        llm=llm,
        prompt=load_prompt(PROMPTS / "service.md"),
        count_tokens=count,
        settings=AnswerSettings(
            min_relevance=0.2,
            max_evidence=3,
            max_evidence_tokens=200,
            max_answer_tokens=50,
            policy=Policy.MARK,
        ),
        provenance={"prompt": "service@1", "model": "to be asked"},
    )


def reply(
    *pieces: str | Exception,
    asked: ServiceMessage | None = None,
    found: Sequence[Evidence] = FOUND,
    llm: ScriptedLLM | None = None,
) -> ServiceReply:
    made = replier(llm or ScriptedLLM(pieces), ScriptedSearch(found)).reply(
        asked or message(), cancelled=lambda: False
    )
    assert made is not None
    return made
