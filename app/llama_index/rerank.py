"""The reranker over nodes that anyone has found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from llama_index.core.bridge.pydantic import Field, PrivateAttr
from llama_index.core.callbacks import CallbackManager
from llama_index.core.callbacks.schema import CBEventType, EventPayload
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import BaseNode, MetadataMode, NodeWithScore, QueryBundle

from ingest.chunk import chunk_blocks, passage
from ingest.pipeline import RESERVED_TOKENS
from models.bm25 import document_weights, query_weights
from models.encoder import CountingEncoder
from models.language import detect_language
from models.terms import terms
from retrieval.fusion import Fusion
from retrieval.records import Candidate, Match
from retrieval.rerank import Relevance, Reranker
from stores.documents import FoundChunk
from stores.records import Block, BlockKind, Chunk, Document, document_id

_FOREIGN: Final = "llama-index"
_UNKNOWN_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING: Final = Relevance(float("-inf"), 0.0, {})


@dataclass(frozen=True, slots=True)
class _Window:
    """A piece of the node with this 0-based place."""

    node: int
    found: FoundChunk


class ZhikuRerank(BaseNodePostprocessor):
    """Judges nodes as the search judges its own candidates, and keeps the best.

    A node is cut into windows of the length that the judgement is calibrated for, and its best
    window speaks for it. Each window is encoded, and its terms are taken, here and now (some ten
    milliseconds a window on a core). The BM25 score, which needs the whole collection and which the
    judgement does without, is given as 0.

    The nodes returned are the ones given; their score becomes the probability that they are
    relevant. They are ordered by the reranker's merit, as in `ZhikuRetriever`. Nothing is looked up
    anywhere: who may see the nodes is decided by whoever found them.

    Parameters
    ----------
    reranker, encoder
        `SearchSystem.reranker` and `SearchSystem.encoder`.
    top_n
        How many nodes are kept, from 1.
    window_tokens
        Length of a window, in the encoder's tokens; `ingest.target_tokens` of the settings.
    """

    top_n: int = Field(ge=1)
    window_tokens: int = Field(ge=32)
    _reranker: Reranker = PrivateAttr()
    _encoder: CountingEncoder = PrivateAttr()
    _fusion: Fusion = PrivateAttr(default_factory=Fusion.load)

    def __init__(
        self,
        reranker: Reranker,
        encoder: CountingEncoder,
        *,
        top_n: int = 5,
        window_tokens: int = 200,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(
            top_n=top_n,
            window_tokens=window_tokens,
            callback_manager=callback_manager or CallbackManager(),
        )
        self._reranker = reranker
        self._encoder = encoder

    @classmethod
    def class_name(cls) -> str:
        """Return the name that LlamaIndex serialises by."""
        return "ZhikuRerank"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None:
            raise ValueError("ZhikuRerank needs the question: pass query_bundle or query_str")
        payload: dict[str, object] = {
            EventPayload.NODES: nodes,
            EventPayload.QUERY_STR: query_bundle.query_str,
            EventPayload.TOP_K: self.top_n,
        }
        with self.callback_manager.event(CBEventType.RERANKING, payload=payload) as event:
            judged = self._judge(query_bundle.query_str, [each.node for each in nodes])
            # Sorting is stable: equal ones stay in the order in which they came.
            best = sorted(range(len(nodes)), key=lambda number: -judged[number].merit)
            kept = [
                NodeWithScore(node=nodes[number].node, score=judged[number].probability)
                for number in best[: self.top_n]
            ]
            event.on_end(payload={EventPayload.NODES: kept})
        return kept

    def _judge(self, question: str, nodes: Sequence[BaseNode]) -> list[Relevance]:
        """Return the judgement of the best window of each node."""
        windows = [
            _Window(number, found) for number, node in enumerate(nodes) for found in self._cut(node)
        ]
        judged = self._reranker.judge(question, self._candidates(question, windows))
        best = [_NOTHING] * len(nodes)
        for window, relevance in zip(windows, judged, strict=True):
            if relevance.merit > best[window.node].merit:
                best[window.node] = relevance
        return best

    def _cut(self, node: BaseNode) -> list[FoundChunk]:
        """Cut a node as a document is cut, under the metadata that it shows to encoders."""
        text = node.get_content(metadata_mode=MetadataMode.NONE)
        document = _document(node, text)
        chunks = chunk_blocks(
            " ".join(node.get_metadata_str(mode=MetadataMode.EMBED).split()),
            [Block(BlockKind.TEXT, text)] if text.strip() else [],
            document_id=document.id,
            revision=document.revision,
            count_tokens=self._encoder.count_tokens,
            target_tokens=self.window_tokens,
            max_tokens=self._encoder.max_tokens - RESERVED_TOKENS,
        )
        return [FoundChunk(chunk, document) for chunk in chunks]

    def _candidates(self, question: str, windows: Sequence[_Window]) -> list[Candidate]:
        texts = [_passage(window.found.chunk) for window in windows]
        cosines = self._encoder.encode_passages(texts) @ self._encoder.encode_query(question)
        matches = [
            Match(
                found=window.found,
                terms=frozenset(document_weights(terms(text))),
                cosine=float(cosine),
                lexical=0.0,
                ranks={},
            )
            for window, text, cosine in zip(windows, texts, cosines, strict=True)
        ]
        return self._fusion.fuse(question, query_weights(terms(question)), matches)


def _passage(chunk: Chunk) -> str:
    return passage(chunk.context, chunk.text)


def _document(node: BaseNode, text: str) -> Document:
    """Return what a candidate has to say of its document; of a foreign one only the language."""
    uri = f"{_FOREIGN}:///{node.node_id}"
    return Document(
        id=document_id(_FOREIGN, uri),
        tenant=_FOREIGN,
        uri=uri,
        revision=1,
        title="",
        media_type="text/plain",
        lang=detect_language(text),
        sha256="",
        size_bytes=len(text.encode()),
        groups=(),
        updated_at=_UNKNOWN_TIME,
    )
