import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.chinese import segment, to_simplified
from models.terms import terms


def test_chinese_gives_words_and_pairs() -> None:
    found = terms("员工每年享有带薪年假")
    assert "员工" in found
    assert "带薪" in found
    assert "年假" in found, "not a word of the dictionary, so a pair must stand in"


def test_long_words_bring_the_words_in_them() -> None:
    assert {"北京", "大学", "北京大学"} <= set(terms("北京大学"))


def test_traditional_meets_simplified() -> None:
    assert terms("員工請假規定") == terms("员工请假规定")


def test_width_and_case_do_not_matter() -> None:
    assert terms("ＷｉＦｉ　密码２０２４") == terms("wifi 密码2024")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("E-204", "E204"),
        ("GB/T 7714-2015", "gb/t7714-2015"),
        ("3,200", "3200"),
        ("3，200", "3200"),
        ("the employee's leaves", "the employees leave"),
        ("employee’s", "employee's"),
    ],
)
def test_spellings_of_one_thing_meet(one: str, other: str) -> None:
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HR-2024-017", ["hr2024017", "hr", "2024", "017"]),
        ("v1.2.3", ["v1.2.3", "1.2.3"]),
        ("GB/T 7714", ["gbt7714", "gb", "7714"]),
        ("192.168.1.1", ["192.168.1.1"]),
        ("R&D, C++ and C#", ["r&d", "c++", "and", "c#"]),
        ("annual-leave", ["annualleave", "annual", "leav"]),
        ("5G网络", ["5g", "5", "网络"]),
    ],
)
def test_codes_stay_whole_and_give_their_parts(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_a_number_in_a_row_of_numbers_is_no_thousands_group() -> None:
    assert terms("1,2,3") == ["1", "2", "3"]


@pytest.mark.parametrize("text", ["", "  \n", "!!! 👍 ——", "\ud800", "\x00"])
def test_text_without_words_has_no_terms(text: str) -> None:
    assert terms(text) == []


@given(st.text())
def test_any_text_gives_terms_that_can_be_hashed(text: str) -> None:
    assert all(term and term.encode() for term in terms(text))


@pytest.mark.parametrize(
    "unit", ["a", "1", "啊", "a-", "1,000", "'", "gb/t ", "年假a1 ", "a.-", "-.", "1/", "+1 ", "5 "]
)
def test_a_very_long_run_ends(unit: str) -> None:
    # An expression of quadratic cost would run into the time limit of the tests.
    assert len(terms(unit * 50_000)) <= 50_000 * 6


def test_simplified_characters_stay() -> None:
    assert to_simplified("员工abc") == "员工abc"


def test_segmenting_in_many_threads_gives_one_result() -> None:
    results: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: results.append(segment("员工每年享有带薪假期")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert all(result == results[0] for result in results)


def test_loading_prints_nothing_and_writes_no_cache(tmp_path: Path) -> None:
    script = "from models.terms import terms; assert terms('年假')"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
