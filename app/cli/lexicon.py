"""`zhiku lexicon`: the words, abbreviations and synonyms of a company."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.markup import escape
from rich.table import Table

from app.api.schemas import SyncOut
from app.cli.console import count_progress, errors, output
from app.cli.keys import TenantOption
from app.cli.routes import command_client, running_api
from app.lexicon_file import read_lexicon
from app.settings import Settings, load_settings
from app.wiring import open_catalog, open_ingest
from ingest.lexicon import LexiconReader
from ingest.rewords import Reworded, documents_behind
from stores.catalog import Catalog
from stores.keys import Role
from stores.lexicon import LexiconEntry, LexiconKind

commands = typer.Typer(
    help="The company's words: names, abbreviations, synonyms.", no_args_is_help=True
)

Step = Callable[[UUID | None], Reworded]
_DOCUMENTS = 20


@commands.command()
def add(
    entry: Annotated[str, typer.Argument(help="A name, or an expression with equivalents.")],
    equivalents: Annotated[
        list[str] | None,
        typer.Argument(help="What means the same, in either language; none for a name."),
    ] = None,
    *,
    kind: Annotated[
        LexiconKind | None,
        typer.Option(help="Default: synonym where there are equivalents, else term."),
    ] = None,
    tenant: TenantOption = None,
) -> None:
    """Add an entry, or replace the one that is there.

    A term is found as a whole: `zhiku lexicon add 智慧眼三代`. The others also find what they can
    be called: `zhiku lexicon add 差旅 出差 "business trip"`.
    """
    chosen = kind or (LexiconKind.SYNONYM if equivalents else LexiconKind.TERM)
    with _catalog(tenant) as (catalog, name):
        catalog.lexicons.put(name, [LexiconEntry(chosen, entry, tuple(equivalents or ()))])
        _tell_behind(catalog, name)


@commands.command()
def remove(
    entry: Annotated[str, typer.Argument(help="The entry as `zhiku lexicon list` shows it.")],
    *,
    tenant: TenantOption = None,
) -> None:
    """Remove an entry."""
    with _catalog(tenant) as (catalog, name):
        catalog.lexicons.remove(name, entry)
        _tell_behind(catalog, name)


@commands.command("list")
def list_entries(*, tenant: TenantOption = None) -> None:
    """List the entries, and say whether the index is up to them."""
    with _catalog(tenant) as (catalog, name):
        _, entries = catalog.lexicons.read(name)
        table = Table("kind", "entry", "equivalents")
        for entry in entries:
            table.add_row(entry.kind, escape(entry.entry), escape(", ".join(entry.equivalents)))
        output.print(table)
        _tell_behind(catalog, name)


@commands.command("import")
def import_file(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="Rows of kind,entry,equivalent,equivalent,…")
    ],
    *,
    tenant: TenantOption = None,
) -> None:
    """Add the entries of a comma-separated file in UTF-8, all or none."""
    entries = read_lexicon(path)
    with _catalog(tenant) as (catalog, name):
        catalog.lexicons.put(name, entries)
        errors.print(f"{len(entries)} entries were added or replaced")
        _tell_behind(catalog, name)


@commands.command()
def sync(*, tenant: TenantOption = None) -> None:
    """Bring documents that are in the index up to the terms of the lexicon.

    Nothing is encoded again. Interrupted, it goes on where it was when it is run again.
    """
    settings = load_settings()
    name = tenant or settings.tenant
    with _catalog(tenant) as (catalog, _):
        behind = _behind(catalog, name)
    missing = 0
    with _steps(settings, name) as step, count_progress() as progress:
        task = progress.add_task("terms", total=behind)
        after: UUID | None = None
        while True:
            done = step(after)
            missing += done.missing
            progress.advance(task, done.documents + done.missing)
            after = done.last
            if after is None:
                break
    output.print(f"{behind - missing} documents are up to the lexicon now", highlight=False)
    if missing:
        errors.print(f"{missing} documents have no points in the index: ingest them again")


@contextmanager
def _steps(settings: Settings, tenant: str) -> Iterator[Step]:
    """Yield what brings some documents up to date: through the running API, or here."""
    api = running_api(settings)
    if api is not None:
        with command_client(settings, api, tenant=tenant, role=Role.ADMIN, groups=[]) as client:
            yield lambda after: _through(client.sync_lexicon(after=after))
        return
    system = open_ingest(settings)
    try:
        yield lambda after: system.rewording.step(tenant, after=after, limit=_DOCUMENTS)
    finally:
        system.close()


def _through(told: SyncOut) -> Reworded:
    return Reworded(told.documents, told.missing, told.last)


@contextmanager
def _catalog(tenant: str | None) -> Iterator[tuple[Catalog, str]]:
    settings = load_settings()
    catalog = open_catalog(settings)
    try:
        yield catalog, tenant or settings.tenant
    finally:
        catalog.close()


def _behind(catalog: Catalog, tenant: str) -> int:
    reader = LexiconReader(catalog.lexicons)
    return documents_behind(tenant, indexed=catalog.indexed_words, lexicon=reader)


def _tell_behind(catalog: Catalog, tenant: str) -> None:
    behind = _behind(catalog, tenant)
    if behind:
        errors.print(
            f"{behind} documents were indexed with other terms; they are found as before, by the "
            "new ones once `zhiku lexicon sync` has run"
        )
