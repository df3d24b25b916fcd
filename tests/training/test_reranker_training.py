"""How the reranker learns: lists, batches, the loss, runs that are gone on with."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import pytest

from models.fetch import pull_from
from tests.fakes.encoder import FakeEncoder
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

from training.reranker.joint import JointInteraction  # noqa: E402
from training.reranker.lists import TrainingList, read_lists, write_lists  # noqa: E402
from training.reranker.losses import collate, joint_loss, late_loss  # noqa: E402
from training.reranker.model import LateInteraction, Shape, Tokens, encode, load_e5  # noqa: E402
from training.reranker.pools import build_pool  # noqa: E402
from training.reranker.strangers import Strangers, with_strangers  # noqa: E402
from training.reranker.train import (  # noqa: E402
    Plan,
    Run,
    batches,
    learned_lists,
    rate_at,
    train,
)
from training.reranker.windows import Window  # noqa: E402

BYTES = e5_bytes()
SHAPE = Shape(hidden=HIDDEN, layers=LAYERS, heads=HEADS, inner=FEED_FORWARD)
PLAN = Plan(questions=2, negatives=1, rate=1e-2)


def _seconds() -> Callable[[], float]:
    """Return a clock by which each step takes a second: it ticks whenever it is asked."""
    ticks = count()
    return lambda: float(next(ticks))


def made(
    name: str,
    *,
    negatives: int = 1,
    passages: tuple[str, ...] = (),
    crossing: str = "en-en",
) -> TrainingList:
    return TrainingList(
        source="set",
        question=f"a {name}",
        crossing=crossing,
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

    batch = collate(lists, tokens, negatives=PLAN.negatives, step=0)

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
    loss = late_loss(model, tokens, negatives=PLAN.negatives)
    words = model.encoder.word.weight.clone()
    before, _ = loss(lists, 0)

    run = Run(tmp_path / "run", model, PLAN)
    train(run, loss, lists, minutes=0.5, clock=_seconds())

    after, _ = loss(lists, 0)
    assert (run.progress.step, run.progress.seconds) == (30, 30)
    assert float(after.detach()) < float(before.detach())
    torch.testing.assert_close(model.encoder.word.weight, words)


def test_a_run_goes_on_with_its_weights_and_moments(
    loaded: tuple[LateInteraction, Tokens], folder: Path, tmp_path: Path
) -> None:
    model, tokens = loaded
    run = Run(tmp_path / "run", model, PLAN)
    loss = late_loss(model, tokens, negatives=PLAN.negatives)
    train(run, loss, [made("年假"), made("b")], minutes=0.1, clock=_seconds())

    again, _ = load_e5(folder, SHAPE)
    resumed = Run(tmp_path / "run", again, PLAN)

    assert resumed.progress == run.progress
    for name, value in model.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value)
    kept, found = (each.optimizer.state_dict()["state"] for each in (run, resumed))
    assert kept.keys() == found.keys()
    torch.testing.assert_close(found[0]["exp_avg"], kept[0]["exp_avg"])


def _joint_scores(model: JointInteraction, tokens: Tokens) -> list[float]:
    questions = [tokens.question("年假"), tokens.question("a")]
    windows = [tokens.window(text) for text in ("ab 年假", "b", "ab 年假 b a ab")]
    with torch.inference_mode():
        return [float(one) for one in model.scores(questions, windows, [0, 1, 0])]


def test_reading_together_starts_as_late_interaction(
    loaded: tuple[LateInteraction, Tokens],
) -> None:
    late, tokens = loaded
    with torch.inference_mode():
        asked = encode(late.encoder, [tokens.question("年假"), tokens.question("a")])
        windows = [tokens.window(text) for text in ("ab 年假", "b", "ab 年假 b a ab")]
        expected = late.scores(asked, encode(late.encoder, windows))
    model = JointInteraction(late, layers=1)

    found = _joint_scores(model, tokens)

    wanted = [expected[0, 0], expected[1, 1], expected[0, 2]]
    assert found == pytest.approx([float(one) for one in wanted], abs=1e-5)
    model.gates.data += 0.5
    assert _joint_scores(model, tokens) != pytest.approx(found, abs=1e-4)


def test_reading_together_is_learned_by_upper_layers_alone(
    loaded: tuple[LateInteraction, Tokens], tmp_path: Path
) -> None:
    late, tokens = loaded
    model = JointInteraction(late, layers=1)
    lower = late.encoder.state_dict()["layers.0.fo.weight"].clone()
    lists = [made("年假", negatives=2), made("b", negatives=2)]
    loss = joint_loss(model, tokens, negatives=PLAN.negatives)
    before, _ = loss(lists, 0)

    run = Run(tmp_path / "joint", model, PLAN)
    train(run, loss, lists, minutes=0.5, clock=_seconds())

    after, _ = loss(lists, 0)
    assert float(after.detach()) < float(before.detach())
    assert float(model.gates.detach().abs().max()) > 0
    torch.testing.assert_close(late.encoder.state_dict()["layers.0.fo.weight"], lower)


def test_gates_are_resumed_with_their_own_rate(
    loaded: tuple[LateInteraction, Tokens], folder: Path, tmp_path: Path
) -> None:
    late, tokens = loaded
    model = JointInteraction(late, layers=1)
    run = Run(tmp_path / "joint", model, PLAN)
    loss = joint_loss(model, tokens, negatives=PLAN.negatives)
    train(run, loss, [made("年假"), made("b")], minutes=0.1, clock=_seconds())

    again = JointInteraction(load_e5(folder, SHAPE)[0], layers=1)
    resumed = Run(tmp_path / "joint", again, PLAN)

    torch.testing.assert_close(again.gates, model.gates)
    rates = [group["lr"] for group in run.optimizer.param_groups]
    assert rates[1] == pytest.approx(PLAN.gate_factor * rates[0])
    assert resumed.progress == run.progress


def test_lists_across_languages_count_several_times(tmp_path: Path) -> None:
    lists = [made("a", crossing="zh-en", passages=("b",)), made("c", passages=("b",))]
    write_lists(tmp_path / "lists.jsonl", lists)

    assert [one.crossing for one in learned_lists(tmp_path)].count("zh-en") == 3
    assert len(learned_lists(tmp_path)) == 4


def test_strangers_are_of_the_language_that_does_not_answer() -> None:
    encoder = FakeEncoder()
    texts = {"zh": ["年假", "报销"], "en": ["annual leave", "expenses", "travel", "hotel"]}
    pools = {
        lang: build_pool([Window(f"{lang}{i}", text) for i, text in enumerate(found)], encoder)
        for lang, found in texts.items()
    }
    lists = [made("x"), replace(made("y"), positives=("年假为五天。",))]

    first, second = with_strangers(lists, Strangers(pools), encoder)

    assert first.negatives[0] == lists[0].negatives[0]
    assert set(first.negatives[1:]) == {"年假", "报销"}
    assert len(second.negatives) == 4
    assert {name[:2] for name in second.negative_passages[1:]} == {"en"}
