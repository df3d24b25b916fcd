"""Conversations: whose they are, what of them may be seen, and that erasing leaves nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import make_url

from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.conversation_records import (
    NO_SUMMARY,
    CheckedSentence,
    Citation,
    Contradiction,
    Exchange,
    Summary,
)
from stores.errors import UnknownConversation
from stores.records import Document, chunk_id
from tests.stores.builders import NOW, make_blocks, make_chunks, make_document, remove_document

ANN = Principal("acme", "ann", frozenset({"hr", "everyone"}), frozenset({Scope.READ}))
OTHERS = (
    replace(ANN, user="ben"),
    replace(ANN, tenant="other"),
    replace(ANN, user="boss", scopes=frozenset(Scope)),
)


@pytest.fixture
def catalog(catalog_url: str) -> Iterator[Catalog]:
    """A catalog whose clock goes on by a second at each look."""
    seconds = count()

    def clock() -> datetime:
        return NOW + timedelta(seconds=next(seconds))

    opened = Catalog(catalog_url, clock=clock)
    yield opened
    opened.close()


def committed(catalog: Catalog, uri: str, *, group: str = "hr", revision: int = 1) -> Document:
    document = make_document(uri, groups=(group,), revision=revision)
    catalog.documents.commit(document, make_blocks(document), make_chunks(document))
    return document


def exchange(question: str = "年假有几天？", *documents: Document) -> Exchange:
    return Exchange(
        question=question,
        understood=f"{question}（员工手册）",
        answer="满一年五天[1]。",
        refusal=False,
        citations=tuple(
            Citation(number, each.id, chunk_id(each.id, 1, 0))
            for number, each in enumerate(documents, start=1)
        ),
        documents=frozenset(each.id for each in documents),
        lang="zh",
        sentences=(CheckedSentence("满一年五天。", (1,), "unverified", 0.5),),
        contradictions=tuple(Contradiction(each.id, "满一年六天", False) for each in documents[1:]),
    )


def test_exchanges_come_back_in_order_and_the_first_question_is_the_title(catalog: Catalog) -> None:
    document = committed(catalog, "file:///leave.md")
    begun = catalog.conversations.create(ANN)
    assert (begun.title, begun.summary) == ("", NO_SUMMARY)
    other = committed(catalog, "file:///former.md")
    first, second = exchange("年假\n有几天？", document, other), exchange("问" * 500)
    catalog.conversations.add(begun.id, ANN, first)
    catalog.conversations.add(begun.id, ANN, second)
    kept = catalog.conversations.exchanges(begun.id, ANN, limit=10)
    assert [each.ordinal for each in kept] == [1, 2]
    assert [each.exchange for each in kept] == [first, second]
    assert not any(each.withheld for each in kept)
    assert NOW < kept[0].asked_at < kept[1].asked_at
    assert catalog.conversations.exchanges(begun.id, ANN, limit=1, offset=1) == kept[1:]
    assert catalog.conversations.count(begun.id, ANN) == 2
    found = catalog.conversations.get(begun.id, ANN)
    assert found.title == "年假 有几天？"
    assert found.created_at == begun.created_at < found.updated_at


def test_a_long_first_question_gives_a_short_title(catalog: Catalog) -> None:
    begun = catalog.conversations.create(ANN)
    catalog.conversations.add(begun.id, ANN, exchange("问" * 500))
    assert catalog.conversations.get(begun.id, ANN).title == "问" * 79 + "…"


def test_they_are_listed_last_used_first_and_in_pages(catalog: Catalog) -> None:
    first, second, third = (catalog.conversations.create(ANN) for _ in range(3))
    catalog.conversations.create(OTHERS[0])
    catalog.conversations.create(OTHERS[1])
    catalog.conversations.add(second.id, ANN, exchange())
    listed = catalog.conversations.list(ANN, limit=10)
    assert [each.id for each in listed] == [second.id, third.id, first.id]
    assert catalog.conversations.list(ANN, limit=1, offset=1) == listed[1:2]


@pytest.mark.parametrize("stranger", OTHERS)
def test_somebody_elses_is_as_unknown_as_none(catalog: Catalog, stranger: Principal) -> None:
    begun = catalog.conversations.create(ANN)
    catalog.conversations.add(begun.id, ANN, exchange())

    def complaints(conversation: UUID) -> list[str]:
        store = catalog.conversations
        calls: tuple[Callable[[], object], ...] = (
            lambda: store.get(conversation, stranger),
            lambda: store.exchanges(conversation, stranger, limit=10),
            lambda: store.count(conversation, stranger),
            lambda: store.add(conversation, stranger, exchange("secret")),
            lambda: store.rename(conversation, stranger, "taken over"),
            lambda: store.erase(conversation, stranger),
        )
        texts = []
        for call in calls:
            with pytest.raises(UnknownConversation) as caught:
                call()
            texts.append(str(caught.value).replace(str(conversation), "ID"))
        return texts

    assert complaints(begun.id) == complaints(uuid4())
    summary = Summary("taken over", 1)
    assert not catalog.conversations.summarise(begun.id, stranger, before=NO_SUMMARY, after=summary)
    assert catalog.conversations.erase_all(stranger) == 0
    assert catalog.conversations.list(stranger, limit=10) == []
    assert catalog.conversations.count(begun.id, ANN) == 1
    assert catalog.conversations.get(begun.id, ANN).summary == NO_SUMMARY


def restrict(catalog: Catalog, document: Document) -> None:
    committed(catalog, document.uri, group="board", revision=2)


def remove(catalog: Catalog, document: Document) -> None:
    remove_document(catalog, "acme", document.id)


@pytest.mark.parametrize("lose", [restrict, remove])
def test_what_may_not_be_seen_any_more_leaves_the_question_alone(
    catalog: Catalog, lose: Callable[[Catalog, Document], None]
) -> None:
    kept, lost = committed(catalog, "file:///a.md"), committed(catalog, "file:///b.md")
    begun = catalog.conversations.create(ANN)
    for asked in (exchange("kept?", kept), exchange("lost?", kept, lost), exchange("nothing?")):
        catalog.conversations.add(begun.id, ANN, asked)
    summary = Summary("满一年五天。", 1, frozenset({kept.id, lost.id}))
    assert catalog.conversations.summarise(begun.id, ANN, before=NO_SUMMARY, after=summary)
    assert catalog.conversations.get(begun.id, ANN).summary == summary

    lose(catalog, lost)

    first, second, third = catalog.conversations.exchanges(begun.id, ANN, limit=10)
    assert [each.withheld for each in (first, second, third)] == [False, True, False]
    assert second.exchange == Exchange("lost?", "lost?", "", False, (), frozenset(), "zh")
    assert first.exchange.answer == third.exchange.answer == "满一年五天[1]。"
    assert catalog.conversations.get(begun.id, ANN).summary == Summary(turns=1)
    (listed,) = catalog.conversations.list(ANN, limit=10)
    assert listed.summary == Summary(turns=1)


def test_a_new_revision_that_one_may_see_withholds_nothing(catalog: Catalog) -> None:
    document = committed(catalog, "file:///a.md")
    begun = catalog.conversations.create(ANN)
    catalog.conversations.add(begun.id, ANN, exchange("年假？", document))
    committed(catalog, document.uri, group="everyone", revision=2)
    (kept,) = catalog.conversations.exchanges(begun.id, ANN, limit=10)
    assert not kept.withheld


def test_groups_that_were_taken_from_the_user_withhold(catalog: Catalog) -> None:
    begun = catalog.conversations.create(ANN)
    secret = committed(catalog, "file:///a.md", group="hr")
    catalog.conversations.add(begun.id, ANN, exchange("年假？", secret))
    fewer = replace(ANN, groups=frozenset({"everyone"}))
    (kept,) = catalog.conversations.exchanges(begun.id, fewer, limit=10)
    assert kept.withheld
    (again,) = catalog.conversations.exchanges(begun.id, ANN, limit=10)
    assert not again.withheld


def test_the_slower_of_two_summaries_is_not_kept(catalog: Catalog) -> None:
    begun = catalog.conversations.create(ANN)
    first, slow = Summary("first", 2), Summary("slow", 1)
    assert catalog.conversations.summarise(begun.id, ANN, before=NO_SUMMARY, after=first)
    assert not catalog.conversations.summarise(begun.id, ANN, before=NO_SUMMARY, after=slow)
    assert catalog.conversations.get(begun.id, ANN).summary == first


def _places(url: str, words: list[str]) -> list[str]:
    """Return which of the words stand in which file of the database."""
    path = Path(make_url(url).database or "")
    return [
        f"{word} in {file.name}"
        for file in sorted(path.parent.glob(f"{path.name}*"))
        for word in words
        if word.encode() in file.read_bytes()
    ]


def _fill(catalog: Catalog, principal: Principal, mark: str) -> list[UUID]:
    """Fill in conversations of many sizes; every text begins and ends with a mark of its own."""
    ids = []
    for number in range(6):
        begun = catalog.conversations.create(principal)
        ids.append(begun.id)
        for turn in range(12):
            text = f"{mark}-{number}-{turn}"
            size = (number * 12 + turn) * 137 % 6000
            long = f"{text}-a {'答' * (size // 3)} {text}-z"
            asked = replace(
                exchange(
                    f"{text}-q",
                ),
                understood=f"{text}-u",
                answer=long,
            )
            catalog.conversations.add(begun.id, principal, asked)
            summary = catalog.conversations.get(begun.id, principal).summary
            after = Summary(f"{text}-s {'要' * turn * 20}", turn + 1)
            catalog.conversations.summarise(begun.id, principal, before=summary, after=after)
    return ids


def test_erasing_leaves_nothing_in_the_files(catalog: Catalog, catalog_url: str) -> None:
    ids = _fill(catalog, ANN, "Falcon")
    _fill(catalog, OTHERS[0], "Osprey")
    assert _places(catalog_url, ["Falcon", "Osprey"])
    catalog.conversations.erase(ids[0], ANN)
    assert _places(catalog_url, ["Falcon-0-"]) == []
    assert _places(catalog_url, ["Falcon-1-3-q"])

    assert catalog.conversations.erase_all(ANN) == 5

    assert _places(catalog_url, ["Falcon", *map(str, ids), *(each.hex for each in ids)]) == []
    kept = catalog.conversations.list(OTHERS[0], limit=10)
    assert len(kept) == 6
    assert all(catalog.conversations.count(each.id, OTHERS[0]) == 12 for each in kept)


def test_a_reader_in_the_way_of_the_log_is_told(
    catalog: Catalog, catalog_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    begun = catalog.conversations.create(ANN)
    reader = sqlite3.connect(make_url(catalog_url).database or "", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM conversations").fetchone()
    with catalog._database.read() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
    catalog.conversations.erase(begun.id, ANN)
    reader.close()
    assert "readers held the catalog's log" in caplog.text
    assert catalog.conversations.list(ANN, limit=10) == []
