"""`make bench-scale`: the index at 100,000 real chunks, and at 500,000 with perturbed copies."""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from rich.console import Console

from app.settings import load_settings
from app.wiring import centred, open_plain_encoder
from eval import fingerprint
from eval.errors import EvalError
from eval.scale.collection import Collection
from eval.scale.points import grown, real_collection
from eval.scale.scale import measure_size
from eval.scale.table import scale_tables
from eval.sets import load_set
from eval.stock.corpus import Cutter, choose, entries, taken
from eval.stock.vectors import RememberingEncoder

_SIZES: Final = (100_000, 500_000)
_QUESTIONS: Final = 200
_CHANGED: Final = 20_000


def main(arguments: Sequence[str]) -> int:
    """Measure every size; return the exit code."""
    options = _parser().parse_args(arguments)
    sizes = options.points or _SIZES
    errors = Console(stderr=True, soft_wrap=True)
    scratch = Path(tempfile.mkdtemp(prefix="zhiku-scale-", dir=options.scratch))
    try:
        real = _real(options, scratch / "real", errors)
        measured = {}
        for size in sizes:
            begun = time.perf_counter()
            collection = grown(real, size, folder=scratch / str(size))
            measured[size] = measure_size(
                collection,
                changed=min(_CHANGED, size // 5),
                tell=lambda what, begun=begun, size=size: errors.print(  # type: ignore[misc]
                    f"{size:,} points, {time.perf_counter() - begun:.0f} s: {what}"
                ),
            )
            shutil.rmtree(collection.folder)
    except EvalError as error:
        errors.print(str(error))
        return 1
    finally:
        shutil.rmtree(scratch)
    output = Console(soft_wrap=True, highlight=False, markup=False)
    machine = fingerprint.machine()
    output.print(
        f"{len(real.documents):,} real chunks of {len(real.groups):,} documents, the rest "
        f"perturbed copies; {len(real.questions)} questions; commit {fingerprint.commit()}; "
        f"{machine['processor']}, {machine['cores']} cores\n"
    )
    output.print(scale_tables(measured))
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
    return parser


def _real(options: argparse.Namespace, folder: Path, errors: Console) -> Collection:
    """Return the real chunks; vectors that are not in `eval/stock` of `data_dir` are encoded."""
    settings = load_settings()
    asked = choose([load_set(each) for each in options.data], most=options.questions)
    vectors = settings.data_dir / "eval" / "stock" / "vectors.sqlite"
    with closing(RememberingEncoder(open_plain_encoder(settings), vectors)) as encoder:
        cutter = Cutter(encoder, target_tokens=settings.ingest.target_tokens)
        found = entries(asked, cutter, texts=options.texts)
        kept = taken(found, chunks=options.real, answers=asked.answers)
        texts = [each.text for listed in asked.questions.values() for each in listed]
        step = max(1, len(texts) // _QUESTIONS)
        made = real_collection(
            kept, texts[::step][:_QUESTIONS], centred(settings, encoder), folder=folder
        )
        errors.print(f"{len(made.documents):,} chunks, {encoder.encoded:,} of them encoded now")
        return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
