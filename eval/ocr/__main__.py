"""Draw known text, damage it, read it, and print the character error rates by language."""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from eval.errors import EvalError
from eval.ocr.measure import Measured, measure
from eval.ocr.paper import DAMAGES
from eval.ocr.texts import LANGUAGES
from models.errors import ModelError
from models.ocr import TextReader

MOST_CLEAN = 0.03
MOST_DAMAGED = 0.08
"""Error rates that are accepted, of clean pages and of others."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and return 1 if an error rate is too high, 2 if nothing can be measured."""
    options = _parser().parse_args(arguments)
    output, errors = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)
    measured = []
    try:
        reader = TextReader()
        damages = options.damage or tuple(DAMAGES)
        languages = options.language or tuple(LANGUAGES)
        for result in measure(languages, damages, reader, most=options.pages):
            measured.append(result)
            errors.print(f"{result.language}, {result.damage}: {result.error_rate:.2%}")
    except (EvalError, ModelError) as error:
        errors.print(str(error), markup=False)
        return 2
    output.print(_table(measured))
    return int(any(each.error_rate > _most(each) for each in measured))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval.ocr", description=__doc__)
    parser.add_argument("--pages", type=int, default=2, help="pages for each language, at most")
    parser.add_argument("--language", action="append", choices=tuple(LANGUAGES), help="repeatable")
    parser.add_argument("--damage", action="append", choices=tuple(DAMAGES), help="repeatable")
    return parser


def _most(measured: Measured) -> float:
    return MOST_CLEAN if measured.damage == "clean" else MOST_DAMAGED


def _table(measured: Sequence[Measured]) -> Table:
    table = Table("language", "pages are", "pages", "error rate", "confidence", "CPU s/page")
    for each in measured:
        table.add_row(
            each.language,
            each.damage,
            str(each.pages),
            f"{each.error_rate:.2%}",
            f"{each.confidence:.3f}",
            f"{each.seconds:.2f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
