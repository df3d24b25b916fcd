"""The text of a file as other programs than ours extract it."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from eval.documents.office import PAGES, SHEETS, TEXT, converted
from eval.documents.simple import mail_text, markdown_text, plain_text, xml_text
from eval.errors import EvalError

_SECONDS = 180
_LYNX_MARK = re.compile(r"^[ \t]*[o+*#@=~](?=\s)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Extractor:
    """A way to get the text of a file.

    Attributes
    ----------
    name
        What a reader of the report knows it by.
    programs
        The commands that it needs.
    extract
        Raises `EvalError` if it finds no way into the file.
    office_target
        What LibreOffice converts to; such files are converted together, before the others.
    """

    name: str
    programs: tuple[str, ...]
    extract: Callable[[Path], str]
    office_target: str = ""


def choose(path: Path) -> Extractor:
    """Return the first extractor for the kind of file that can run on this machine.

    Raises
    ------
    EvalError
        None can; the message names the programs.
    """
    known = _EXTRACTORS.get(path.suffix.lower(), (_PLAIN,))
    for extractor in known:
        if all(map(shutil.which, extractor.programs)):
            return extractor
    wanted = ", ".join(known[0].programs)
    raise EvalError(f"{path.name}: no reference without {wanted}; install it")


Reader = Callable[[Path], tuple[str, str]]
"""From a file to the name of the extractor and the text; raises `EvalError`."""


class CachedReader:
    """Keeps the text of each file by its bytes and extractor, since LibreOffice takes seconds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self, files: Iterable[Path]) -> None:
        """Convert what LibreOffice converts, many files at a time."""
        waiting: dict[str, dict[str, Path]] = {}
        for path in files:
            extractor = choose(path)
            key = _key(extractor, path)
            if extractor.office_target and not self._place(key).is_file():
                waiting.setdefault(extractor.office_target, {})[key] = path
        for target, wanted in waiting.items():
            for key, text in converted(wanted, target=target):
                self._keep(key, text)

    def __call__(self, path: Path) -> tuple[str, str]:
        """Return the name of the extractor and the text."""
        extractor = choose(path)
        key = _key(extractor, path)
        if not self._place(key).is_file():
            self._keep(key, extractor.extract(path))
        return extractor.name, self._place(key).read_text(encoding="utf-8")

    def _place(self, key: str) -> Path:
        return self._folder / f"{key}.txt"

    def _keep(self, key: str, text: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._place(key).write_text(text, encoding="utf-8", errors="replace")


def _key(extractor: Extractor, path: Path) -> str:
    return hashlib.sha256(
        f"{extractor.name} of {path.suffix}".encode() + path.read_bytes()
    ).hexdigest()


def _run(command: Sequence[str]) -> str:
    """Run a program and return what it prints."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise EvalError(f"{command[-2]}: {command[0]} failed ({type(error).__name__})") from error
    return done.stdout.decode("utf-8", errors="replace")


def _page(path: Path) -> str:
    """Return a page as lynx shows it, without the marks that it puts before list items."""
    options = ["-dump", "-nolist", "-pseudo_inlines", "-force_html", "-width=1000"]
    charsets = ["-assume_charset=utf-8", "-display_charset=utf-8"]
    shown = _run(["lynx", *options, *charsets, f"file://{path.resolve()}"])
    return _LYNX_MARK.sub("", shown)


def _outlook(path: Path) -> str:
    """Return a message of Outlook as msgconvert, a program in Perl, turns it into an e-mail."""
    with tempfile.TemporaryDirectory() as name:
        target = Path(name) / "message.eml"
        _run(["msgconvert", "--outfile", str(target), str(path)])
        return mail_text(target)


def _no_reference(path: Path) -> str:
    raise EvalError(f"{path.name}: no reference without msgconvert")


def _no_archive(path: Path) -> str:
    raise EvalError(f"{path.name}: archives have no reference")


def _not_converted(path: Path) -> str:
    raise EvalError(f"{path.name}: LibreOffice could not convert it")


def _printed(program: str, *options: str) -> Callable[[Path], str]:
    return lambda path: _run(
        [program, *options, str(path), *(["-"] if program == "pdftotext" else [])]
    )


def _book(path: Path) -> str:
    """Return the pages of an EPUB, each dumped by lynx."""
    try:
        with ZipFile(path) as package, tempfile.TemporaryDirectory() as name:
            pages = [n for n in package.namelist() if re.search(r"\.(?:x?html?|xml)$", n, re.I)]
            texts = []
            for page in pages:
                data = package.read(page)
                if b"<body" in data:
                    target = Path(name) / "page.html"
                    target.write_bytes(data)
                    texts.append(_page(target))
    except BadZipFile as error:
        raise EvalError(f"{path.name}: is no ZIP file") from error
    return "\n".join(texts)


_PLAIN = Extractor("the bytes decoded", (), plain_text)
_MAIL = Extractor("Python's mailbox, all text parts", (), mail_text)
_DOCUMENT = Extractor("LibreOffice", ("soffice",), _not_converted, TEXT)
_SHEETS = Extractor("LibreOffice", ("soffice",), _not_converted, SHEETS)
_SLIDES = Extractor("LibreOffice, pdftotext", ("soffice", "pdftotext"), _not_converted, PAGES)
_NO_REFERENCE = Extractor("none", (), _no_reference)
_PACKAGE = Extractor("the XML of its parts", (), xml_text)
_EXTRACTORS: Mapping[str, Sequence[Extractor]] = {
    ".pdf": [Extractor("pdftotext", ("pdftotext",), _printed("pdftotext", "-enc", "UTF-8"))],
    ".docx": [_DOCUMENT, _PACKAGE],
    ".pptx": [_SLIDES, _PACKAGE],
    ".xlsx": [_SHEETS, _PACKAGE],
    ".xlsm": [_SHEETS, _PACKAGE],
    ".doc": [Extractor("catdoc", ("catdoc",), _printed("catdoc", "-dutf-8", "-w")), _DOCUMENT],
    ".xls": [Extractor("xls2csv", ("xls2csv",), _printed("xls2csv", "-dutf-8")), _SHEETS],
    ".ppt": [Extractor("catppt", ("catppt",), _printed("catppt", "-dutf-8")), _SLIDES],
    ".rtf": [_DOCUMENT],
    ".html": [Extractor("lynx", ("lynx",), _page)],
    ".htm": [Extractor("lynx", ("lynx",), _page)],
    ".epub": [Extractor("lynx on each page", ("lynx",), _book)],
    ".zip": [Extractor("none", (), _no_archive)],
    ".eml": [_MAIL],
    ".msg": [Extractor("msgconvert", ("msgconvert",), _outlook), _NO_REFERENCE],
    ".mbox": [_MAIL],
    "": [_MAIL],
    ".md": [Extractor("the bytes decoded, without link targets", (), markdown_text)],
}
