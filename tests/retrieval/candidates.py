"""Candidates to judge."""

from collections.abc import Sequence
from dataclasses import replace

from models.bm25 import document_weights, query_weights
from models.language import detect_language
from models.terms import terms
from retrieval.fusion import Fusion
from retrieval.records import Candidate, Match
from stores.documents import FoundChunk
from tests.stores.builders import make_chunks, make_document


def make_match(text: str, *, cosine: float = 0.85) -> Match:
    document = replace(make_document(), lang=detect_language(text))
    chunk = replace(make_chunks(document, count=1)[0], text=text, context="")
    return Match(
        found=FoundChunk(chunk, document),
        terms=frozenset(document_weights(terms(text))),
        cosine=cosine,
        lexical=1.0,
        ranks={},
    )


def make_candidates(question: str, matches: Sequence[Match]) -> list[Candidate]:
    return Fusion.load().fuse(question, query_weights(terms(question)), matches)


def make_candidate(text: str, *, cosine: float = 0.85) -> Candidate:
    """Return a candidate for a question that shares no term with it."""
    (candidate,) = make_candidates("?", [make_match(text, cosine=cosine)])
    return candidate
