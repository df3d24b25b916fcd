"""`zhiku duplicates`: documents that are almost the same, and what is decided of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Column, Table
from rich.text import Text

from app.cli.console import errors, output
from app.cli.keys import TenantOption
from app.cli.routes import LOCAL_USER, command_client, operator_access, percent, running_api
from app.errors import BadRequest
from app.settings import Settings, load_settings
from app.wiring import build_duplicates, open_catalog, open_ingest
from ingest.duplicates import Group
from stores.access import AccessFilter
from stores.catalog import Catalog
from stores.keys import Role
from stores.records import Document

commands = typer.Typer(
    help="Documents that are almost the same: list, keep, drop.", invoke_without_command=True
)

IdsArgument = Annotated[list[UUID], typer.Argument(help="Ids as `zhiku duplicates` shows them.")]


@commands.callback()
def list_duplicates(context: typer.Context, *, tenant: TenantOption = None) -> None:
    """List groups of documents that are almost the same, the newest of each group first.

    What all of a group's older documents are to be kept beside is not listed. Editions with days in
    force of their own are no duplicates.
    """
    if context.invoked_subcommand is not None:
        return
    settings = load_settings()
    with _catalog(settings, tenant) as (catalog, access):
        groups = build_duplicates(settings, catalog).groups(access)
    if not groups:
        output.print("no two documents are almost the same", highlight=False)
        return
    output.print(_table(groups))
    output.print(
        "zhiku duplicates keep ID… leaves documents as they are; drop ID… removes them",
        highlight=False,
    )


@commands.command()
def keep(ids: IdsArgument, *, tenant: TenantOption = None) -> None:
    """Keep documents beside those that they are almost the same as; nothing is held back.

    It holds until a document gets other bytes.
    """
    settings = load_settings()
    with _catalog(settings, tenant) as (catalog, access):
        _known(catalog, access.tenant, ids)
        kept = catalog.signatures.keep(ids, access)
    errors.print(f"{len(kept)} documents are kept", highlight=False)


@commands.command()
def drop(ids: IdsArgument, *, tenant: TenantOption = None) -> None:
    """Remove documents from all stores; the files that they came from stay where they are."""
    settings = load_settings()
    with _catalog(settings, tenant) as (catalog, access):
        documents = _known(catalog, access.tenant, ids)
    with _erasing(settings, access) as erase:
        erase([document.id for document in documents])
    for document in documents:
        errors.print(f"removed: {document.uri}", markup=False, highlight=False)


@contextmanager
def _catalog(settings: Settings, tenant: str | None) -> Iterator[tuple[Catalog, AccessFilter]]:
    catalog = open_catalog(settings)
    try:
        yield catalog, operator_access(catalog, tenant or settings.tenant)
    finally:
        catalog.close()


@contextmanager
def _erasing(
    settings: Settings, access: AccessFilter
) -> Iterator[Callable[[Sequence[UUID]], object]]:
    """Yield what erases documents: the running API, or the stores opened here."""
    api = running_api(settings)
    if api is not None:
        with command_client(
            settings, api, tenant=access.tenant, role=Role.ADMIN, groups=access.groups
        ) as client:
            yield client.forget
        return
    system = open_ingest(settings)
    try:
        yield lambda documents: system.forgetter.forget(access.tenant, documents, user=LOCAL_USER)
    finally:
        system.close()


def _known(catalog: Catalog, tenant: str, ids: Sequence[UUID]) -> list[Document]:
    """Return the documents; raises `BadRequest` if there is one that the tenant has not."""
    by_id = {each.id: each for each in catalog.documents.tenant_documents(tenant)}
    unknown = [str(each) for each in ids if each not in by_id]
    if unknown:
        raise BadRequest(f"no document {', '.join(unknown)}: `zhiku duplicates` shows the ids")
    return [by_id[each] for each in dict.fromkeys(ids)]


def _table(groups: Sequence[Group]) -> Table:
    table = Table("alike", "title", "id", Column("uri", overflow="fold"))
    for group in groups:
        table.add_section()
        table.add_row("newest", *_cells(group.newest))
        for copy in group.copies:
            alike = "same file" if copy.is_exact else percent(copy.similarity)
            table.add_row(f"{alike}, kept" if copy.kept else alike, *_cells(copy.document))
    return table


def _cells(document: Document) -> tuple[Text, Text, Text]:
    return Text(document.title), Text(str(document.id)), Text(document.uri)
