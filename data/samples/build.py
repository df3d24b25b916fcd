"""Make the sample documents from their sources.

`python data/samples/build.py` writes `data/samples/documents/`. A source that begins with front
matter is rendered in the format of its `output` name; any other source is a document itself and is
copied. The same sources give the same bytes: times, identifiers and metadata are fixed.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from writers.html import html_bytes
from writers.mail import eml_bytes
from writers.office import docx_bytes, pptx_bytes, xlsx_bytes
from writers.pdf import pdf_bytes
from writers.source import FRONT_MATTER, Sample, read_sample

HERE = Path(__file__).parent
WRITERS: dict[str, Callable[[Sample], bytes]] = {
    ".docx": docx_bytes,
    ".eml": eml_bytes,
    ".html": html_bytes,
    ".md": lambda sample: sample.body.lstrip().encode(),
    ".pdf": pdf_bytes,
    ".pptx": pptx_bytes,
    ".txt": lambda sample: sample.body.lstrip().encode(),
    ".xlsx": xlsx_bytes,
}


def render(source: Path) -> tuple[str, bytes]:
    """Return the relative path and the bytes of the document that a source stands for."""
    text = source.read_text(encoding="utf-8")
    if not text.startswith(FRONT_MATTER):
        return source.name, source.read_bytes()
    sample = read_sample(text)
    return sample.output, WRITERS[Path(sample.output).suffix](sample)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--output", type=Path, default=HERE / "documents", help="folder to write to"
    )
    output: Path = parser.parse_args().output
    sources = sorted(path for path in (HERE / "sources").rglob("*") if path.is_file())
    for source in sources:
        name, data = render(source)
        path = output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    sys.stdout.write(f"{len(sources)} documents in {output}\n")


if __name__ == "__main__":
    main()
