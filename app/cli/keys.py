"""`zhiku keys`: API keys with their groups and role."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from app.cli.console import errors, output
from app.settings import load_settings
from app.wiring import open_catalog, utc_now
from stores.access import EVERYONE
from stores.keys import Role

commands = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)

TenantOption = Annotated[str | None, typer.Option(help="Tenant; default: the configured one.")]


@commands.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    *,
    role: Annotated[
        Role, typer.Option(help="reader: search and ask; editor: upload too; admin: everything.")
    ] = Role.READER,
    group: Annotated[
        list[str] | None, typer.Option(help="Group it may read; repeatable. Default: everyone.")
    ] = None,
    tenant: TenantOption = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires.")] = None,
) -> None:
    """Create a key and print it; it is shown only this once."""
    settings = load_settings()
    catalog = open_catalog(settings)
    try:
        key, secret = catalog.keys.create(
            tenant=tenant or settings.tenant,
            name=name,
            role=role,
            groups=group or [EVERYONE],
            expires_at=utc_now() + timedelta(days=days) if days else None,
        )
    finally:
        catalog.close()
    errors.print(
        f"key {key.id} for tenant {key.tenant}, {key.role}, groups {', '.join(key.groups)}"
    )
    output.print(secret, markup=False, highlight=False)


@commands.command("list")
def list_keys(*, tenant: TenantOption = None) -> None:
    """List the keys of a tenant; the secrets are not kept and cannot be shown."""
    settings = load_settings()
    catalog = open_catalog(settings)
    try:
        keys = catalog.keys.list(tenant or settings.tenant)
    finally:
        catalog.close()
    table = Table("id", "name", "role", "groups", "created", "expires", "revoked")
    for key in keys:
        table.add_row(
            str(key.id),
            key.name,
            key.role,
            ", ".join(key.groups),
            f"{key.created_at:%Y-%m-%d}",
            f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "never",
            f"{key.revoked_at:%Y-%m-%d}" if key.revoked_at else "",
        )
    output.print(table)


@commands.command()
def revoke(key_id: Annotated[UUID, typer.Argument(help="Id as `zhiku keys list` shows.")]) -> None:
    """Revoke a key; it is refused from now on."""
    catalog = open_catalog(load_settings())
    try:
        catalog.keys.revoke(key_id, now=utc_now())
    finally:
        catalog.close()
    errors.print(f"key {key_id} is revoked")
