"""The answer without a model: lines of the evidence, each with its citation."""

from generation.extract import extract
from generation.records import Support
from tests.generation.passages import count, passage

TABLE = "| 城市 | 限额 |\n|---|---|\n| 宁波 | 400 元 |"


def test_every_line_cites_its_passage_and_tables_are_spelt_out() -> None:
    made = extract(
        "zh", [passage(1, 0.9, "住宿凭票报销。"), passage(2, 0.8, TABLE)], count_tokens=count
    )

    assert [(each.text, each.citations) for each in made.sentences] == [
        ("住宿凭票报销。", (1,)),
        ("城市: 宁波; 限额: 400 元", (2,)),
    ]
    assert {each.support for each in made.sentences} == {Support.QUOTED}
    introduction, empty, *items = made.text.split("\n")
    assert "语言模型" in introduction
    assert not empty
    assert items == ["- 住宿凭票报销。 [1]", "- 城市: 宁波; 限额: 400 元 [2]"]


def test_marks_of_the_document_are_no_citations() -> None:
    made = extract("en", [passage(1, 0.9, "Five days [2].")], count_tokens=count)

    assert made.citations == (1,)
    assert made.text.endswith("- Five days (2). [1]")


def test_what_does_not_fit_is_left_out() -> None:
    long = passage(2, 0.8, "很长的一段话。" * 100)

    made = extract("zh", [passage(1, 0.9, "五天。"), long], count_tokens=count)

    assert made.citations == (1,)
