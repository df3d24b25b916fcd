"""What every `LanguageModel` must do; a test module subclasses `LanguageModelContract`."""

import threading

import pytest

from generation.errors import PromptTooLong
from generation.llm import LanguageModel, Message, Usage

HELLO = (Message("system", "You are brief."), Message("user", "Say hello."))


def never() -> bool:
    return False


def ask(llm: LanguageModel, messages: tuple[Message, ...] = HELLO) -> list[str | Usage]:
    return list(llm.stream(messages, max_tokens=16, cancelled=never))


class LanguageModelContract:
    """A subclass gives the fixture `llm`, a model whose context is at most 100,000 tokens."""

    def test_has_a_name(self, llm: LanguageModel) -> None:
        assert llm.name

    def test_pieces_come_first_and_one_usage_last(self, llm: LanguageModel) -> None:
        *pieces, usage = ask(llm)
        assert "".join(piece for piece in pieces if isinstance(piece, str)).strip()
        assert all(isinstance(piece, str) for piece in pieces)
        assert isinstance(usage, Usage)
        assert usage.prompt_tokens > 0
        assert 0 < usage.answer_tokens <= 16

    def test_the_same_prompt_gives_the_same_answer(self, llm: LanguageModel) -> None:
        assert ask(llm)[:-1] == ask(llm)[:-1]

    def test_max_tokens_bounds_the_answer(self, llm: LanguageModel) -> None:
        *_, usage = llm.stream(HELLO, max_tokens=1, cancelled=never)
        assert isinstance(usage, Usage)
        assert usage.answer_tokens == 1

    def test_a_cancel_ends_without_usage_and_the_next_request_works(
        self, llm: LanguageModel
    ) -> None:
        cancel = threading.Event()
        stream = llm.stream(HELLO, max_tokens=16, cancelled=cancel.is_set)
        assert isinstance(next(stream), str)
        cancel.set()
        assert list(stream) == []
        assert isinstance(ask(llm)[-1], Usage)

    def test_a_cancel_before_the_start_writes_nothing(self, llm: LanguageModel) -> None:
        assert list(llm.stream(HELLO, max_tokens=16, cancelled=lambda: True)) == []
        assert isinstance(ask(llm)[-1], Usage)

    def test_a_closed_iterator_frees_the_model(self, llm: LanguageModel) -> None:
        stream = iter(llm.stream(HELLO, max_tokens=16, cancelled=never))
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        assert isinstance(ask(llm)[-1], Usage)

    def test_a_prompt_beyond_the_context_is_told(self, llm: LanguageModel) -> None:
        long = (Message("user", "hello " * 100_000),)
        with pytest.raises(PromptTooLong):
            ask(llm, long)

    def test_two_threads_both_get_an_answer(self, llm: LanguageModel) -> None:
        answers: list[list[str | Usage]] = []
        threads = [threading.Thread(target=lambda: answers.append(ask(llm))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 2
        assert all(isinstance(answer[-1], Usage) for answer in answers)

    def test_the_likeliest_first_tokens_are_told(self, llm: LanguageModel) -> None:
        found = llm.likeliest(HELLO, cancelled=never)
        assert 2 <= len(found) <= 20
        assert all(value <= 0 for value in found.values())
        assert isinstance(ask(llm)[-1], Usage)

    def test_a_cancelled_look_tells_nothing(self, llm: LanguageModel) -> None:
        assert llm.likeliest(HELLO, cancelled=lambda: True) == {}

    def test_a_look_beyond_the_context_is_told(self, llm: LanguageModel) -> None:
        with pytest.raises(PromptTooLong):
            llm.likeliest((Message("user", "hello " * 100_000),), cancelled=never)

    def test_check_returns_for_a_model_that_answers(self, llm: LanguageModel) -> None:
        llm.check()
