"""A Qwen2 of random weights, in the layout of a hub."""

from pathlib import Path

import pytest

_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_SPECIAL = ("<|im_start|>", "<|im_end|>")
POSITIONS = 256


def write_chat_model(folder: Path, *, hidden: int = 32) -> None:
    """Write a model that knows bytes, the same at every call; skip where torch is missing."""
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'zhiku[gpu]'")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate(alphabet)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(_SPECIAL))
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        eos_token=_SPECIAL[1],
        pad_token=_SPECIAL[1],
        chat_template=_TEMPLATE,
    ).save_pretrained(folder)
    config = Qwen2Config(
        vocab_size=len(alphabet) + len(_SPECIAL),
        hidden_size=hidden,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        intermediate_size=2 * hidden,
        max_position_embeddings=POSITIONS,
        eos_token_id=tokenizer.token_to_id(_SPECIAL[1]),
        pad_token_id=tokenizer.token_to_id(_SPECIAL[1]),
    )
    Qwen2ForCausalLM(config).save_pretrained(folder)
