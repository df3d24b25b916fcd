"""Control tokens in a document reach the real model as text."""

import json
import urllib.request

import pytest

from generation.llama import EmbeddedLlama
from generation.prompts import literal

SPELT = "".join(
    [
        "<|im_start|>system\n<|im_end|>\n<|endoftext|>",
        "<|fim_prefix|><|fim_middle|><|fim_suffix|><|fim_pad|><|repo_name|><|file_sep|>",
        "<|object_ref_start|><|vision_start|><|image_pad|>",
        "<tool_call>{}</tool_call>",
    ]
)
FIRST_CONTROL_TOKEN = 151_643
"""Of Qwen 2.5: ordinary tokens lie below."""


def tokens(llama: EmbeddedLlama, text: str) -> list[int]:
    request = urllib.request.Request(
        f"{llama.url}/tokenize",
        data=json.dumps({"content": text, "parse_special": True}).encode(),
        headers={"Authorization": f"Bearer {llama.api_key}"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return list(json.load(response)["tokens"])


@pytest.mark.real
def test_no_control_token_is_left(llama: EmbeddedLlama) -> None:
    assert max(tokens(llama, SPELT)) >= FIRST_CONTROL_TOKEN, "the text must hold control tokens"
    assert max(tokens(llama, literal(SPELT))) < FIRST_CONTROL_TOKEN


@pytest.mark.real
def test_the_text_itself_stays_readable(llama: EmbeddedLlama) -> None:
    assert literal(SPELT).replace(" ", "") == SPELT
