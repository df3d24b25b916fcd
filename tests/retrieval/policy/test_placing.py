"""The order of showing: factors, editions, shares and duplicates together."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.policy.days import Asked, Period
from retrieval.policy.placing import PolicySettings, place
from retrieval.policy.records import Judged, Reason
from stores.records import DocType
from tests.retrieval.policy.judged import TODAY, edition, judged, placed, texts
from tests.stores.builders import make_document

LONG = "出差期间的住宿费凭发票在限额内报销，一类城市每晚不超过六百元，超出部分由本人承担。"
OLD = edition("2023", date(2023, 4, 1), date(2024, 12, 31))
PRESENT = edition("2025", date(2025, 1, 1))


@given(
    st.lists(
        st.tuples(st.floats(-9, 9), st.floats(0, 1), st.integers(0, 3), st.sampled_from("abcdef")),
        max_size=25,
    ),
    st.integers(1, 4),
)
def test_without_metadata_the_rerankers_order_stays(
    drawn: list[tuple[float, float, int, str]], share: int
) -> None:
    """But for duplicates and what exceeds a document's share."""
    passages = [
        judged(
            f"{letter * 3} {letter * 4} {letter * 5}",
            merit=merit,
            probability=probability,
            document=make_document(f"file:///{number}.md"),
            ordinal=ordinal,
        )
        for ordinal, (merit, probability, number, letter) in enumerate(drawn)
    ]
    found = placed(*passages, settings=PolicySettings(passages_per_document=share))

    assert {id(each.judged) for each in found} == {id(each) for each in passages}
    within = [each for each in found if each.reason is None]
    assert [each.rerank_rank for each in within] == sorted(each.rerank_rank for each in within)
    over = [each for each in found if each.reason is Reason.OVER_SHARE]
    assert [each.rerank_rank for each in over] == sorted(each.rerank_rank for each in over)
    assert all(each.signals == {"merit": each.judged.relevance.merit} for each in found)


def test_equal_merits_have_one_order() -> None:
    passages = [judged(f"段落{n}的内容") for n in range(5)]
    assert texts(placed(*passages)) == texts(placed(*reversed(passages)))


def newer(text: str, merit: float, probability: float, **changes: object) -> Judged:
    document = replace(make_document(f"file:///{text}"), **changes)  # type: ignore[arg-type]
    return judged(text, merit=merit, probability=probability, document=document)


def test_recency_and_authority_decide_near_ties_and_nothing_else() -> None:
    mail = newer("mail", 2.00, 0.800, doc_type=DocType.MAIL)
    rules = newer("rules", 1.99, 0.798, doc_type=DocType.POLICY)
    recent = newer("recent", 1.98, 0.796, published=TODAY)
    far = newer("far", 0.5, 0.300, doc_type=DocType.POLICY, published=TODAY)
    found = placed(mail, rules, recent, far)
    assert texts(found) == ["rules", "recent", "mail", "far"]
    by_text = dict(zip(texts(found), found, strict=True))
    assert by_text["rules"].signals == {"merit": 1.99, "authority": pytest.approx(1.05)}
    assert by_text["recent"].signals == {"merit": 1.98, "recency": pytest.approx(1.05)}
    assert by_text["mail"].rerank_rank == 1


def test_what_was_published_at_the_asked_time_is_recent() -> None:
    then = newer("then", 1, 0.5, published=date(2021, 6, 1))
    year = Period(date(2021, 1, 1), date(2021, 12, 31))
    (found,) = place([then], Asked(TODAY, (Period(TODAY, TODAY), year)), PolicySettings())
    assert found.signals["recency"] == pytest.approx(1.05)


def test_a_bound_of_zero_switches_a_factor_off() -> None:
    mail = newer("mail", 2.00, 0.800, doc_type=DocType.MAIL)
    rules = newer("rules", 1.99, 0.798, doc_type=DocType.POLICY, published=TODAY)
    off = PolicySettings(recency_bound=0, authority_bound=0)
    assert texts(placed(mail, rules, settings=off)) == ["mail", "rules"]


def test_the_superseded_edition_goes_behind_everything_else() -> None:
    old = judged("每晚三百元", merit=9, document=OLD)
    new = judged("每晚四百元", merit=5, document=PRESENT)
    other = judged("别的内容", merit=1)
    found = placed(old, new, other)
    assert texts(found) == ["每晚四百元", "别的内容", "每晚三百元"]
    assert found[-1].reason is Reason.SUPERSEDED
    assert found[-1].preferred_document == PRESENT.id
    assert [each.signals.get("edition") for each in found] == [1, None, -1]


