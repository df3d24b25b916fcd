"""Which edition of a series is preferred on which day."""

from dataclasses import replace
from datetime import date

import pytest

from retrieval.policy.days import Asked, Period, asked_as_of
from retrieval.policy.editions import Standing, editions
from tests.retrieval.policy.judged import edition
from tests.stores.builders import make_document

OLD = edition("2020", date(2020, 6, 1), date(2023, 3, 31))
MIDDLE = edition("2023", date(2023, 4, 1), date(2024, 12, 31))
PRESENT = edition("2025", date(2025, 1, 1))
COMING = edition("2026", date(2026, 1, 1))
ALL = (OLD, MIDDLE, PRESENT, COMING)


def standings(asked: Asked, *documents: object) -> dict[str, Standing]:
    found = editions(documents or ALL, asked)  # type: ignore[arg-type]
    return {each.title: found[each.id].standing for each in ALL if each.id in found}


@pytest.mark.parametrize(
    ("day", "in_force"),
    [
        (date(2020, 6, 1), "2020"),
        (date(2023, 3, 31), "2020"),
        (date(2023, 4, 1), "2023"),
        (date(2025, 9, 1), "2025"),
        (date(2025, 12, 31), "2025"),
        (date(2026, 1, 1), "2026"),
    ],
)
def test_the_edition_in_force_on_the_day_is_preferred(day: date, in_force: str) -> None:
    found = standings(asked_as_of(day))
    assert [name for name, standing in found.items() if standing >= 0] == [in_force]
    assert found[in_force] is Standing.IN_FORCE


def test_others_are_before_or_after_it_and_name_it() -> None:
    found = editions(ALL, asked_as_of(date(2025, 9, 1)))
    assert found[OLD.id].standing is Standing.EARLIER
    assert found[COMING.id].standing is Standing.LATER
    assert {found[each.id].preferred for each in (OLD, MIDDLE, COMING)} == {PRESENT.id}
    assert found[PRESENT.id].preferred is None


def test_an_edition_without_an_end_ends_when_the_next_begins() -> None:
    open_ended = replace(MIDDLE, effective_to=None)
    found = editions((open_ended, PRESENT), asked_as_of(date(2025, 9, 1)))
    assert found[open_ended.id].standing is Standing.EARLIER


def test_editions_that_begin_on_one_day_are_both_in_force() -> None:
    """One text in two files."""
    copy = edition("2025 copy", date(2025, 1, 1))
    found = editions((PRESENT, copy), asked_as_of(date(2025, 9, 1)))
    assert {each.standing for each in found.values()} == {Standing.IN_FORCE}


@pytest.mark.parametrize(
    ("begin", "end", "day"),
    [
        (date(2025, 1, 1), date(2025, 3, 31), date(2025, 9, 1)),
        (None, date(2023, 12, 31), date(2024, 6, 1)),
    ],
)
def test_what_begins_together_does_not_supersede(begin: date | None, end: date, day: date) -> None:
    """One of them is over, but the other was there all the time."""
    short = edition("for the spring", begin, end)
    long = edition("for the year", begin, date(2025, 12, 31))
    found = editions((short, long), asked_as_of(day))
    assert found.keys() == {long.id}
    assert found[long.id].standing is Standing.IN_FORCE


def test_what_is_over_is_superseded_by_what_began_later() -> None:
    """Beside the one that it began with, which another asked day lets in."""
    short = edition("2020, for the summer", OLD.effective_from, date(2020, 8, 31))
    year = Period(date(2021, 1, 1), date(2021, 12, 31))
    found = editions((short, OLD, PRESENT), asked_as_of(date(2025, 9, 1), [year]))
    assert found[OLD.id].standing is Standing.IN_FORCE
    assert found[short.id].standing is Standing.EARLIER
    assert found[short.id].preferred == PRESENT.id


def test_where_none_is_in_force_the_nearest_stands_in() -> None:
    gap = replace(OLD, effective_to=date(2022, 12, 31))
    found = editions((gap, MIDDLE), asked_as_of(date(2023, 3, 20)))
    assert found[MIDDLE.id].standing is Standing.NEAREST
    assert found[gap.id].standing is Standing.EARLIER


def test_only_what_was_found_takes_part() -> None:
    """An edition that the asker may not see neither hides nor flags another."""
    assert standings(asked_as_of(date(2025, 9, 1)), OLD) == {"2020": Standing.NEAREST}
    assert standings(asked_as_of(date(2022, 1, 1)), OLD) == {"2020": Standing.IN_FORCE}


def test_documents_without_dates_stand_nowhere() -> None:
    undated = edition("undated")
    found = editions((undated, make_document(), PRESENT), asked_as_of(date(2025, 9, 1)))
    assert found.keys() == {PRESENT.id}


def test_documents_of_no_series_are_no_editions_of_each_other() -> None:
    one, other = (replace(each, series="") for each in (OLD, PRESENT))
    found = editions((one, other), asked_as_of(date(2025, 9, 1)))
    assert found[one.id].standing is Standing.NEAREST
    assert found[one.id].preferred is None


def test_several_asked_periods_let_in_several_editions() -> None:
    year = Period(date(2021, 1, 1), date(2021, 12, 31))
    found = standings(asked_as_of(date(2025, 9, 1), [year]))
    assert [name for name, standing in found.items() if standing >= 0] == ["2020", "2025"]


@pytest.mark.parametrize(
    ("earlier", "later", "let_in"),
    [
        (True, False, ["2020", "2023", "2025"]),
        (False, True, ["2025", "2026"]),
        (True, True, ["2020", "2023", "2025", "2026"]),
    ],
)
def test_words_for_other_editions_let_them_in(
    *, earlier: bool, later: bool, let_in: list[str]
) -> None:
    day = date(2025, 9, 1)
    found = standings(Asked(day, (Period(day, day),), earlier=earlier, later=later))
    assert [name for name, standing in found.items() if standing >= 0] == let_in
