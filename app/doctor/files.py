"""Checks of the files: originals, uploads and weights."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from app.doctor.records import Check, Level, NotSafe
from models.errors import ModelError
from models.fetch import verify
from models.spec import ModelSpec
from stores.catalog import Catalog
from stores.files import FileStore, StoredFile

_FEW = 20
_SETTLED_AFTER = timedelta(hours=1)


def originals_check(catalog: Catalog, files: FileStore) -> Check:
    """Look for originals that are gone or cut off."""

    def find() -> Iterator[str]:
        for document in catalog.inspection.documents():
            path = files.path(document.tenant, document.sha256)
            try:
                size = path.stat().st_size
            except FileNotFoundError:
                yield f"{document.uri}: {path} is missing"
                continue
            if size != document.size_bytes:
                yield f"{document.uri}: {path} has {size} of {document.size_bytes} bytes"

    return Check(
        name="originals_missing",
        level=Level.FAULT,
        title="documents without their original file",
        advice="restore the folder `files` from a backup, or remove the document and load it again",
        find=find,
    )


def unused_check(catalog: Catalog, files: FileStore, *, now: Callable[[], datetime]) -> Check:
    """Look for originals of documents that are gone: what was removed has to be."""

    def unused() -> list[StoredFile]:
        return _left_over(files, _used(catalog), now=now())

    def delete() -> int:
        found = unused()
        if len(found) > max(_FEW, len(_used(catalog))):
            raise NotSafe(
                f"{len(found)} originals would be deleted, more than there are documents: this may "
                "be an old or another catalog; restore the right one, or delete them yourself"
            )
        return _delete(found)

    return Check(
        name="originals_unused",
        level=Level.FAULT,
        title="originals that no document refers to",
        advice="`zhiku doctor --fix` deletes them",
        find=lambda: _paths(unused()),
        fix=delete,
    )


def uploads_check(catalog: Catalog, uploads: FileStore, *, now: Callable[[], datetime]) -> Check:
    """Look for uploaded files that no job will ever take up."""

    def forgotten() -> list[StoredFile]:
        awaited = {(job.tenant, job.sha256) for job in catalog.jobs.unfinished()}
        return _left_over(uploads, awaited, now=now())

    return Check(
        name="uploads_forgotten",
        level=Level.FAULT,
        title="uploaded files that no job waits for",
        advice="`zhiku doctor --fix` deletes them; who sent one sends it again",
        find=lambda: _paths(forgotten()),
        fix=lambda: _delete(forgotten()),
    )


def weights_check(specs: Sequence[ModelSpec], folder: Path) -> Check:
    """Read every byte of the models that the settings ask for."""

    def find() -> Iterator[str]:
        for spec in specs:
            try:
                verify(spec, folder)
            except ModelError as error:
                yield str(error)

    return Check(
        name="weights_wrong",
        level=Level.FAULT,
        title="models that are missing or damaged",
        advice="`zhiku models pull` fetches them",
        find=find,
    )


def _left_over(
    files: FileStore, wanted: Collection[tuple[str, str]], *, now: datetime
) -> list[StoredFile]:
    """Return the files that are not wanted and old enough to be sure of it.

    A file is kept before the row that refers to it is written.
    """
    before = (now - _SETTLED_AFTER).timestamp()
    return [
        each
        for each in files.stored()
        if (each.tenant, each.name) not in wanted and each.modified < before
    ]


def _used(catalog: Catalog) -> set[tuple[str, str]]:
    return {(each.tenant, each.sha256) for each in catalog.inspection.documents()}


def _paths(files: Iterable[StoredFile]) -> Iterator[str]:
    return (str(each.path) for each in files)


def _delete(files: Sequence[StoredFile]) -> int:
    for each in files:
        each.path.unlink(missing_ok=True)
    return len(files)
