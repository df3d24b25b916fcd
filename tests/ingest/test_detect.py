import io
import pickle
import zipfile

import pytest

from ingest.errors import FileTooLarge, UnreadableFile, UnsupportedFormat
from ingest.parse.detect import detect_format
from tests.ingest.builders import parsed
from tests.ingest.pdf_builder import Text, build_pdf

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _zip(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in entries.items():
            package.writestr(name, data)
    return buffer.getvalue()


def _detect(filename: str, data: bytes) -> str:
    return detect_format(data, filename=filename)


@pytest.mark.parametrize(
    ("filename", "data", "expected"),
    [
        ("a.txt", b"plain", "plain"),
        ("a.TXT", b"plain", "plain"),
        ("a.md", b"# x", "markdown"),
        ("a.md", b"<html><p>x", "markdown"),
        ("a.txt", b"\n<!DOCTYPE html><p>x", "html"),
        ("a.csv", b"a,b", "csv"),
        ("a.tsv", b"a\tb", "csv"),
        ("a.html", b"<p>x", "html"),
        ("report.docx", build_pdf([[Text("x", 1, 1)]]), "pdf"),
        ("report", build_pdf([[Text("x", 1, 1)]]), "pdf"),
        ("a.txt", "年假".encode("utf-16"), "plain"),
        ("a.doc", _COMPOUND + b"....", "legacy-docx"),
        ("a.xls", _COMPOUND + b"....", "legacy-xlsx"),
        ("a.docx", _COMPOUND + "PowerPoint Document".encode("utf-16-le"), "legacy-pptx"),
        ("a.odt", _zip(**{"META-INF/manifest.xml": b"x"}), "legacy-docx"),
        ("a.doc", b"{\\rtf1", "rtf"),
        ("message", b"Return-Path: <a@b.example>\r\nFrom: a@b.example\r\n", "eml"),
        ("a.mbox", b"From a@b.example", "mbox"),
        ("a.zip", _zip(x=b"y"), "zip"),
        ("a.epub", _zip(**{"META-INF/container.xml": b"x"}), "epub"),
    ],
)
def test_content_wins_over_the_name(filename: str, data: bytes, expected: str) -> None:
    assert _detect(filename, data) == expected


@pytest.mark.parametrize(
    ("filename", "data", "message"),
    [
        ("a.exe", b"MZ\x00\x01", "a.exe: cannot be read; supported are PDF, DOCX"),
        ("a.pdf", b"MZ\x00\x01", "a.pdf: is not a PDF file although its name says so"),
        ("a.docx", b"text", "a.docx: is not a DOCX file"),
        ("a.txt", b"\x00\x01\x02\x03" * 9, "a.txt: holds no text although"),
        ("a.db", _COMPOUND + b"....", "a.db: cannot be read"),
        ("a.jar", _zip(x=b"y"), "a.jar: cannot be read"),
        ("a.docx", _zip(x=b"y"), "a.docx: is not a DOCX file"),
        ("a.txt", pickle.dumps(["plain English text " * 500]), "a.txt: is a pickle of Python"),
        ("a.md", pickle.dumps(["员工手册" * 500], protocol=2), "a.md: is a pickle of Python"),
        ("a.csv", b"MZ" + b"This program cannot be run in DOS mode. " * 300, "is a program"),
        ("a.html", b"\x7fELF" + b"text " * 500, "is a program although its name says html"),
        ("a.txt", b"SQLite format 3\0" + b"CREATE TABLE t" * 300, "is a database"),
        ("a.eml", b"%!PS-Adobe-3.0\n(x) show\n" * 5, "is a page description"),
    ],
)
def test_what_cannot_be_read_says_what_can(filename: str, data: bytes, message: str) -> None:
    with pytest.raises(UnsupportedFormat, match=message):
        _detect(filename, data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"PK\x03\x04 and nothing more", "is damaged or incomplete"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "is encrypted",
        ),
    ],
)
def test_damaged_and_protected_files_say_so(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile, match=f"a.docx: .*{message}"):
        _detect("a.docx", data)


def test_a_package_that_unpacks_to_far_too_much_is_refused_before_unpacking() -> None:
    bomb = _zip(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": bytes(70 << 20)})
    with pytest.raises(FileTooLarge, match="unpacks to 70 MiB"):
        _detect("a.docx", bomb)


@pytest.mark.parametrize(
    "name", ["../../tmp/pwned.txt", "/abs.txt", "word\\..\\..\\win.txt", "C:\\win.txt"]
)
def test_a_package_with_a_part_outside_of_it_is_refused(name: str) -> None:
    with pytest.raises(UnreadableFile, match="a part that leads out of it"):
        _detect("a.docx", _zip(**{"[Content_Types].xml": b"<Types/>", name: b"x"}))


def test_a_package_with_a_link_is_refused() -> None:
    buffer = io.BytesIO()
    link = zipfile.ZipInfo("word/document.xml")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr(link, "/etc/passwd")
    with pytest.raises(UnreadableFile, match="a part that leads out of it"):
        _detect("a.docx", buffer.getvalue())


def test_an_encrypted_package_says_so() -> None:
    data = bytearray(_zip(x=b"y"))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnreadableFile, match="is encrypted"):
        _detect("a.docx", bytes(data))


def test_a_package_of_very_many_parts_is_refused() -> None:
    many = _zip(**{f"f{number}": b"" for number in range(20_000)})
    with pytest.raises(FileTooLarge, match="20000 parts"):
        _detect("a.docx", many)


def test_words_that_begin_like_a_program_are_text() -> None:
    assert _detect("a.txt", b"MZ-300 is a model of our machines") == "plain"


def test_a_package_without_its_parts_is_unreadable() -> None:
    types = (
        b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
        b'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        b'wordprocessingml.document.main+xml"/></Types>'
    )
    with pytest.raises(UnreadableFile, match="no complete Word document"):
        parsed("a.docx", _zip(**{"[Content_Types].xml": types}))
