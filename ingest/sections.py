"""From blocks to sections: the text under one heading, and tiny neighbours together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from stores.records import Block, BlockKind

Path = tuple[str, ...]


@dataclass(slots=True)
class Section:
    """Blocks, by their ordinals, that stand under the same headings.

    Attributes
    ----------
    path
        The headings above all of them.
    blocks
        In reading order.
    headings
        Those that begin right before the section, by depth (1 is outermost) and ordinal. If it is
        merged, those that are not above the whole become text.
    """

    path: Path
    blocks: list[int] = field(default_factory=list)
    headings: list[tuple[int, int]] = field(default_factory=list)


def split_sections(blocks: Sequence[Block]) -> list[Section]:
    """Group blocks by the headings above them.

    A heading that has no text anywhere below it counts as text of the section above it; all others
    are only in the paths.
    """
    bodiless = _bodiless(blocks)
    sections: list[Section] = []
    waiting: list[int] = []
    for ordinal, block in enumerate(blocks):
        if block.kind is BlockKind.HEADING and ordinal not in bodiless:
            waiting.append(ordinal)
            continue
        above = [each for each in waiting if _is_above(blocks[each], block.heading_path)]
        waiting = [each for each in waiting if each not in above]
        headings = [(len(blocks[each].heading_path) + 1, each) for each in above]
        if not sections or sections[-1].path != block.heading_path:
            sections.append(Section(path=block.heading_path, headings=headings))
        else:
            sections[-1].headings += headings
        sections[-1].blocks.append(ordinal)
    return sections


def _bodiless(blocks: Sequence[Block]) -> set[int]:
    """Return the ordinals of headings without text below them, in any depth."""
    found: set[int] = set()
    following: Path | None = None
    for ordinal in reversed(range(len(blocks))):
        block = blocks[ordinal]
        if block.kind is not BlockKind.HEADING:
            following = block.heading_path
            continue
        if following is None or not _is_above(block, following):
            found.add(ordinal)
    return found


def _is_above(heading: Block, path: Path) -> bool:
    """Tell whether a heading is one of those above what has this path."""
    own = (*heading.heading_path, heading.text)
    return path[: len(own)] == own


def merge_tiny(
    sections: Sequence[Section], sizes: Sequence[int], *, tiny: int, target: int
) -> list[Section]:
    """Put runs of tiny sections that stand side by side or below each other into one.

    Parameters
    ----------
    sizes
        Length of each section in tokens.
    tiny
        A section shorter than this is tiny.
    target
        The length up to which tiny sections are put together.
    """
    merged: list[Section] = []
    size = 0
    is_open = False
    for section, own in zip(sections, sizes, strict=True):
        is_tiny = own < tiny
        if merged and is_open and is_tiny and size + own <= target:
            path = _shared(merged[-1].path, section.path)
            if path is not None:
                merged[-1] = _merge(merged[-1], section, path)
                size += own
                continue
        merged.append(section)
        size, is_open = own, is_tiny
    return merged


def _shared(first: Path, second: Path) -> Path | None:
    """Return the path of both if they are neighbours in the tree, at most one level apart."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
    path = tuple(heading for heading, _ in same)
    return path if len(path) >= max(len(first), len(second)) - 1 else None


def _merge(first: Section, second: Section, path: Path) -> Section:
    """Return both as one; the headings that are not above both of them become text."""
    return Section(
        path=path,
        blocks=_with_headings(first, path) + _with_headings(second, path),
        headings=[h for h in first.headings + second.headings if h[0] <= len(path)],
    )


def _with_headings(section: Section, path: Path) -> list[int]:
    own = [ordinal for depth, ordinal in section.headings if depth > len(path)]
    return sorted(own + section.blocks)  # ordinals are in reading order
