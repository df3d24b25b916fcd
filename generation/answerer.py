"""From a question to a cited answer or a refusal: search, gate, prompt, model, citations."""

import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from generation.answering import PLAINLY, Manner
from generation.attribution import Attribution
from generation.citations import CitedText, cite, finished
from generation.compaction import Excerpt
from generation.conflicts import find_conflicts
from generation.errors import ModelUnavailable
from generation.evidence import choose_evidence
from generation.extract import extract
from generation.gate import Gate, Verdict
from generation.given import citable_texts, prompt_passages
from generation.harmless import Addresses
from generation.llm import LanguageModel, Usage
from generation.prompts import Prompt
from generation.records import (
    Answer,
    AnswerDone,
    AnswerEvent,
    EvidenceFound,
    Policy,
    TokenWritten,
    Understanding,
    Written,
)
from generation.refusal import answers_nothing, missing_text, refusal_text
from generation.streaming import SentenceReader
from generation.structured import Form, checked, fill
from models.encoder import TokenCounter
from retrieval.explain import Explanation
from retrieval.policy.days import Asked
from retrieval.records import Evidence, Query
from retrieval.understanding.rewriting import Rewriter, RewrittenBy, Understood

_NEARBY = 3
_logger = logging.getLogger("zhiku.generation")


