"""Train the reranker on mined lists.

    python -m training.reranker.train FOLDER --minutes 60
    python -m training.reranker.train FOLDER --minutes 60 --joint

The loss of a question is the cross-entropy of its positive window among all windows of the batch,
its own hard negatives and those of the others (listwise softmax; windows of its own passages are
left out). Batches mix languages and subjects, so nothing is won by preferring a language. A run
takes at most the minutes given: the learning rate falls to zero by then. It is kept in FOLDER/run
every 50 steps, and goes on from there.

With `--joint` the upper layers go on from that run and learn to read question and window together
(`training.reranker.joint`); a question then has its own negatives only, since each pair is read by
itself. That run is kept in FOLDER/joint.
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
from torch import Tensor, nn

from eval.parts import Part, part_of
from training.reranker.joint import (
    GATES,
    JOINT_RUN,
    LATE_RUN,
    WEIGHTS,
    load_joint,
    load_late,
)
from training.reranker.lists import TrainingList, read_lists
from training.reranker.losses import Loss, joint_loss, late_loss

_SEED: Final = 7
_KEEP_EVERY: Final = 50
_REPORT_EVERY: Final = 10
_SECONDS_A_MINUTE: Final = 60
_CROSSINGS: Final = frozenset({"zh-en", "en-zh"})
_CROSSING_TIMES: Final = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run learns.

    Attributes
    ----------
    questions, negatives
        Questions of a batch, and hard negatives of each.
    rate
        Highest learning rate; it rises over `warm_up` of the run and falls to zero at its end.
    gate_factor
        So many times the rate is that of gates, which have a long way to go from zero.
    """

    questions: int = 12
    negatives: int = 3
    rate: float = 3e-5
    gate_factor: float = 100.0
    warm_up: float = 0.05
    weight_decay: float = 0.01
    max_norm: float = 1.0


JOINT_PLAN: Final = Plan(questions=8, negatives=5)


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


def rate_at(share: float, plan: Plan) -> float:
    """Return the learning rate after a share of the run, in [0, 1]."""
    if share < plan.warm_up:
        return plan.rate * share / plan.warm_up
    return plan.rate * max(0.0, 1 - (share - plan.warm_up) / (1 - plan.warm_up))


class Run:
    """A training that is kept on disk."""

    def __init__(self, folder: Path, model: nn.Module, plan: Plan) -> None:
        self._folder = folder
        self.model = model
        self.plan = plan
        trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
        gates = [p for name, p in trained.items() if name == GATES]
        others = [p for name, p in trained.items() if name != GATES]
        groups = [{"params": others, "factor": 1.0}]
        if gates:
            groups.append({"params": gates, "factor": plan.gate_factor, "weight_decay": 0.0})
        self.optimizer = torch.optim.AdamW(groups, lr=plan.rate, weight_decay=plan.weight_decay)
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
        save_file(trained_state(self.model), self._folder / WEIGHTS)
        save_file(moments, self._folder / "moments.safetensors")
        progress = json.dumps({**asdict(self.progress), "plan": asdict(self.plan)})
        (self._folder / "progress.json").write_text(progress, encoding="utf-8")

    def _resume(self) -> None:
        kept = json.loads((self._folder / "progress.json").read_text(encoding="utf-8"))
        self.progress = Progress(kept["step"], kept["seconds"])
        self.model.load_state_dict(load_file(self._folder / WEIGHTS), strict=False)
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in load_file(self._folder / "moments.safetensors").items():
            index, _, moment = name.partition(".")
            state.setdefault(int(index), {})[moment] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


def trained_state(model: nn.Module) -> dict[str, Tensor]:
    """Return the weights that training changes."""
    trained = {name for name, value in model.named_parameters() if value.requires_grad}
    return {name: value for name, value in model.state_dict().items() if name in trained}


def train(
    run: Run,
    loss_of: Loss,
    lists: Sequence[TrainingList],
    *,
    minutes: float,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Train until the minutes are over; `clock` tells seconds."""
    console = Console()
    total = minutes * _SECONDS_A_MINUTE
    losses: list[float] = []
    rights: list[float] = []
    for drawn in batches(lists, run.plan, start=run.progress.step):
        began = clock()
        share = run.progress.seconds / total
        if share >= 1:
            break
        for group in run.optimizer.param_groups:
            group["lr"] = rate_at(share, run.plan) * group["factor"]
        loss, right = loss_of(drawn, run.progress.step)
        run.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(run.model.parameters(), run.plan.max_norm)
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


def learned_lists(folder: Path) -> list[TrainingList]:
    """Return the lists to learn from; those across languages, being few, count several times."""
    lists = [
        each
        for each in read_lists(folder / "lists.jsonl")
        if each.negatives and not _is_held_out(each)
    ]
    crossing = [each for each in lists if each.crossing in _CROSSINGS]
    return lists + crossing * (_CROSSING_TIMES - 1)


def main() -> None:
    """Read the arguments."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--minutes", type=float, default=60)
    arguments.add_argument("--joint", action="store_true")
    chosen = arguments.parse_args()
    if chosen.joint:
        train_joint(chosen.folder, minutes=chosen.minutes)
    else:
        train_reranker(chosen.folder, minutes=chosen.minutes)


def train_reranker(folder: Path, *, minutes: float) -> None:
    """Train, or go on with a training, until the minutes are over."""
    torch.manual_seed(_SEED)
    plan = Plan()
    model, tokens = load_late(folder)
    run = Run(folder / LATE_RUN, model, plan)
    train(
        run,
        late_loss(model, tokens, negatives=plan.negatives),
        learned_lists(folder),
        minutes=minutes,
    )


def train_joint(folder: Path, *, minutes: float) -> None:
    """Let the upper layers learn to read question and window together."""
    torch.manual_seed(_SEED)
    model, tokens = load_joint(folder)
    run = Run(folder / JOINT_RUN, model, JOINT_PLAN)
    train(
        run,
        joint_loss(model, tokens, negatives=JOINT_PLAN.negatives),
        learned_lists(folder),
        minutes=minutes,
    )


if __name__ == "__main__":
    main()
