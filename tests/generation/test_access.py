"""What a principal may not read reaches neither the evidence nor the prompt nor the answer."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from generation.answerer import Answerer, AnswerSettings
from generation.prompts import load_prompt
from generation.records import AnswerDone, AnswerEvent, EvidenceFound, Policy
from ingest.lexicon import LexiconReader
from models.bm25 import document_weights
from models.terms import TERMS_VERSION, terms
from retrieval.records import Candidate, Query
from retrieval.rerank import Relevance
from retrieval.retriever import Retriever
from retrieval.understanding.rewriting import RuleRewriter
from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.index import IndexIdentity, IndexPoint
from stores.records import Block, BlockKind, Chunk, Document, Span, chunk_id, document_id
from tests.fakes.encoder import FakeEncoder
from tests.fakes.gate import scripted_gate
from tests.fakes.llm import ScriptedLLM
from tests.generation.passages import count

PROMPT = Path(__file__).parents[2] / "generation" / "prompts" / "answer.md"
IDENTITY = IndexIdentity("fake", FakeEncoder.weights_sha256, FakeEncoder.dimension, TERMS_VERSION)
TODAY = date(2025, 9, 1)
SECRET = "总监的年薪是一百万元，代号金丝雀。"
OPEN = "员工的年薪按等级发放。"


class EqualReranker:
    """Finds everything relevant, so that only the access decides what is seen."""

    def judge(self, question: str, candidates: Sequence[Candidate]) -> list[Relevance]:
        return [Relevance(0.9, 0.9, {}) for _ in candidates]


class World:
    """Two documents of one tenant: one for everyone, one for the human resources."""

    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog(f"sqlite:///{folder / 'catalog.sqlite'}")
        self.indexes = EdgeIndexStore(folder / "index", IDENTITY)
        self.llm = ScriptedLLM(["年薪一百万[1][2][3]。"])
        self.add("file:///open.md", OPEN, groups=("everyone",))
        self.add("file:///secret.md", SECRET, groups=("hr",))

    def add(self, uri: str, text: str, *, groups: tuple[str, ...]) -> None:
        key = document_id("acme", uri)
        document = Document(
            key, "acme", uri, 1, uri, "text/plain", "zh", "0" * 64, 9, groups, datetime.now(UTC)
        )
        spans = (Span(0, 0, len(text)),)
        chunk = Chunk(chunk_id(key, 1, 0), key, 1, 0, text, uri, (), (), spans, 9)
        dense = FakeEncoder().encode_passages([text])[0]
        sparse = document_weights(terms(text))
        index = self.indexes.open("acme")
        index.upsert([IndexPoint(chunk.id, key, 1, groups, dense, sparse)])
        self.catalog.documents.commit(document, [Block(BlockKind.TEXT, text)], [chunk])

    def ask(self, *groups: str, tenant: str = "acme", text: str = SECRET) -> list[AnswerEvent]:
        answerer = Answerer(
            retriever=Retriever(
                encoder=FakeEncoder(),
                indexes=self.indexes,
                documents=self.catalog.documents,
                lexicon=LexiconReader(self.catalog.lexicons),
                reranker=EqualReranker(),
                today=lambda: TODAY,
            ),
            rewriter=RuleRewriter(),
            llm=self.llm,
            gate=scripted_gate(self.llm, load_prompt(PROMPT)),
            prompt=load_prompt(PROMPT),
            count_tokens=count,
            settings=AnswerSettings(
                min_relevance=0.0,
                max_evidence=5,
                max_evidence_tokens=500,
                max_answer_tokens=50,
                policy=Policy.MARK,
            ),
            provenance={},
        )
        principal = Principal(tenant, "ann", frozenset(groups), frozenset({Scope.READ}))
        return list(answerer.answer(Query(text, "zh", principal), cancelled=lambda: False))

    def close(self) -> None:
        self.indexes.close()
        self.catalog.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def everything(world: World, events: list[AnswerEvent]) -> str:
    return repr(events) + repr(world.llm.prompts)


def test_a_member_sees_the_document(world: World) -> None:
    events = world.ask("everyone", "hr")
    assert "金丝雀" in everything(world, events)
    last = events[-1]
    assert isinstance(last, AnswerDone)
    assert SECRET in {evidence.quote for evidence in last.answer.citations}


@pytest.mark.parametrize("text", [SECRET, "金丝雀", "总监的年薪是多少？"])
def test_others_never_see_it(world: World, text: str) -> None:
    world.llm.pieces = ("按等级发放[1][2][3]。",)
    events = world.ask("everyone", text=text)
    assert isinstance(events[0], EvidenceFound)
    assert [evidence.quote for evidence in events[0].evidence] == [OPEN]
    seen = everything(world, events).replace(text, "")
    for word in ("secret.md", "一百万", "代号"):
        assert word not in seen


@pytest.mark.parametrize("groups", [(), ("sales",)])
def test_who_may_read_nothing_is_refused_without_the_model(
    world: World, groups: tuple[str, ...]
) -> None:
    events = world.ask(*groups)
    assert events[0] == EvidenceFound(())
    assert world.llm.prompts == []
    assert isinstance(events[-1], AnswerDone)
    assert events[-1].answer.refusal


def test_another_tenant_sees_nothing(world: World) -> None:
    assert world.ask("everyone", "hr", tenant="other")[0] == EvidenceFound(())


def test_a_group_that_was_taken_away_in_the_catalog_counts_at_once(world: World) -> None:
    """The index still names the old group: the join with the catalog must catch it."""
    key = document_id("acme", "file:///secret.md")
    old = world.catalog.documents.find("acme", "file:///secret.md")
    assert old is not None
    closed = replace(old, revision=2, groups=("board",))
    text = "新版本"
    chunk = Chunk(chunk_id(key, 2, 0), key, 2, 0, text, "", (), (), (Span(0, 0, 3),), 3)
    world.catalog.documents.commit(closed, [Block(BlockKind.TEXT, text)], [chunk])
    events = world.ask("everyone", "hr")
    assert isinstance(events[0], EvidenceFound)
    assert [evidence.quote for evidence in events[0].evidence] == [OPEN]
