"""What is shipped: the vocabulary that is kept, and a graph that scores as the trained model."""

import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from models.fetch import pull_from
from models.late_interaction import OnnxLateInteraction
from models.window_scorer import Window
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

from training.reranker.export import export_model, golden  # noqa: E402
from training.reranker.joint import JointInteraction  # noqa: E402
from training.reranker.model import Shape, Tokens, load_e5  # noqa: E402
from training.reranker.vocabulary import cut_tokenizer, frequencies, kept_pieces  # noqa: E402

BYTES = e5_bytes()
SHAPE = Shape(hidden=HIDDEN, layers=LAYERS, heads=HEADS, inner=FEED_FORWARD)

PIECES = [
    *[("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)],
    *[("▁the", -3.0), ("ation", -9.0), ("▁Straße", -8.0), ("年假", -11.0), ("▁привет", -4.0)],
    *[("й", -5.0), ("한국", -6.0), ("▁seldom", -12.0), ("▁rare", -13.0)],
]


def kept(size: int, counted: dict[int, int] | None = None) -> set[str]:
    return {PIECES[number][0] for number in kept_pieces(PIECES, counted or {}, size=size)[4:]}


def test_chinese_and_single_characters_are_always_kept() -> None:
    assert kept(0) == {"年假", "й"}


def test_latin_pieces_are_kept_by_likelihood() -> None:
    assert kept(8) == {"年假", "й", "▁the", "▁Straße"}
    assert kept(100) == {"年假", "й", "▁the", "▁Straße", "ation", "▁seldom", "▁rare"}


def test_what_occurs_is_kept_whatever_its_script_and_likelihood() -> None:
    assert kept(0, {12: 1, 10: 2}) == {"年假", "й", "▁rare", "한국"}


def test_the_special_tokens_keep_their_ids() -> None:
    assert kept_pieces(PIECES, {}, size=0)[:4] == [0, 1, 2, 3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("models")
    source = ScriptedSource(BYTES)
    return pull_from(e5_spec(BYTES), place, sources=[source], progress=lambda _: None) / "hf"


def test_a_cut_tokenizer_gives_the_same_pieces_under_new_ids(folder: Path) -> None:
    settings = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    whole = Tokenizer.from_str(json.dumps(settings))
    numbers = [0, 1, 2, 3, 4, 5, 6, 8, 10, 11, 12]
    cut = Tokenizer.from_str(json.dumps(cut_tokenizer(settings, numbers)))

    assert cut.get_vocab_size() == len(numbers)
    for text in ("a 年假", "b年", "a b"):
        assert cut.encode(text).tokens == whole.encode(text).tokens
        assert [numbers[i] for i in cut.encode(text).ids] == whole.encode(text).ids
    # `ab` is not kept and falls to its letters.
    assert cut.encode("ab").tokens == ["<s>", "▁a", "b", "</s>"]


def _trained(folder: Path) -> JointInteraction:
    torch.manual_seed(0)
    late, _ = load_e5(folder, SHAPE)
    torch.nn.init.normal_(late.importance.weight)
    model = JointInteraction(late, layers=1)
    torch.nn.init.normal_(model.gates)
    return model


def _scores(
    model: JointInteraction, tokens: Tokens, question: str, texts: list[str]
) -> list[float]:
    windows = [tokens.window(text) for text in texts]
    with torch.inference_mode():
        found = model.scores([tokens.question(question)], windows, [0] * len(windows))
    return [float(one) for one in found]


def test_the_shipped_model_scores_as_the_trained_one(folder: Path, tmp_path: Path) -> None:
    model = _trained(folder)
    tokens = Tokens(Tokenizer.from_file(str(folder / "tokenizer.json")))
    settings = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    counted = frequencies(Tokenizer.from_str(json.dumps(settings)), ["query passage: 年假 a ab"])

    export_model(model, settings, counted, tmp_path / "shipped", pieces=12)

    scorer = OnnxLateInteraction(tmp_path / "shipped", threads=1)
    texts = ["a 年假", "b", "ab 年"]
    found = [each.value for each in scorer.score("年假 a", [Window(text) for text in texts])]
    expected = _scores(model, tokens, "年假 a", texts)
    np.testing.assert_allclose(found, expected, atol=0.02)
    assert scorer.name.startswith("zhiku-reranker@")
    with torch.inference_mode():
        model.gates.zero_()
    assert _scores(model, tokens, "年假 a", texts) != pytest.approx(found, abs=0.02)


def test_the_golden_scores_are_in_single_precision(folder: Path) -> None:
    model = _trained(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    found = golden(model, tokenizer, np.arange(tokenizer.get_vocab_size()))

    texts = [found[name] for name in ("window", "stranger")]
    expected = _scores(model, Tokens(tokenizer), found["question"], texts)
    assert found["scores"] == pytest.approx(expected, abs=1e-4)
