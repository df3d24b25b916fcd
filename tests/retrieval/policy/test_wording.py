"""What counts as the same passage."""

from dataclasses import replace

import pytest

from retrieval.policy.wording import wording
from stores.records import Chunk
from tests.stores.builders import make_chunks, make_document

RULE = (
    "出差期间的住宿费凭发票在限额内报销，一类城市每晚不超过 600 元，二类城市每晚不超过 450 元；"
    "超出部分由本人承担。"
)
FORM = (
    "The supplier Silian Micro delivers pressure cells to the factory in Ningbo within 30 days of "
    "the order, free of charge, and takes back what is faulty within 12 months of delivery."
)


def chunk(text: str, *headings: str) -> Chunk:
    return replace(make_chunks(make_document(), count=1)[0], text=text, heading_path=headings)


def repeats(one: str, other: str) -> bool:
    return wording(chunk(one)).repeats(wording(chunk(other)))


@pytest.mark.parametrize(
    "same",
    [
        RULE,
        RULE.replace("，", ",\n").replace(" ", ""),
        RULE.replace("600", "６００"),
        f"{RULE}\n交通费另行规定。",
        f"第五条\n{RULE}",
    ],
)
def test_layout_width_and_additions_do_not_matter(same: str) -> None:
    assert repeats(RULE, same)


def test_case_and_line_breaks_do_not_matter() -> None:
    assert repeats(FORM, "* " + FORM.upper().replace(" ", "\n"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (RULE, RULE.replace("600", "650")),
        (RULE, RULE.replace("不超过 600", "超过 600")),
        (RULE, RULE.replace("600", "450")),
        (FORM, FORM.replace("Silian Micro", "Huaxin")),
        (FORM, FORM.replace("takes", "never takes")),
        (FORM, FORM + " Customs are paid by the supplier."),
    ],
)
def test_a_new_amount_name_or_word_is_something_else(old: str, new: str) -> None:
    assert not repeats(new, old)


def test_a_part_repeats_the_whole_but_not_the_other_way_round() -> None:
    part = RULE[: RULE.index("；")]
    assert repeats(part, RULE)
    assert not repeats(RULE, part)


@pytest.mark.parametrize("text", ["", "。\n|---|"])
def test_what_says_nothing_repeats_nothing(text: str) -> None:
    assert not repeats(text, RULE)


def test_a_short_text_is_one_with_its_heading() -> None:
    hotels, meals = chunk("每天 100 元。", "住宿费"), chunk("每天 100 元。", "伙食费")
    assert not wording(hotels).repeats(wording(meals))
    assert wording(hotels).repeats(wording(chunk("每天 100 元", "三", "住宿费")))
