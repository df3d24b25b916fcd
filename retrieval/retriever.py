"""From a question to evidence: searches, their fusion, the reranker's judgement, the policy."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from ingest.lexicon import LexiconReader
from models.encoder import Encoder
from retrieval.candidates import visible_matches
from retrieval.evidence import first_evidence
from retrieval.explain import Explanation, explain
from retrieval.filters import filtered_access
from retrieval.fusion import Fusion
from retrieval.policy.days import Asked, asked_as_of
from retrieval.policy.named_days import read_asked_days
from retrieval.policy.placing import NO_COPIES, PolicySettings, place
from retrieval.policy.records import Judged, Placed
from retrieval.records import Candidate, Evidence, Match, Query
from retrieval.rerank import Reranker
from retrieval.understanding.seeking import Sought, seek
from stores.access import AccessFilter, DocumentSet
from stores.documents import Documents
from stores.index import DenseVector, IndexStore
from stores.records import Document

OlderCopies = Callable[[Iterable[Document]], Mapping[UUID, UUID]]
"""Tells which of some documents have a newer copy among them, and which that is."""

_KEPT_PASSAGES = 10
"""Of kept documents that each search contributes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrieverSettings:
    """How a search is made.

    Attributes
    ----------
    candidates
        How many passages each search contributes.
    """

    candidates: int = 50
    policy: PolicySettings = field(default_factory=PolicySettings)


def all_count(_documents: Iterable[Document]) -> Mapping[UUID, UUID]:
    """Tell of no copies: every document counts for itself."""
    return NO_COPIES


class Retriever:
    """Finds the passages of one's own documents that bear on a question.

    Parameters
    ----------
    today
        The day a question is about that names none.
    older_copies
        What of the documents found is held back because a newer one is almost the same.
    """

    def __init__(  # noqa: PLR0913  (its collaborators)
        self,
        *,
        encoder: Encoder,
        indexes: IndexStore,
        documents: Documents,
        lexicon: LexiconReader,
        reranker: Reranker,
        today: Callable[[], date],
        older_copies: OlderCopies = all_count,
        settings: RetrieverSettings = RetrieverSettings(),
    ) -> None:
        self._encoder = encoder
        self._indexes = indexes
        self._documents = documents
        self._lexicon = lexicon
        self._reranker = reranker
        self._today = today
        self._older_copies = older_copies
        self._settings = settings
        self._fusion = Fusion.load()

    def search(self, query: Query, *, limit: int) -> tuple[Evidence, ...]:
        """Return at most `limit` passages that the asker may see, the most relevant first.

        Raises
        ------
        IndexUnavailable, CatalogUnavailable
            A store is away; nothing is returned rather than a part.
        """
        return first_evidence(self._placed(query, self.asked(query)), limit=limit)

    def explain(self, query: Query, *, limit: int) -> Explanation:
        """Return what `search` returns, with the way of every candidate; raises the same."""
        asked = self.asked(query)
        return explain(list(self._placed(query, asked)), asked, limit=limit)

    def asked(self, query: Query) -> Asked:
        """Return the days that a question is about, with the words that say so."""
        day = query.asked_on or self._today()
        return read_asked_days(query.text, day=day) if query.interpret else asked_as_of(day)

    def candidates(self, query: Query) -> list[Candidate]:
        """Return what the searches find and the asker may see, fused; raises what `search` does."""
        access = filtered_access(query.principal, query.filters, self._documents)
        sought = seek(query, self._lexicon.of(access.tenant))
        vector = self._encoder.encode_query(sought.dense)
        matches = self._matches(vector, sought, access, limit=self._settings.candidates)
        kept = AccessFilter(access.tenant, access.groups, _kept(query, access))
        if not kept.is_empty:
            known = {each.found.chunk.id for each in matches}
            more = self._matches(vector, sought, kept, limit=_KEPT_PASSAGES)
            # Their ranks among the kept documents are none among all.
            matches += [replace(m, ranks={}) for m in more if m.found.chunk.id not in known]
        return self._fusion.fuse(query.text, sought.lexical, matches)

    def _placed(self, query: Query, asked: Asked) -> Iterator[Placed]:
        candidates = self.candidates(query)
        relevances = self._reranker.judge(query.text, candidates)
        judged = [Judged(*pair) for pair in zip(candidates, relevances, strict=True)]
        documents = {each.found.document.id: each.found.document for each in candidates}
        copies = self._older_copies(documents.values())
        return place(judged, asked, self._settings.policy, copies=copies)

    def _matches(
        self, vector: DenseVector, sought: Sought, access: AccessFilter, *, limit: int
    ) -> list[Match]:
        index = self._indexes.open(access.tenant)
        dense = index.search(vector, access, limit=limit)
        lexical = index.search(sought.lexical, access, limit=limit)
        return visible_matches(dense, lexical, documents=self._documents, access=access)


def _kept(query: Query, access: AccessFilter) -> DocumentSet:
    """Return the kept documents that the filters leave; what may be seen is checked as ever."""
    return DocumentSet(frozenset(each for each in query.kept_documents if each in access.documents))
