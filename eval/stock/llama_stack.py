"""The stock stack: LlamaIndex, its BM25 retriever, Qdrant's local mode, a cross-encoder."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor import SentenceTransformerRerank
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.core.schema import BaseNode, NodeWithScore, TextNode
from llama_index.retrievers.bm25 import BM25Retriever
from llama_index.vector_stores.qdrant import QdrantVectorStore
from qdrant_client import QdrantClient

from eval.errors import EvalError
from eval.stock.corpus import Entry
from models.encoder import CountingEncoder
from models.manifest import asks_for_code

DEFAULT_PATTERN: Final = r"(?u)\b\w\w+\b"
"""What the BM25 retriever takes for words by default: a Chinese clause is one of them."""
CHINESE_PATTERN: Final = r"(?=([\u4e00-\u9fff]{2}|(?<![^\W\u4e00-\u9fff])[^\W\u4e00-\u9fff]{2,}))"
"""Every two Chinese characters, overlapping, beside the words of other scripts: as far as its
`token_pattern` goes, since it takes no tokenizer."""


class SharedEmbedding(BaseEmbedding):
    """Our encoder as LlamaIndex's: the same weights, with the prefixes that its card asks for."""

    _encoder: CountingEncoder = PrivateAttr()

    def __init__(self, encoder: CountingEncoder) -> None:
        super().__init__(model_name=encoder.name, embed_batch_size=64)
        self._encoder = encoder

    def _get_query_embedding(self, query: str) -> list[float]:
        return [float(value) for value in self._encoder.encode_query(query)]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        found: list[list[float]] = self._encoder.encode_passages(texts).tolist()
        return found


class LlamaStack:
    """Reciprocal rank fusion of BM25 and vectors, as LlamaIndex's own documentation puts it up.

    Parameters
    ----------
    folder
        Where Qdrant's local mode keeps its collection; empty.
    depth
        How many nodes each of the two searches contributes; all of them are reranked.
    token_pattern
        Of the BM25 retriever; all else of it stays at its defaults, stop words and stemmer too.
    rerank
        Folder of a cross-encoder; None leaves the order of the fusion.
    """

    def __init__(
        self,
        folder: Path,
        encoder: CountingEncoder,
        *,
        depth: int,
        token_pattern: str = DEFAULT_PATTERN,
        rerank: Path | None = None,
    ) -> None:
        self._client = QdrantClient(path=str(folder))
        self._embedding = SharedEmbedding(encoder)
        self._depth = depth
        self._token_pattern = token_pattern
        self._rerank = None if rerank is None else open_rerank(rerank, top_n=2 * depth)
        self._fused: QueryFusionRetriever | None = None

    def build(self, entries: Iterable[Entry]) -> int:
        """Index the chunks; they come ready, so parsing and cutting are not part of it."""
        nodes = [node for entry in entries for node in _nodes(entry)]
        # The local mode makes no payload indexes, and warns of each that it is asked for.
        store = QdrantVectorStore(collection_name="stock", client=self._client, index_doc_id=False)
        index = VectorStoreIndex(
            nodes,
            storage_context=StorageContext.from_defaults(vector_store=store),
            embed_model=self._embedding,
        )
        lexical = BM25Retriever.from_defaults(
            nodes=nodes, similarity_top_k=self._depth, token_pattern=self._token_pattern
        )
        self._fused = QueryFusionRetriever(
            [index.as_retriever(similarity_top_k=self._depth), lexical],
            llm=MockLLM(),  # never asked: one query is the question itself
            mode=FUSION_MODES.RECIPROCAL_RANK,
            num_queries=1,
            similarity_top_k=2 * self._depth,
            # The local mode is one client, which serves no asynchronous calls.
            use_async=False,
        )
        return len(nodes)

    def search(self, text: str) -> list[str]:
        """Search, and rerank where there is a cross-encoder."""
        if self._fused is None:
            raise EvalError("nothing was built yet")
        found = self._fused.retrieve(text)
        if self._rerank is not None:
            found = self._rerank.postprocess_nodes(found, query_str=text)
        return list(dict.fromkeys(map(_document, found)))

    def close(self) -> None:
        """Close the collection."""
        self._client.close()


def open_rerank(folder: Path, *, top_n: int) -> SentenceTransformerRerank:
    """Open a cross-encoder from a folder; raises `EvalError` for what is none, or has code."""
    check_rerank(folder)
    return SentenceTransformerRerank(model=str(folder), top_n=top_n, device="cpu")


def check_rerank(folder: Path) -> None:
    """Raise `EvalError` unless the folder holds a cross-encoder as data alone."""
    config = folder / "config.json"
    if not config.is_file() or not any(folder.glob("*.safetensors")):
        raise EvalError(
            f"--rerank {folder}: is no model in the Hugging Face layout (config.json and "
            "*.safetensors); leave it out to compare without a cross-encoder"
        )
    if asks_for_code(config):
        raise EvalError(f"--rerank {folder}: config.json asks for code of its own; not loaded")


def _nodes(entry: Entry) -> list[BaseNode]:
    return [
        TextNode(
            id_=str(uuid5(NAMESPACE_URL, f"{entry.source.uri}#{number}")),
            text=text,
            metadata={"document": entry.name},
            excluded_embed_metadata_keys=["document"],
        )
        for number, text in enumerate(entry.chunks)
    ]


def _document(found: NodeWithScore) -> str:
    return str(found.metadata["document"])
