"""The answerer as LlamaIndex's `BaseQueryEngine`."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any, Self

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.schema import QueryBundle

from app.llama_index.nodes import as_node, as_query
from generation.answerer import Answerer
from generation.records import Answer, AnswerDone
from stores.access import Principal


class ZhikuQueryEngine(BaseQueryEngine):
    """Answers with citations, or refuses, from what one principal may see.

    The response is whole: what the model writes may yet be replaced by a refusal, so nothing is
    streamed. Its `source_nodes` are the passages that the model was given, or for a refusal those
    that came closest. Its `metadata`:

    - `refusal`: whether no answer was found;
    - `citations`: ids of the nodes that the text cites as `[1]`, by that number;
    - `sentences`: of each its `text`, `citations` (numbers) and `support`;
    - `lang`, `provenance`: language of the answer, and what it was made with.

    Parameters
    ----------
    answerer
        `System.answerer`.
    principal
        Who asks.
    """

    def __init__(
        self,
        answerer: Answerer,
        *,
        principal: Principal,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        self._answerer = answerer
        self._principal = principal
        super().__init__(callback_manager=callback_manager)

    def for_principal(self, principal: Principal) -> Self:
        """Return the same engine asked by another principal, such as the one of a request."""
        return type(self)(
            self._answerer, principal=principal, callback_manager=self.callback_manager
        )

    def _get_prompt_modules(self) -> dict[str, Any]:
        """Return none: the prompt is a file of Zhiku, and its version stands in `provenance`."""
        return {}

    def _query(self, query_bundle: QueryBundle) -> Response:
        return self._answer(query_bundle, cancelled=lambda: False)

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        left = threading.Event()
        try:
            return await asyncio.to_thread(self._answer, query_bundle, cancelled=left.is_set)
        finally:
            left.set()

    def _answer(self, bundle: QueryBundle, *, cancelled: Callable[[], bool]) -> Response:
        query = as_query(bundle, self._principal)
        for event in self._answerer.answer(query, cancelled=cancelled):
            if isinstance(event, AnswerDone):
                return _response(event.answer)
        raise CancelledError("the question was taken back before it was answered")


def _response(answer: Answer) -> Response:
    return Response(
        response=answer.text,
        source_nodes=[as_node(each) for each in answer.evidence],
        metadata={
            "refusal": answer.refusal,
            "citations": {each.number: str(each.chunk_id) for each in answer.citations},
            "sentences": [
                {
                    "text": sentence.text,
                    "citations": list(sentence.citations),
                    "support": sentence.support.value,
                }
                for sentence in answer.sentences
            ],
            "lang": answer.lang,
            "provenance": dict(answer.provenance),
        },
    )
