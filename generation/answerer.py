"""From a question to a cited answer or a refusal: search, gate, prompt, model, citations."""

import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from generation.citations import CitedText, cite, finished
from generation.compaction import Excerpt
from generation.errors import ModelUnavailable
from generation.evidence import choose_evidence
from generation.extract import extract
from generation.llm import LanguageModel, Usage
from generation.prompts import Prompt
from generation.records import (
    Answer,
    AnswerDone,
    AnswerEvent,
    EvidenceFound,
    TokenWritten,
    Understanding,
    Written,
)
from generation.refusal import answers_nothing, refusal_text
from generation.tables import spell_out_tables
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
    """

    min_relevance: float
    max_evidence: int
    max_evidence_tokens: int
    max_answer_tokens: int


class Answerer:
    """Answers questions from the documents that the asker may see.

    Parameters
    ----------
    provenance
        What the answers are made with; the model's name is added to it.
    """

    def __init__(
        self,
        *,
        retriever: Search,
        rewriter: Rewriter,
        llm: LanguageModel,
        prompt: Prompt,
        count_tokens: TokenCounter,
        settings: AnswerSettings,
        provenance: Mapping[str, str],
    ) -> None:
        self._retriever = retriever
        self._rewriter = rewriter
        self._llm = llm
        self._prompt = prompt
        self._count_tokens = count_tokens
        self._settings = settings
        self._provenance = provenance

    def answer(
        self, query: Query, *, cancelled: Callable[[], bool], explain: bool = False
    ) -> Iterator[AnswerEvent]:
        """Yield `EvidenceFound`, pieces as they are written, then `AnswerDone`.

        Once `cancelled` is true the events end without `AnswerDone`. An answer that cites nothing,
        or says that the evidence does not tell, is turned into a refusal: its pieces are replaced.
        A follow-up is searched and answered as it is understood after the query's history. Without
        its model, the answer is the best words of the evidence, flagged `degraded`.
        With `explain`, the answer says how the search came to its evidence.

        Raises
        ------
        PromptTooLong
            From the language model.
        IndexUnavailable, CatalogUnavailable
            From the search.
        """
        settings = self._settings
        understood = self._rewriter.rewrite(query, cancelled=cancelled)
        query = understood.query
        # What does not fit is left out afterwards, hence more than are needed.
        found, explanation = self._search(query, limit=2 * settings.max_evidence, explain=explain)
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
            try:
                answer = yield from self._write(query, chosen, cancelled=cancelled)
            except ModelUnavailable as error:
                _logger.warning("answered with words of the evidence alone: %s", error)
                evidence = tuple(each.passage for each in chosen)
                answer = None if cancelled() else self._extract(query, evidence)
        else:
            answer = None if cancelled() else self._refuse(query, found[:_NEARBY], usage=None)
        if answer is not None:
            asked = self._retriever.asked(query)
            told = replace(answer, asked=asked, explanation=explanation)
            yield AnswerDone(replace(told, understood=_understanding(understood)))

    def _search(
        self, query: Query, *, limit: int, explain: bool
    ) -> tuple[tuple[Evidence, ...], Explanation | None]:
        if not explain:
            return self._retriever.search(query, limit=limit), None
        explanation = self._retriever.explain(query, limit=limit)
        return explanation.evidence, explanation

    def _write(
        self, query: Query, excerpts: Sequence[Excerpt], *, cancelled: Callable[[], bool]
    ) -> Generator[AnswerEvent, None, Answer | None]:
        """Yield the pieces; return the answer, or None if it was cancelled."""
        evidence = tuple(each.passage for each in excerpts)
        pieces: list[str] = []
        given = self._given(query, excerpts)
        items = self._llm.stream(given.messages, max_tokens=given.max_tokens, cancelled=cancelled)
        for item in items:
            if isinstance(item, Usage):
                written = replace(given, text="".join(pieces))
                answer = self._finish(query, evidence, text=written.text, usage=item)
                return replace(answer, written=written)
            pieces.append(item)
            yield TokenWritten(item)
        return None

    def _extract(self, query: Query, evidence: tuple[Evidence, ...]) -> Answer:
        cited = extract(query.lang, evidence, count_tokens=self._count_tokens)
        return replace(self._build(query, evidence, cited=cited, usage=None), degraded=True)

    def _given(self, query: Query, excerpts: Sequence[Excerpt]) -> Written:
        """Return what the model is given; it has written nothing yet."""
        passages = [
            {
                "number": each.passage.number,
                "heading": _heading(each.passage),
                "text": spell_out_tables(each.text),
            }
            for each in excerpts
        ]
        variables = {"evidence": passages, "question": query.text, "language": query.lang}
        return Written(
            prompt_id=self._prompt.id,
            prompt_version=self._prompt.version,
            variables=variables,
            messages=self._prompt.render(variables),
            max_tokens=self._settings.max_answer_tokens,
            text="",
        )

    def _finish(
        self, query: Query, evidence: tuple[Evidence, ...], *, text: str, usage: Usage
    ) -> Answer:
        if usage.answer_tokens >= self._settings.max_answer_tokens:
            text = finished(text)
        passages = {passage.number: f"{_heading(passage)}\n{passage.quote}" for passage in evidence}
        cited = cite(text, passages, question=query.text)
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
            provenance=self._full_provenance(),
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
            provenance=self._full_provenance(),
        )

    def _full_provenance(self) -> dict[str, str]:
        # Asked late: a server's default model is known only after its first answer.
        return {**self._provenance, "model": self._llm.name}


def _understanding(understood: Understood) -> Understanding | None:
    if understood.by is RewrittenBy.NOBODY:
        return None
    return Understanding(understood.query.text, understood.by, understood.model_failed)


def _heading(passage: Evidence) -> str:
    return " › ".join((passage.title, *passage.heading_path))
