"""`zhiku models`: list, fetch and check the weights."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.progress import Progress as Bars
from rich.progress import TaskID
from rich.table import Table

from app.cli.console import byte_progress, output
from app.errors import ConfigurationError
from app.settings import Settings, load_settings
from app.wiring import models_folder, required_models
from models.fetch import pull, status, verify
from models.hub import HubSettings
from models.progress import Progress, Step
from models.registry import SPECS
from models.spec import ModelSpec, SourceKind

commands = typer.Typer(help="Model weights: list, pull, verify.", no_args_is_help=True)

NamesArgument = Annotated[
    list[str] | None, typer.Argument(help="Models; default: those the settings ask for.")
]


@commands.command("list")
def list_models() -> None:
    """Show the models, where they stand and what they are."""
    settings = load_settings()
    folder = models_folder(settings)
    needed = {spec.name for spec in required_models(settings)}
    table = Table("model", "kind", "state", "MB", "licence", "needed")
    for spec in SPECS.values():
        found = status(spec, folder)
        table.add_row(
            spec.name,
            spec.kind,
            found.state,
            f"{found.size_bytes / 1e6:,.0f}",
            spec.licence,
            "yes" if spec.name in needed else "no",
        )
    output.print(table)


@commands.command("pull")
def pull_command(names: NamesArgument = None) -> None:
    """Fetch what is missing; an interrupted download goes on where it stopped."""
    settings = load_settings()
    pull_models(settings, _chosen(settings, names))


@commands.command("verify")
def verify_command(names: NamesArgument = None) -> None:
    """Read every byte of the installed models and compare it with its hash."""
    settings = load_settings()
    for spec in _chosen(settings, names):
        verify(spec, models_folder(settings))
        output.print(f"{spec.name}: every byte is right", highlight=False)


def pull_models(settings: Settings, specs: Sequence[ModelSpec]) -> None:
    """Fetch models with a progress bar for each step."""
    for spec in specs:
        with byte_progress() as bars:
            pull(
                spec,
                models_folder(settings),
                sources=[SourceKind(name) for name in settings.models.sources],
                progress=_StepBars(bars).show,
                weights_folder=settings.models.folder,
                hub=HubSettings(
                    endpoint=settings.models.hub_url,
                    probe_seconds=settings.models.hub_probe_seconds,
                ),
            )


class _StepBars:
    """One bar for each step that counts bytes, one line for each that does not."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[tuple[Step, str], TaskID] = {}

    def show(self, report: Progress) -> None:
        """Show how far a step is."""
        if report.total_bytes == 0:
            self._bars.console.print(report.step, report.item, markup=False, highlight=False)
            return
        key = (report.step, report.item)
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task(f"{report.step} {report.item}")
        self._bars.update(self._tasks[key], completed=report.done_bytes, total=report.total_bytes)


def _chosen(settings: Settings, names: Sequence[str] | None) -> list[ModelSpec]:
    if not names:
        return required_models(settings)
    unknown = sorted(set(names) - set(SPECS))
    if unknown:
        raise ConfigurationError(f"no such model: {', '.join(unknown)} (known: {', '.join(SPECS)})")
    return [SPECS[name] for name in names]
