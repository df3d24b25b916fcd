"""`zhiku summarise`: what a document says, in short."""

from typing import Annotated, cast
from uuid import UUID

import typer

from app.api.summary_schemas import SummaryOut
from app.cli.console import errors, output
from app.cli.keys import TenantOption
from app.cli.questions import GroupOption, Lang
from app.cli.routes import command_client, running_api
from app.settings import Settings, load_settings
from app.summaries import read_document, summary_out
from app.wiring import open_catalog, open_system
from generation.summaries import Summary
from stores.access import EVERYONE, AccessFilter
from stores.keys import Role


def summarise(
    document: Annotated[UUID, typer.Argument(help="Id as `zhiku documents` shows.")],
    *,
    lang: Annotated[
        Lang | None, typer.Option(help="Language of the summary. Default: the document's.")
    ] = None,
    tenant: TenantOption = None,
    group: GroupOption = None,
) -> None:
    """Summarise a document; sentences whose figures it does not hold are left out."""
    settings = load_settings()
    access = AccessFilter(tenant or settings.tenant, tuple(sorted(group or [EVERYONE])))
    with errors.status("reading …"):
        summary = _summary(settings, document, access, lang.value if lang else None)
    output.print(summary.text, markup=False, highlight=False)
    if summary.dropped:
        errors.print(f"sentences left out, with figures not in the document: {summary.dropped}")
    if summary.partial:
        errors.print("only the beginning was read (summary.max_read_tokens)")


def _summary(
    settings: Settings, document_id: UUID, access: AccessFilter, lang: str | None
) -> SummaryOut:
    api = running_api(settings)
    if api is None:
        return _local_summary(settings, document_id, access, lang)
    with command_client(
        settings, api, tenant=access.tenant, role=Role.READER, groups=access.groups
    ) as client:
        return client.summary(document_id, lang="zh" if lang == "zh" else "en" if lang else None)


def _local_summary(
    settings: Settings, document_id: UUID, access: AccessFilter, lang: str | None
) -> SummaryOut:
    # Before the models, which take their time to load.
    catalog = open_catalog(settings)
    try:
        document, source = read_document(catalog.documents, document_id, access)
    finally:
        catalog.close()
    system = open_system(settings)
    try:
        summary = system.summariser.summarise_document(
            source, lang=lang or document.lang, cancelled=lambda: False
        )
    finally:
        system.close()
    # None is for those who cancel.
    return summary_out(document, cast("Summary", summary))
