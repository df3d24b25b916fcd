"""Passages that follow each other in a document, put together again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from uuid import UUID

from retrieval.records import Evidence, ScoredSpan

Place = tuple[UUID, int, tuple[str, ...], int]
"""Document, revision, headings and ordinal of a chunk."""


def join_neighbours(passages: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Join passages that stand one after the other under the same headings.

    A joined passage takes the place of the best one it is made of, with that one's ids, score and
    signals; text, pages and spans are in the order of the document. A table that was cut is whole
    again: the header rows that its second part repeats are left out. Passages under other headings
    stay apart, since their headings are not in their texts.
    """
    at = {_place(passage): passage for passage in passages}
    joined: list[Evidence] = []
    taken: set[Place] = set()
    for passage in passages:
        if _place(passage) not in taken:
            run = _run(passage, at)
            taken.update(map(_place, run))
            joined.append(_joined(passage, run))
    return tuple(joined)


def _place(passage: Evidence, *, step: int = 0) -> Place:
    ordinal = passage.ordinal + step
    return passage.document_id, passage.revision, passage.heading_path, ordinal


def _run(passage: Evidence, at: Mapping[Place, Evidence]) -> list[Evidence]:
    """Return the passages around one without a gap, in the order of the document."""
    run = [passage]
    while (before := at.get(_place(run[0], step=-1))) is not None:
        run.insert(0, before)
    while (after := at.get(_place(run[-1], step=1))) is not None:
        run.append(after)
    return run


def _joined(best: Evidence, run: Sequence[Evidence]) -> Evidence:
    if len(run) == 1:
        return best
    whole = reduce(_append, run)
    return replace(
        best,
        ordinal=run[0].ordinal,
        quote=whole.quote,
        sentences=whole.sentences,
        pages=tuple(sorted({page for passage in run for page in passage.pages})),
        spans=tuple(span for passage in run for span in passage.spans),
        duplicates=tuple(sorted({other for passage in run for other in passage.duplicates})),
        joined=tuple(passage.chunk_id for passage in run),
    )


def _append(before: Evidence, after: Evidence) -> Evidence:
    """Return `before` with the text, the spans and the sentences of `after` behind its own."""
    last, first = before.spans[-1:], after.spans[:1]
    separator, skipped = "\n", 0
    if last and first and last[0].block == first[0].block:
        # Sentences of one Chinese paragraph have nothing between them; else it was white space.
        separator = "\n" if first[0].start > last[0].end else ""
        skipped = _repeated_header(after)
    return replace(
        before,
        quote=f"{before.quote}{separator}{after.quote[skipped:]}",
        spans=before.spans + after.spans,
        sentences=_sentences(before, after, skipped, by=len(before.quote) + len(separator)),
    )


def _sentences(
    before: Evidence, after: Evidence, skipped: int, *, by: int
) -> tuple[ScoredSpan, ...]:
    """Return the sentences of both, or none where those of one are not known."""
    if not before.sentences or not after.sentences:
        return ()
    shift = by - skipped
    moved = (
        replace(each, start=each.start + shift, end=each.end + shift)
        for each in after.sentences
        if each.start >= skipped
    )
    return (*before.sentences, *moved)


def _repeated_header(passage: Evidence) -> int:
    """Return how many characters stand before the text that the spans cover.

    The texts of the spans are put together with line breaks (`ingest.chunk`); what is left over is
    the header of a table that goes on.
    """
    covered = sum(span.end - span.start for span in passage.spans) + len(passage.spans) - 1
    return len(passage.quote) - covered
