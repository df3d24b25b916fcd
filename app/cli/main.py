"""Entry point: the commands, and the edge where known errors become one line and an exit code.

Exit codes: 0 all good; 1 at least one document failed, something of an erased one is left, a
repeated answer is different, or the doctor found a fault; 2 the command or the configuration is
wrong, or there is nothing to repeat; 3 something that is needed is missing or away (weights, index,
language model, disk space); 130 interrupted.
"""

import logging
import os
import sys
from importlib.metadata import entry_points
from typing import Final

import typer
from rich.markup import escape

from app.cli import (
    ask,
    config,
    demo,
    doctor,
    documents,
    duplicates,
    explain,
    forget,
    ingest,
    keys,
    lexicon,
    models,
    replay,
    serve,
    summarise,
)
from app.cli.console import errors
from app.errors import AppError, BadRequest, ConfigurationError
from generation.errors import GenerationError
from ingest.errors import IngestError
from models.errors import ModelError
from stores.errors import StoreError

EXIT_USAGE: Final = 2
EXIT_UNAVAILABLE: Final = 3
EXIT_INTERRUPTED: Final = 130

cli = typer.Typer(
    name="zhiku",
    help="Zhiku (知库): answers from your own documents, in Chinese and English, with evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
cli.command("ingest")(ingest.ingest)
cli.command("documents")(documents.documents)
cli.command("forget")(forget.forget)
cli.command("receipts")(forget.receipts)
cli.command("ask")(ask.ask)
cli.command("explain")(explain.explain)
cli.command("replay")(replay.replay)
cli.command("summarise")(summarise.summarise)
cli.command("serve")(serve.serve)
cli.command("ui")(serve.ui)
cli.command("demo")(demo.demo)
cli.command("stop")(demo.stop)
cli.command("doctor")(doctor.doctor)
cli.command("config")(config.config)
cli.add_typer(duplicates.commands, name="duplicates")
cli.add_typer(models.commands, name="models")
cli.add_typer(keys.commands, name="keys")
cli.add_typer(lexicon.commands, name="lexicon")
# Packages above this one add their commands as entry points: imports flow one way.
for command in entry_points(group="zhiku.commands"):
    cli.add_typer(command.load(), name=command.name)


def main() -> None:
    """Run the command line and exit with its code."""
    _quiet_libraries()
    try:
        cli(standalone_mode=True)
    except (ConfigurationError, BadRequest, IngestError, ValueError) as error:
        _fail(error, EXIT_USAGE)
    except (AppError, ModelError, StoreError, GenerationError) as error:
        _fail(error, EXIT_UNAVAILABLE)
    except KeyboardInterrupt:
        errors.print("interrupted; finished documents are kept, run the command again to go on")
        sys.exit(EXIT_INTERRUPTED)


def _fail(error: Exception, code: int) -> None:
    errors.print(f"[red]error:[/red] {escape(str(error))}", highlight=False)
    sys.exit(code)


def _quiet_libraries() -> None:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
