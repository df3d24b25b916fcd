"""Late interaction whose upper layers read question and window together.

In the upper layers a token attends to its own text as before and, by a share that is learned, to
the other text: `context = attention(own) + tanh(g) · attention(other)`, with one g a layer and head
(gates as in Alayrac et al., 2022, "Flamingo: a Visual Language Model for Few-Shot Learning"). The
gates start at zero, so the score starts as that of late interaction, and the lower layers stay as
they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from app.settings import load_settings
from app.wiring import models_folder
from models.registry import ENCODER
from training.reranker.model import (
    LateInteraction,
    Other,
    TokenEncoder,
    Tokens,
    additive,
    load_e5,
    unit,
)

JOINT_LAYERS: Final = 6
GATES: Final = "gates"
"""Name of the parameter that holds the gates."""
LATE_RUN: Final = "run"
JOINT_RUN: Final = "joint"
WEIGHTS: Final = "model.safetensors"
_ROWS: Final = 8


class JointInteraction(nn.Module):
    """Scores pairs of question and window.

    Parameters
    ----------
    late
        Whose upper layers learn; the rest of its encoder is frozen.
    layers
        How many layers read both texts.
    """

    def __init__(self, late: LateInteraction, *, layers: int = JOINT_LAYERS) -> None:
        super().__init__()
        self.late = late
        self.layers = layers
        self.gates = nn.Parameter(torch.zeros(layers, late.encoder.shape.heads))
        encoder = late.encoder
        for frozen in (encoder.norm, *encoder.layers[: self.below]):
            frozen.requires_grad_(requires_grad=False)

    @property
    def below(self) -> int:
        """How many layers read a text by itself."""
        return len(self.late.encoder.layers) - self.layers

    def scores(
        self,
        questions: Sequence[Sequence[int]],
        windows: Sequence[Sequence[int]],
        asked: Sequence[int],
    ) -> Tensor:
        """Return the score of each window, shape (windows,).

        Parameters
        ----------
        questions, windows
            Token ids.
        asked
            For each window the number of its question.
        """
        with torch.no_grad():
            first = _states(self.late.encoder, questions, layers=self.below)
            second = _states(self.late.encoder, windows, layers=self.below)
        order = sorted(range(len(windows)), key=lambda i: len(windows[i]))
        scores: list[Tensor | None] = [None] * len(windows)
        for start in range(0, len(order), _ROWS):
            chosen = order[start : start + _ROWS]
            found = self._together([first[asked[i]] for i in chosen], [second[i] for i in chosen])
            for i, score in zip(chosen, found, strict=True):
                scores[i] = score
        return torch.stack([score for score in scores if score is not None])

    def _together(self, questions: Sequence[Tensor], windows: Sequence[Tensor]) -> Tensor:
        left, right = _padded(questions), _padded(windows)
        width = left.states.shape[1]
        present = torch.cat([left.present, right.present], dim=1)
        is_question = torch.arange(present.shape[1]) < width
        own = is_question[:, None] == is_question[None, :]
        state = torch.cat([left.states, right.states], dim=1)
        masks = [
            additive(present[:, None, None, :] & allowed).to(state.dtype) for allowed in (own, ~own)
        ]
        shares = torch.tanh(self.gates).to(state.dtype)
        for number, layer in enumerate(self.late.encoder.layers[self.below :]):
            state = layer(state, masks[0], Other(masks[1], shares[number]))
        vectors = unit(state)
        question, window = vectors[:, :width], vectors[:, width:]
        cosines = question @ window.transpose(1, 2)
        best = cosines.masked_fill(~right.present[:, None, :], -1.0).amax(-1)
        weights = self.late.weights(question, left.present)
        return (weights * best).sum(-1)


def load_late(folder: Path, run: str = LATE_RUN) -> tuple[LateInteraction, Tokens]:
    """Return late interaction as a run left it; untrained if there was none."""
    model, tokens = load_e5(models_folder(load_settings()) / ENCODER / "hf")
    _take(model, folder / run)
    return model, tokens


def load_joint(folder: Path, run: str = JOINT_RUN) -> tuple[JointInteraction, Tokens]:
    """Return late interaction of FOLDER/run, its upper layers as a further run left them."""
    late, tokens = load_late(folder)
    model = JointInteraction(late)
    _take(model, folder / run)
    return model, tokens


def _take(model: nn.Module, run: Path) -> None:
    if (run / WEIGHTS).exists():
        model.load_state_dict(load_file(run / WEIGHTS), strict=False)


@dataclass(frozen=True, slots=True)
class _Padded:
    """States (texts, tokens, hidden) and where tokens are (texts, tokens)."""

    states: Tensor
    present: Tensor


def _padded(texts: Sequence[Tensor]) -> _Padded:
    present = (
        torch.arange(max(map(len, texts)))[None, :] < torch.tensor([len(t) for t in texts])[:, None]
    )
    return _Padded(nn.utils.rnn.pad_sequence(list(texts), batch_first=True), present)


def _states(encoder: TokenEncoder, texts: Sequence[Sequence[int]], *, layers: int) -> list[Tensor]:
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    states: dict[int, Tensor] = {}
    for start in range(0, len(order), _ROWS):
        chosen = order[start : start + _ROWS]
        rows = [torch.tensor(texts[i]) for i in chosen]
        ids = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=1)
        lengths = torch.tensor([len(row) for row in rows])
        present = torch.arange(ids.shape[1])[None, :] < lengths[:, None]
        found = encoder.states(ids, present, layers=layers)
        for i, state in zip(chosen, found, strict=True):
            states[i] = state[: len(texts[i])]
    return [states[i] for i in range(len(texts))]
