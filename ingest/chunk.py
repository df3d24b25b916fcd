"""Chunks: whole sentences of one section, within the encoder's window, under their headings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from uuid import UUID

from ingest.borders import former_starts
from ingest.pack import TINY_TOKENS, Group, join_tiny, pack
from ingest.pieces import Piece, split_block
from ingest.sections import Section, merge_tiny, split_sections
from ingest.table_rows import TableRows
from models.encoder import TokenCounter
from stores.records import Block, BlockKind, Chunk, Span, chunk_id

MIN_WINDOW_TOKENS = 32
_MAX_TOKEN_CHARACTERS = 16
_CONTEXT_TOKENS = 64
_MAX_CONTEXT_SHARE = 4
"""The context takes at most a quarter of a small window."""
_SEPARATOR = " › "
_LISTS = frozenset({BlockKind.LIST, BlockKind.TABLE, BlockKind.CODE})


def passage(context: str, text: str) -> str:
    """Return what is embedded and indexed for a chunk: its context, then its text."""
    return f"{context}\n{text}"


def chunk_blocks(  # noqa: PLR0913  (what decides how a document is cut)
    title: str,
    blocks: Sequence[Block],
    *,
    document_id: UUID,
    revision: int,
    count_tokens: TokenCounter,
    target_tokens: int,
    max_tokens: int,
    former: Sequence[Chunk] = (),
) -> list[Chunk]:
    """Cut the blocks of a document into chunks.

    A chunk holds whole sentences, list items, lines of code or rows of tables, of one section; only
    sections below 20 tokens are put together, with their headings in the text. Each block's text is
    in exactly one chunk, but for a heading, which is in the context of the text below it. A table
    that goes on in the next chunk begins there with its header rows again; the span covers the
    rows alone.

    Parameters
    ----------
    target_tokens
        The length of text to aim at.
    max_tokens
        The bound of context and text together, in the encoder's tokens, without its prefix and
        special tokens.
    former
        The chunks of the revision before. Where the text is the same chunks begin where they began
        then: a sentence more would else shift all chunks up to the end of its section.

    Raises
    ------
    ValueError
        `max_tokens` is too small to hold a context and text.
    """
    if max_tokens < MIN_WINDOW_TOKENS:
        raise ValueError(f"max_tokens is {max_tokens}, must be at least {MIN_WINDOW_TOKENS}")
    cutter = _Cutter(blocks, count_tokens=count_tokens, target=target_tokens, bound=max_tokens)
    return [
        Chunk(
            id=chunk_id(document_id, revision, ordinal),
            document_id=document_id,
            revision=revision,
            ordinal=ordinal,
            text=draft.text,
            context=draft.context,
            heading_path=draft.path,
            pages=_pages(blocks, draft.spans),
            spans=draft.spans,
            tokens=draft.tokens,
        )
        for ordinal, draft in enumerate(cutter.cut(title, former))
    ]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A chunk before it has its place in the document."""

    text: str
    context: str
    path: tuple[str, ...]
    spans: tuple[Span, ...]
    tokens: int


@dataclass(frozen=True, slots=True)
class _Part:
    """A section with its pieces, block by block; `room` is for the text, in tokens."""

    path: tuple[str, ...]
    context: str
    room: int
    groups: list[Group]


