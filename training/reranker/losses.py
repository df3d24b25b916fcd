"""What the reranker learns from a batch: the loss of late interaction, and of joint reading."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from training.reranker.joint import JointInteraction
from training.reranker.lists import TrainingList
from training.reranker.model import Encoded, LateInteraction, Tokens, encode


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids of a batch.

    Attributes
    ----------
    positive
        For each question the number of its window.
    barred
        True where a window is neither the question's positive nor a negative of it, shape
        (questions, windows).
    """

    questions: list[list[int]]
    windows: list[list[int]]
    positive: Tensor
    barred: Tensor


def collate(lists: Sequence[TrainingList], tokens: Tokens, *, negatives: int, step: int) -> Batch:
    """Lay a batch out; which of its negatives a question takes changes with the step."""
    chance = random.Random(step)
    texts: list[str] = []
    passages: list[frozenset[str]] = []
    positive: list[int] = []
    for each in lists:
        positive.append(len(texts))
        texts.append(each.positives[0])
        passages.append(frozenset(each.passages))
        pairs = list(zip(each.negatives, each.negative_passages, strict=True))
        for text, passage in chance.sample(pairs, min(len(pairs), negatives)):
            texts.append(text)
            passages.append(frozenset([passage]))
    barred = torch.zeros(len(lists), len(texts), dtype=torch.bool)
    for row, each in enumerate(lists):
        own = frozenset(each.passages)
        for column, named in enumerate(passages):
            barred[row, column] = column != positive[row] and bool(own & named)
    return Batch(
        [tokens.question(each.question) for each in lists],
        [tokens.window(text) for text in texts],
        torch.tensor(positive),
        barred,
    )


Loss = Callable[[Sequence[TrainingList], int], tuple[Tensor, float]]
"""From lists and the step to the loss, and the share of questions whose positive comes first."""


def late_loss(model: LateInteraction, tokens: Tokens, *, negatives: int) -> Loss:
    """Return the loss over all windows of a batch."""

    def loss(lists: Sequence[TrainingList], step: int) -> tuple[Tensor, float]:
        batch = collate(lists, tokens, negatives=negatives, step=step)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            questions = encode(model.encoder, batch.questions, rows=len(batch.questions))
            windows = encode(model.encoder, batch.windows)
        # Cosines differ in the third digit, which bf16 does not hold.
        scores = model.scores(_float(questions), _float(windows)) * model.log_scale.exp()
        scores = scores.masked_fill(batch.barred, -1e4)
        right = (scores.argmax(1) == batch.positive).float().mean()
        return functional.cross_entropy(scores, batch.positive), float(right)

    return loss


def joint_loss(model: JointInteraction, tokens: Tokens, *, negatives: int) -> Loss:
    """Return the loss over each question's own windows, its positive first."""

    def loss(lists: Sequence[TrainingList], step: int) -> tuple[Tensor, float]:
        chance = random.Random(step)
        windows: list[list[int]] = []
        asked: list[int] = []
        for number, each in enumerate(lists):
            drawn = chance.sample(each.negatives, min(len(each.negatives), negatives))
            windows += [tokens.window(text) for text in (each.positives[0], *drawn)]
            asked += [number] * (1 + len(drawn))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = model.scores([tokens.question(one.question) for one in lists], windows, asked)
        logits = scores * model.late.log_scale.exp()
        owner = torch.tensor(asked)
        losses, right = [], 0
        for number in range(len(lists)):
            own = logits[owner == number]
            losses.append(-functional.log_softmax(own, dim=0)[0])
            right += int(own.argmax() == 0)
        return torch.stack(losses).mean(), right / len(lists)

    return loss


def _float(encoded: Encoded) -> Encoded:
    return Encoded(encoded.vectors.float(), encoded.present)
