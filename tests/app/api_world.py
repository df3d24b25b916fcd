"""A whole system of real stores with a scripted model, its API, and ways to call it."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.api import create_app
from app.api.openapi import openapi_document
from app.settings import (
    AnswerSettings,
    CacheSettings,
    ConversationSettings,
    IngestSettings,
    ServiceSettings,
    Settings,
)
from app.wiring import (
    ANSWER_PROMPT,
    COMPLAINT_PROMPT,
    DOCUMENT_PROMPT,
    SERVICE_PROMPT,
    STRUCTURED_PROMPT,
    System,
    build_dialogue,
    build_duplicates,
    build_forgetter,
    build_served,
    hand_over_settings,
)
from generation.answerer import Answerer
from generation.answerer import AnswerSettings as AnswererSettings
from generation.llm import LanguageModel
from generation.prompts import load_prompt
from generation.records import Policy
from generation.service.classes import Classifier
from generation.service.cues import load_cues
from generation.service.handover import HandOverRules
from generation.service.replier import Replier, Triage
from generation.summaries import DocumentSummariser, SummarySettings
from ingest.forget.locks import WritingLocks
from ingest.lexicon import LexiconReader
from ingest.pipeline import Pipeline, PipelineSettings
from ingest.rewords import Rewording
from models.terms import TERMS_VERSION
from retrieval.records import Candidate
from retrieval.rerank import Relevance
from retrieval.retriever import Retriever
from retrieval.understanding.rewriting import RuleRewriter
from stores.access import EVERYONE, AccessFilter
from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.errors import IndexUnavailable
from stores.files import FileStore
from stores.index import (
    DenseVector,
    Hit,
    IndexIdentity,
    IndexPoint,
    IndexStore,
    SparseVector,
    VectorIndex,
)
from stores.keys import Role
from tests.fakes.encoder import FakeEncoder
from tests.fakes.gate import scripted_gate
from tests.fakes.llm import ScriptedLLM
from tests.ingest.parsers import shared_parser

TENANT = "acme"
_PATHS = openapi_document()["paths"]
TODAY = date(2025, 9, 1)
MAX_FILE_MEGABYTES = 1
_Found = TypeVar("_Found")


IDENTITY = IndexIdentity(
    encoder=FakeEncoder.name,
    weights_sha256=FakeEncoder.weights_sha256,
    dimension=FakeEncoder.dimension,
    terms_version=TERMS_VERSION,
)


class SwitchedIndexStore:
    """A real index store that can be taken away and given back, as a server can."""

    def __init__(self, real: IndexStore) -> None:
        self._real = real
        self.available = True
        self.rewritable = True

    def reached(self) -> None:
        if not self.available:
            raise IndexUnavailable("no index at http://10.0.0.7:6333: start it")

    def open(self, tenant: str) -> "SwitchedIndex":
        self.reached()
        return SwitchedIndex(self, self._real.open(tenant))

    def check(self) -> None:
        self.reached()
        self._real.check()

    def vectors(self, tenant: str, document_id: UUID | None = None) -> Iterator[DenseVector]:
        self.reached()
        return self._real.vectors(tenant, document_id)

    def rewrite(self, tenant: str) -> bool:
        self.reached()
        if not self.rewritable:
            raise IndexUnavailable("no index while it is rewritten: wait")
        return self._real.rewrite(tenant)

    def close(self) -> None:
        self._real.close()


class SwitchedIndex:
    def __init__(self, store: SwitchedIndexStore, real: VectorIndex) -> None:
        self._store = store
        self._real = real

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        self._store.reached()
        self._real.upsert(points)

    def search(
        self, query: DenseVector | SparseVector, access: AccessFilter, *, limit: int
    ) -> list[Hit]:
        self._store.reached()
        return self._real.search(query, access, limit=limit)

    def delete(self, document_id: UUID, *, keep_revision: int | None = None) -> None:
        self._store.reached()
        self._real.delete(document_id, keep_revision=keep_revision)

    def count(self, document_id: UUID | None = None) -> int:
        self._store.reached()
        return self._real.count(document_id)

    def revisions(self) -> Mapping[tuple[UUID, int], int]:
        self._store.reached()
        return self._real.revisions()

    def vectors(self, chunk_ids: Sequence[UUID]) -> dict[UUID, DenseVector]:
        self._store.reached()
        return self._real.vectors(chunk_ids)

    def flush(self) -> None:
        self._store.reached()
        self._real.flush()


class CosineReranker:
    """Judges by the cosine alone, so that no fitted number plays a part."""

    def judge(self, question: str, candidates: Sequence[Candidate]) -> list[Relevance]:
        return [Relevance(each.cosine, max(0.0, each.cosine), {}) for each in candidates]


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@dataclass
class World:
    """A system and the handles that tests turn."""

    system: System
    llm: ScriptedLLM
    indexes: SwitchedIndexStore
    clock: Clock = field(default_factory=Clock)

    def app(self) -> FastAPI:
        return create_app(self.system, clock=self.clock)

    def key(
        self,
        role: Role = Role.EDITOR,
        groups: Sequence[str] = (EVERYONE,),
        *,
        tenant: str = TENANT,
        expires_at: datetime | None = None,
    ) -> str:
        _, secret = self.system.catalog.keys.create(
            tenant=tenant, name="test", role=role, groups=groups, expires_at=expires_at
        )
        return secret


class Api:
    """The API in this process, called with one key."""

    def __init__(self, client: TestClient, secret: str | None) -> None:
        self._client = client
        self._headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}

    def call(self, method: str, path: str, **content: Any) -> Any:
        headers = {**self._headers, **content.pop("headers", {})}
        response = self._client.request(method, path, headers=headers, **content)
        _assert_described(method, response)
        return response

    def get(self, path: str, **content: Any) -> Any:
        return self.call("GET", path, **content)

    def post(self, path: str, **content: Any) -> Any:
        return self.call("POST", path, **content)

    def upload(
        self,
        filename: str,
        text: str | bytes,
        *,
        groups: Sequence[str] = (),
        uri: str = "",
        **fields: Any,
    ) -> Any:
        data: dict[str, Any] = {**fields, **({"groups": list(groups)} if groups else {})}
        if uri:
            data["uri"] = uri
        content = text.encode() if isinstance(text, str) else text
        return self.post("/v1/documents", data=data, files={"file": (filename, content)})

    def ingested(self, filename: str, text: str | bytes, **where: Any) -> dict[str, Any]:
        """Upload and return the finished job."""
        response = self.upload(filename, text, **where)
        assert response.status_code == 202, response.text
        return self.finished(response.json()["id"])

    def finished(self, job_id: str) -> dict[str, Any]:
        def job() -> dict[str, Any] | None:
            found: dict[str, Any] = self.get(f"/v1/jobs/{job_id}").json()
            return found if found["state"] in {"done", "failed", "quarantined"} else None

        return eventually(job)


def eventually(probe: Callable[[], _Found | None], *, seconds: float = 20.0) -> _Found:
    """Return what the probe finds once it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = probe()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"nothing found within {seconds} s")


