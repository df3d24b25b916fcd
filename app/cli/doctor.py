"""`zhiku doctor`: do catalog, index, files and models fit together? `--fix` mends what is safe."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from app.cli.console import output
from app.cli.routes import running_api
from app.doctor.build import all_checks
from app.doctor.examine import examine
from app.doctor.records import Check, Result
from app.errors import AlreadyRunning
from app.settings import Settings, load_settings
from app.wiring import open_catalog, open_ingest
from models.errors import ModelError
from stores.catalog import Catalog

EXIT_FAULTS: Final = 1
_RUNNING: Final = "the running API changes the index all the time: `zhiku stop` first"
_COLOURS: Final = {"ok": "green", "mended": "green", "notice": "yellow", "not checked": "yellow"}
_BAD: Final = "red"


def doctor(
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what is safe to mend; the API must not run.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check that catalog, index, files and models fit together, for all tenants.

    While the API runs, the index is not checked.

    Exit code 0: no fault is left; 1: there are faults; 2: wrong usage; 3: the catalog cannot be
    opened, or `--fix` while the API runs. Notices do not count.
    """
    settings = load_settings()
    with _checks(settings, fix=fix) as checks:
        results = list(examine(checks, fix=fix))
    if as_json:
        typer.echo(json.dumps(_as_json(results), ensure_ascii=False, indent=2))
    else:
        _print(results)
    if any(result.is_fault for result in results):
        raise typer.Exit(EXIT_FAULTS)


@contextmanager
def _checks(settings: Settings, *, fix: bool) -> Iterator[list[Check]]:
    """Open what can be opened now, and yield the checks; what else is needed is said in them."""
    api = running_api(settings)
    if api is not None and fix:
        raise AlreadyRunning(
            f"the API (process {api.pid}) works on {settings.data_dir}: stop it with `zhiku stop`, "
            "then mend"
        )
    if api is not None:
        with _catalog(settings) as catalog:
            yield all_checks(settings, catalog, None, unopened=_RUNNING)
        return
    try:
        system = open_ingest(settings)
    except ModelError as error:
        with _catalog(settings) as catalog:
            yield all_checks(settings, catalog, None, unopened=f"the encoder is needed: {error}")
        return
    try:
        yield all_checks(settings, system.catalog, system)
    finally:
        system.close()


@contextmanager
def _catalog(settings: Settings) -> Iterator[Catalog]:
    catalog = open_catalog(settings)
    try:
        yield catalog
    finally:
        catalog.close()


def _print(results: Sequence[Result]) -> None:
    table = Table("state", "looked for", "found", "mended")
    for result in results:
        colour = _COLOURS.get(result.state, _BAD)
        mended = str(result.mended) if result.mended else ""
        found = str(result.found) if result.found else ""
        table.add_row(f"[{colour}]{result.state}[/]", result.check.title, found, mended)
    output.print(table)
    for result in results:
        _print_details(result)


def _print_details(result: Result) -> None:
    """Print what was found and what to do; of a check without findings, nothing."""
    why = result.problem or result.check.skipped
    if not result.found and not why:
        return
    output.print(f"\n[bold]{result.check.title}[/bold]")
    lines = [why] if why else result.examples
    for line in lines:
        output.print(f"  {escape(line)}", highlight=False)
    listed = result.left or result.found
    if not why and listed > len(result.examples):
        output.print(f"  … {listed - len(result.examples)} more", highlight=False)
    if result.left:
        output.print(f"  → {escape(result.check.advice)}", highlight=False)


def _as_json(results: Sequence[Result]) -> dict[str, object]:
    return {
        "healthy": not any(result.is_fault for result in results),
        "checks": [
            {
                "name": result.check.name,
                "level": result.check.level,
                "state": result.state,
                "title": result.check.title,
                "found": result.found,
                "mended": result.mended,
                "left": result.left,
                "examples": result.examples,
                "advice": result.check.advice,
                "why": result.problem or result.check.skipped,
            }
            for result in results
        ],
    }
