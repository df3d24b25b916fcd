"""How the reranker learns: lists, batches, the loss, runs that are gone on with."""

from collections.abc import Callable
from itertools import count, islice
from pathlib import Path

import pytest

from models.fetch import pull_from
from tests.fakes.weights import (
    FEED_FORWARD,
    HEADS,
    HIDDEN,
    LAYERS,
    ScriptedSource,
    e5_bytes,
    e5_spec,
)

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'zhiku[dev]'")

from training.reranker.lists import TrainingList, read_lists, write_lists  # noqa: E402
from training.reranker.model import LateInteraction, Shape, Tokens, encode, load_e5  # noqa: E402
from training.reranker.train import (  # noqa: E402
    Plan,
    Run,
    batches,
    collate,
    loss_of,
    rate_at,
    train,
)

BYTES = e5_bytes()
SHAPE = Shape(hidden=HIDDEN, layers=LAYERS, heads=HEADS, inner=FEED_FORWARD)
PLAN = Plan(questions=2, negatives=1, rate=1e-2)


def _seconds() -> Callable[[], float]:
    """Return a clock by which each step takes a second: it ticks whenever it is asked."""
    ticks = count()
    return lambda: float(next(ticks))


def made(name: str, *, negatives: int = 1, passages: tuple[str, ...] = ()) -> TrainingList:
    return TrainingList(
        source="set",
        question=f"a {name}",
        crossing="en-en",
        passages=passages or (name,),
        positives=(f"ab {name}",),
        negatives=tuple(f"b {number}" for number in range(negatives)),
        negative_passages=tuple(f"{name}-{number}" for number in range(negatives)),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("models")
    source = ScriptedSource(BYTES)
    return pull_from(e5_spec(BYTES), place, sources=[source], progress=lambda _: None) / "hf"


@pytest.fixture
def loaded(folder: Path) -> tuple[LateInteraction, Tokens]:
    torch.manual_seed(0)
    return load_e5(folder, SHAPE)


def test_lists_come_back_as_they_were_written(tmp_path: Path) -> None:
    lists = [made("年假", negatives=3), made("b")]

    assert write_lists(tmp_path / "lists.jsonl", lists) == 2
    assert list(read_lists(tmp_path / "lists.jsonl")) == lists
    assert [path.name for path in tmp_path.iterdir()] == ["lists.jsonl"]


def test_batches_go_on_where_they_were() -> None:
    lists = [made(str(number)) for number in range(5)]

    whole = list(islice(batches(lists, PLAN, start=0), 6))
    rest = list(islice(batches(lists, PLAN, start=4), 2))

    assert rest == whole[4:]
    assert all(len(batch) == 2 for batch in whole)
    # Two batches an epoch; another epoch is in another order.
    assert whole[:2] != whole[2:4]


def test_a_window_of_a_passage_that_answers_is_no_negative(folder: Path) -> None:
    _, tokens = load_e5(folder, SHAPE)
    lists = [made("x", passages=("shared",)), made("y", passages=("shared",)), made("z")]

    batch = collate(lists, tokens, PLAN, step=0)

    # Windows: positive and negative of each of the three questions.
    assert batch.positive.tolist() == [0, 2, 4]
    assert batch.barred.int().tolist() == [
        [0, 0, 1, 0, 0, 0],
        [1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
    ]


def test_the_rate_rises_and_falls_to_zero() -> None:
    plan = Plan(rate=1.0, warm_up=0.1)

    assert [rate_at(share, plan) for share in (0.0, 0.05, 0.1, 0.55, 1.0, 1.2)] == pytest.approx(
        [0.0, 0.5, 1.0, 0.5, 0.0, 0.0]
    )


def test_the_untrained_score_is_the_mean_of_the_best_cosines(
    loaded: tuple[LateInteraction, Tokens],
) -> None:
    model, tokens = loaded
    with torch.inference_mode():
        asked = encode(model.encoder, [tokens.question("年假"), tokens.question("a")])
        told = encode(model.encoder, [tokens.window("ab 年假"), tokens.window("b")])
        found = model.scores(asked, told)

    for row, question in enumerate(asked.vectors):
        present = question[asked.present[row]]
        for column, window in enumerate(told.vectors):
            cosines = present @ window[told.present[column]].T
            assert float(found[row, column]) == pytest.approx(
                float(cosines.amax(1).mean()), abs=1e-5
            )


def test_padding_changes_nothing(loaded: tuple[LateInteraction, Tokens]) -> None:
    model, tokens = loaded
    texts = [tokens.window("a"), tokens.window("ab 年假 b a ab")]
    with torch.inference_mode():
        together, alone = encode(model.encoder, texts), encode(model.encoder, texts[:1])

    length = len(texts[0])
    torch.testing.assert_close(together.vectors[0, :length], alone.vectors[0], atol=1e-5, rtol=0)
    assert together.present.sum(1).tolist() == [len(text) for text in texts]


def test_traditional_characters_are_learned_as_simplified_ones(folder: Path) -> None:
    _, tokens = load_e5(folder, SHAPE)

    assert tokens.window("國") == tokens.window("国")


def test_training_lowers_the_loss_and_leaves_words_alone(
    loaded: tuple[LateInteraction, Tokens], tmp_path: Path
) -> None:
    model, tokens = loaded
    lists = [made("年假"), made("b")]
    batch = collate(lists, tokens, PLAN, step=0)
    words = model.encoder.word.weight.clone()
    before, _ = loss_of(model, batch)

    run = Run(tmp_path / "run", model, PLAN)
    train(run, model, tokens, lists, plan=PLAN, minutes=0.5, clock=_seconds())

    after, _ = loss_of(model, batch)
    assert (run.progress.step, run.progress.seconds) == (30, 30)
    assert float(after.detach()) < float(before.detach())
    torch.testing.assert_close(model.encoder.word.weight, words)


def test_a_run_goes_on_with_its_weights_and_moments(
    loaded: tuple[LateInteraction, Tokens], folder: Path, tmp_path: Path
) -> None:
    model, tokens = loaded
    run = Run(tmp_path / "run", model, PLAN)
    train(run, model, tokens, [made("年假"), made("b")], plan=PLAN, minutes=0.1, clock=_seconds())

    again, _ = load_e5(folder, SHAPE)
    resumed = Run(tmp_path / "run", again, PLAN)

    assert resumed.progress == run.progress
    for name, value in model.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value)
    kept, found = (each.optimizer.state_dict()["state"] for each in (run, resumed))
    assert kept.keys() == found.keys()
    torch.testing.assert_close(found[0]["exp_avg"], kept[0]["exp_avg"])
