"""Collecting the blocks of a document under their headings."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath

from ingest.errors import EmptyDocument
from ingest.hidden import invisible_characters
from ingest.records import FileProperties, ParsedDocument
from ingest.text import clean, clean_code, clean_line
from stores.records import Block, BlockKind, HiddenKind, HiddenText, Recognised

_MAX_TITLE = 200
_MAX_HEADING = 300
_PLACEHOLDER_TITLES = frozenset(
    {"untitled", "document", "word document", "microsoft word", "doc", "title",
     "presentation", "powerpoint presentation", "slide 1", "无标题", "未命名", "标题",
     "演示文稿", "powerpoint 演示文稿"}
)  # fmt: skip
_NUMBERED = re.compile(
    r"第\s?[一二三四五六七八九十百千零〇\d]+\s?[编篇部卷章回节条]|[一二三四五六七八九十]{1,3}、|\d+[.\s、]"
    r"|(?:chapter|part|section|appendix|article)\b",
    re.IGNORECASE,
)
_FILE_NAMES = (".doc", ".docx", ".pdf", ".ppt", ".pptx", ".xls", ".xlsx", ".htm", ".html", ".md",
               ".tex", ".dvi", ".wps", ".qxd", ".indd", ".rtf", ".odt", ".txt")  # fmt: skip


class BlockBuilder:
    """Takes headings and text in reading order and puts every block under its headings."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._headings: list[tuple[int, str]] = []
        self._hidden: Counter[HiddenKind] = Counter()
        self._unread: list[str] = []

    def heading(
        self,
        text: str,
        *,
        level: int,
        page: int | None = None,
        recognised: Recognised | None = None,
    ) -> None:
        """Add a heading; a smaller `level` is further out, and ends those of the same or more.

        A heading that is too long to be one is added as text.
        """
        text = clean_line(text)
        if len(text) > _MAX_HEADING:
            self.add(BlockKind.TEXT, text, page=page, recognised=recognised)
            return
        if not text:
            return
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        self._append(BlockKind.HEADING, text, page, recognised=recognised)
        self._headings.append((level, text))

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        page: int | None = None,
        rows: tuple[int, ...] = (),
        recognised: Recognised | None = None,
    ) -> None:
        """Add a block other than a heading; without any text it is left out.

        `rows` are the rows of the sheet that the rows of a table are (`stores.records.Block`).
        """
        text = clean_code(text) if kind in {BlockKind.CODE, BlockKind.LIST} else clean(text)
        if text.strip():
            self._append(kind, text, page, rows=rows, recognised=recognised)

    def hide(self, kind: HiddenKind, text: str) -> None:
        """Count text that the file has and that its readers do not see; it is not added."""
        self._hidden[kind] += len("".join(clean(text).split()))

    def look_through(self, text: str) -> None:
        """Count the characters that show nothing; wherever text is added, they are taken out.

        Once for all text of a file, as it stands in it: a table is cleaned before it is added.
        """
        self._hidden += invisible_characters(text)

    def take_over(self, hidden: Iterable[HiddenText]) -> None:
        """Count what was found in a part that was parsed by itself."""
        self._hidden.update({found.kind: found.characters for found in hidden})

    def part(self, name: str, found: ParsedDocument) -> None:
        """Add a file that lies in this one, under a heading with its name."""
        self.leave_headings()
        self.heading(name, level=1)
        self._place(tuple(heading for _, heading in self._headings), found.blocks)
        self.take_over(found.hidden)
        self._unread += [f"{name}, {what}" for what in found.unread]
        self.leave_headings()

    def under(self, titles: Sequence[str], blocks: Iterable[Block]) -> None:
        """Add blocks below headings; those that are open already are not added again."""
        titles = [clean_line(title)[:_MAX_HEADING] for title in titles]
        for level, title in enumerate(titles, start=1):
            if [heading for _, heading in self._headings[:level]] != titles[:level]:
                self.heading(title, level=level)
        del self._headings[len(titles) :]
        self._place(tuple(titles), blocks)

    def _place(self, path: tuple[str, ...], blocks: Iterable[Block]) -> None:
        self._blocks += [replace(b, heading_path=(*path, *b.heading_path)) for b in blocks]

    def leave_headings(self) -> None:
        """End all headings, as a new slide or sheet does."""
        self._headings.clear()

    def _append(
        self,
        kind: BlockKind,
        text: str,
        page: int | None,
        *,
        rows: tuple[int, ...] = (),
        recognised: Recognised | None = None,
    ) -> None:
        path = tuple(heading for _, heading in self._headings)
        block = Block(kind, text, page=page, heading_path=path, recognised=recognised, rows=rows)
        self._blocks.append(block)

    def build(
        self,
        *,
        title: str,
        filename: str,
        media_type: str,
        properties: FileProperties | None = None,
        scans: tuple[int, ...] = (),
    ) -> ParsedDocument:
        """Return the document.

        Parameters
        ----------
        title
            What the file's metadata say; where that is no title, the first heading is, unless it
            is that of a chapter, else the name of the file.
        properties
            What else the file says of itself; None for formats that have no place for it.
        scans
            The pages that are still to be read.

        Raises
        ------
        EmptyDocument
            There is no text, and none to be read.
        """
        if not self._blocks and not scans:
            raise EmptyDocument(f"{filename}: holds no text; there is nothing to search in it")
        return ParsedDocument(
            title=self._choose_title(clean_line(title), filename=filename),
            media_type=media_type,
            blocks=tuple(self._blocks),
            properties=properties or FileProperties(),
            hidden=tuple(HiddenText(kind, self._hidden[kind]) for kind in sorted(+self._hidden)),
            scans=scans,
            unread=tuple(self._unread),
        )

    def _choose_title(self, metadata: str, *, filename: str) -> str:
        if is_title(metadata):
            return metadata
        headings = (block.text for block in self._blocks if block.kind is BlockKind.HEADING)
        first = next(headings, "")
        if is_title(first) and not _NUMBERED.match(first):
            return first
        return clean_line(PurePath(filename).stem) or filename


def is_title(text: str) -> bool:
    """Tell a title from what programs write in its place: file names and placeholders."""
    lowered = text.lower()
    return (
        1 < len(text) <= _MAX_TITLE
        and any(character.isalpha() for character in text)
        and "\ufffd" not in text
        and lowered not in _PLACEHOLDER_TITLES
        and not lowered.endswith(_FILE_NAMES)
        and not lowered.startswith(
            ("microsoft word -", "microsoft powerpoint -", "幻灯片 ", "http")
        )
    )