class _Cutter:
    """Cuts the blocks of one document."""

    def __init__(
        self,
        blocks: Sequence[Block],
        *,
        count_tokens: TokenCounter,
        target: int,
        bound: int,
    ) -> None:
        self._blocks = blocks
        self._rows = TableRows(blocks)
        self._count = count_tokens
        self._bound = bound
        self._context_bound = min(_CONTEXT_TOKENS, bound // _MAX_CONTEXT_SHARE)
        self._target = min(target, bound - self._context_bound)

    def _sections(self) -> list[Section]:
        found = split_sections(self._blocks)
        sizes = [self._size(section) for section in found]
        return merge_tiny(found, sizes, tiny=TINY_TOKENS, target=self._target)

    def _size(self, section: Section) -> int:
        """Return a section's length in tokens, or a bound if it is clear that it is not tiny."""
        texts = [self._blocks[ordinal].text for ordinal in section.blocks]
        if sum(map(len, texts)) > TINY_TOKENS * _MAX_TOKEN_CHARACTERS:
            return TINY_TOKENS
        return sum(map(self._count, texts))

    def cut(self, title: str, former: Sequence[Chunk]) -> Iterator[_Draft]:
        """Yield the chunks of all sections."""
        parts = [self._part(title, section) for section in self._sections()]
        pieces = ((part.path, [*chain(*part.groups)]) for part in parts)
        starts = former_starts(pieces, self._blocks, former)
        for part in parts:
            packed = pack(part.groups, starts, target=self._target, room=part.room)
            for joined in join_tiny(packed, self._target, room=part.room):
                yield from self._fit(joined, part.context, part.path)

    def _part(self, title: str, section: Section) -> _Part:
        context = self._context(title, section.path)
        room = self._bound - self._count(passage(context, ""))
        return _Part(section.path, context, room, self._groups(section, room=room))

    def _context(self, title: str, path: tuple[str, ...]) -> str:
        """Return title › headings within the bound: the outer headings go first, then words."""
        parts = [title, *path]
        parts = [part for i, part in enumerate(parts) if i == 0 or part != parts[i - 1]]
        while len(parts) > 2 and self._count(_SEPARATOR.join(parts)) > self._context_bound:  # noqa: PLR2004
            del parts[1]
        context = _SEPARATOR.join(parts)
        while self._count(context) > self._context_bound:
            parts = [part[: len(part) * 3 // 4] for part in parts]
            context = _SEPARATOR.join(parts)
        return context

    def _groups(self, section: Section, *, room: int) -> list[Group]:
        """Return the pieces of each block; a line that leads to a list stays with the list."""
        groups: list[Group] = []
        leads_on = False
        for ordinal in section.blocks:
            block = self._blocks[ordinal]
            pieces = split_block(block, ordinal=ordinal, count_tokens=self._count, room=room)
            if leads_on and block.kind in _LISTS:
                groups[-1] += pieces
            else:
                groups.append(pieces)
            leads_on = block.kind is BlockKind.HEADING or block.text.endswith((":", "："))
        return groups

    def _fit(self, pieces: Group, context: str, path: tuple[str, ...]) -> Iterator[_Draft]:
        """Yield the chunk, or its halves until they are within the bound with their context.

        Lengths do not quite add up: put together, pieces can take a token more or less.
        """
        text, spans = self._assemble(pieces)
        tokens = self._count(passage(context, text))
        halves = [] if tokens <= self._bound else _halves(pieces)
        for half in halves:
            yield from self._fit(half, context, path)
        if spans and not halves:
            yield _Draft(text, context, path, spans, tokens)

    def _assemble(self, pieces: Group) -> tuple[str, tuple[Span, ...]]:
        """Return the text of pieces and where it stands; neighbours in a block are one span."""
        texts: list[str] = []
        spans: list[Span] = []
        for run in _runs(pieces):
            block, start, end = run[0].block, run[0].start, run[-1].end
            raw = self._blocks[block].text[start:end]
            text = raw.strip("\n") if self._blocks[block].kind in _LISTS else raw.strip()
            if not text.strip():
                continue
            start += raw.index(text)
            texts.append(run[0].lead + text)
            spans.append(self._rows.span(block, start, start + len(text)))
        return "\n".join(texts), tuple(spans)


def _halves(pieces: Group) -> list[Group]:
    """Return two halves, those of a single piece's text if need be; none of one character."""
    if len(pieces) > 1:
        return [pieces[: len(pieces) // 2], pieces[len(pieces) // 2 :]]
    piece = pieces[0]
    middle = (piece.start + piece.end) // 2
    if middle == piece.start:
        return []
    return [[replace(piece, end=middle)], [replace(piece, start=middle)]]


def _follows(before: Piece, piece: Piece) -> bool:
    return before.block == piece.block and before.end == piece.start


def _runs(pieces: Group) -> Iterator[Group]:
    """Yield runs of pieces that follow each other in one block."""
    run: Group = []
    for piece in pieces:
        if run and not _follows(run[-1], piece):
            yield run
            run = []
        run.append(piece)
    if run:
        yield run


def _pages(blocks: Sequence[Block], spans: tuple[Span, ...]) -> tuple[int, ...]:
    pages = {blocks[span.block].page for span in spans}
    return tuple(sorted(page for page in pages if page is not None))
