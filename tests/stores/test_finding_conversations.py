"""Finding conversations again: by their words, and under the titles they are given."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.conversation_records import Exchange
from stores.errors import UnknownConversation

ANN = Principal("acme", "ann", frozenset({"everyone"}), frozenset({Scope.READ}))
BEN = replace(ANN, user="ben")


@pytest.fixture
def catalog(catalog_url: str) -> Iterator[Catalog]:
    opened = Catalog(catalog_url)
    yield opened
    opened.close()


def begun(catalog: Catalog, *questions: str, principal: Principal = ANN) -> str:
    """Hold a conversation; return its first question."""
    conversation = catalog.conversations.create(principal)
    for question in questions:
        exchange = Exchange(
            question=question,
            understood=f"{question} (understood)",
            answer="The secret answer.",
            refusal=False,
            citations=(),
            documents=frozenset(),
            lang="en",
        )
        catalog.conversations.add(conversation.id, principal, exchange)
    return questions[0]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("LEAVE",), ["Annual leave?"]),
        (("leave", "managers"), ["Annual leave?"]),
        (("leave", "parking"), []),
        (("年假",), ["我的年假有几天？"]),
        (("100%",), ["Is 100% paid?"]),
        (("%",), ["Is 100% paid?"]),
        (("secret",), []),
        (("understood",), []),
        ((), ["Is 100% paid?", "我的年假有几天？", "Annual leave?"]),
    ],
)
def test_a_conversation_is_found_by_words_of_its_questions(
    catalog: Catalog, words: Sequence[str], found: list[str]
) -> None:
    begun(catalog, "Annual leave?", "And for managers?")
    begun(catalog, "我的年假有几天？")
    begun(catalog, "Is 100% paid?")
    begun(catalog, "Leave of Ben?", principal=BEN)
    listed = catalog.conversations.list(ANN, limit=10, words=words)
    assert [each.title for each in listed] == found


def test_a_title_is_kept_and_found_and_changes_no_order(catalog: Catalog) -> None:
    begun(catalog, "Annual leave?")
    begun(catalog, "Parking?")
    parking, leave = catalog.conversations.list(ANN, limit=10)
    renamed = catalog.conversations.rename(leave.id, ANN, "Holidays")
    assert renamed == replace(leave, title="Holidays")
    assert catalog.conversations.list(ANN, limit=10) == [parking, renamed]
    assert catalog.conversations.list(ANN, limit=10, words=["holi"]) == [renamed]
    catalog.conversations.add(
        leave.id, ANN, Exchange("More?", "More?", "", False, (), frozenset(), "en")
    )
    assert catalog.conversations.get(leave.id, ANN).title == "Holidays"


def test_a_conversation_of_somebody_else_keeps_its_title(catalog: Catalog) -> None:
    begun(catalog, "Annual leave?")
    (leave,) = catalog.conversations.list(ANN, limit=10)
    with pytest.raises(UnknownConversation):
        catalog.conversations.rename(leave.id, BEN, "Taken over")
    assert catalog.conversations.get(leave.id, ANN) == leave
