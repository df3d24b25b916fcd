"""Evidence to build answers from."""

from collections.abc import Sequence
from uuid import uuid5

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
    """Finds what the test wrote down; `limits` keeps how much was asked for."""

    def __init__(self, found: Sequence[Evidence]) -> None:
        self.found = tuple(found)
        self.limits: list[int] = []

    def search(self, query: Query, *, limit: int) -> tuple[Evidence, ...]:
        self.limits.append(limit)
        return self.found[:limit]
