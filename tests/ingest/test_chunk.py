from collections import Counter
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.chunk import chunk_blocks, passage
from ingest.parse.tables import markdown_table
from models.encoder import TokenCounter
from stores.records import Block, BlockKind, Chunk, chunk_id
from tests.fakes.encoder import FakeEncoder

_DOCUMENT = UUID(int=7)
_count = FakeEncoder().count_tokens


def _chunks(*blocks: Block, title: str = "手册", target: int = 60, bound: int = 120) -> list[Chunk]:
    return chunk_blocks(
        title,
        blocks,
        document_id=_DOCUMENT,
        revision=3,
        count_tokens=_count,
        target_tokens=target,
        max_tokens=bound,
    )


def _text(text: str, *path: str, page: int | None = None) -> Block:
    return Block(BlockKind.TEXT, text, page, path)


def _heading(text: str, *path: str) -> Block:
    return Block(BlockKind.HEADING, text, None, path)


def _words(count: int, *, word: str = "word") -> str:
    return " ".join(f"{word}{number}" for number in range(count))


def _sentences(count: int, *, words: int = 10) -> str:
    return " ".join(f"Sentence {number} {_words(words - 3)} end." for number in range(count))


def test_a_small_section_is_one_chunk_under_its_headings() -> None:
    found = _chunks(
        _heading("休假"),
        _heading("年假", "休假"),
        _text("满一年者五天，满十年者十天，满二十年者十五天。", "休假", "年假", page=2),
        _text("当年未休的，可以延到次年三月底。", "休假", "年假", page=3),
    )
    assert len(found) == 1
    chunk = found[0]
    assert chunk.id == chunk_id(_DOCUMENT, 3, 0)
    assert chunk.context == "手册 › 休假 › 年假"
    assert chunk.heading_path == ("休假", "年假")
    assert chunk.text.split("\n") == [
        "满一年者五天，满十年者十天，满二十年者十五天。",
        "当年未休的，可以延到次年三月底。",
    ]
    assert chunk.pages == (2, 3)
    assert [span.block for span in chunk.spans] == [2, 3]
    assert chunk.tokens == _count(passage(chunk.context, chunk.text))


def test_sections_are_not_mixed() -> None:
    found = _chunks(
        _heading("A"), _text(_sentences(3), "A"), _heading("B"), _text(_sentences(3), "B")
    )
    assert [chunk.heading_path for chunk in found] == [("A",), ("B",)]


def test_long_text_is_cut_between_sentences() -> None:
    found = _chunks(_text(_sentences(20)))
    assert len(found) > 2
    assert all(chunk.text.endswith("end.") for chunk in found)
    assert all(chunk.text.startswith("Sentence") for chunk in found)
    assert all(chunk.tokens <= 60 + _count("手册") for chunk in found)


def test_a_paragraph_that_fits_is_not_torn() -> None:
    found = _chunks(_text(_sentences(4)), _text(_sentences(4)), _text(_sentences(2)))
    assert [[span.block for span in chunk.spans] for chunk in found] == [[0], [1, 2]]


def test_a_sentence_beyond_the_window_is_cut_at_commas_then_anywhere() -> None:
    clauses = "，".join("这是一个很长的分句没有句号" for _ in range(30))
    found = _chunks(_text(clauses))
    assert all(chunk.text.endswith("，") for chunk in found[:-1])
    solid = "长" * 1000
    found = _chunks(_text(solid))
    assert "".join(chunk.text for chunk in found) == solid
    assert all(chunk.tokens <= 120 for chunk in found)


def test_a_table_repeats_its_header_and_spans_cover_the_rows() -> None:
    rows = [["城市", "标准"], *[[f"city{n}", f"{n} yuan per night"] for n in range(40)]]
    table = Block(BlockKind.TABLE, markdown_table(rows))
    found = _chunks(table)
    assert len(found) > 2
    header = "| 城市 | 标准 |\n|---|---|\n"
    for chunk in found:
        assert chunk.text.startswith(header)
        (span,) = chunk.spans
        covered = table.text[span.start : span.end]
        assert chunk.text in {covered, header + covered}
        assert covered.endswith("|")


def test_spans_of_a_sheet_name_its_rows() -> None:
    rows = [["城市", "标准"], *[[f"city{n}", f"{n} yuan per night"] for n in range(40)]]
    numbers = (3, *range(10, 50))
    found = _chunks(Block(BlockKind.TABLE, markdown_table(rows), rows=numbers))
    spans = [span.rows or (0, 0) for chunk in found for span in chunk.spans]
    assert len(spans) > 2
    assert (spans[0][0], spans[-1][1]) == (3, 49)
    for chunk, before, after in zip(found, spans, spans[1:], strict=False):
        assert after[0] == before[1] + 1
        assert chunk.text.rsplit("| city")[-1].startswith(f"{before[1] - 10} ")


