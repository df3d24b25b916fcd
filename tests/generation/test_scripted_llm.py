import pytest

from generation.errors import ModelUnavailable
from tests.contracts.llm import LanguageModelContract, ask
from tests.fakes.llm import ScriptedLLM


class TestScriptedLLM(LanguageModelContract):
    @pytest.fixture
    def llm(self) -> ScriptedLLM:
        return ScriptedLLM(["Hello", " there", "."])


def test_a_model_that_is_switched_off_says_so() -> None:
    llm = ScriptedLLM(available=False)
    with pytest.raises(ModelUnavailable):
        ask(llm)


def test_a_scripted_failure_comes_after_the_pieces_before_it() -> None:
    stream = ScriptedLLM(["Hel", ModelUnavailable("gone")]).stream(
        [], max_tokens=9, cancelled=lambda: False
    )
    assert next(iter(stream)) == "Hel"
    with pytest.raises(ModelUnavailable, match="gone"):
        next(iter(stream))
