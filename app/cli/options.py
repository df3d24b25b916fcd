"""Options that several commands have in common."""

from typing import Annotated

import typer

from stores.records import DocType

TypeOption = Annotated[
    DocType | None, typer.Option("--type", help="Kind of document. Default: by its title.")
]
TagOption = Annotated[list[str] | None, typer.Option("--tag", help="Tag; repeatable.")]
SeriesOption = Annotated[
    str | None,
    typer.Option(help="Editions of one document have one series. Default: by the title."),
]
