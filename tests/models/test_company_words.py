"""The words of a company: terms of their own, and none of the others changed."""

import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.company_words import CompanyWords
from models.terms import terms

TEXT = st.text(st.sampled_from("年假考勤管理智慧眼 abTP-380的\n"), max_size=30)


def added(text: str, *words: str) -> list[str]:
    plain = terms(text)
    found = terms(text, CompanyWords(words))
    assert found[: len(plain)] == plain, "the terms without the words stay, and come first"
    return found[len(plain) :]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("购买智慧眼三代的流程", "智慧眼三代"),
        ("購買智慧眼三代的流程", "智慧眼三代"),
        ("our Annual Leaves are short", "annual leave"),
        ("TP380压力变送器", "TP-380 压力变送器"),
        ("ＴＰ　３８０", "tp-380"),
        ("C++ 规范", "C++规范"),
    ],
)
def test_a_word_is_found_in_every_spelling(text: str, word: str) -> None:
    assert len(added(text, word)) == 1
    assert added(text, word) == added(word, word)


@pytest.mark.parametrize("word", ["年假", "VPN", "", "！", "假"])
def test_what_is_a_term_already_adds_none(word: str) -> None:
    assert added("我的 VPN 年假！", word) == []
    assert CompanyWords([word]).fingerprint == ""


def test_a_part_of_a_word_of_letters_is_no_word() -> None:
    assert added("paid leaver", "aid leave") == []


def test_no_word_hides_another() -> None:
    found = added("智慧眼三代摄像头", "智慧眼三代", "智慧眼", "三代摄像头")
    assert found == ["智 慧 眼", "智 慧 眼 三 代", "三 代 摄 像 头"]


def test_a_word_counts_as_often_as_it_stands() -> None:
    assert added("智慧眼与智慧眼", "智慧眼") == ["智 慧 眼"] * 2


@settings(deadline=None)  # the first text loads the dictionary
@given(TEXT, st.lists(TEXT, max_size=4), TEXT, TEXT)
def test_a_passage_with_the_word_shares_its_term_with_a_question(
    word: str, others: list[str], before: str, after: str
) -> None:
    words = CompanyWords([word, *others])
    asked = terms(word, CompanyWords([word]))[len(terms(word)) :]
    found = terms(f"{before}\n{word}\n{after}", words)
    assert set(asked) <= set(found)


def test_the_fingerprint_is_of_the_words_and_not_of_their_spelling() -> None:
    one = CompanyWords(["智慧眼三代", "annual leave"])
    assert one.fingerprint == CompanyWords(["Annual Leaves", "智慧眼三代", "年假"]).fingerprint
    assert one.fingerprint != CompanyWords(["智慧眼三代"]).fingerprint
    assert CompanyWords([]).fingerprint == ""


def test_ten_thousand_words_are_looked_up_and_not_walked_through() -> None:
    """A text is compared with the words that begin as it does there, a few lengths of each."""
    words = CompanyWords(f"产品{number}号传感器" for number in range(10_000))
    assert terms("产品4711号传感器的价格", words)[-1] == "产 品 4711 号 传 感 器"
    looked_up = []

    class Counting(list[str]):
        def __getitem__(self, key: Any) -> Any:
            looked_up.append(key)
            return super().__getitem__(key)

    words.among(Counting(["产", "品", "1", "号"] * 10))
    assert len(looked_up) == 10, "once for each unit that a word begins with"


def test_many_threads_find_the_same() -> None:
    words = CompanyWords(["智慧眼三代", "annual leave"])
    results: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: results.append(terms("智慧眼三代 annual leave", words)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert all(result == results[0] for result in results)