def test_a_header_too_wide_to_repeat_stands_once() -> None:
    rows = [[f"column {n} name" for n in range(60)], [f"v{n}" for n in range(60)]]
    found = _chunks(Block(BlockKind.TABLE, markdown_table(rows)))
    assert sum("column 0 name" in chunk.text for chunk in found) == 1
    assert all(chunk.tokens <= 120 for chunk in found)


def test_a_line_that_leads_to_a_list_stays_with_it() -> None:
    items = "\n".join(f"- item {n} {_words(4)}" for n in range(6))
    found = _chunks(
        _text(_sentences(4)), _text("Bring the following:"), Block(BlockKind.LIST, items)
    )
    assert found[-1].text == f"Bring the following:\n{items}"


def test_code_is_cut_between_lines_and_keeps_its_indent() -> None:
    code = "\n".join(f"    call{n}({_words(6)})" for n in range(30))
    found = _chunks(Block(BlockKind.CODE, code))
    assert len(found) > 1
    assert "\n".join(chunk.text for chunk in found) == code


def test_a_tiny_rest_joins_its_neighbour() -> None:
    found = _chunks(_text(_sentences(6)), _text("The end of it."))
    assert len(found) == 1


def test_tiny_sections_are_put_together_with_their_headings() -> None:
    blocks = [
        block
        for name in ("一", "二", "三")
        for block in (_heading(f"第{name}条", "总则"), _text("很短。", "总则", f"第{name}条"))
    ]
    found = _chunks(_heading("总则"), *blocks)
    assert len(found) == 1
    assert found[0].context == "手册 › 总则"
    assert found[0].heading_path == ("总则",)
    assert found[0].text == "第一条\n很短。\n第二条\n很短。\n第三条\n很短。"


def test_a_tiny_section_between_others_keeps_its_own_heading() -> None:
    found = _chunks(
        _heading("A"),
        _text(_sentences(4), "A"),
        _heading("B"),
        _text("Short.", "B"),
        _heading("C"),
        _text(_sentences(4), "C"),
    )
    assert [chunk.heading_path for chunk in found] == [("A",), ("B",), ("C",)]


def test_headings_without_text_below_are_text() -> None:
    found = _chunks(_heading("Part"), _heading("Only a heading", "Part"), _heading("Another"))
    assert [chunk.text for chunk in found] == ["Part\nOnly a heading\nAnother"]
    found = _chunks(_heading("Title slide"), _heading("Next"), _text(_sentences(3), "Next"))
    assert [chunk.text for chunk in found] == ["Title slide", _sentences(3)]


def test_the_context_is_bounded_and_keeps_title_and_inner_heading() -> None:
    path = tuple(f"heading {n} {_words(10)}" for n in range(6))
    found = _chunks(_text(_sentences(3), *path), title="Handbook", bound=400)
    assert _count(found[0].context) <= 64
    assert found[0].context.startswith("Handbook › ")
    assert found[0].context.endswith(path[-1])
    found = _chunks(_text("x.", "长" * 300), title="题" * 300, bound=400)
    assert _count(found[0].context) <= 64


def test_the_title_is_not_said_twice() -> None:
    assert _chunks(_text("x y z.", "手册", "休假"))[0].context == "手册 › 休假"


def test_a_window_too_small_for_anything_is_refused() -> None:
    with pytest.raises(ValueError, match="max_tokens is 31, must be at least 32"):
        _chunks(_text("x"), bound=31)


def test_no_blocks_are_no_chunks() -> None:
    assert _chunks() == []


_WORDS = st.text(alphabet="ab 年假。，.!\n", min_size=1, max_size=200).filter(str.strip)
_PATHS = st.lists(st.sampled_from("ABC"), max_size=2).map(tuple)
_CELLS = st.lists(
    st.lists(st.text(alphabet="ab 年|1", max_size=12), min_size=1, max_size=3), max_size=8
)


@st.composite
def _blocks(draw: st.DrawFn) -> Block:
    kind = draw(st.sampled_from(BlockKind))
    page = draw(st.none() | st.integers(1, 3))
    text = markdown_table(draw(_CELLS)) if kind is BlockKind.TABLE else draw(_WORDS).strip()
    if kind is BlockKind.HEADING:
        text = draw(st.sampled_from("ABC"))
    return Block(kind, text or "x", page, draw(_PATHS))


def _characters(text: str) -> Counter[str]:
    return Counter("".join(text.split()))


def _letters(text: str) -> int:
    return len(text)


def _by_letters(text: str) -> int:
    """Count as no tokenizer does: a hard case for sums of lengths."""
    return len(text) // 2 + 3


