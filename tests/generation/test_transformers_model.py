"""transformers in process, on a model with random weights that the test makes."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from app.wiring import build_llm
from generation.errors import ModelUnavailable, PromptTooLong
from generation.llm import Message, Usage
from generation.transformers_model import TransformersModel
from models.errors import ModelUnsupported, WeightsMissing
from tests.contracts.llm import HELLO, LanguageModelContract, ask, never
from tests.fakes.chat_model import POSITIONS, write_chat_model


@pytest.fixture(scope="module")
def chat_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hub") / "tiny-chat"
    write_chat_model(folder)
    return folder


@pytest.fixture
def folder(chat_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(chat_model, tmp_path / "own"))


@pytest.fixture(scope="module")
def loaded(chat_model: Path) -> Iterator[TransformersModel]:
    model = TransformersModel(chat_model, context_tokens=4096)
    yield model
    model.close()


class TestTransformersModel(LanguageModelContract):
    @pytest.fixture
    def llm(self, loaded: TransformersModel) -> TransformersModel:
        return loaded

    def test_it_has_the_name_of_its_folder(self, llm: TransformersModel) -> None:
        assert llm.name == "tiny-chat"

    def test_the_prefill_is_told(self, llm: TransformersModel) -> None:
        usage = ask(llm)[-1]
        assert isinstance(usage, Usage)
        assert usage.prefill_seconds is not None
        assert usage.prefill_seconds > 0

    def test_a_schema_is_left_to_the_prompt(self, llm: TransformersModel) -> None:
        schema = {"type": "object"}
        written = llm.stream(HELLO, max_tokens=16, cancelled=never, response_schema=schema)
        assert list(written)[:-1] == ask(llm)[:-1]

    @pytest.mark.parametrize("text", ["Say hello.", "年假有几天？", "x" * 50, "\n\n"])
    def test_the_pieces_are_what_transformers_writes(
        self, llm: TransformersModel, chat_model: Path, text: str
    ) -> None:
        *pieces, usage = llm.stream([Message("user", text)], max_tokens=60, cancelled=never)
        expected, tokens = reference(chat_model, text, max_tokens=60)
        assert "".join(str(piece) for piece in pieces) == expected
        assert all(not str(piece).endswith("\ufffd") for piece in pieces[:-1])
        assert isinstance(usage, Usage)
        assert usage.answer_tokens == tokens

    def test_prompt_and_answer_share_the_context(self, llm: TransformersModel) -> None:
        usage = ask(llm)[-1]
        assert isinstance(usage, Usage)
        room = POSITIONS - usage.prompt_tokens
        assert list(llm.stream(HELLO, max_tokens=room, cancelled=never))
        with pytest.raises(PromptTooLong, match=f"{POSITIONS} tokens"):
            list(llm.stream(HELLO, max_tokens=room + 1, cancelled=never))


def reference(folder: Path, text: str, *, max_tokens: int) -> tuple[str, int]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    model: Any = AutoModelForCausalLM.from_pretrained(folder)
    chat = [{"role": "user", "content": text}]
    prompt = tokenizer.apply_chat_template(
        chat, add_generation_prompt=True, return_dict=True, return_tensors="pt"
    )
    tokens = model.generate(**prompt, do_sample=False, max_new_tokens=max_tokens)[0]
    new = tokens[prompt["input_ids"].shape[1] :]
    return tokenizer.decode(new, skip_special_tokens=True), len(new)


@pytest.mark.parametrize("name", ["modeling.py", "pytorch_model.bin", "weights.pkl"])
def test_a_folder_with_code_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    with pytest.raises(ModelUnsupported, match="can execute code"):
        TransformersModel(folder, context_tokens=512)


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_a_configuration_that_names_code_is_refused(folder: Path, name: str) -> None:
    content = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(content | {"auto_map": {}}))
    with pytest.raises(ModelUnsupported, match="auto_map"):
        TransformersModel(folder, context_tokens=512)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="absent"):
        TransformersModel(tmp_path / "absent", context_tokens=512)


def test_damaged_weights_are_told(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelUnsupported, match="cannot load it"):
        TransformersModel(folder, context_tokens=512)


def test_weights_that_are_missing_are_not_made_up(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelUnsupported, match=r"no weights model\.layers\.1\.mlp\.up_proj"):
        TransformersModel(folder, context_tokens=512)


def test_a_model_that_is_not_for_chats_is_refused(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(ModelUnsupported, match="no chat template"):
        TransformersModel(folder, context_tokens=512)


@pytest.mark.parametrize("quantisation", ["4bit", "8bit"])
def test_quantisation_without_cuda_is_refused_before_anything_is_loaded(
    tmp_path: Path, quantisation: Any
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is CUDA")
    with pytest.raises(ModelUnsupported, match=f"{quantisation} needs an NVIDIA GPU"):
        TransformersModel(tmp_path / "absent", quantisation=quantisation, context_tokens=512)


def test_a_closed_model_says_so(folder: Path) -> None:
    model = TransformersModel(folder, context_tokens=512)
    model.check()
    model.close()
    with pytest.raises(ModelUnavailable, match="closed"):
        model.check()
    with pytest.raises(ModelUnavailable, match="closed"):
        ask(model)


def test_it_is_chosen_and_bounded_by_the_settings(folder: Path) -> None:
    chosen = {"kind": "transformers", "model": str(folder), "retries": 0}
    llm = build_llm(Settings.model_validate({"llm": chosen}))
    assert llm.name == "own"
    assert isinstance(ask(llm)[-1], Usage)
    llm.close()
    refused = Settings.model_validate({"llm": {**chosen, "quantisation": "4bit"}})
    with pytest.raises(ModelUnsupported, match="4bit"):
        build_llm(refused)
