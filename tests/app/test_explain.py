"""What `zhiku explain` prints, in both languages."""

import re
from dataclasses import fields

import pytest

from app.api.schemas import ExplanationOut, StageOut
from app.cli.explain import print_explanation
from app.cli.explain_texts import EN, EXPLAIN_TEXTS, ZH, ExplainTexts
from retrieval.policy.records import Reason
from tests.app.explanations import explanation, trail


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> "Printed":
    monkeypatch.setenv("COLUMNS", "260")
    return Printed(capsys)


class Printed:
    """Prints an explanation and reads it back without borders."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(
        self, shown: ExplanationOut, texts: ExplainTexts = EN, *, every: bool = False
    ) -> list[str]:
        print_explanation(shown, texts, every=every)
        lines = self.capsys.readouterr().out.splitlines()
        return [" ".join(re.sub(r"[│┃━┏┓┗┛┡┩├┤┼╇└┘─┴┬┳]", " ", line).split()) for line in lines]


def test_every_stage_factor_and_outcome_has_its_cell(printed: Printed) -> None:
    row = trail(
        "差旅办法",
        1,
        lexical=StageOut(rank=7, score=12.34),
        factors={"recency": 1.031, "authority": 1.05, "edition": 1},
    )
    lines = printed(explanation(row))
    assert "editions in force on 2025-09-01 come first" in lines
    (line,) = (line for line in lines if "差旅办法" in line)
    assert line == "1 差旅办法 › 住宿费, p. 3 2 7 1 4 93% shown"
    assert any("0.812 12.3 2.13 2.50" in line for line in lines)
    assert any("recency ×1.03 · authority ×1.05 · edition in force" in line for line in lines)


@pytest.mark.parametrize(
    ("reason", "rank", "english", "chinese"),
    [
        (Reason.DUPLICATE, None, "left out: duplicate of “新版”", "略去：与《新版》重复"),
        (Reason.OLDER_COPY, 9, "almost the same as the newer “新版”", "与较新的《新版》几乎相同"),
        (Reason.SUPERSEDED, None, "superseded by “新版”", "已被《新版》取代"),
        (Reason.SUPERSEDED, 9, "moved back: superseded by “新版”", "已被《新版》取代"),
        (Reason.NOT_YET_IN_FORCE, 9, "not yet in force, “新版” is", "尚未生效，现行的是《新版》"),
        (Reason.OVER_SHARE, 9, "over its document's share", "超出本文档的份额"),
        (None, None, "no room", "名额已满"),
        (None, 2, "shown", "显示"),
    ],
)
def test_the_outcome_says_why(
    printed: Printed, reason: Reason | None, rank: int | None, english: str, chinese: str
) -> None:
    shown = explanation(trail("旧版", rank, reason=reason, preferred="新版"))
    assert any(english in line for line in printed(shown))
    assert any(chinese in line for line in printed(shown, ZH))


def test_where_no_edition_is_in_force_the_nearest_is_flagged(printed: Printed) -> None:
    shown = explanation(trail("旧版", 1, factors={"edition": 0}), earlier=True)
    lines = printed(shown)
    assert any("no edition in force, the nearest" in line for line in lines)
    assert any("former editions are asked for, too" in line for line in lines)


def test_of_what_is_not_shown_the_first_for_each_reason_are_listed(printed: Printed) -> None:
    trails = [trail(f"文档{number}", None) for number in range(1, 9)]
    old = [trail(f"文档 old {n}", None, reason=Reason.SUPERSEDED, preferred="新") for n in range(5)]
    shown = explanation(trail("文档0", 1), *trails, *old)
    lines = printed(shown)
    assert sum("文档" in line for line in lines) == 1 + 3 + 3
    assert "7 more candidates are not listed; --all lists them." in lines
    everything = printed(shown, every=True)
    assert sum("文档" in line for line in everything) == 14
    assert not any("--all" in line for line in everything)


def test_nothing_found_is_said(printed: Printed) -> None:
    assert printed(explanation(), ZH) == ["没有找到可以查阅的内容。"]


@pytest.mark.parametrize("name", [each.name for each in fields(ExplainTexts)])
def test_texts_exist_in_both_languages_and_take_the_same_fields(name: str) -> None:
    chinese, english = getattr(ZH, name), getattr(EN, name)
    if name == "reasons":
        assert chinese.keys() == english.keys() == set(Reason)
        return
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert not re.search("[\u4e00-\u9fff，。：；]", english)
    assert set(re.findall(r"{(\w*)}", chinese)) == set(re.findall(r"{(\w*)}", english))


def test_both_languages_can_be_chosen() -> None:
    assert set(EXPLAIN_TEXTS) == {"zh", "en"}
