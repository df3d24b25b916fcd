"""ZIP archives of documents: each member is a part under a heading with its name.

The archive is one document, and its members are no documents of their own: it came as one file,
is replaced and removed as one, and the access rights are those of the one file. The name of the
member stands in the heading path of its blocks, and so in each citation.
"""

from io import BytesIO
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

from ingest.errors import FileTooLarge, IngestError, UnreadableFile
from ingest.parse.builder import BlockBuilder
from ingest.parse.decode import decode
from ingest.parse.parts import Parts
from ingest.records import ParsedDocument
from stores.records import BlockKind

MEDIA_TYPE = "application/zip"
_LITTER = frozenset({"__macosx", "thumbs.db", "desktop.ini", ".ds_store"})
_NAME_IS_UTF8 = 0x800


def parse_archive(data: bytes, filename: str, parts: Parts) -> ParsedDocument:
    """Parse the members of an archive; those that cannot be parsed are named as not read.

    Raises
    ------
    UnreadableFile
        None of its members could be read; the message says why.
    FileTooLarge
        Its members are too many or too large together.
    """
    with ZipFile(BytesIO(data)) as package:
        members = [entry for entry in package.infolist() if not _is_litter(entry)]
        read = [(_name(entry), _parsed(package, entry, parts)) for entry in members]
    failures = [found for _, found in read if isinstance(found, str)]
    if len(failures) == len(read):
        reason = failures[0] if failures else "there are no files in it"
        raise UnreadableFile(f"{filename}: nothing in the archive could be read; {reason}")
    builder = BlockBuilder()
    builder.add(BlockKind.LIST, "\n".join(contents_line(name, found) for name, found in read))
    for name, found in read:
        if isinstance(found, ParsedDocument):
            builder.part(name, found)
    return builder.build(title="", filename=filename, media_type=MEDIA_TYPE)


def contents_line(name: str, found: ParsedDocument | str) -> str:
    """Return the line of a list of contents; for a part that failed `found` is the reason."""
    return f"- {name}" if isinstance(found, ParsedDocument) else f"- {name} (not read)"


def _parsed(package: ZipFile, entry: ZipInfo, parts: Parts) -> ParsedDocument | str:
    """Return what is in a member, or the reason why that is not known."""
    name = _name(entry)
    parts.take(entry.file_size, filename=name)
    try:
        return parts.parse(package.read(entry), name)
    except FileTooLarge:
        raise
    except IngestError as error:
        return str(error)
    except (BadZipFile, ZlibError, NotImplementedError, EOFError, OSError) as error:
        return f"{name}: is damaged in the archive ({error})"


def _is_litter(entry: ZipInfo) -> bool:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    hidden = any(part.startswith(("._", "~$")) or part.lower() in _LITTER for part in path.parts)
    return entry.is_dir() or hidden


def _name(entry: ZipInfo) -> str:
    """Return a member's path; without the mark for UTF-8, Chinese Windows wrote it in GBK."""
    if entry.flag_bits & _NAME_IS_UTF8 or entry.filename.isascii():
        return entry.filename
    return decode(entry.filename.encode("cp437", errors="replace"), filename="the archive")
