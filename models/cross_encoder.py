"""A cross-encoder from a model hub as scorer, by sentence-transformers."""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from models.encoder import encodable
from models.errors import ModelUnsupported
from models.window_scorer import Window, WindowScore


class CrossEncoderScorer:
    """Reads question and window together; the value is the sigmoid of the model's logit, in [0, 1].

    Parameters
    ----------
    model
        Name on the hub, or a folder. Only safetensors weights are loaded, and no code of theirs.
    revision
        Of the model on the hub.
    batch_size
        Pairs that are scored at a time.
    """

    def __init__(
        self, model: str | Path, *, revision: str | None = None, batch_size: int = 16
    ) -> None:
        library = _sentence_transformers()
        try:
            self._model = library.CrossEncoder(
                str(model), revision=revision, model_kwargs={"use_safetensors": True}
            )
        except OSError as error:
            raise ModelUnsupported(
                f"cannot load the cross-encoder {model}: it needs safetensors weights that can be "
                f"reached ({str(error).splitlines()[0]})"
            ) from error
        self._name = Path(model).name if isinstance(model, Path) else model
        self._batch_size = batch_size

    @property
    def name(self) -> str:
        """The model's name on the hub, or that of its folder."""
        return self._name

    def score(self, question: str, windows: Sequence[Window]) -> list[WindowScore]:
        """Return one score for each window, in order."""
        if not windows:
            return []
        from torch.nn import Sigmoid  # noqa: PLC0415  (comes with the extra)

        pairs = [(encodable(question), encodable(window.text)) for window in windows]
        values = self._model.predict(
            pairs,
            batch_size=self._batch_size,
            activation_fn=Sigmoid(),
            show_progress_bar=False,
        )
        return [WindowScore(float(value)) for value in values]


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
