"""All checks of an installation, in the order in which they are made."""

from app.doctor import catalog as of_catalog
from app.doctor import files as of_files
from app.doctor import index as of_index
from app.doctor.records import Check
from app.settings import Settings
from app.wiring import (
    IngestSystem,
    build_duplicates,
    build_reindexing,
    models_folder,
    required_models,
    utc_now,
)
from stores.catalog import Catalog
from stores.files import FileStore


def all_checks(
    settings: Settings,
    catalog: Catalog,
    system: IngestSystem | None,
    *,
    unopened: str = "",
) -> list[Check]:
    """Return all checks, the fundamental ones first.

    Parameters
    ----------
    unopened
        Why there is no `system`; then the index is not checked.
    """
    files = FileStore(settings.data_dir / "files")
    uploads = FileStore(settings.data_dir / "uploads")
    checks = [
        of_catalog.database_check(catalog),
        of_files.weights_check(required_models(settings), models_folder(settings)),
        of_files.originals_check(catalog, files),
        of_files.unused_check(catalog, files, now=utc_now),
        of_files.uploads_check(catalog, uploads, now=utc_now),
        of_catalog.jobs_check(catalog, now=utc_now),
        *_index_checks(catalog, system, skipped=unopened),
        of_catalog.chunks_check(catalog),
        of_catalog.hidden_check(catalog),
        of_catalog.signatures_check(catalog),
    ]
    if settings.ingest.duplicates == "ask":
        found = build_duplicates(settings, catalog)
        checks.append(of_catalog.duplicates_check(catalog, found))
    return checks


def _index_checks(catalog: Catalog, system: IngestSystem | None, *, skipped: str) -> list[Check]:
    compared = None
    if system is not None:
        compared = of_index.IndexDoctor(catalog, system.indexes, build_reindexing(system))
    max_tokens = None if system is None else system.encoder.max_tokens
    return [
        of_index.orphans_check(compared, skipped=skipped),
        of_index.missing_check(compared, skipped=skipped),
        of_index.length_check(catalog, max_tokens=max_tokens, skipped=skipped),
    ]
