"""A scorer behind a URL: text-embeddings-inference and servers that speak its `/rerank`."""

from collections.abc import Iterator, Sequence
from typing import Final

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from models.encoder import encodable
from models.errors import ScorerUnavailable
from models.window_scorer import Window, WindowScore

_MAX_BATCH: Final = 32
"""What text-embeddings-inference takes in one request unless told otherwise."""


class _Ranked(BaseModel):
    index: int
    score: float


_ANSWER: Final = TypeAdapter(list[_Ranked])


class RerankServer:
    """Asks a server; values are the probabilities it gives, in [0, 1].

    Parameters
    ----------
    base_url
        Without `/rerank`: `http://127.0.0.1:8080`.
    api_key
        None where the server asks for none.
    timeout_seconds
        The longest wait for the scores of 32 windows.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None,
        timeout_seconds: float,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(headers=headers, timeout=timeout_seconds, transport=transport)

    @property
    def name(self) -> str:
        """Where the scores come from."""
        return f"reranker at {self._base_url}"

    def score(self, question: str, windows: Sequence[Window]) -> list[WindowScore]:
        """Return one score for each window, in order; raises `ScorerUnavailable`."""
        scores: list[WindowScore] = []
        for start in range(0, len(windows), _MAX_BATCH):
            texts = [encodable(window.text) for window in windows[start : start + _MAX_BATCH]]
            scores.extend(self._batch(encodable(question), texts))
        return scores

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _batch(self, question: str, texts: Sequence[str]) -> Iterator[WindowScore]:
        body = {"query": question, "texts": texts, "raw_scores": False, "truncate": True}
        try:
            response = self._client.post(f"{self._base_url}/rerank", json=body)
            response.raise_for_status()
            ranked = {each.index: each.score for each in _ANSWER.validate_json(response.content)}
        except httpx.HTTPStatusError as error:
            raise self._unavailable(f"failed with status {error.response.status_code}") from error
        except httpx.HTTPError as error:
            raise self._unavailable(f"cannot be reached ({type(error).__name__})") from error
        except ValidationError as error:
            raise self._unavailable("sent something that is no list of scores") from error
        if ranked.keys() != set(range(len(texts))):
            raise self._unavailable(f"scored {len(ranked)} of {len(texts)} windows")
        return (WindowScore(ranked[number]) for number in range(len(texts)))

    def _unavailable(self, what: str) -> ScorerUnavailable:
        return ScorerUnavailable(
            f"the {self.name} {what}: look at its log, or correct `retrieval.rerank_url`"
        )
