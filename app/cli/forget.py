"""`zhiku forget` and `zhiku receipts`: erase documents, and show what proves it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from app.api.receipt_schemas import ReceiptOut
from app.cli.console import errors, output
from app.cli.keys import TenantOption
from app.cli.routes import LOCAL_USER, command_client, running_api
from app.errors import BadRequest
from app.settings import Settings, load_settings
from app.wiring import open_catalog, open_ingest
from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.keys import Role
from stores.receipt_records import ErasureState
from stores.records import document_id

EXIT_SOMETHING_LEFT: Final = 1
_MEGABYTE: Final = 1_000_000


def forget(
    documents: Annotated[
        list[str], typer.Argument(help="Addresses (uri), files or ids; see `zhiku documents`.")
    ],
    *,
    tenant: TenantOption = None,
) -> None:
    """Erase documents from all stores, search the files for what is left, and print the receipts.

    Exit code 0: nothing is left; 1: something is, and the receipts say where; 2: wrong usage, or
    there is no such document; 3: a store is away or full. What was begun goes on with the next
    start of the API, or if the command is repeated.
    """
    settings = load_settings()
    owner = tenant or settings.tenant
    ids = _resolve(settings, owner, documents)
    receipts = _forget(settings, owner, ids)
    print_receipts(receipts)
    if any(receipt.state is ErasureState.FOUND for receipt in receipts):
        raise typer.Exit(EXIT_SOMETHING_LEFT)


def receipts(
    *,
    tenant: TenantOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 50,
) -> None:
    """List the erasures of a tenant, the latest first."""
    settings = load_settings()
    catalog = open_catalog(settings)
    try:
        operator = Principal(tenant or settings.tenant, LOCAL_USER, frozenset(), frozenset(Scope))
        found = catalog.receipts.list(operator, limit=limit)
    finally:
        catalog.close()
    print_receipts([ReceiptOut.model_validate(receipt) for receipt in found])


def _resolve(settings: Settings, tenant: str, named: Iterable[str]) -> list[UUID]:
    """Return the ids of documents that are there, or whose erasure is pending."""
    catalog = open_catalog(settings)
    try:
        pending = {
            receipt.document_id
            for receipt in catalog.receipts.pending()
            if receipt.tenant == tenant
        }
        return [_resolve_one(catalog, tenant, name, pending=pending) for name in named]
    finally:
        catalog.close()


def _resolve_one(catalog: Catalog, tenant: str, name: str, *, pending: set[UUID]) -> UUID:
    for candidate in _candidates(tenant, name):
        known = catalog.documents.by_id(tenant, candidate) is not None
        if known or candidate in pending:
            return candidate
    raise BadRequest(f"no document {name} in {tenant}: `zhiku documents` lists those there are")


def _candidates(tenant: str, name: str) -> list[UUID]:
    by_address = [document_id(tenant, each) for each in (name, Path(name).absolute().as_uri())]
    try:
        return [UUID(name), *by_address]
    except ValueError:
        return by_address


def _forget(settings: Settings, tenant: str, ids: Sequence[UUID]) -> list[ReceiptOut]:
    api = running_api(settings)
    with errors.status("erasing and searching the files …"):
        if api is None:
            system = open_ingest(settings)
            try:
                found = system.forgetter.forget(tenant, ids, user=LOCAL_USER)
            finally:
                system.close()
            return [ReceiptOut.model_validate(receipt) for receipt in found]
        catalog = open_catalog(settings)
        try:
            groups = catalog.documents.groups(tenant)
        finally:
            catalog.close()
        with command_client(settings, api, tenant=tenant, role=Role.ADMIN, groups=groups) as client:
            return list(client.forget(ids))


def print_receipts(found: Sequence[ReceiptOut]) -> None:
    """Print receipts one below the other, with what is left or why they are pending."""
    if not found:
        errors.print("nothing was erased")
    for receipt in found:
        for line in _lines(receipt):
            output.print(line, markup=False, highlight=False, soft_wrap=True)


def _lines(receipt: ReceiptOut) -> Iterator[str]:
    asked = f"asked {receipt.asked_at:%Y-%m-%d %H:%M} UTC by {receipt.user}"
    yield f"{receipt.state}: document {receipt.document_id}, {asked}"
    removed, searched = receipt.removed, receipt.searched
    if removed is not None:
        yield (
            f"  removed   {removed.points} points, {removed.chunks} passages, "
            f"{removed.originals} originals, {removed.traces} traces, "
            f"{removed.exchanges} exchanges of conversations"
        )
    if searched is not None:
        pieces = searched.text + searched.original + searched.vectors
        yield (
            f"  searched  {searched.files} files, {searched.size_bytes // _MEGABYTE} MB, for "
            f"{pieces} pieces of its text, its file and its vectors"
        )
    for find in receipt.finds:
        yield f"  left      {find.pieces} pieces ({find.kind}) in {find.place}"
    if receipt.reason:
        yield f"  waits     {receipt.reason}"
    yield f"  receipt   {receipt.id}, kept until {receipt.kept_until:%Y-%m-%d}"
