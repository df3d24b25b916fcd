import re
import subprocess
import sys
import unicodedata
import zipfile
from functools import cache
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
SECTIONS: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (SAMPLES / "questions.yaml").read_text(encoding="utf-8")
)
QUESTIONS = [question for section in SECTIONS.values() for question in section]


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


def normalised(text: str) -> str:
    return re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", text)).casefold()


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


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["id"])
def test_facts_stand_in_the_source(question: dict[str, Any]) -> None:
    name = question["source"] or question["nearest"]
    page = question.get("page")
    blocks = [block for block in parsed(name).blocks if page is None or block.page == page]
    text = normalised("\n".join(block.text for block in blocks))
    assert text
    assert [fact for fact in question["facts"] if normalised(fact) not in text] == []


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["id"])
def test_only_the_restricted_folder_needs_a_group(question: dict[str, Any]) -> None:
    folder = (question["source"] or "").partition("/")[0]
    assert question.get("groups", [folder]) == [folder]
    assert (folder == "hr") == ("groups" in question)


def test_questions_are_balanced() -> None:
    assert len({question["id"] for question in QUESTIONS}) == len(QUESTIONS)
    counts = {
        section: [question["language"] for question in questions]
        for section, questions in SECTIONS.items()
    }
    for section, expected in {"same_language": 6, "cross_language": 4, "unanswerable": 2}.items():
        assert counts[section].count("zh") == counts[section].count("en") == expected


def test_only_unanswerable_questions_have_no_facts() -> None:
    unanswerable = {question["id"] for question in SECTIONS["unanswerable"]}
    assert {q["id"] for q in QUESTIONS if not q["facts"] or q["source"] is None} == unanswerable
