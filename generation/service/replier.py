"""From a customer's message to a checked reply: class, search, model, sentences, hand-over."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from generation.answerer import AnswerSettings, Search
from generation.attribution import Attribution
from generation.citations import cite, finished, written
from generation.compaction import Excerpt
from generation.errors import ModelUnavailable
from generation.evidence import choose_evidence
from generation.given import citable_texts, prompt_passages
from generation.llm import LanguageModel, Usage
from generation.prompts import Prompt
from generation.records import Sentence, Support
from generation.refusal import answers_nothing
from generation.service.classes import Classifier
from generation.service.context import context_lines, known_lines, searched
from generation.service.handover import Case, HandOverRules
from generation.service.records import (
    Classified,
    ComplaintClass,
    HandOver,
    HandOverReason,
    ServiceMessage,
    ServiceReply,
)
from generation.service.sentences import Checked, check_sentences
from generation.service.texts import APOLOGY, NEXT_STEP, THANKS
from models.encoder import TokenCounter
from retrieval.records import Evidence

_logger = logging.getLogger("zhiku.generation")
_NOTHING = Checked((), 0, 0)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the model wrote and what is left of it; `failed` says why there is no solution."""

    checked: Checked = _NOTHING
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 0.0
    failed: HandOverReason | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Triage:
    """What sorts the messages: into classes, and to people."""

    classifier: Classifier
    hand_over: HandOverRules


