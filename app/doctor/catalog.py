"""Checks of the catalog by itself: its database, its jobs, and what it knows of documents."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from app.doctor.records import Check, Level
from ingest.duplicates import Duplicates, sign_missing
from ingest.quality import weaknesses
from models.minhash import SIGNATURE_VERSION
from stores.access import AccessFilter
from stores.catalog import Catalog

_STUCK_AFTER = timedelta(hours=1)
_ALL = 1_000_000_000


def database_check(catalog: Catalog) -> Check:
    """Look for damage in the database's file."""
    return Check(
        name="catalog_damaged",
        level=Level.FAULT,
        title="damage in the catalog",
        advice="stop Zhiku and restore the catalog from a backup; the disk may be failing",
        find=catalog.inspection.damages,
    )


def jobs_check(catalog: Catalog, *, now: Callable[[], datetime]) -> Check:
    """Look for jobs that nobody works on."""

    def find() -> Iterator[str]:
        for job in catalog.jobs.unfinished():
            if now() - job.updated_at > _STUCK_AFTER:
                why = f": {job.reason}" if job.reason else ""
                since = f"{job.updated_at:%Y-%m-%d %H:%M}"
                yield f"{job.filename} ({job.state} since {since} UTC){why}"

    return Check(
        name="jobs_stuck",
        level=Level.FAULT,
        title="uploads that wait for more than an hour",
        advice="start the API (`zhiku serve`), which takes them up; if it runs, see its log",
        find=find,
    )


def chunks_check(catalog: Catalog) -> Check:
    """Look for chunks that will hardly answer a question."""

    def find() -> Iterator[str]:
        for owned in catalog.inspection.chunks():
            found = weaknesses(owned.chunk)
            if found:
                pages = ", ".join(map(str, owned.chunk.pages))
                where = f", page {pages}" if pages else ""
                yield f"{owned.uri}{where}, chunk {owned.chunk.ordinal + 1}: {', '.join(found)}"

    return Check(
        name="chunks_weak",
        level=Level.NOTICE,
        title="passages that will hardly answer a question",
        advice="look at the page: a scan without text, a damaged font or a drawing; load a better "
        "file of the document",
        find=find,
    )


def hidden_check(catalog: Catalog) -> Check:
    """List documents with text that their readers do not see."""

    def find() -> Iterator[str]:
        for document in catalog.inspection.documents():
            if document.hidden:
                characters = sum(each.characters for each in document.hidden)
                kinds = ", ".join(each.kind.value.replace("_", " ") for each in document.hidden)
                yield f"{document.uri}: {characters} characters ({kinds})"

    return Check(
        name="hidden_text",
        level=Level.NOTICE,
        title="documents with hidden text, which was left out",
        advice="ask where such a file is from: hidden text is how instructions are smuggled in",
        find=find,
    )


def signatures_check(catalog: Catalog) -> Check:
    """Look for documents whose near-duplicates cannot be found."""

    def find() -> Iterator[str]:
        for document in catalog.signatures.unsigned(SIGNATURE_VERSION, limit=_ALL):
            yield document.uri

    return Check(
        name="signatures_missing",
        level=Level.NOTICE,
        title="documents whose near-duplicates cannot be found yet",
        advice="`zhiku doctor --fix` makes their signatures",
        find=find,
        fix=lambda: sign_missing(catalog.documents, catalog.signatures),
    )


def duplicates_check(catalog: Catalog, duplicates: Duplicates) -> Check:
    """List near-duplicates that somebody has to decide about."""

    def find() -> Iterator[str]:
        for tenant in catalog.inspection.tenants():
            groups = tuple(sorted(catalog.documents.groups(tenant)))
            for group in duplicates.groups(AccessFilter(tenant, groups)):
                others = ", ".join(copy.document.uri for copy in group.copies)
                yield f"{group.newest.uri} and {others}"

    return Check(
        name="duplicates_undecided",
        level=Level.NOTICE,
        title="near-duplicates that nobody has decided about",
        advice="`zhiku duplicates` lists them; keep or drop each",
        find=find,
    )