def test_an_older_copy_goes_behind_everything_else_and_nothing_is_lost() -> None:
    copy, newest = make_document("file:///copy.md"), make_document("file:///newest.md")
    both = judged(LONG, merit=9, document=copy)
    only = judged("只在旧版里的内容", merit=8, document=copy, ordinal=1)
    same = judged(LONG, merit=2, document=newest)
    found = placed(both, only, same, judged("别的内容", merit=1), copies={copy.id: newest.id})
    assert texts(found) == [LONG, "别的内容", LONG, "只在旧版里的内容"]
    assert found[0].judged is same
    reasons = [None, None, Reason.DUPLICATE, Reason.OLDER_COPY]
    assert [each.reason for each in found] == reasons
    assert found[-1].preferred_document == newest.id


def test_a_superseded_edition_is_called_so_even_if_it_is_an_older_copy() -> None:
    newest = make_document("file:///newest.md")
    passages = [judged("三百元", document=OLD), judged("四百元", document=PRESENT)]
    found = placed(*passages, copies={OLD.id: newest.id})
    assert found[-1].reason is Reason.SUPERSEDED
    assert found[-1].preferred_document == PRESENT.id


def test_asked_as_of_then_the_old_one_wins() -> None:
    old = judged("每晚三百元", merit=1, document=OLD)
    new = judged("每晚四百元", merit=5, document=PRESENT)
    found = placed(old, new, day=date(2023, 5, 1))
    assert texts(found) == ["每晚三百元", "每晚四百元"]
    assert found[-1].reason is Reason.NOT_YET_IN_FORCE


def test_a_superseded_edition_alone_is_shown_and_flagged() -> None:
    (only,) = placed(judged("每晚三百元", document=OLD))
    assert only.reason is None
    assert only.signals["edition"] == 0


def test_the_same_passage_is_shown_once_the_better_one() -> None:
    first, second = judged(LONG, merit=2), judged(LONG + "。", merit=1)
    found = placed(second, first, judged("别的内容", merit=0))
    assert texts(found) == [LONG, LONG + "。", "别的内容"]
    assert [each.reason for each in found] == [None, Reason.DUPLICATE, None]
    assert found[1].repeats == first.candidate.found.chunk.id
    assert found[1].preferred_document == first.candidate.found.document.id


def test_the_edition_in_force_is_kept_of_two_with_the_same_words() -> None:
    old, new = judged(LONG, merit=9, document=OLD), judged(LONG, merit=1, document=PRESENT)
    found = placed(old, new)
    assert [each.judged.candidate.found.document.title for each in found] == ["2025", "2023"]
    assert found[1].reason is Reason.DUPLICATE


def test_editions_that_are_both_asked_for_are_both_shown() -> None:
    old, new = judged(LONG, merit=9, document=OLD), judged(LONG, merit=1, document=PRESENT)
    asked = Asked(TODAY, (Period(TODAY, TODAY), Period(date(2023, 5, 1), date(2023, 5, 1))))
    found = list(place([old, new], asked, PolicySettings()))
    assert [each.reason for each in found] == [None, None]


def test_what_exceeds_the_share_goes_behind_others_not_away() -> None:
    long = make_document("file:///long.md")
    same = [judged(f"第{n}条的内容", merit=9 - n, document=long, ordinal=n) for n in range(4)]
    found = placed(
        *same, judged("别的内容", merit=1), settings=PolicySettings(passages_per_document=2)
    )
    assert texts(found) == ["第0条的内容", "第1条的内容", "别的内容", "第2条的内容", "第3条的内容"]
    assert [each.reason for each in found[3:]] == [Reason.OVER_SHARE] * 2


def test_nothing_judged_places_nothing() -> None:
    assert placed() == []


def test_duplicates_are_looked_for_as_far_as_one_reads() -> None:
    """Most searches read a few of a hundred candidates."""
    passages = iter(
        place([judged(f"{uuid4()} {n}", merit=-n) for n in range(9)], _asked(), PolicySettings())
    )
    assert next(passages).rerank_rank == 1


def _asked() -> Asked:
    return Asked(TODAY, (Period(TODAY, TODAY),))
