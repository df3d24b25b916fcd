"""Parse every file of a folder and compare its text with that of another program."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from app.settings import load_settings
from eval.documents.measure import Result, measure, summarise
from eval.documents.reference import CachedReader
from eval.documents.table import lines
from ingest.sources import discover

_LEFT_OUT = ("hostile", "image", "pdf_scanned")
"""Folders whose files are not meant to be read, or hold pictures of text."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and return the exit code: 1 where there is nothing to measure."""
    options = _parser().parse_args(arguments)
    output = Console(soft_wrap=True, highlight=False, markup=False)
    errors = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    root = options.folder.resolve()
    if not root.is_dir():
        errors.print(f"{options.folder}: no such folder; name the one with a folder per format")
        return 1
    files = [path for path in discover([root]) if _is_meant(path, root, options.format)]
    if not files:
        errors.print(f"{options.folder}: holds no documents in folders named by their formats")
        return 1
    read = CachedReader(load_settings().data_dir / "eval" / "documents")
    read.prepare(files)
    results: list[Result] = []
    for result in measure(files, root=root, read=read):
        results.append(result)
        errors.print(f"{len(results)}/{len(files)} {result.format}/{result.name}")
    for line in lines(summarise(results), results, worst=options.worst):
        output.print(line)
    return 0


def _is_meant(path: Path, root: Path, chosen: Sequence[str]) -> bool:
    parts = path.relative_to(root).parts
    is_known = len(parts) > 1 and not parts[0].startswith(_LEFT_OUT)
    return is_known and (not chosen or parts[0] in chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval.documents", description=__doc__)
    parser.add_argument("folder", type=Path, help="holds a folder of files per format")
    parser.add_argument(
        "--format", action="append", default=[], help="only this folder; repeatable"
    )
    parser.add_argument("--worst", type=int, default=5, help="files to name per format")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
