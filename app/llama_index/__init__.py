"""Zhiku's retriever, reranker and query engine as LlamaIndex classes.

They are given what `app.wiring` builds, and a principal. Nothing that LlamaIndex passes along (a
filter, an embedding, a rewritten question) can widen what the principal may see.
"""

try:
    from app.llama_index.query_engine import ZhikuQueryEngine
    from app.llama_index.rerank import ZhikuRerank
    from app.llama_index.retriever import ZhikuRetriever
except ModuleNotFoundError as error:
    if error.name not in {"llama_index", "llama_index.core"}:
        raise
    raise ModuleNotFoundError(
        "app.llama_index needs llama-index-core: pip install 'zhiku[llamaindex]'", name=error.name
    ) from error

__all__ = ["ZhikuQueryEngine", "ZhikuRerank", "ZhikuRetriever"]
