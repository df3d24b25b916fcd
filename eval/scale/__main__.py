"""Measure the index at 100,000 real chunks and at 500,000, or searches a second at 100,000."""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from app.settings import Settings, load_settings
from app.wiring import centred, open_plain_encoder
from eval import fingerprint
from eval.errors import EvalError
from eval.scale.load import load_lines
from eval.scale.points import grown, real_collection
from eval.scale.scale import Measured, Tell, measure_size
from eval.scale.table import scale_tables
from eval.sets import load_set
from eval.stock.corpus import Cutter, Entry, choose, entries, taken
from eval.stock.vectors import RememberingEncoder
from models.errors import ModelError
from stores.errors import StoreError

_SIZES: Final = (100_000, 500_000)
_QUESTIONS: Final = 200
_CHANGED: Final = 20_000


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The real documents, and what is asked of them; the vectors are in the encoder's file."""

    kept: Sequence[Entry]
    questions: Sequence[str]
    encoder: RememberingEncoder


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and return the exit code."""
    options = _parser().parse_args(arguments)
    errors = Console(stderr=True, soft_wrap=True)
    scratch = Path(tempfile.mkdtemp(prefix="zhiku-scale-", dir=options.scratch))
    settings = load_settings()
    vectors = settings.data_dir / "eval" / "stock" / "vectors.sqlite"
    try:
        with closing(RememberingEncoder(open_plain_encoder(settings), vectors)) as encoder:
            prepared = _prepare(options, settings, encoder)
            measure = _load_report if options.load else _index_report
            report = measure(prepared, options, settings, scratch, errors.print)
            errors.print(f"{encoder.encoded:,} passages had to be encoded")
    except (EvalError, ModelError, StoreError) as error:
        errors.print(str(error))
        return 1
    finally:
        shutil.rmtree(scratch)
    machine = fingerprint.machine()
    output = Console(soft_wrap=True, highlight=False, markup=False)
    output.print(
        f"commit {fingerprint.commit()}; {machine['processor']}, {machine['cores']} cores\n"
    )
    output.print(report)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval.scale", description=__doc__)
    parser.add_argument(
        "--data", type=Path, action="append", required=True, help="folder of a set; repeatable"
    )
    parser.add_argument("--texts", type=Path, help="folder of files to search among, too")
    parser.add_argument("--real", type=int, default=100_000, help="real chunks, at most")
    parser.add_argument("--points", type=int, action="append", help="size of an index; repeatable")
    parser.add_argument("--questions", type=int, default=40, help="at most, of each set")
    parser.add_argument("--scratch", type=Path, help="where indexes are built, for a while")
    parser.add_argument(
        "--load", action="store_true", help="serve the real chunks, and let eight users search"
    )
    return parser


def _prepare(
    options: argparse.Namespace, settings: Settings, encoder: RememberingEncoder
) -> _Prepared:
    """Take the documents and questions; `eval stock` with the same options takes the same."""
    asked = choose([load_set(each) for each in options.data], most=options.questions)
    cutter = Cutter(encoder, target_tokens=settings.ingest.target_tokens)
    found = entries(asked, cutter, texts=options.texts)
    kept = taken(found, chunks=options.real, answers=asked.answers)
    texts = [each.text for listed in asked.questions.values() for each in listed]
    return _Prepared(kept, texts[:: max(1, len(texts) // _QUESTIONS)][:_QUESTIONS], encoder)


def _load_report(
    prepared: _Prepared,
    _options: argparse.Namespace,
    settings: Settings,
    scratch: Path,
    _tell: Tell,
) -> str:
    lines = load_lines(
        prepared.kept, prepared.questions, settings, prepared.encoder, folder=scratch
    )
    return "\n".join(lines)


def _index_report(
    prepared: _Prepared,
    options: argparse.Namespace,
    settings: Settings,
    scratch: Path,
    tell: Tell,
) -> str:
    encoder = centred(settings, prepared.encoder)
    real = real_collection(prepared.kept, prepared.questions, encoder, folder=scratch / "real")
    measured: dict[int, Measured] = {}
    for size in options.points or _SIZES:
        begun = time.perf_counter()
        collection = grown(real, size, folder=scratch / str(size))
        measured[size] = measure_size(
            collection,
            changed=min(_CHANGED, size // 5),
            tell=lambda what, begun=begun, size=size: tell(  # type: ignore[misc]
                f"{size:,} points, {time.perf_counter() - begun:.0f} s: {what}"
            ),
        )
        shutil.rmtree(collection.folder)
    return (
        f"{len(real.documents):,} real chunks of {len(real.groups):,} documents, the rest perturbed"
        f" copies; {len(real.questions)} questions\n\n{scale_tables(measured)}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
