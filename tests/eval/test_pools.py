"""Passages alone, by language and all together."""

from eval.pools import Pool, pooled
from eval.records import Gold, Question
from eval.sets import Passage, PassageSet


def passage_set(name: str, *texts: str) -> PassageSet:
    passages = tuple(
        Passage(f"d{n}", "", text, "en" if text.isascii() else "zh")
        for n, text in enumerate(texts, start=1)
    )
    questions = tuple(
        Question(
            f"q{n}",
            "?",
            "en",
            passage.lang,
            grades={passage.id: 2},
            gold=(Gold(passage.id, "words", 3),),
        )
        for n, passage in enumerate(passages, start=1)
    )
    return PassageSet(name, "CC0", name, passages, questions, 0)


SETS = [
    passage_set("one", "Leave is 12 days.", "年假十二天。"),
    passage_set("two", "leave is 12 days"),
]


def test_alone_each_set_is_a_collection() -> None:
    made = pooled(SETS, Pool.OWN)
    assert {name: len(passages) for name, passages in made.collections.items()} == {
        "one": 2,
        "two": 1,
    }
    assert [place for place, _ in made.questions["two"]] == ["two"]
    assert made.questions["one"][0][1].grades == {"d1": 2}


def test_by_language_the_same_text_is_one_passage() -> None:
    made = pooled(SETS, Pool.LANGUAGE)
    assert {name: [p.id for p in passages] for name, passages in made.collections.items()} == {
        "all-en": ["one/d1"],
        "all-zh": ["one/d2"],
    }
    ((place, question),) = made.questions["two"]
    assert place == "all-en"
    assert question.grades == {"one/d1": 2}
    assert question.gold == (Gold("one/d1", "words", 3),)


def test_all_together_is_one_collection() -> None:
    made = pooled(SETS, Pool.ALL)
    assert list(made.collections) == ["all"]
    assert {place for each in made.questions.values() for place, _ in each} == {"all"}
