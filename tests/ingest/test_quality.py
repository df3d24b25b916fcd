"""Which chunks will hardly answer a question."""

from dataclasses import replace

import pytest

from ingest.quality import Weakness, weaknesses
from stores.records import Chunk
from tests.stores.builders import make_chunks, make_document


def chunk(text: str) -> Chunk:
    return replace(make_chunks(make_document(), count=1)[0], text=text)


@pytest.mark.parametrize(
    "text",
    [
        "员工每年有年假五天。",
        "五百元整",
        "See §4.2 (b), annex C – 2025-08-01 … 12:00; 35 %, £6/m² × 12.",
        "| item | price |\n| --- | ---: |\n| a | 1 |",
        "Prices:\n\n| item | price |\n|:-:|---|\n| a | 1 |\n\nand so on",
        "E = m·c² and a² + b² = c²",
        "1 Scope .................... 12",
        "Café, naïve, Zürich, Ångström, 10 °C",
        "SÃO PAULO",
        "https://example.org/a/b?c=1&d=%20#e",
    ],
)
def test_ordinary_texts_are_sound(text: str) -> None:
    assert weaknesses(chunk(text)) == ()


@pytest.mark.parametrize(
    ("text", "weakness"),
    [
        ("", Weakness.NEARLY_EMPTY),
        ("— 3 —", Weakness.NEARLY_EMPTY),
        ("| --- | --- |\n| --- | --- |", Weakness.NEARLY_EMPTY),
        ("∑∂∫≈≠±÷×√∞ abcd", Weakness.MOSTLY_SIGNS),
        ("\ue001\ue002\ue003\ue004\ue005\ue006 mail", Weakness.MOSTLY_SIGNS),
        ("The contract\ufffds value", Weakness.GARBLED),
        ("合同锟斤拷金额", Weakness.GARBLED),
        ("合同金额为五百元".encode().decode("latin-1"), Weakness.GARBLED),
        ("ZÃ¼rich and GenÃ¨ve", Weakness.GARBLED),
        ("Prices:\n| apples | 1 |\n| pears | 2 |", Weakness.CUT_TABLE),
        ("| only one row |", Weakness.CUT_TABLE),
    ],
)
def test_weak_texts_are_told(text: str, weakness: Weakness) -> None:
    assert weakness in weaknesses(chunk(text))


def test_several_things_can_be_wrong() -> None:
    found = weaknesses(chunk("| \ufffd |"))
    assert found == (Weakness.NEARLY_EMPTY, Weakness.GARBLED, Weakness.CUT_TABLE)
