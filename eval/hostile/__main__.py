"""Read hostile files in the sandbox of the ingest, and tell what each took of the machine."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.settings import load_settings
from app.wiring import parse_limits
from eval.errors import EvalError
from eval.hostile.measure import Measured, measure

_MEGABYTE = 1_000_000


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and return 1 if a file went beyond a limit, 2 if there is nothing to read."""
    options = _parser().parse_args(arguments)
    limits = parse_limits(load_settings())
    output, errors = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)
    try:
        with _made(options.make) as made:
            files = _files([*options.folders, *made])
            measured = []
            for result in measure(files, limits):
                measured.append(result)
                errors.print(f"{len(measured)}/{len(files)} {result.name}", markup=False)
    except EvalError as error:
        errors.print(str(error), markup=False)
        return 2
    output.print(_table([each for each in measured if options.all or each.outcome != "done"]))
    for line in _summary(measured):
        output.print(line, markup=False, highlight=False)
    beyond = [
        each
        for each in measured
        if each.seconds > limits.seconds + 1 or each.peak_bytes > limits.memory_bytes
    ]
    return 1 if beyond else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval.hostile", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="folders of files to read")
    parser.add_argument(
        "--make", type=Path, help="script that writes further files into the folder it is given"
    )
    parser.add_argument("--all", action="store_true", help="list files that are read well, too")
    return parser


@contextmanager
def _made(script: Path | None) -> Iterator[list[Path]]:
    """Yield the folder of files that a script writes, which goes with the block."""
    if script is None:
        yield []
        return
    with tempfile.TemporaryDirectory(prefix="zhiku-hostile-") as folder:
        made = subprocess.run([sys.executable, script, folder], check=False, capture_output=True)
        if made.returncode:
            raise EvalError(f"{script} does not write its files: {made.stderr.decode()[-300:]}")
        yield [Path(folder)]


def _files(folders: Sequence[Path]) -> list[Path]:
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    if not files:
        raise EvalError("there is no file in these folders: name folders, or --make a script")
    return files


def _table(measured: Sequence[Measured]) -> Table:
    table = Table("file", "outcome", "s", "CPU s", "peak MB", "characters", "reason")
    for column in table.columns[:-1]:
        column.no_wrap = True
    for each in measured:
        table.add_row(
            each.name,
            each.outcome,
            f"{each.seconds:.2f}",
            f"{each.processor_seconds:.2f}",
            f"{each.peak_bytes / _MEGABYTE:.0f}",
            str(each.characters),
            each.reason[:160],
        )
    return table


def _summary(measured: Sequence[Measured]) -> Iterator[str]:
    for folder in dict.fromkeys(each.folder for each in measured):
        own = [each for each in measured if each.folder == folder]
        counts = {
            name: sum(each.outcome == name for each in own)
            for name in ("done", "failed", "quarantined")
        }
        yield (
            f"{folder}: {len(own)} files, "
            + ", ".join(f"{count} {name}" for name, count in counts.items())
            + f"; most: {max(each.seconds for each in own):.2f} s, "
            f"{max(each.processor_seconds for each in own):.2f} CPU s, "
            f"{max(each.peak_bytes for each in own) / _MEGABYTE:.0f} MB, "
            f"{max(each.characters for each in own)} characters; "
            f"with hidden text: {sum(each.has_hidden_text for each in own)}"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
