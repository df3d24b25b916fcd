"""Train the reranker on mined lists.

    python -m training.reranker.train FOLDER --minutes 60

The loss of a question is the cross-entropy of its positive window among all windows of the batch,
its own hard negatives and those of the others (listwise softmax; windows of its own passages are
left out). Batches mix languages and subjects, so nothing is won by preferring a language. A run
takes at most the minutes given: the learning rate falls to zero by then. It is kept in FOLDER/run
every 50 steps, and goes on from there.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import torch
from rich.console import Console
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from app.settings import load_settings
from app.wiring import models_folder
from eval.parts import Part, part_of
from models.registry import ENCODER
from training.reranker.lists import TrainingList, read_lists
from training.reranker.model import Encoded, LateInteraction, Tokens, encode, load_e5

_SEED: Final = 7
_KEEP_EVERY: Final = 50
_REPORT_EVERY: Final = 10
_SECONDS_A_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run learns.

    Attributes
    ----------
    questions, negatives
        Questions of a batch, and hard negatives of each.
    rate
        Highest learning rate; it rises over `warm_up` of the run and falls to zero at its end.
    """

    questions: int = 12
    negatives: int = 3
    rate: float = 3e-5
    warm_up: float = 0.05
    weight_decay: float = 0.01
    max_norm: float = 1.0


@dataclass(slots=True)
class Progress:
    """Where a run stands; `seconds` counts training alone, over all its parts."""

    step: int = 0
    seconds: float = 0.0


def batches(
    lists: Sequence[TrainingList], plan: Plan, *, start: int
) -> Iterator[list[TrainingList]]:
    """Yield batches without end, epoch after epoch, from step `start` on."""
    step, epoch = 0, 0
    while True:
        order = list(lists)
        random.Random(_SEED + epoch).shuffle(order)
        for first in range(0, len(order) - plan.questions + 1, plan.questions):
            if step >= start:
                yield order[first : first + plan.questions]
            step += 1
        epoch += 1


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


def collate(lists: Sequence[TrainingList], tokens: Tokens, plan: Plan, step: int) -> Batch:
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
        for text, passage in chance.sample(pairs, min(len(pairs), plan.negatives)):
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


def loss_of(model: LateInteraction, batch: Batch) -> tuple[Tensor, float]:
    """Return the loss, and the share of questions whose positive comes first."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        questions = encode(model.encoder, batch.questions, rows=len(batch.questions))
        windows = encode(model.encoder, batch.windows)
    # Cosines differ in the third digit, which bf16 does not hold.
    scores = model.scores(_float(questions), _float(windows)) * model.log_scale.exp()
    scores = scores.masked_fill(batch.barred, -1e4)
    right = (scores.argmax(1) == batch.positive).float().mean()
    return functional.cross_entropy(scores, batch.positive), float(right)


def _float(encoded: Encoded) -> Encoded:
    return Encoded(encoded.vectors.float(), encoded.present)


def rate_at(share: float, plan: Plan) -> float:
    """Return the learning rate after a share of the run, in [0, 1]."""
    if share < plan.warm_up:
        return plan.rate * share / plan.warm_up
    return plan.rate * max(0.0, 1 - (share - plan.warm_up) / (1 - plan.warm_up))


class Run:
    """A training that is kept on disk."""

    def __init__(self, folder: Path, model: LateInteraction, plan: Plan) -> None:
        self._folder = folder
        self._model = model
        self._plan = plan
        trained = [p for p in model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(trained, lr=plan.rate, weight_decay=plan.weight_decay)
        self.progress = Progress()
        if (folder / "progress.json").exists():
            self._resume()

    def keep(self) -> None:
        """Write weights, the optimizer's moments and the progress."""
        self._folder.mkdir(parents=True, exist_ok=True)
        moments = {
            f"{index}.{name}": value
            for index, state in self.optimizer.state_dict()["state"].items()
            for name, value in state.items()
        }
        save_file(trained_state(self._model), self._folder / "model.safetensors")
        save_file(moments, self._folder / "moments.safetensors")
        progress = json.dumps({**asdict(self.progress), "plan": asdict(self._plan)})
        (self._folder / "progress.json").write_text(progress, encoding="utf-8")

    def _resume(self) -> None:
        kept = json.loads((self._folder / "progress.json").read_text(encoding="utf-8"))
        self.progress = Progress(kept["step"], kept["seconds"])
        self._model.load_state_dict(load_file(self._folder / "model.safetensors"), strict=False)
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in load_file(self._folder / "moments.safetensors").items():
            index, _, moment = name.partition(".")
            state.setdefault(int(index), {})[moment] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


def trained_state(model: LateInteraction) -> dict[str, Tensor]:
    """Return the weights that training changes."""
    trained = {name for name, value in model.named_parameters() if value.requires_grad}
    return {name: value for name, value in model.state_dict().items() if name in trained}


def train(
    run: Run,
    model: LateInteraction,
    tokens: Tokens,
    lists: Sequence[TrainingList],
    *,
    plan: Plan,
    minutes: float,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Train until the minutes are over; `clock` tells seconds."""
    console = Console()
    total = minutes * _SECONDS_A_MINUTE
    losses: list[float] = []
    rights: list[float] = []
    for drawn in batches(lists, plan, start=run.progress.step):
        began = clock()
        share = run.progress.seconds / total
        if share >= 1:
            break
        for group in run.optimizer.param_groups:
            group["lr"] = rate_at(share, plan)
        loss, right = loss_of(model, collate(drawn, tokens, plan, run.progress.step))
        run.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), plan.max_norm)
        run.optimizer.step()
        losses.append(float(loss.detach()))
        rights.append(right)
        run.progress.step += 1
        run.progress.seconds += clock() - began
        if run.progress.step % _REPORT_EVERY == 0:
            console.print(
                f"step {run.progress.step}, {run.progress.seconds / _SECONDS_A_MINUTE:.1f} of "
                f"{minutes:.0f} min: loss {sum(losses) / len(losses):.3f}, "
                f"first {sum(rights) / len(rights):.3f}"
            )
            losses, rights = [], []
        if run.progress.step % _KEEP_EVERY == 0:
            run.keep()
    run.keep()


def _is_held_out(each: TrainingList) -> bool:
    """Tell whether a passage is kept back to fit how signals are put together."""
    return any(part_of([passage]) is Part.FIT for passage in each.passages)


def main() -> None:
    """Read the arguments."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--minutes", type=float, default=60)
    chosen = arguments.parse_args()
    train_reranker(chosen.folder, minutes=chosen.minutes)


def train_reranker(folder: Path, *, minutes: float) -> None:
    """Train, or go on with a training, until the minutes are over."""
    torch.manual_seed(_SEED)
    plan = Plan()
    lists = [
        each
        for each in read_lists(folder / "lists.jsonl")
        if each.negatives and not _is_held_out(each)
    ]
    model, tokens = load_e5(models_folder(load_settings()) / ENCODER / "hf")
    run = Run(folder / "run", model, plan)
    train(run, model, tokens, lists, plan=plan, minutes=minutes)


if __name__ == "__main__":
    main()
