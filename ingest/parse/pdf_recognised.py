"""How what was recognised in parts was recognised as a whole."""

from collections.abc import Sequence

from ingest.parse.pdf_layout import Line
from stores.records import Recognised


def together(parts: Sequence[tuple[str, Recognised | None]]) -> Recognised | None:
    """Return the mean confidence by character and the box around parts; None if one is text."""
    known = [(len(text), part) for text, part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    boxes = [part.box for _, part in known]
    return Recognised(
        confidence=sum(length * part.confidence for length, part in known)
        / sum(length for length, _ in known),
        box=(
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        ),
    )


def of_lines(lines: Sequence[Line]) -> Recognised | None:
    """Return how lines were recognised; None for text of the file."""
    return together(
        [
            (
                piece.text,
                None
                if piece.confidence is None
                else Recognised(
                    piece.confidence, (piece.left, piece.top, piece.right, piece.bottom)
                ),
            )
            for line in lines
            for piece in line.pieces
        ]
    )