class Replier:
    """Writes replies to customers from the documents that the bot's key may read.

    Parameters
    ----------
    settings
        How much evidence is given, as for an answer; `max_answer_tokens` bounds the reply.
    provenance
        What the replies are made with; the model's name is added to it.
    """

    def __init__(
        self,
        *,
        retriever: Search,
        triage: Triage,
        llm: LanguageModel,
        prompt: Prompt,
        count_tokens: TokenCounter,
        settings: AnswerSettings,
        provenance: Mapping[str, str],
    ) -> None:
        self._retriever = retriever
        self._classifier = triage.classifier
        self._hand_over = triage.hand_over
        self._llm = llm
        self._prompt = prompt
        self._count_tokens = count_tokens
        self._settings = settings
        self._provenance = provenance

    def reply(
        self, message: ServiceMessage, *, cancelled: Callable[[], bool]
    ) -> ServiceReply | None:
        """Return the reply, or None once `cancelled` is true.

        A customer who asks for a person, or writes of danger or law, is handed over without an
        answer. Without its model, or without evidence, the reply holds no solution.

        Raises
        ------
        PromptTooLong
            From the language model.
        IndexUnavailable, CatalogUnavailable
            From the search.
        """
        query = message.query
        complaint, asked = self._classifier.classify(
            query.text, lang=query.lang, cancelled=cancelled
        )
        case = Case(query.text, query.lang, message.context, complaint.complaint_class)
        hand_over = self._hand_over.before(case)
        if hand_over.needed:
            draft: _Draft | None = _Draft(failed=hand_over.reason)
        else:
            draft = self._draft(message, complaint, cancelled=cancelled)
        if draft is None or cancelled():
            return None
        if not hand_over.needed:
            confidence = draft.confidence if draft.failed is None else None
            hand_over = self._hand_over.after(case, confidence=confidence, failed=draft.failed)
        return self._finish(
            query.lang, complaint, replace(draft, usage=_sum(asked, draft.usage)), hand_over
        )

    def _draft(
        self, message: ServiceMessage, complaint: Classified, *, cancelled: Callable[[], bool]
    ) -> _Draft | None:
        excerpts = self._evidence(message)
        if not excerpts:
            return _Draft(failed=HandOverReason.NO_EVIDENCE)
        try:
            spoken = self._write(message, complaint, excerpts, cancelled=cancelled)
        except ModelUnavailable as error:
            _logger.warning("handed a customer over without a reply: %s", error)
            return _Draft(failed=HandOverReason.MODEL_UNAVAILABLE)
        return None if spoken is None else self._check(message, excerpts, *spoken)

    def _evidence(self, message: ServiceMessage) -> tuple[Excerpt, ...]:
        settings, query = self._settings, searched(message)
        return choose_evidence(
            query.text,
            # What does not fit is left out afterwards, hence more than are needed.
            self._retriever.search(query, limit=2 * settings.max_evidence),
            count_tokens=self._count_tokens,
            min_relevance=settings.min_relevance,
            max_evidence=settings.max_evidence,
            max_evidence_tokens=settings.max_evidence_tokens,
        )

    def _write(
        self,
        message: ServiceMessage,
        complaint: Classified,
        excerpts: Sequence[Excerpt],
        *,
        cancelled: Callable[[], bool],
    ) -> tuple[str, Usage] | None:
        """Return what the model wrote, and what it spent; None if it was cancelled."""
        lang = message.query.lang
        messages = self._prompt.render(
            {
                "evidence": prompt_passages(excerpts),
                "context": context_lines(message.context, lang),
                "message": message.query.text,
                "complaint": complaint.complaint_class is not ComplaintClass.NONE,
                "language": lang,
            }
        )
        pieces: list[str] = []
        most = self._settings.max_answer_tokens
        for item in self._llm.stream(messages, max_tokens=most, cancelled=cancelled):
            if isinstance(item, Usage):
                text = "".join(pieces)
                return (finished(text) if item.answer_tokens >= most else text), item
            pieces.append(item)
        return None

    def _check(
        self, message: ServiceMessage, excerpts: Sequence[Excerpt], text: str, usage: Usage
    ) -> _Draft:
        evidence = tuple(each.passage for each in excerpts)
        passages = citable_texts(evidence)
        known = known_lines(message.context, message.query.lang)
        # What the context says may be repeated, as what the message says may.
        told = "\n".join((message.query.text, *known))
        cited = cite(text, Attribution.read(told, passages))
        checked = check_sentences(cited, passages, message=message.query.text, known=known)
        if answers_nothing(cited) or not checked.citations:
            return _Draft(failed=HandOverReason.NO_EVIDENCE, evidence=evidence, usage=usage)
        best = max(each.score for each in evidence if each.number in checked.citations)
        confidence = best * checked.kept_facts / checked.facts
        return _Draft(checked, evidence, confidence, None, usage)

    def _finish(
        self, lang: str, complaint: Classified, draft: _Draft, hand_over: HandOver
    ) -> ServiceReply:
        sentences = _sentences(lang, complaint, draft.checked, hand_over)
        return ServiceReply(
            text=written(sentences),
            lang=lang,
            sentences=sentences,
            citations=tuple(
                each for each in draft.evidence if each.number in draft.checked.citations
            ),
            confidence=draft.confidence,
            complaint=complaint,
            hand_over=hand_over,
            refusal=draft.failed is not None,
            usage=draft.usage,
            # Asked late: a server's default model is known only after its first answer.
            provenance={**self._provenance, "model": self._llm.name},
        )


def _sentences(
    lang: str, complaint: Classified, checked: Checked, hand_over: HandOver
) -> tuple[Sentence, ...]:
    """Return what the model may say, with apology and next step where it left them out."""
    complains = complaint.complaint_class is not ComplaintClass.NONE
    before: tuple[Sentence, ...] = ()
    if complains and not checked.apologises:
        before = (_own(APOLOGY[lang]),)
    elif not complains and not checked.sentences:
        before = (_own(THANKS[lang]),)
    after: tuple[Sentence, ...] = ()
    if hand_over.needed:
        after = (_own(hand_over.customer),)
    elif checked.sentences[-1].citations:
        after = (_own(NEXT_STEP[lang]),)
    return (*before, *checked.sentences, *after)


def _own(text: str) -> Sentence:
    return Sentence(text, (), Support.UNCITED, 0.0)


def _sum(first: Usage | None, second: Usage | None) -> Usage | None:
    if first is None or second is None:
        return first or second
    seconds = (first.prefill_seconds, second.prefill_seconds)
    return Usage(
        first.prompt_tokens + second.prompt_tokens,
        first.answer_tokens + second.answer_tokens,
        None if None in seconds else sum(each for each in seconds if each is not None),
    )
