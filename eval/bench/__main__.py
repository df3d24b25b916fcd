"""`make bench`: what a stage costs, each figure a median of paired runs beside its bare parts."""

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from rich.console import Console

from app.settings import IndexSettings, Settings, load_settings
from app.wiring import models_folder
from eval.bench import answers, follow_ups, ingest, load, memory, rerank, search

BENCHMARKS: Final[Mapping[str, Callable[[Settings], list[str]]]] = {
    "ingest": ingest.run,
    "search": search.run,
    "rerank": rerank.run,
    "answer": answers.run,
    "follow-ups": follow_ups.run,
    "memory": memory.run,
    "load": load.run,
}
_CHUNK_TOKENS = 128


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all, each on empty stores of its own; return the exit code."""
    errors = Console(stderr=True, soft_wrap=True)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        errors.print(f"no benchmark is called {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
        return 2
    output = Console(soft_wrap=True, highlight=False)
    for name in names or BENCHMARKS:
        with tempfile.TemporaryDirectory() as folder:
            for line in BENCHMARKS[name](_scratch(load_settings(), Path(folder))):
                output.print(f"{name:<8} {line}")
    return 0


def _scratch(settings: Settings, folder: Path) -> Settings:
    """Return the settings with empty stores in a folder, the installed models and our chunks."""
    models = settings.models.model_copy(update={"directory": models_folder(settings)})
    cut = settings.ingest.model_copy(update={"target_tokens": _CHUNK_TOKENS})
    placed = {"data_dir": folder, "models": models, "index": IndexSettings(), "ingest": cut}
    return settings.model_copy(update=placed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
