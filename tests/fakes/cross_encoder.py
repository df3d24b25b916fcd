"""A cross-encoder of random weights, in the layout of a hub."""

from collections.abc import Iterable
from pathlib import Path

import pytest

_MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
_POSITIONS = 512


def write_cross_encoder(folder: Path, *, words: Iterable[str]) -> None:
    """Write a BERT that knows these words, the same at every call; skip where torch is missing."""
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'zhiku[gpu]'")
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(0)
    vocabulary = {word: number for number, word in enumerate((*_MARKS, *words))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        model_max_length=_POSITIONS,
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=_POSITIONS,
    )
    config.num_labels = 1
    BertForSequenceClassification(config).save_pretrained(folder)
