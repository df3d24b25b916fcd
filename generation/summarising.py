"""The running summary of a conversation, written by the language model."""

import re
from collections.abc import Callable, Sequence

from generation.checking.values import KnownValues, values
from generation.citations import finished
from generation.llm import LanguageModel, Usage
from generation.prompts import Prompt
from ingest.sentences import split_sentences
from retrieval.records import Turn

_MARK = re.compile(r"\s*\[\d{1,2}\]")
_MAX_TOKENS = 200
_MAX_CHARACTERS = 1000
_QUESTION_CHARACTERS = 300
_ANSWER_CHARACTERS = 400


class Summariser:
    """Puts turns to the summary of those before them."""

    def __init__(self, *, llm: LanguageModel, prompt: Prompt) -> None:
        self._llm = llm
        self._prompt = prompt

    def summarise(
        self, summary: str, turns: Sequence[Turn], *, lang: str, cancelled: Callable[[], bool]
    ) -> str | None:
        """Return the summary of a conversation's beginning, with the turns that come after it.

        A sentence with a number, date or code that nobody said is left out: small models make them
        up. Returns None if the writing was cancelled.

        Parameters
        ----------
        lang
            `zh` or `en`: the language to write in.

        Raises
        ------
        ModelUnavailable, PromptTooLong
            From the language model.
        """
        told = [
            {
                "question": _line(turn.question, _QUESTION_CHARACTERS),
                "answer": _line(_MARK.sub("", turn.answer), _ANSWER_CHARACTERS),
            }
            for turn in turns
        ]
        messages = self._prompt.render({"summary": summary, "turns": told, "language": lang})
        pieces: list[str] = []
        for item in self._llm.stream(messages, max_tokens=_MAX_TOKENS, cancelled=cancelled):
            if isinstance(item, Usage):
                text = "".join(pieces)
                whole = finished(text) if item.answer_tokens >= _MAX_TOKENS else text
                said = [summary, *(text for turn in turns for text in (turn.question, turn.answer))]
                return _said_before(_line(whole, _MAX_CHARACTERS), said)
            pieces.append(item)
        return None


def _said_before(text: str, said: Sequence[str]) -> str:
    """Return the sentences whose values all stand in what was said."""
    known = KnownValues.of(said)
    sentences = (text[start:end] for start, end in split_sentences(text))
    return "".join(
        sentence for sentence in sentences if all(map(known.agrees, values(sentence)))
    ).strip()


def _line(text: str, characters: int) -> str:
    return " ".join(text.split())[:characters]
