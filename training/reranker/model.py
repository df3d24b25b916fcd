"""Late interaction over e5's token vectors.

`score(q, w) = sum over tokens i of q of a_i · max over tokens j of w of cos(q_i, w_j)`, where the
weights a are a softmax over a linear function of the question's token vectors (Khattab and
Zaharia, 2020, "ColBERT", with learned token weights). The function starts at zero, so the weights
start equal and the score starts as that of e5 untrained, which ranks well as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from models.chinese import to_simplified

MAX_QUESTION_TOKENS: Final = 64
MAX_WINDOW_TOKENS: Final = 288
QUESTION_PREFIX: Final = "query: "
WINDOW_PREFIX: Final = "passage: "
_SMALLEST: Final = -1e4
"""Stands for minus infinity; bf16 holds it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder."""

    hidden: int = 384
    layers: int = 12
    heads: int = 12
    inner: int = 1536
    epsilon: float = 1e-12


class Layer(nn.Module):
    """Self-attention and feed-forward of BERT, named as `models.e5` names them."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._heads = shape.heads
        self.q, self.k, self.v = (nn.Linear(shape.hidden, shape.hidden) for _ in range(3))
        self.ao = nn.Linear(shape.hidden, shape.hidden)
        self.aln = nn.LayerNorm(shape.hidden, shape.epsilon)
        self.fi = nn.Linear(shape.hidden, shape.inner)
        self.fo = nn.Linear(shape.inner, shape.hidden)
        self.oln = nn.LayerNorm(shape.hidden, shape.epsilon)

    def forward(self, state: Tensor, mask: Tensor, other: "Other | None" = None) -> Tensor:
        """Return the next state.

        Parameters
        ----------
        state
            Shape (batch, tokens, hidden).
        mask
            Added to the products of the attention, broadcast over heads.
        other
            What is attended to besides, if anything.
        """
        query, key, value = (self._split(part(state)) for part in (self.q, self.k, self.v))
        context = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        if other is not None:
            further = functional.scaled_dot_product_attention(
                query, key, value, attn_mask=other.mask
            )
            context = context + other.shares[:, None, None] * further
        joined = context.transpose(1, 2).flatten(2)
        middle: Tensor = self.aln(self.ao(joined) + state)
        wide = functional.gelu(self.fi(middle))
        result: Tensor = self.oln(self.fo(wide) + middle)
        return result

    def _split(self, state: Tensor) -> Tensor:
        batch, tokens, _ = state.shape
        return state.view(batch, tokens, self._heads, -1).transpose(1, 2)


@dataclass(frozen=True, slots=True)
class Other:
    """A second attention: its mask, and by what share of each head (heads,) it is added."""

    mask: Tensor
    shares: Tensor


