"""The retriever as LlamaIndex's `BaseRetriever`."""

import asyncio
from typing import Self

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.callbacks import CallbackManager
from llama_index.core.schema import NodeWithScore, QueryBundle

from app.llama_index.nodes import as_node, as_query
from generation.answerer import Search
from stores.access import Principal


class ZhikuRetriever(BaseRetriever):
    """Finds the passages that one principal may see.

    Nodes come best first. Their score is the probability that they are relevant, which is not what
    they are ordered by: sorting by it may move passages of two languages past each other.

    Parameters
    ----------
    search
        `SearchSystem.retriever`.
    principal
        Who asks.
    limit
        How many nodes at most, from 1.
    """

    def __init__(
        self,
        search: Search,
        *,
        principal: Principal,
        limit: int = 10,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        if limit < 1:
            raise ValueError(f"limit is {limit}; it starts at 1")
        self._search = search
        self._principal = principal
        self._limit = limit
        super().__init__(callback_manager=callback_manager)

    def for_principal(self, principal: Principal) -> Self:
        """Return the same retriever asked by another principal, such as the one of a request."""
        return type(self)(
            self._search,
            principal=principal,
            limit=self._limit,
            callback_manager=self.callback_manager,
        )

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        query = as_query(query_bundle, self._principal)
        return [as_node(each) for each in self._search.search(query, limit=self._limit)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        # The base class would search on the event loop.
        return await asyncio.to_thread(self._retrieve, query_bundle)