@settings(max_examples=150, deadline=None)
@example(
    # A heading whose text comes only after another one: it belongs to that text.
    blocks=[
        Block(BlockKind.HEADING, "B"),
        Block(BlockKind.HEADING, "A"),
        Block(BlockKind.TEXT, "a", heading_path=("B", "A")),
        Block(BlockKind.HEADING, "A", heading_path=("B",)),
        Block(BlockKind.HEADING, "A"),
    ],
    bound=48,
    count=_letters,
)
@given(
    blocks=st.lists(_blocks(), max_size=8),
    bound=st.integers(48, 200),
    count=st.sampled_from([_count, _letters, _by_letters]),
)
def test_every_block_is_covered_once_within_the_bound(
    blocks: list[Block],
    bound: int,
    count: TokenCounter,
) -> None:
    found = chunk_blocks(
        "T",
        blocks,
        document_id=_DOCUMENT,
        revision=1,
        count_tokens=count,
        target_tokens=40,
        max_tokens=bound,
    )
    covered: dict[int, list[tuple[int, int]]] = {n: [] for n in range(len(blocks))}
    for ordinal, chunk in enumerate(found):
        assert chunk.ordinal == ordinal
        assert chunk.tokens == count(passage(chunk.context, chunk.text)) <= bound
        pages = {blocks[span.block].page for span in chunk.spans}
        assert chunk.pages == tuple(sorted(page for page in pages if page is not None))
        for span in chunk.spans:
            covered[span.block].append((span.start, span.end))
            assert blocks[span.block].text[span.start : span.end] in chunk.text
    for ordinal, block in enumerate(blocks):
        spans = covered[ordinal]
        assert spans == sorted(spans)
        assert all(first[1] <= second[0] for first, second in pairwise(spans))
        text = "".join(block.text[start:end] for start, end in spans)
        if block.kind is BlockKind.HEADING and not spans:
            assert any(block.text in (*c.heading_path, c.context) for c in found)
        else:
            assert _characters(text) == _characters(block.text)


def _house_rules(*, extra: str = "") -> list[Block]:
    """Return sections of many blocks, some torn, with a table that is longer than a chunk."""
    rows = [[f"item {n}", f"{n * 37 % 101} pieces"] for n in range(60)]
    table = Block(BlockKind.TABLE, markdown_table([["what", "how many"], *rows]), None, ("Rules",))
    texts = [
        " ".join(f"Rule {n}.{i} tells about matter {n * i}." for i in range(3 + n % 7))
        for n in range(60)
    ]
    texts[20] += extra
    return [
        _heading("Rules"),
        *(_text(text, "Rules") for text in texts[:40]),
        table,
        *(_text(text, "Rules") for text in texts[40:]),
    ]


def _cut_again(blocks: list[Block], former: list[Chunk]) -> list[Chunk]:
    return chunk_blocks(
        "手册",
        blocks,
        document_id=_DOCUMENT,
        revision=4,
        count_tokens=_count,
        target_tokens=60,
        max_tokens=120,
        former=former,
    )


def test_the_same_text_is_cut_as_before() -> None:
    former = _chunks(*_house_rules())
    assert [c.text for c in _cut_again(_house_rules(), former)] == [c.text for c in former]


@pytest.mark.parametrize("sentences", [1, 2, 3, 6, 20])
def test_a_change_moves_no_borders_further_on(sentences: int) -> None:
    former = _chunks(*_house_rules())
    blocks = _house_rules(extra=f" {_sentences(sentences)}")
    texts = [chunk.text for chunk in _cut_again(blocks, former)]
    new = set(texts) - {chunk.text for chunk in former}
    assert len(new) <= 2 + sentences // 6
    assert max(_count(text) for text in texts) <= 1.25 * 60
    untied = {chunk.text for chunk in _chunks(*blocks)} - {chunk.text for chunk in former}
    assert len(new) <= len(untied)


def test_a_border_that_stands_in_several_places_counts_in_none() -> None:
    repeated = "The same words stand here again and again in all of the rules. " * 3
    blocks = [_text(f"{repeated} Number {n} {_words(n % 9)}.", "Rules") for n in range(12)]
    former = _chunks(*blocks)
    assert [c.text for c in _cut_again(blocks, former)] == [c.text for c in former]


@pytest.mark.parametrize(("words", "most"), [(3, 2), (30, 3)])
def test_a_change_anywhere_in_torn_prose_changes_few_chunks(words: int, most: int) -> None:
    facts = [f"Fact {n} tells {_words(4 + n * 7 % 11)} of matter {n}." for n in range(120)]
    former = _chunks(_text(" ".join(facts), "Rules"))
    kept = {chunk.text for chunk in former}
    for n in range(0, 120, 5):
        changed = [*facts[:n], f"{facts[n]} Besides {_words(words)}.", *facts[n + 1 :]]
        texts = [c.text for c in _cut_again([_text(" ".join(changed), "Rules")], former)]
        assert len(set(texts) - kept) <= most
