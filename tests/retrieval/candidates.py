"""Candidates to judge."""

from dataclasses import replace

from models.bm25 import document_weights
from models.language import detect_language
from models.terms import terms
from retrieval.records import Candidate
from stores.documents import FoundChunk
from tests.stores.builders import make_chunks, make_document


def make_candidate(text: str, *, cosine: float = 0.85) -> Candidate:
    document = replace(make_document(), lang=detect_language(text))
    chunk = replace(make_chunks(document, count=1)[0], text=text, context="")
    return Candidate(
        found=FoundChunk(chunk, document),
        terms=frozenset(document_weights(terms(text))),
        cosine=cosine,
        lexical=1.0,
        fusion=0.01,
        ranks={"fusion_rank": 1},
    )
