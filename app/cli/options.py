"""Options that several commands have in common."""

from datetime import date
from typing import Annotated

import typer

from stores.records import DocType


def read_day(text: str) -> date:
    """Return the day that an option gives; raises `typer.BadParameter`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day: write it as 2025-01-31") from error


TypeOption = Annotated[
    DocType | None, typer.Option("--type", help="Kind of document. Default: by its title.")
]
TagOption = Annotated[list[str] | None, typer.Option("--tag", help="Tag; repeatable.")]
SeriesOption = Annotated[
    str | None,
    typer.Option(help="Editions of one document have one series. Default: by the title."),
]


def day_option(help_text: str, *names: str) -> typer.models.OptionInfo:
    """Return an option whose value is a day."""
    option: typer.models.OptionInfo = typer.Option(
        *names, help=help_text, parser=read_day, metavar="DAY"
    )
    return option
