"""`zhiku config`: the settings in force, or the documented example."""

from typing import Annotated

import typer

from app.cli.console import output
from app.config_example import config_example
from app.settings import load_settings


def config(
    *,
    example: Annotated[
        bool, typer.Option("--example", help="Print config.example.toml instead.")
    ] = False,
) -> None:
    """Print the settings in force as JSON, secrets masked."""
    text = config_example() if example else load_settings().model_dump_json(indent=2)
    output.print(text, markup=False, highlight=False)
