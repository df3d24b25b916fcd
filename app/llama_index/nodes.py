"""Our records as LlamaIndex's, and its questions as ours."""

from typing import Final

from llama_index.core.schema import (
    NodeRelationship,
    NodeWithScore,
    QueryBundle,
    RelatedNodeInfo,
    TextNode,
)

from app.errors import BadRequest
from models.language import detect_language
from retrieval.records import Evidence, Query
from stores.access import Principal

_SEPARATOR: Final = " › "
_NOT_READ: Final = ["number", "document_id", "revision", "uri", "pages", "signals"]
"""Metadata that other encoders and language models are not shown; title and heading are."""


def as_node(evidence: Evidence) -> NodeWithScore:
    """Return evidence as a node; its id is the chunk's, its source the document.

    The score is the calibrated probability of relevance.
    """
    node = TextNode(
        id_=str(evidence.chunk_id),
        text=evidence.quote,
        metadata={
            "number": evidence.number,
            "title": evidence.title,
            "heading": _SEPARATOR.join(evidence.heading_path),
            "uri": evidence.uri,
            "pages": list(evidence.pages),
            "document_id": str(evidence.document_id),
            "revision": evidence.revision,
            "signals": dict(evidence.signals),
        },
        excluded_embed_metadata_keys=_NOT_READ,
        excluded_llm_metadata_keys=_NOT_READ,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=str(evidence.document_id))},
    )
    return NodeWithScore(node=node, score=evidence.score)


def as_query(bundle: QueryBundle, principal: Principal) -> Query:
    """Return the question of a bundle, asked by the principal.

    Only its text is taken: a vector that another encoder made means nothing here.

    Raises
    ------
    BadRequest
        The text is blank.
    """
    if not bundle.query_str.strip():
        raise BadRequest("the question is empty: write what you want to know")
    return Query(bundle.query_str, detect_language(bundle.query_str), principal)
