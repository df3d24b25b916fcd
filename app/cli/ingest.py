"""`zhiku ingest`: load documents, show progress, end with a table."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import Progress, TaskID
from rich.table import Table

from app.api.duplicates import duplicate_out
from app.cli.console import count_progress, errors, output
from app.cli.keys import TenantOption
from app.cli.options import SeriesOption, TagOption, TypeOption
from app.cli.routes import (
    LocalRoute,
    RemoteRoute,
    Route,
    command_client,
    operator_access,
    running_api,
)
from app.settings import Settings, load_settings
from app.wiring import open_catalog, open_ingest
from ingest.metadata.sidecar import given_from
from ingest.records import IngestProgress, IngestStatus, Outcome
from ingest.sources import discover
from stores.access import EVERYONE
from stores.keys import Role
from stores.records import NOTHING_GIVEN, DocType, Document, Given

EXIT_SOME_FAILED: Final = 1


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    *,
    group: Annotated[
        list[str] | None,
        typer.Option(help="Group that may read them; repeatable. Default: everyone."),
    ] = None,
    tenant: TenantOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove documents whose files left the given folders.")
    ] = False,
    doc_type: TypeOption = None,
    tag: TagOption = None,
    series: SeriesOption = None,
) -> None:
    """Load documents; unchanged files are skipped, changed ones replaced as a whole.

    What describes a document (type, tags, days) is read from it; a file `NAME.meta.toml` beside it
    says otherwise, and the options say otherwise for all files.

    Exit code 0: all are in; 1: at least one failed or was set aside (quarantined), the others are
    in; 2: wrong usage; 3: a store or model is missing, away or full.
    """
    settings = load_settings()
    outcomes = run_ingest(
        settings,
        paths,
        tenant=tenant or settings.tenant,
        groups=sorted(set(group or [EVERYONE])),
        prune=prune,
        given=_given(doc_type, tag, series),
    )
    print_outcomes(outcomes)
    if not all(outcome.is_in for outcome in outcomes):
        raise typer.Exit(EXIT_SOME_FAILED)


def _given(doc_type: DocType | None, tags: list[str] | None, series: str | None) -> Given:
    said = {"type": doc_type, "tags": tags, "series": series}
    return given_from({name: value for name, value in said.items() if value is not None})


def run_ingest(
    settings: Settings,
    paths: Sequence[Path],
    *,
    tenant: str,
    groups: list[str],
    prune: bool,
    given: Given = NOTHING_GIVEN,
) -> list[Outcome]:
    """Load files and folders into a tenant, and return what became of each."""
    files = discover(paths)
    gone = _documents_without_file(settings, tenant, paths, files) if prune else []
    outcomes = []
    with count_progress() as progress:
        task = progress.add_task("starting", total=len(files) + len(gone))
        try:
            with _route(settings, tenant, groups, progress, task) as route:
                for outcome in _work(route, files, gone, given):
                    outcomes.append(outcome)
                    _report(progress, task, outcome)
        finally:
            progress.update(task, description="done" if outcomes else "nothing done")
    return outcomes


def _work(
    route: Route, files: Sequence[Path], gone: Sequence[Document], given: Given
) -> Iterator[Outcome]:
    yield from route.ingest(files, given)
    if gone:
        yield from route.forget(gone)


@contextmanager
def _route(
    settings: Settings, tenant: str, groups: list[str], progress: Progress, task: TaskID
) -> Iterator[Route]:
    def show(report: IngestProgress) -> None:
        name = report.uri.rsplit("/", 1)[-1]
        pages = f"page {report.pages_done}/{report.pages_total}, " if report.pages_total else ""
        done = f"{pages}{report.chunks_done} chunks"
        progress.update(task, description=f"{report.stage} {name} ({done})")

    max_bytes = settings.ingest.max_file_megabytes * 1_000_000
    api = running_api(settings)
    if api is not None:
        catalog = open_catalog(settings)
        try:
            everything = operator_access(catalog, tenant, groups)
            with command_client(
                settings, api, tenant=tenant, role=Role.ADMIN, groups=everything.groups
            ) as client:
                yield RemoteRoute(
                    client,
                    catalog.documents,
                    tenant=tenant,
                    groups=groups,
                    max_bytes=max_bytes,
                    show=show,
                )
        finally:
            catalog.close()
        return
    system = open_ingest(settings)
    everything = operator_access(system.catalog, tenant, groups)
    try:
        system.forgetter.finish()  # what an earlier command could not
        yield LocalRoute(
            system.pipeline,
            system.forgetter,
            tenant=tenant,
            groups=groups,
            max_bytes=max_bytes,
            duplicates_of=lambda document_id: [
                duplicate_out(copy) for copy in system.duplicates.of(document_id, everything)
            ],
            show=show,
        )
    finally:
        system.close()


def _documents_without_file(
    settings: Settings, tenant: str, paths: Sequence[Path], files: Sequence[Path]
) -> list[Document]:
    found = {path.absolute().as_uri() for path in files}
    catalog = open_catalog(settings)
    try:
        return [
            document
            for folder in paths
            if folder.is_dir()
            for document in catalog.documents.tenant_documents(
                tenant, uri_prefix=folder.absolute().as_uri() + "/"
            )
            if document.uri not in found
        ]
    finally:
        catalog.close()


def _report(progress: Progress, task: TaskID, outcome: Outcome) -> None:
    progress.advance(task)
    if not outcome.is_in or outcome.reason:
        line = f"{outcome.status}: {outcome.uri}: {outcome.reason}"
        errors.print(line, markup=False, highlight=False)


def print_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Print how many documents had which outcome."""
    counts = Counter(outcome.status for outcome in outcomes)
    table = Table("result", "documents", "chunks")
    for status in IngestStatus:
        chunks = sum(outcome.chunks for outcome in outcomes if outcome.status is status)
        table.add_row(status, str(counts[status]), str(chunks))
    output.print(table)
