"""Filters through the retriever, on real stores."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.lexicon import LexiconReader
from models.bm25 import document_weights
from models.terms import TERMS_VERSION, terms
from retrieval.filters import NO_FILTERS, Filters
from retrieval.records import Query
from retrieval.rerank import FusedOrder
from retrieval.retriever import Retriever, RetrieverSettings
from stores.access import EVERYONE, Principal
from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.index import IndexIdentity, IndexPoint
from tests.fakes.encoder import FakeEncoder
from tests.retrieval.test_retriever import TENANT, TODAY
from tests.stores.builders import make_blocks, make_chunks, make_document

_BETTER = 40
_QUESTION = "annual leave"


@pytest.fixture
def retriever(tmp_path: Path) -> Iterator[Retriever]:
    """Return a retriever over many good passages and a poor one that is tagged."""
    encoder = FakeEncoder()
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    identity = IndexIdentity(encoder.name, encoder.weights_sha256, encoder.dimension, TERMS_VERSION)
    indexes = EdgeIndexStore(tmp_path / "index", identity)
    texts = [*(f"annual leave {number}" for number in range(_BETTER)), "leave it to the board"]
    for number, text in enumerate(texts):
        tags = ("rare",) if number == _BETTER else ()
        groups = ("hr",) if number == 0 else (EVERYONE,)
        document = replace(
            make_document(f"file:///{number}", tenant=TENANT, groups=groups), tags=tags
        )
        (chunk,) = (replace(c, text=text, context="") for c in make_chunks(document, count=1))
        dense = encoder.encode_passages([text])[0]
        sparse = document_weights(terms(text))
        point = IndexPoint(chunk.id, document.id, 1, groups, dense, sparse)
        indexes.open(TENANT).upsert([point])
        catalog.documents.commit(document, make_blocks(document, count=1), [chunk])
    yield Retriever(
        encoder=encoder,
        indexes=indexes,
        documents=catalog.documents,
        lexicon=LexiconReader(catalog.lexicons),
        reranker=FusedOrder(),
        today=lambda: TODAY,
        settings=RetrieverSettings(candidates=5),
    )
    indexes.close()
    catalog.close()


def _found(retriever: Retriever, filters: Filters, *, groups: tuple[str, ...] = (EVERYONE,)) -> int:
    principal = Principal(TENANT, "eva", frozenset(groups), frozenset())
    query = Query(_QUESTION, "en", principal, filters=filters)
    return len(retriever.search(query, limit=10))


def test_a_filter_does_not_empty_the_candidates(retriever: Retriever) -> None:
    principal = Principal(TENANT, "eva", frozenset({EVERYONE}), frozenset())
    query = Query(_QUESTION, "en", principal, filters=Filters(tags=("rare",)))
    (evidence,) = retriever.search(query, limit=10)
    assert evidence.quote == "leave it to the board"
    explained = retriever.explain(query, limit=10)
    assert [trail.quote for trail in explained.trails] == ["leave it to the board"]


def test_a_filter_that_nothing_matches_finds_nothing(retriever: Retriever) -> None:
    assert _found(retriever, Filters(tags=("nobody",))) == 0
    assert _found(retriever, NO_FILTERS) > 0


def test_a_filter_shows_nothing_of_other_groups(retriever: Retriever) -> None:
    secret = make_document("file:///0", tenant=TENANT).id
    assert _found(retriever, Filters(document_ids=(secret,))) == 0
    assert _found(retriever, Filters(document_ids=(secret,)), groups=("hr",)) == 1


def test_days_in_a_question_are_read_unless_they_are_only_words(retriever: Retriever) -> None:
    principal = Principal(TENANT, "eva", frozenset({EVERYONE}), frozenset())
    query = Query("leave in 2023 and the former rules", "en", principal)
    read = retriever.asked(query)
    assert (read.words, read.earlier, len(read.periods)) == (("2023", "former"), True, 2)
    literal = retriever.asked(replace(query, interpret=False))
    assert (literal.words, literal.earlier, len(literal.periods)) == ((), False, 1)
