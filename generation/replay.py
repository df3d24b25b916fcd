"""Repeating an answer from its trace, to see that nothing else went into it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any, cast

from generation.errors import GenerationError
from generation.llm import LanguageModel, Message, Usage
from generation.prompts import Prompt
from stores.trace_records import ModelCall, Trace, TracedPassage
from stores.traces import Traces


class NothingToReplay(GenerationError):
    """No model answered: there is nothing that could be repeated."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of an answer that was repeated.

    Attributes
    ----------
    prompt
        What is different about the prompt: none if today's file makes the same messages.
    evidence
        What is different about the passages: none if the catalog has the same texts.
    model
        What is different about the model: none if it has the same name.
    text
        What is different about the text that the model writes, as lines of a unified diff.
    """

    prompt: tuple[str, ...]
    evidence: tuple[str, ...]
    model: tuple[str, ...]
    text: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Tell whether nothing is different."""
        return not (self.prompt or self.evidence or self.model or self.text)


class Replayer:
    """Repeats answers: the model is given the recorded messages again, at temperature 0.

    Parameters
    ----------
    prompts
        Those of today, by id.
    """

    def __init__(
        self, *, llm: LanguageModel, prompts: Mapping[str, Prompt], traces: Traces
    ) -> None:
        self._llm = llm
        self._prompts = prompts
        self._traces = traces

    def replay(self, trace: Trace) -> Replayed:
        """Repeat an answer and compare prompt, evidence and text.

        Raises
        ------
        NothingToReplay
            The trace has no call of a model.
        ModelUnavailable, PromptTooLong
            From the model.
        CatalogUnavailable
        """
        call = trace.model_call
        if call is None:
            raise NothingToReplay(
                f"trace {trace.id}: no model answered (a refusal without it, or words of the "
                "documents while it was away), so there is nothing to repeat"
            )
        self._judge(call)
        text = self._write(call, max_tokens=call.max_tokens)
        # Asked after the answer: a server's default model is known only then.
        now, then = self._llm.name, trace.provenance.get("model", "")
        return Replayed(
            prompt=tuple(self._compare_prompt(call)),
            evidence=tuple(self._compare_evidence(trace.passages)),
            model=() if now == then else (f"model {then} is {now} now",),
            text=tuple(_diff(call.text, text, "recorded answer", "answer now")),
        )

    def read_before(self, trace: Trace) -> None:
        """Have the model read the prompt of the answer that it wrote before; raises as `replay`.

        llama.cpp keeps the common start of two prompts and reads the rest in pieces, and how a
        prompt is cut into pieces changes its rounding. Measured with the first 3 layers of the
        embedded model, one slot, one thread: a log-probability differs by up to .14 between a
        prompt that is read whole and the same one after another, and by up to .23 from the same one
        right after itself; by nothing if the prompts before are the same.
        """
        if trace.model_call is not None:
            self._write(trace.model_call, max_tokens=1)

    def _judge(self, call: ModelCall) -> None:
        """Have the model judge what it judged before the answer, for the same reason."""
        prompt = self._prompts.get(call.prompt_id)
        if call.judged and prompt is not None and "judged" in prompt.variables:
            messages = prompt.render({**call.variables, "judged": call.judged})
            self._llm.likeliest(messages, cancelled=lambda: False)

    def _write(self, call: ModelCall, *, max_tokens: int) -> str:
        messages = [Message(cast("Any", role), content) for role, content in call.messages]
        items = self._llm.stream(messages, max_tokens=max_tokens, cancelled=lambda: False)
        return "".join(item for item in items if not isinstance(item, Usage))

    def _compare_prompt(self, call: ModelCall) -> Iterator[str]:
        recorded = f"{call.prompt_id}@{call.prompt_version}"
        prompt = self._prompts.get(call.prompt_id)
        if prompt is None:
            yield f"prompt {recorded} is not there any more"
            return
        if prompt.version != call.prompt_version:
            yield f"prompt {recorded} is {prompt.id}@{prompt.version} now"
        if prompt.variables != call.variables.keys():
            yield f"prompt {recorded} takes other variables now: {', '.join(prompt.variables)}"
            return
        messages = [(each.role, each.content) for each in prompt.render(call.variables)]
        yield from _diff(_shown(call.messages), _shown(messages), "recorded prompt", "prompt now")

    def _compare_evidence(self, passages: Iterable[TracedPassage]) -> Iterator[str]:
        for passage in passages:
            today = self._traces.passage_today(passage)
            if today is None:
                yield f"[{passage.number}] document {passage.document_id} was removed"
            elif today.revision != passage.revision:
                yield (
                    f"[{passage.number}] document {passage.document_id}: revision "
                    f"{passage.revision} is {today.revision} now"
                )
            elif today.sha256 != passage.sha256:
                yield f"[{passage.number}] document {passage.document_id} has another text now"


def _shown(messages: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"# {role}\n{content}" for role, content in messages)


def _diff(before: str, after: str, before_name: str, after_name: str) -> Iterator[str]:
    """Yield a unified diff, nothing for equal texts; every line of it ends without a break."""
    lines = (before.split("\n"), after.split("\n"))
    return unified_diff(*lines, fromfile=before_name, tofile=after_name, lineterm="")
