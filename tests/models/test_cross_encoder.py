"""The cross-encoder from a hub, on a model with random weights that the test makes."""

from pathlib import Path

import pytest

from models.errors import ModelError
from models.window_scorer import Window, WindowScorer
from tests.contracts.window_scorer import WindowScorerContract

pytestmark = pytest.mark.real

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", *"年假几天五", "a", "b", "hotel", "limits")


@pytest.fixture(scope="module")
def cross_encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a BERT of random weights; the contract asks for shapes and ranges, not for sense."""
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'zhiku[gpu]'")
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("cross-encoder")
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", model_max_length=64
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
    )
    config.num_labels = 1
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


class TestCrossEncoderScorer(WindowScorerContract):
    @pytest.fixture
    def scorer(self, cross_encoder_folder: Path) -> WindowScorer:
        from models.cross_encoder import CrossEncoderScorer

        return CrossEncoderScorer(cross_encoder_folder)

    def test_values_are_probabilities(self, scorer: WindowScorer) -> None:
        found = scorer.score("年假几天", [Window("年假 五 天"), Window("hotel limits")])

        assert all(0 <= each.value <= 1 for each in found)


def test_weights_that_could_run_code_are_refused(
    cross_encoder_folder: Path, tmp_path: Path
) -> None:
    from models.cross_encoder import CrossEncoderScorer

    for file in cross_encoder_folder.iterdir():
        name = file.name.replace("model.safetensors", "pytorch_model.bin")
        (tmp_path / name).write_bytes(file.read_bytes())
    with pytest.raises(ModelError, match="safetensors"):
        CrossEncoderScorer(tmp_path)
