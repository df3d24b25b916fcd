"""The cross-encoder reranker, on a model with random weights that the test makes."""

from pathlib import Path

import pytest

from models.errors import ModelError
from retrieval.rerank import Reranker
from tests.contracts.reranker import RerankerContract

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


class TestCrossEncoderReranker(RerankerContract):
    @pytest.fixture
    def reranker(self, cross_encoder_folder: Path) -> Reranker:
        from retrieval.cross_encoder import CrossEncoderReranker

        return CrossEncoderReranker(cross_encoder_folder)


def test_weights_that_could_run_code_are_refused(
    cross_encoder_folder: Path, tmp_path: Path
) -> None:
    from retrieval.cross_encoder import CrossEncoderReranker

    for file in cross_encoder_folder.iterdir():
        name = file.name.replace("model.safetensors", "pytorch_model.bin")
        (tmp_path / name).write_bytes(file.read_bytes())
    with pytest.raises(ModelError, match="safetensors"):
        CrossEncoderReranker(tmp_path)