class TokenEncoder(nn.Module):
    """Gives each token of a text its vector; word and position vectors are frozen."""

    def __init__(self, shape: Shape, *, vocabulary: int, positions: int) -> None:
        super().__init__()
        self.shape = shape
        self.word = nn.Embedding(vocabulary, shape.hidden)
        self.position = nn.Embedding(positions, shape.hidden)
        self.norm = nn.LayerNorm(shape.hidden, shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        for frozen in (self.word, self.position):
            frozen.requires_grad_(requires_grad=False)

    def forward(self, ids: Tensor, present: Tensor) -> Tensor:
        """Return unit vectors, shape (batch, tokens, hidden); `present` is False at padding."""
        return unit(self.states(ids, present, layers=len(self.layers)))

    def states(self, ids: Tensor, present: Tensor, *, layers: int) -> Tensor:
        """Return what the first layers make of the tokens, shape (batch, tokens, hidden)."""
        places = torch.arange(ids.shape[1])
        state: Tensor = self.norm(self.word(ids) + self.position(places))
        mask = additive(present)[:, None, None, :].to(state.dtype)
        for layer in self.layers[:layers]:
            state = layer(state, mask)
        return state


def additive(allowed: Tensor) -> Tensor:
    """Return what is added to the products of an attention: nothing, or next to minus infinity."""
    return torch.zeros(allowed.shape).masked_fill(~allowed, _SMALLEST)


def unit(states: Tensor) -> Tensor:
    """Return vectors of length 1."""
    vectors: Tensor = functional.normalize(states.float(), dim=-1)
    return vectors


class LateInteraction(nn.Module):
    """Scores windows for questions."""

    def __init__(self, encoder: TokenEncoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.importance = nn.Linear(encoder.shape.hidden, 1)
        nn.init.zeros_(self.importance.weight)
        nn.init.zeros_(self.importance.bias)
        self.log_scale = nn.Parameter(torch.tensor(3.5))

    def weights(self, vectors: Tensor, present: Tensor) -> Tensor:
        """Return what each question token counts; they add up to 1."""
        logits = self.importance(vectors).squeeze(-1).float()
        weights: Tensor = logits.masked_fill(~present, _SMALLEST).softmax(-1)
        return weights

    def scores(self, questions: "Encoded", windows: "Encoded") -> Tensor:
        """Return the score of every window for every question, shape (questions, windows)."""
        weights = self.weights(questions.vectors, questions.present)
        columns = []
        for start in range(0, len(windows.vectors), _WINDOWS_AT_ONCE):
            part = slice(start, start + _WINDOWS_AT_ONCE)
            cosines = torch.einsum("qih,wjh->qwij", questions.vectors, windows.vectors[part])
            absent = ~windows.present[part][None, :, None, :]
            best = cosines.masked_fill(absent, -1.0).amax(-1)
            columns.append(torch.einsum("qi,qwi->qw", weights, best))
        return torch.cat(columns, dim=1)


_WINDOWS_AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token vectors (texts, tokens, hidden) and where tokens are (texts, tokens)."""

    vectors: Tensor
    present: Tensor


def encode(encoder: TokenEncoder, texts: Sequence[Sequence[int]], *, rows: int = 8) -> Encoded:
    """Encode texts of token ids, `rows` of similar length at a time to spare padding."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    longest = max(len(text) for text in texts)
    vectors: list[Tensor | None] = [None] * len(texts)
    present = torch.zeros(len(texts), longest, dtype=torch.bool)
    for start in range(0, len(order), rows):
        chosen = order[start : start + rows]
        width = max(len(texts[i]) for i in chosen)
        ids = torch.ones(len(chosen), width, dtype=torch.long)
        mask = torch.zeros(len(chosen), width, dtype=torch.bool)
        for row, i in enumerate(chosen):
            ids[row, : len(texts[i])] = torch.tensor(texts[i])
            mask[row, : len(texts[i])] = True
        found = functional.pad(encoder(ids, mask), (0, 0, 0, longest - width))
        for row, i in enumerate(chosen):
            vectors[i] = found[row]
            present[i, : len(texts[i])] = True
    return Encoded(torch.stack([v for v in vectors if v is not None]), present)


class Tokens:
    """Texts as token ids, with e5's prefixes, Traditional Chinese written in Simplified."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def question(self, text: str) -> list[int]:
        """Return the ids of a question."""
        return self._ids(QUESTION_PREFIX + text, MAX_QUESTION_TOKENS)

    def window(self, text: str) -> list[int]:
        """Return the ids of a window."""
        return self._ids(WINDOW_PREFIX + text, MAX_WINDOW_TOKENS)

    def _ids(self, text: str, most: int) -> list[int]:
        ids: list[int] = self._tokenizer.encode(to_simplified(text)).ids
        return ids if len(ids) <= most else [*ids[: most - 1], ids[-1]]


_NAMES: Final = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def load_e5(folder: Path, shape: Shape | None = None) -> tuple[LateInteraction, Tokens]:
    """Return the untrained model from a Hugging Face folder of e5."""
    shape = shape or Shape()
    tensors = load_file(folder / "model.safetensors")
    word = tensors["embeddings.word_embeddings.weight"]
    position = tensors["embeddings.position_embeddings.weight"]
    encoder = TokenEncoder(shape, vocabulary=len(word), positions=len(position))
    state = {
        "word.weight": word,
        # All tokens are of type 0.
        "position.weight": position + tensors["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": tensors["embeddings.LayerNorm.weight"],
        "norm.bias": tensors["embeddings.LayerNorm.bias"],
    }
    for number in range(shape.layers):
        for short, long in _NAMES.items():
            for part in ("weight", "bias"):
                state[f"layers.{number}.{short}.{part}"] = tensors[
                    f"encoder.layer.{number}.{long}.{part}"
                ]
    encoder.load_state_dict(state)
    tokens = Tokens(Tokenizer.from_file(str(folder / "tokenizer.json")))
    return LateInteraction(encoder), tokens
