"""Abbreviations and synonyms of a company."""

import pytest

from models.synonyms import MAX_EXPANSIONS, Synonyms

SYNONYMS = Synonyms(
    [
        ("差旅", "出差", "business trip"),
        ("VPN", "virtual private network"),
        ("VPN 网关", "远程接入设备"),
        ("年假", "annual leave"),
        ("IT", "信息技术"),
        ("who", "世界卫生组织"),
    ],
    abbreviations=["VPN", "IT"],
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("差旅费标准", ["出差", "business trip"]),
        ("出差能住几星级？", ["差旅", "business trip"]),
        ("What may a business trip cost?", ["差旅", "出差"]),
        ("BUSINESS TRIPS", ["差旅", "出差"]),
        ("How many days of annual leaves?", ["年假"]),
        ("vpn 怎么连？", ["virtual private network"]),
        ("ＶＰＮ怎么连", ["virtual private network"]),
        ("VPN网关多少钱", ["远程接入设备"]),
        ("年假和差旅", ["annual leave", "出差", "business trip"]),
        ("差旅与出差", ["business trip"]),
        ("报销流程", []),
        ("", []),
    ],
)
def test_expressions_bring_the_others_of_their_group(text: str, expected: list[str]) -> None:
    assert SYNONYMS.of(text) == expected


@pytest.mark.parametrize(
    ("text", "meant"),
    [("Is it allowed?", False), ("IT 服务台", True), ("the IT desk", True), ("EXIT 2", False)],
)
def test_an_abbreviation_spelt_as_an_english_word_is_meant_in_its_own_spelling(
    text: str, meant: bool
) -> None:
    assert ("信息技术" in SYNONYMS.of(text)) is meant


def test_a_synonym_is_meant_however_it_is_spelt() -> None:
    assert SYNONYMS.of("Who says so?") == ["世界卫生组织"]


def test_the_number_of_expansions_is_bounded() -> None:
    groups = [(f"词{number}号", *(f"w{number}x{n}" for n in range(5))) for number in range(9)]
    text = " ".join(group[0] for group in groups)
    assert len(Synonyms(groups).of(text)) == MAX_EXPANSIONS


def test_an_expression_of_two_groups_has_the_others_of_both() -> None:
    assert Synonyms([("a1", "b1"), ("a1", "c1")]).of("a1") == ["b1", "c1"]


def test_without_groups_there_is_nothing() -> None:
    assert Synonyms([]).of("差旅") == []
    assert Synonyms([("！", "?")]).of("！") == []


def test_an_expression_comes_with_all_that_means_the_same() -> None:
    assert SYNONYMS.groups("Annual Leave 与出差") == [
        frozenset({"annual leav", "年 假"}),
        frozenset({"差 旅", "出 差", "busi trip"}),
    ]
    assert SYNONYMS.groups("nothing of that") == []
