"""From pieces to chunks: how much goes into each, and where one begins."""

from collections.abc import Collection, Sequence
from itertools import chain

from ingest.borders import Place
from ingest.pieces import Piece

TINY_TOKENS = 20
_TOLERANCE = 1.25
"""How far beyond the target the last chunk of a section may go instead of leaving a rest, and one
that then ends where a chunk of the revision before ended."""

Group = list[Piece]


def pack(
    groups: Sequence[Group], starts: Collection[Place], *, target: int, room: int
) -> list[Group]:
    """Fill chunks up to the target; a block that fits into one is not torn if it can be helped.

    Repeated header rows do not count towards the target, else wide tables had one row a chunk.

    Parameters
    ----------
    groups
        The pieces of a section, block by block.
    starts
        Where a chunk of the revision before began: one begins there again, and the one before it
        may be a quarter longer than the target to end there.
    """
    packed: list[Group] = [[]]
    size = 0
    rests = _up_to_starts(groups, starts)
    for group in groups:
        whole = _length(group)
        for piece in group:
            is_torn = size + piece.tokens > target or size + piece.tokens + piece.lead_tokens > room
            is_kept_whole = piece is group[0] and size >= TINY_TOKENS
            is_full = is_torn or (is_kept_whole and size + whole > target >= whole)
            is_start = _place(piece) in starts and size >= TINY_TOKENS
            ends_as_before = size + rests[_place(piece)] <= min(_TOLERANCE * target, room)
            if packed[-1] and (is_start or (is_full and not ends_as_before)):
                packed.append([])
                size = 0
            size += piece.tokens
            packed[-1].append(piece)
    return [pieces for pieces in packed if pieces]


def _up_to_starts(groups: Sequence[Group], starts: Collection[Place]) -> dict[Place, float]:
    """Return for each piece the tokens from it to the next start behind it; infinite for none."""
    rests: dict[Place, float] = {}
    rest = float("inf")
    for piece in reversed([*chain(*groups)]):
        rest += piece.tokens + piece.lead_tokens
        rests[_place(piece)] = rest
        if _place(piece) in starts:
            rest = 0
    return rests


def _place(piece: Piece) -> Place:
    return piece.block, piece.start


def join_tiny(packed: Sequence[Group], target: int, *, room: int) -> list[Group]:
    """Join tiny chunks, and a short last one, to the one before, or the first to the next."""
    joined: list[Group] = []
    for position, pieces in enumerate(packed):
        together = _length(joined[-1]) + _length(pieces) if joined else 0
        is_last = position == len(packed) - 1
        is_tiny = joined and min(_length(joined[-1]), _length(pieces)) < TINY_TOKENS
        is_rest = is_last and together <= _TOLERANCE * target
        if joined and together <= room and (is_tiny or is_rest):
            joined[-1] = joined[-1] + pieces
        else:
            joined.append(pieces)
    return joined


def _length(pieces: Group) -> int:
    return sum(piece.tokens for piece in pieces)
