"""Evidence to build answers from."""

from collections.abc import Sequence
from datetime import date
from uuid import uuid5

from retrieval.explain import Explanation, Stage, Trail
from retrieval.policy.days import Asked, asked_as_of
from retrieval.records import Evidence, Query
from stores.access import Principal, Scope
from stores.records import document_id

PRINCIPAL = Principal("acme", "ann", frozenset({"everyone"}), frozenset({Scope.READ}))


def query(text: str = "年假有几天？", lang: str = "zh") -> Query:
    return Query(text, lang, PRINCIPAL)


def passage(
    number: int, score: float = 0.9, quote: str = "年假五天。", title: str = "员工手册"
) -> Evidence:
    document = document_id("acme", f"file:///{title}")
    return Evidence(
        number=number,
        chunk_id=uuid5(document, str(number)),
        document_id=document,
        revision=1,
        ordinal=2 * number,
        title=title,
        uri=f"file:///{title}",
        heading_path=("年休假",),
        quote=quote,
        pages=(number,),
        spans=(),
        score=score,
        signals={},
    )


def count(text: str) -> int:
    """Count every character as a token."""
    return len(text)


class ScriptedSearch:
    """Finds what the test wrote down; `queries` and `limits` keep what was asked for."""

    def __init__(self, found: Sequence[Evidence]) -> None:
        self.found = tuple(found)
        self.queries: list[Query] = []
        self.limits: list[int] = []

    def search(self, query: Query, *, limit: int) -> tuple[Evidence, ...]:
        self.queries.append(query)
        self.limits.append(limit)
        return self.found[:limit]

    def asked(self, query: Query) -> Asked:
        return asked_as_of(query.asked_on or date(2025, 9, 1))

    def explain(self, query: Query, *, limit: int) -> Explanation:
        evidence = self.search(query, limit=limit)
        return Explanation(self.asked(query), evidence, tuple(map(trail, evidence)))


def trail(evidence: Evidence) -> Trail:
    """Return the way of a passage that was found and moved by nothing."""

    def stage(name: str) -> Stage | None:
        rank = evidence.signals.get(f"{name}_rank")
        return None if rank is None else Stage(int(rank), evidence.signals.get(name, 0.0))

    return Trail(
        chunk_id=evidence.chunk_id,
        document_id=evidence.document_id,
        title=evidence.title,
        uri=evidence.uri,
        heading_path=evidence.heading_path,
        pages=evidence.pages,
        quote=evidence.quote,
        dense=stage("dense"),
        lexical=stage("lexical"),
        fusion=stage("fusion") or Stage(evidence.number, 0.0),
        rerank=Stage(evidence.number, evidence.score),
        probability=evidence.score,
        factors={},
        rank=evidence.number,
        reason=None,
        preferred_document=None,
        preferred_title=None,
    )
