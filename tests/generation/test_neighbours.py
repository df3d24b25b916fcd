"""Passages that follow each other are put together as the document has them."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.neighbours import join_neighbours
from ingest.chunk import chunk_blocks
from ingest.sentences import split_sentences_and_rows
from retrieval.records import Evidence, ScoredSpan
from stores.records import Block, BlockKind, Chunk
from tests.generation.passages import passage

DOCUMENT = uuid4()
TABLE = "| City | Limit |\n|---|---|\n" + "\n".join(
    f"| City number {n} | {n}00 yuan a night, breakfast included |" for n in range(1, 25)
)
PARAGRAPH = "".join(
    f"第{n}条规定，出差的人在第{n}天之前把单据交给财务部审核。" for n in range(1, 25)
)


def words(text: str) -> int:
    return len(text) // 2


def cut(*blocks: Block) -> list[Chunk]:
    return chunk_blocks(
        "Travel",
        blocks,
        document_id=DOCUMENT,
        revision=1,
        count_tokens=words,
        target_tokens=150,
        max_tokens=300,
    )


def found(chunks: Sequence[Chunk]) -> list[Evidence]:
    """Return chunks as evidence, best first."""
    return [
        replace(
            passage(number, 1 - number / 100, chunk.text),
            chunk_id=chunk.id,
            document_id=chunk.document_id,
            ordinal=chunk.ordinal,
            heading_path=chunk.heading_path,
            pages=chunk.pages,
            spans=chunk.spans,
        )
        for number, chunk in enumerate(chunks, start=1)
    ]


def scored(evidence: Evidence) -> Evidence:
    """Give every sentence a score that tells it from the others."""
    spans = split_sentences_and_rows(evidence.quote)
    scores = (ScoredSpan(*span, evidence.score + span[0] / 1e6) for span in spans)
    return replace(evidence, sentences=tuple(scores))


@pytest.mark.parametrize(
    "block", [Block(BlockKind.TABLE, TABLE, page=1), Block(BlockKind.TEXT, PARAGRAPH, page=1)]
)
def test_sentences_keep_their_places_and_scores(block: Block) -> None:
    apart = list(map(scored, found(cut(block))))
    (whole,) = join_neighbours(apart)

    texts = [whole.quote[each.start : each.end].strip() for each in whole.sentences]
    assert texts == [
        whole.quote[start:end].strip() for start, end in split_sentences_and_rows(whole.quote)
    ]
    known = {(p.quote[e.start : e.end].strip(), e.score) for p in apart for e in p.sentences}
    assert {(t, e.score) for t, e in zip(texts, whole.sentences, strict=True)} <= known


def test_without_the_sentences_of_one_there_are_none() -> None:
    first, second, *_ = found(cut(Block(BlockKind.TEXT, PARAGRAPH, page=1)))
    (whole,) = join_neighbours([scored(first), second])
    assert whole.sentences == ()


def test_a_table_is_whole_again_with_one_header() -> None:
    chunks = cut(Block(BlockKind.TABLE, TABLE, page=1))
    assert len(chunks) > 2
    assert all(chunk.text.startswith("| City | Limit |") for chunk in chunks)
    (joined,) = join_neighbours(found(chunks))
    assert joined.quote == TABLE


def test_a_chinese_paragraph_is_whole_again() -> None:
    chunks = cut(Block(BlockKind.TEXT, PARAGRAPH, page=1))
    assert len(chunks) > 1
    (joined,) = join_neighbours(found(chunks))
    assert joined.quote == PARAGRAPH


@given(st.permutations(range(4)))
def test_the_best_one_keeps_its_place_and_its_ids(order: list[int]) -> None:
    blocks = [Block(BlockKind.TEXT, f"Paragraph {n}. " * 30, page=n) for n in range(1, 5)]
    chunks = cut(*blocks)[:4]
    ranked = found([chunks[n] for n in order])
    (joined,) = join_neighbours(ranked)
    assert (joined.chunk_id, joined.score) == (chunks[order[0]].id, ranked[0].score)
    assert joined.ordinal == 0
    assert joined.pages == tuple(sorted({page for chunk in chunks for page in chunk.pages}))
    assert joined.spans == tuple(span for chunk in chunks for span in chunk.spans)
    texts = [blocks[span.block].text[span.start : span.end] for span in joined.spans]
    assert all(text in joined.quote for text in texts)


def test_what_stands_apart_stays_apart() -> None:
    first = passage(1, quote="a")
    others = [
        replace(first, ordinal=first.ordinal + 2, quote="two further on"),
        replace(first, ordinal=first.ordinal + 1, heading_path=("其他",), quote="other heading"),
        replace(first, ordinal=first.ordinal + 1, document_id=uuid4(), quote="other document"),
        replace(first, ordinal=first.ordinal + 1, revision=2, quote="other revision"),
    ]
    assert join_neighbours([first, *others]) == (first, *others)


def test_joined_passages_take_the_place_of_the_best() -> None:
    first, second, third = (
        passage(1, quote="a"), passage(2, quote="b", title="报销"), passage(3, quote="c")
    )  # fmt: skip
    third = replace(third, ordinal=first.ordinal + 1, duplicates=(DOCUMENT,))
    joined = join_neighbours([first, second, third])
    assert [each.quote for each in joined] == ["a\nc", "b"]
    assert joined[0].duplicates == (DOCUMENT,)


def test_nothing_joins_to_nothing() -> None:
    assert join_neighbours([]) == ()


def test_a_joined_passage_names_its_chunks_in_the_order_of_the_document() -> None:
    chunks = cut(Block(kind=BlockKind.TEXT, text=PARAGRAPH))
    assert len(chunks) > 1
    (joined,) = join_neighbours(found(chunks)[::-1])
    assert joined.joined == tuple(chunk.id for chunk in chunks)
    assert join_neighbours(found(chunks[:1]))[0].joined == ()