def _assert_described(method: str, response: Any) -> None:
    """Hold every response of every test against the description of the API."""
    for template, operations in _PATHS.items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, response.url.path) and method.lower() in operations:
            described = operations[method.lower()]["responses"]
            assert str(response.status_code) in described
            if response.status_code >= 400 and template.startswith("/v1/"):
                content = described[str(response.status_code)]["content"]["application/json"]
                assert code_of(response)[1] in content["examples"]


def code_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def build_world(
    folder: Path,
    resources: ExitStack,
    llm: ScriptedLLM,
    *,
    indexes: IndexStore | None = None,
    cached: bool = False,
    writer: LanguageModel | None = None,
) -> World:
    """Build a world in the folder; its index is a real one of its own, unless one is given.

    Answers are written by `writer`, if one is given, in place of `llm`.
    """
    settings = Settings(
        data_dir=folder,
        cache=CacheSettings(enabled=cached),
        answer=AnswerSettings(min_relevance=0.0),
        conversation=ConversationSettings(window_turns=2),
        service=ServiceSettings(min_confidence=0.0),
        ingest=IngestSettings(max_file_megabytes=MAX_FILE_MEGABYTES, retry_seconds=0.05),
    )
    encoder = FakeEncoder()
    catalog = Catalog(f"sqlite:///{folder / 'catalog.sqlite'}")
    resources.callback(catalog.close)
    switched = SwitchedIndexStore(indexes or EdgeIndexStore(folder / "index", IDENTITY))
    resources.callback(switched.close)
    files = FileStore(folder / "files")
    reranker = CosineReranker()
    lexicon = LexiconReader(catalog.lexicons)
    rewriter = RuleRewriter()
    retriever = Retriever(
        encoder=encoder,
        indexes=switched,
        documents=catalog.documents,
        lexicon=lexicon,
        reranker=reranker,
        today=lambda: TODAY,
    )
    answering = AnswererSettings(
        min_relevance=0.0,
        max_evidence=5,
        max_evidence_tokens=700,
        max_answer_tokens=300,
        policy=Policy.MARK,
    )
    answerer = Answerer(
        retriever=retriever,
        rewriter=rewriter,
        llm=writer or llm,
        gate=scripted_gate(llm, load_prompt(ANSWER_PROMPT)),
        prompt=load_prompt(ANSWER_PROMPT),
        count_tokens=encoder.count_tokens,
        settings=answering,
        provenance={"model": llm.name},
    )
    cues = load_cues()
    replier = Replier(
        retriever=retriever,
        triage=Triage(
            Classifier(cues=cues, llm=llm, prompt=load_prompt(COMPLAINT_PROMPT)),
            HandOverRules(cues=cues, settings=hand_over_settings(settings)),
        ),
        llm=llm,
        prompt=load_prompt(SERVICE_PROMPT),
        count_tokens=encoder.count_tokens,
        settings=answering,
        provenance={"prompt": "service@1"},
    )
    summariser = DocumentSummariser(
        llm=llm,
        prompt=load_prompt(DOCUMENT_PROMPT),
        count_tokens=encoder.count_tokens,
        settings=SummarySettings(max_read_tokens=2000, max_summary_tokens=200),
        provenance={"prompt": "document@1"},
    )
    writing = WritingLocks(folder / "locks")
    pipeline = Pipeline(
        documents=catalog.documents,
        files=files,
        indexes=switched,
        lexicon=lexicon,
        parser=shared_parser(),
        encoder=encoder,
        writing=writing,
        clock=lambda: datetime.now(UTC),
        settings=PipelineSettings(
            target_tokens=200,
            batch_chunks=8,
            max_file_bytes=MAX_FILE_MEGABYTES * 1_000_000,
            retry_seconds=settings.ingest.retry_seconds,
        ),
    )
    system = System(
        settings=settings,
        catalog=catalog,
        files=files,
        indexes=switched,
        encoder=encoder,
        lexicon=lexicon,
        rewording=Rewording(indexed=catalog.indexed_words, indexes=switched, lexicon=lexicon),
        duplicates=build_duplicates(settings, catalog),
        pipeline=pipeline,
        forgetter=build_forgetter(settings, catalog, files, switched, writing),
        reranker=reranker,
        retriever=retriever,
        rewriter=rewriter,
        llm=llm,
        answerer=answerer,
        dialogue=build_dialogue(settings, catalog, llm),
        structured_prompt=load_prompt(STRUCTURED_PROMPT),
        served=build_served(
            settings,
            answerer,
            catalog=catalog,
            made_with=lambda: {"model": llm.name},
            today=lambda: TODAY,
        ),
        replier=replier,
        summariser=summariser,
    )
    return World(system=system, llm=llm, indexes=switched)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve the application on a real socket; yield its URL."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started or None)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
