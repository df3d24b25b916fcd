"""A cross-encoder from a model hub as the reranker, by sentence-transformers."""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from models.errors import ModelUnsupported
from retrieval.records import Candidate
from retrieval.rerank import Relevance


class CrossEncoderReranker:
    """Reads question and passage together; the score is the sigmoid of the model's logit.

    Parameters
    ----------
    model
        Name on the hub, or a folder. Only safetensors weights are loaded, and no code of theirs.
    batch_size
        Pairs that are scored at a time.
    """

    def __init__(self, model: str | Path, *, batch_size: int = 16) -> None:
        library = _sentence_transformers()
        try:
            self._model = library.CrossEncoder(str(model), model_kwargs={"use_safetensors": True})
        except OSError as error:
            raise ModelUnsupported(
                f"cannot load the cross-encoder {model}: it needs safetensors weights that can be "
                f"reached ({str(error).splitlines()[0]})"
            ) from error
        self._batch_size = batch_size

    def judge(self, question: str, candidates: Sequence[Candidate]) -> list[Relevance]:
        """Return one judgement for each candidate, in their order."""
        if not candidates:
            return []
        from torch.nn import Sigmoid  # noqa: PLC0415  (comes with the extra)

        pairs = [(question, _text(candidate)) for candidate in candidates]
        scores = self._model.predict(
            pairs,
            batch_size=self._batch_size,
            activation_fn=Sigmoid(),
            show_progress_bar=False,
        )
        return [Relevance(float(score), float(score), {}) for score in scores]


def _text(candidate: Candidate) -> str:
    chunk = candidate.found.chunk
    return f"{chunk.context}\n{chunk.text}"


def _sentence_transformers() -> ModuleType:
    try:
        import sentence_transformers  # noqa: PLC0415  (optional)
    except ModuleNotFoundError as error:
        if error.name != "sentence_transformers":
            raise
        raise ModelUnsupported(
            "retrieval.reranker = cross-encoder needs sentence-transformers: "
            "pip install 'zhiku[gpu]'"
        ) from error
    return sentence_transformers