class Search(Protocol):
    """Finds evidence that the asker may see, as `retrieval.retriever.Retriever` does."""

    def search(self, query: Query, *, limit: int) -> tuple[Evidence, ...]:
        """Return at most `limit` passages, the most relevant first."""

    def explain(self, query: Query, *, limit: int) -> Explanation:
        """Return what `search` returns, and how it came about."""

    def asked(self, query: Query) -> Asked:
        """Return the days that a question is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSettings:
    """How an answer is made.

    Attributes
    ----------
    min_relevance
        If the best passage is less probable than this, the question is refused without the model.
    max_evidence, max_evidence_tokens
        The most that the model is given: passages, and tokens of the encoder.
    max_answer_tokens
        The longest answer, in the model's tokens.
    policy
        For sentences that could not be verified, where the asker does not say.
    """

    min_relevance: float
    max_evidence: int
    max_evidence_tokens: int
    max_answer_tokens: int
    policy: Policy


class Answerer:
    """Answers questions from the documents that the asker may see.

    Parameters
    ----------
    provenance
        What the answers are made with; the model's name is added to it.
    """

    def __init__(  # noqa: PLR0913  (one for each stage)
        self,
        *,
        retriever: Search,
        rewriter: Rewriter,
        llm: LanguageModel,
        gate: Gate,
        prompt: Prompt,
        count_tokens: TokenCounter,
        settings: AnswerSettings,
        provenance: Mapping[str, str],
    ) -> None:
        self._retriever = retriever
        self._rewriter = rewriter
        self._llm = llm
        self._gate = gate
        self._prompt = prompt
        self._count_tokens = count_tokens
        self._settings = settings
        self._provenance = provenance

    def answer(
        self, query: Query, *, cancelled: Callable[[], bool], manner: Manner = PLAINLY
    ) -> Iterator[AnswerEvent]:
        """Yield `EvidenceFound`, pieces as they are written, sentences as checked, `AnswerDone`.

        Once `cancelled` is true the events end without `AnswerDone`. The gate refuses without a
        word of the model; of a question of several parts it may leave out some, which the answer
        names. An answer that cites nothing, or says that the evidence does not tell, is turned into
        a refusal: its pieces are replaced. So they are where the policy is to drop sentences. A
        follow-up is searched and answered as it is understood after the query's history. Without
        its model, the answer is the best words of the evidence, flagged `degraded`. With a form, it
        is its `data`; no pieces come before it is complete and checked.

        Raises
        ------
        AnswerOffSchema
            The model did not fill in the form as its schema says.
        PromptTooLong
            From the language model.
        IndexUnavailable, CatalogUnavailable
            From the search.
        """
        settings = self._settings
        understood = self._rewriter.rewrite(query, cancelled=cancelled)
        query = understood.query
        # What does not fit is left out afterwards, hence more than are needed.
        limit = 2 * settings.max_evidence
        found, explanation = self._search(query, limit=limit, explain=manner.explain)
        chosen = choose_evidence(
            query.text,
            found,
            count_tokens=self._count_tokens,
            min_relevance=settings.min_relevance,
            max_evidence=settings.max_evidence,
            max_evidence_tokens=settings.max_evidence_tokens,
        )
        yield EvidenceFound(tuple(each.passage for each in chosen) or found[:_NEARBY])
        if chosen:
            answer = yield from self._answer(query, chosen, found, manner, cancelled=cancelled)
        else:
            answer = None if cancelled() else self._refuse(query, found[:_NEARBY], usage=None)
        if answer is not None:
            asked = self._retriever.asked(query)
            told = replace(_harmless(answer), asked=asked, explanation=explanation)
            yield AnswerDone(replace(told, understood=_understanding(understood)))

    def _answer(
        self,
        query: Query,
        chosen: Sequence[Excerpt],
        found: Sequence[Evidence],
        manner: Manner,
        *,
        cancelled: Callable[[], bool],
    ) -> Generator[AnswerEvent, None, Answer | None]:
        """Yield the pieces; return what the model, or without it the evidence, says."""
        evidence = tuple(each.passage for each in chosen)
        try:
            verdict = self._judge(query, chosen, cancelled=cancelled)
            if not verdict.answered:
                return None if cancelled() else self._refuse(query, evidence, usage=None)
            asked = replace(query, text=verdict.answered)
            given = replace(self._given(asked, chosen), judged=verdict.judged)
            policy = manner.policy or self._settings.policy
            if manner.form is not None:
                return self._fill(asked, evidence, given, manner.form, policy, cancelled=cancelled)
            answer = yield from self._write(asked, evidence, given, policy, cancelled=cancelled)
            return answer and _completed(answer, verdict.missing, found)
        except ModelUnavailable as error:
            _logger.warning("answered with words of the evidence alone: %s", error)
            return None if cancelled() else self._extract(query, evidence)

    def _search(
        self, query: Query, *, limit: int, explain: bool
    ) -> tuple[tuple[Evidence, ...], Explanation | None]:
        if not explain:
            return self._retriever.search(query, limit=limit), None
        explanation = self._retriever.explain(query, limit=limit)
        return explanation.evidence, explanation

    def _judge(
        self, query: Query, excerpts: Sequence[Excerpt], *, cancelled: Callable[[], bool]
    ) -> Verdict:
        return self._gate.judge(
            prompt_variables(query, excerpts),
            question=query.text,
            lang=query.lang,
            relevance=max(each.passage.score for each in excerpts),
            cancelled=cancelled,
        )

    def _write(
        self,
        query: Query,
        evidence: tuple[Evidence, ...],
        given: Written,
        policy: Policy,
        *,
        cancelled: Callable[[], bool],
    ) -> Generator[AnswerEvent, None, Answer | None]:
        """Yield the pieces; return the answer, or None if it was cancelled."""
        attribution = Attribution.read(query.text, citable_texts(evidence))
        sentences = SentenceReader(attribution)
        written = ""
        items = self._llm.stream(given.messages, max_tokens=given.max_tokens, cancelled=cancelled)
        for item in items:
            if isinstance(item, Usage):
                yield from sentences.finish()
                is_cut = item.answer_tokens >= given.max_tokens
                cited = cite(finished(written) if is_cut else written, attribution)
                answer = self._finish(query, evidence, cited, policy, usage=item)
                written_by = replace(given, text=written)
                return replace(answer, written=written_by, unknown_marks=cited.unknown_marks)
            written += item
            yield TokenWritten(item)
            yield from sentences.read(item)
        return None

    def _fill(
        self,
        query: Query,
        evidence: tuple[Evidence, ...],
        given: Written,
        form: Form,
        policy: Policy,
        *,
        cancelled: Callable[[], bool],
    ) -> Answer | None:
        filled = fill(
            self._llm,
            form,
            {name: given.variables[name] for name in ("evidence", "question", "language")},
            max_tokens=given.max_tokens,
            cancelled=cancelled,
        )
        if filled is None:
            return None
        texts = list(citable_texts(evidence).values())
        held = checked(filled, form, texts, strict=policy is Policy.STRICT)
        if held is None:
            return self._refuse(query, evidence, usage=filled.usage)
        built = self._build(query, evidence, cited=CitedText(held.text, ()), usage=held.usage)
        return replace(
            built,
            data=held.data,
            data_checks=held.checks,
            citations=evidence,
            provenance={**built.provenance, "prompt": form.prompt.label},
        )

    def _extract(self, query: Query, evidence: tuple[Evidence, ...]) -> Answer:
        cited = extract(query.lang, evidence, count_tokens=self._count_tokens)
        return replace(self._build(query, evidence, cited=cited, usage=None), degraded=True)

    def _given(self, query: Query, excerpts: Sequence[Excerpt]) -> Written:
        """Return what the model is given; it has written nothing yet."""
        variables = prompt_variables(query, excerpts)
        return Written(
            prompt_id=self._prompt.id,
            prompt_version=self._prompt.version,
            variables=variables,
            messages=self._prompt.render(variables),
            max_tokens=self._settings.max_answer_tokens,
            text="",
        )

    def _finish(
        self,
        query: Query,
        evidence: tuple[Evidence, ...],
        cited: CitedText,
        policy: Policy,
        *,
        usage: Usage,
    ) -> Answer:
        if policy is Policy.STRICT:
            cited = cited.borne_out()
        if answers_nothing(cited):
            return self._refuse(query, evidence, usage=usage)
        return self._build(query, evidence, cited=cited, usage=usage)

    def _build(
        self, query: Query, evidence: tuple[Evidence, ...], *, cited: CitedText, usage: Usage | None
    ) -> Answer:
        return Answer(
            text=cited.text,
            lang=query.lang,
            sentences=cited.sentences,
            citations=tuple(p for p in evidence if p.number in cited.citations),
            evidence=evidence,
            refusal=False,
            usage=usage,
            provenance=self._full_provenance(usage),
        )

    def _refuse(self, query: Query, nearby: tuple[Evidence, ...], *, usage: Usage | None) -> Answer:
        return Answer(
            text=refusal_text(query.lang, nearby),
            lang=query.lang,
            sentences=(),
            citations=(),
            evidence=nearby,
            refusal=True,
            usage=usage,
            provenance=self._full_provenance(usage),
        )

    def _full_provenance(self, usage: Usage | None) -> dict[str, str]:
        # Asked late: a server's default model is known only after its first answer.
        wrote = usage.model if usage else None
        return {**self._provenance, "model": wrote or self._llm.name}


def _understanding(understood: Understood) -> Understanding | None:
    if understood.by is RewrittenBy.NOBODY:
        return None
    return Understanding(
        understood.query.text, understood.by, understood.model_failed, understood.documents
    )


def _harmless(answer: Answer) -> Answer:
    """Take out what a renderer would act on: of quotes, titles and the question, too.

    What fills in a form is no text for people, and stays as it is.
    """
    if answer.data is not None:
        return answer
    addresses = Addresses.of(citable_texts(answer.evidence).values())
    sentences = tuple(map(addresses.harmless_sentence, answer.sentences))
    return replace(answer, text=addresses.harmless(answer.text), sentences=sentences)


def _completed(answer: Answer, missing: tuple[str, ...], found: Sequence[Evidence]) -> Answer:
    """Add what the evidence does not answer, and where other documents say otherwise."""
    if missing and not answer.refusal:
        text = f"{answer.text}\n\n{missing_text(answer.lang, missing)}"
        answer = replace(answer, text=text, missing=missing)
    conflicts = find_conflicts(answer.sentences, answer.evidence, found)
    in_force_first = sorted(conflicts, key=lambda conflict: not conflict.is_in_force)
    return replace(answer, conflicts=tuple(in_force_first))


def prompt_variables(query: Query, excerpts: Sequence[Excerpt]) -> dict[str, object]:
    """Return what the answer's prompt is rendered with; `judged` is for the gate to fill in."""
    return {
        "evidence": prompt_passages(excerpts),
        "question": query.text,
        "language": query.lang,
        "judged": "",
    }
