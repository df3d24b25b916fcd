"""Two ways to the same stores: through a running API, or by opening them here.

The embedded index has one opener. While the API runs it is the one, and commands go through it with
a key of their own that is made for the command and revoked after it; else they open the stores.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from math import floor
from pathlib import Path
from typing import Protocol
from uuid import UUID

from app.api.receipt_schemas import MAX_FORGOTTEN
from app.api.schemas import DuplicateOut, JobOut
from app.client import ApiError, ZhikuClient
from app.runtime import Server, running
from app.settings import Settings
from app.wiring import open_catalog, utc_now
from ingest.forget.forgetter import Forgetter
from ingest.metadata.described import description_key, with_earlier_statements
from ingest.pipeline import Pipeline
from ingest.records import (
    FailedSource,
    IngestProgress,
    IngestStage,
    IngestStatus,
    Outcome,
    Source,
)
from ingest.sources import read_sources
from stores.access import AccessFilter
from stores.catalog import Catalog
from stores.documents import Documents
from stores.keys import Role
from stores.receipt_records import ErasureState
from stores.records import Document, Given

LOCAL_USER = "command line"
"""Who asks where no key is taken."""
_KEY_LIFETIME = timedelta(hours=12)
_UPLOADS_AHEAD = 8
_WRITTEN = frozenset({IngestStatus.ADDED, IngestStatus.UPDATED})
_NAMED_DUPLICATES = 3

DuplicatesOf = Callable[[UUID], Sequence[DuplicateOut]]
"""Tells what a document is almost the same as."""


class Route(Protocol):
    """A way for documents into and out of the stores."""

    def ingest(self, files: Sequence[Path], given: Given) -> Iterator[Outcome]:
        """Load the files, of which `given` is said, and yield what became of each, in order."""

    def forget(self, documents: Sequence[Document]) -> Iterator[Outcome]:
        """Erase documents, all together, and yield what became of each."""


class LocalRoute:
    """Through the stores, opened by this process."""

    def __init__(
        self,
        pipeline: Pipeline,
        forgetter: Forgetter,
        *,
        tenant: str,
        groups: Sequence[str],
        max_bytes: int,
        duplicates_of: DuplicatesOf,
        show: Callable[[IngestProgress], None],
    ) -> None:
        self._pipeline = pipeline
        self._duplicates_of = duplicates_of
        self._forgetter = forgetter
        self._tenant = tenant
        self._groups = groups
        self._max_bytes = max_bytes
        self._show = show

    def ingest(self, files: Sequence[Path], given: Given) -> Iterator[Outcome]:
        """Load the files, of which `given` is said, and yield what became of each, in order."""
        for outcome in self._pipeline.run(
            read_sources(files, max_bytes=self._max_bytes, given=given),
            tenant=self._tenant,
            groups=self._groups,
            on_progress=self._show,
        ):
            known = outcome.document_id if outcome.status in _WRITTEN else None
            yield _noted(outcome, () if known is None else self._duplicates_of(known))

    def forget(self, documents: Sequence[Document]) -> Iterator[Outcome]:
        """Erase documents, all together, and yield what became of each."""
        ids = [document.id for document in documents]
        receipts = self._forgetter.forget(self._tenant, ids, user=LOCAL_USER)
        for document, receipt in zip(documents, receipts, strict=True):
            yield _removed(document, receipt.state)


class RemoteRoute:
    """Through the running API; a few uploads wait there so that it is never idle."""

    def __init__(
        self,
        client: ZhikuClient,
        documents: Documents,
        *,
        tenant: str,
        groups: Sequence[str],
        max_bytes: int,
        show: Callable[[IngestProgress], None],
    ) -> None:
        self._client = client
        self._documents = documents
        self._tenant = tenant
        self._groups = tuple(groups)
        self._max_bytes = max_bytes
        self._show = show

    def ingest(self, files: Sequence[Path], given: Given) -> Iterator[Outcome]:
        """Load the files, of which `given` is said, and yield what became of each, in order."""
        waiting: deque[tuple[str, JobOut]] = deque()
        for source in read_sources(files, max_bytes=self._max_bytes, given=given):
            outcome = self._without_upload(source)
            if outcome is not None:
                yield outcome
            elif isinstance(source, Source):
                waiting.append((source.uri, self._upload(source)))
            if len(waiting) >= _UPLOADS_AHEAD:
                yield self._finished(*waiting.popleft())
        while waiting:
            yield self._finished(*waiting.popleft())

    def forget(self, documents: Sequence[Document]) -> Iterator[Outcome]:
        """Erase documents, all together, and yield what became of each."""
        for start in range(0, len(documents), MAX_FORGOTTEN):
            batch = documents[start : start + MAX_FORGOTTEN]
            receipts = self._client.forget([document.id for document in batch])
            for document, receipt in zip(batch, receipts, strict=True):
                yield _removed(document, receipt.state)

    def _without_upload(self, source: Source | FailedSource) -> Outcome | None:
        if isinstance(source, FailedSource):
            return Outcome(source.uri, IngestStatus.FAILED, None, 0, source.reason)
        known = self._documents.find(self._tenant, source.uri)
        sha256 = hashlib.sha256(source.data).hexdigest()
        said = with_earlier_statements(source, known, sha256=sha256)
        if (
            known is not None
            and (known.sha256, known.groups) == (sha256, self._groups)
            and known.described_by == description_key(said)
        ):
            return Outcome(source.uri, IngestStatus.UNCHANGED, known.id, 0, None)
        return None

    def _upload(self, source: Source) -> JobOut:
        return self._client.upload(
            source.filename,
            source.data,
            groups=self._groups,
            uri=source.uri,
            given=source.given,
            sidecar=source.sidecar,
        )

    def _finished(self, uri: str, job: JobOut) -> Outcome:
        self._show(IngestProgress(IngestStage.INDEXING, uri, 0, None, 0, 0))
        try:
            ended = self._client.wait_for_job(job.id)
        except ApiError as error:
            return Outcome(uri, IngestStatus.FAILED, None, 0, str(error))
        if ended.outcome is None:
            return Outcome(uri, IngestStatus(ended.state), None, 0, ended.reason)
        status = IngestStatus(ended.outcome)
        outcome = Outcome(uri, status, ended.document_id, ended.total, ended.reason)
        return _noted(outcome, ended.duplicates if status in _WRITTEN else ())


def _noted(outcome: Outcome, duplicates: Sequence[DuplicateOut]) -> Outcome:
    """Return the outcome with a note of the documents that its document is almost the same as."""
    others = [each for each in duplicates if not each.kept]
    if not others:
        return outcome
    named = [_likeness(each) for each in others[:_NAMED_DUPLICATES]]
    more = len(others) - len(named)
    note = ", ".join([*named, f"{more} more"] if more else named)
    reason = "; ".join(each for each in (outcome.reason, note) if each)
    return replace(outcome, reason=f"{reason} (see `zhiku duplicates`)")


def _likeness(other: DuplicateOut) -> str:
    if other.exact:
        return f"the same file as {other.uri}"
    return f"almost the same as {other.uri} ({percent(other.similarity)})"


def percent(share: float) -> str:
    """Return a share for people; only the whole is 100 %."""
    return f"{floor(100 * share)} %"


def _removed(document: Document, state: ErasureState) -> Outcome:
    left = "something of it is left: `zhiku receipts` says where"
    reason = left if state is ErasureState.FOUND else None
    return Outcome(document.uri, IngestStatus.REMOVED, document.id, 0, reason)


def running_api(settings: Settings) -> Server | None:
    """Return the API that serves this data folder, if one runs."""
    return running(settings.data_dir, "api")


def operator_access(catalog: Catalog, tenant: str, groups: Iterable[str] = ()) -> AccessFilter:
    """Return the filter of whoever runs the commands: all groups that there are, and these."""
    every = catalog.documents.groups(tenant) | {*groups}
    return AccessFilter(tenant, tuple(sorted(every)))


@contextmanager
def command_client(
    settings: Settings, api: Server, *, tenant: str, role: Role, groups: Iterable[str]
) -> Iterator[ZhikuClient]:
    """Yield a client of the running API whose key lives as long as the block."""
    catalog = open_catalog(settings)
    try:
        key, secret = catalog.keys.create(
            tenant=tenant,
            name="command line",
            role=role,
            groups=groups,
            expires_at=utc_now() + _KEY_LIFETIME,
        )
        try:
            with ZhikuClient(api.url, secret) as client:
                yield client
        finally:
            catalog.keys.revoke(key.id, now=utc_now())
    finally:
        catalog.close()
