import re
import subprocess
import sys
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import yaml

from ingest.parse import parse
from ingest.records import ParsedDocument, Source

SAMPLES = Path(__file__).parent.parent / "data" / "samples"
DOCUMENTS = SAMPLES / "documents"
NAMES = sorted(
    path.relative_to(DOCUMENTS).as_posix() for path in DOCUMENTS.rglob("*") if path.is_file()
)
FRONT_MATTERS: list[dict[str, Any]] = [
    yaml.safe_load(text.split("---\n", 2)[1])
    for path in sorted((SAMPLES / "sources").rglob("*"))
    if path.is_file() and (text := path.read_text(encoding="utf-8")).startswith("---\n")
]
SERIES = {front["output"]: front["series"] for front in FRONT_MATTERS if "series" in front}

GRAM = 8
MAX_SHARED = 0.2
MIN_GRAMS = 20
"""A slide or a sheet with fewer is too short to say the same as another."""
HAN_A_PAGE, WORDS_A_PAGE = 900, 400
HAN = re.compile(r"[\u3400-\u9fff]")
WORD = re.compile(r"[A-Za-z]+")
TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rebuild(tmp_path_factory.mktemp("rebuilt"))


def rebuild(folder: Path) -> Path:
    command = [sys.executable, str(SAMPLES / "build.py"), "--output", str(folder)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return folder


def contents(path: Path) -> object:
    """Return what a document says, whatever the version of zlib that packed it."""
    if path.suffix in {".docx", ".pptx", ".xlsx"}:
        with zipfile.ZipFile(path) as package:
            return {name: package.read(name) for name in package.namelist()}
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as pdf:
            return [page.get_textpage().get_text_range() for page in pdf]
    return path.read_bytes()


@cache
def parsed(name: str) -> ParsedDocument:
    path = DOCUMENTS / name
    return parse(Source(uri=path.as_uri(), filename=path.name, data=path.read_bytes()))


def test_rebuild_gives_the_committed_documents(rebuilt: Path) -> None:
    files = [path for path in rebuilt.rglob("*") if path.is_file()]
    assert sorted(path.relative_to(rebuilt).as_posix() for path in files) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_committed_document_says_what_its_source_says(rebuilt: Path, name: str) -> None:
    assert contents(DOCUMENTS / name) == contents(rebuilt / name)


def test_building_twice_gives_the_same_bytes(rebuilt: Path, tmp_path: Path) -> None:
    again = rebuild(tmp_path)
    assert [(again / name).read_bytes() for name in NAMES] == [
        (rebuilt / name).read_bytes() for name in NAMES
    ]


@pytest.mark.parametrize("name", NAMES)
def test_document_parses(name: str) -> None:
    document = parsed(name)
    assert document.title
    assert sum(len(block.text) for block in document.blocks) > 500


def test_company_is_large_and_in_all_formats() -> None:
    suffixes = Counter(Path(name).suffix for name in NAMES)
    assert len(NAMES) >= 60
    assert (
        min(
            suffixes[f".{kind}"]
            for kind in ["pdf", "docx", "pptx", "xlsx", "html", "md", "csv", "eml"]
        )
        >= 2
    )
    assert sum(pages(name) for name in NAMES) >= 200
    restricted = {name.partition("/")[0] for name in NAMES if "/" in name}
    assert len(restricted) >= 4


def pages(name: str) -> float:
    """Return pages, slides or sheets; of text without pages, what would fill one of A4."""
    numbers = {block.page for block in parsed(name).blocks if block.page}
    if numbers:
        return max(numbers)
    text = "\n".join(block.text for block in parsed(name).blocks)
    return len(HAN.findall(text)) / HAN_A_PAGE + len(WORD.findall(text)) / WORDS_A_PAGE


def test_no_two_pages_say_the_same() -> None:
    """At most a fifth of a page's 8-grams stands on a page of another document."""
    found = [(name, page, grams(text)) for name in NAMES for page, text in page_texts(name)]
    long = [each for each in found if len(each[2]) >= MIN_GRAMS]
    copied = [
        f"{name} {page} and {other} {other_page}: {len(ours & theirs) / len(ours):.0%}"
        for name, page, ours in long
        for other, other_page, theirs in long
        if name != other
        and not same_series(name, other)
        and len(ours & theirs) > MAX_SHARED * len(ours)
    ]
    assert copied == []


def grams(text: str) -> set[tuple[str, ...]]:
    tokens = TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    return set(zip(*(tokens[start:] for start in range(GRAM)), strict=False))


def page_texts(name: str) -> Iterator[tuple[int, str]]:
    """Yield the pages; text without pages is cut into pieces as long as one."""
    texts: dict[int, list[str]] = {}
    for block in parsed(name).blocks:
        texts.setdefault(block.page or 0, []).append(block.text)
    for page, parts in texts.items():
        text = "\n".join(parts)
        size = HAN_A_PAGE if len(HAN.findall(text)) > len(text) / 4 else 6 * WORDS_A_PAGE
        pieces = [text] if page else [text[at : at + size] for at in range(0, len(text), size)]
        yield from enumerate(pieces, start=page or 1)


def same_series(name: str, other: str) -> bool:
    return name in SERIES and SERIES[name] == SERIES.get(other)


def test_editions_of_a_series_follow_each_other() -> None:
    editions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for front in FRONT_MATTERS:
        if "series" in front:
            editions[front["series"]].append(front)
    assert len(editions) >= 4
    for fronts in editions.values():
        assert len(fronts) >= 2
        ordered = sorted(fronts, key=lambda front: front["effective_from"])
        for earlier, later in pairwise(ordered):
            assert earlier["effective_to"] < later["effective_from"]
