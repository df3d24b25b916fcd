"""Markdown, plain text and CSV."""

import pytest

from ingest.errors import EmptyDocument
from stores.records import BlockKind
from tests.ingest.builders import headings, parsed, texts

_MARKDOWN = """---
title: "休假制度"
tags: [a]
---
# 年假

满一年者
五天。Wrapped
English text.

Second[^1] with `code`, **bold** and [a link](http://x).

- one
- two
  1. inner
  2. next

  more of two

| 城市 | 元 |
|------|---:|
| 北京 \\| 上海 | 500 |

```python
if x:
    y()
```

> quoted

<div>raw <b>html</b></div>

Setext
------

text
"""


def test_markdown_gives_its_structure() -> None:
    result = parsed("leave.md", _MARKDOWN)
    assert result.title == "休假制度"
    assert headings(result) == [("年假",), ("年假", "Setext")]
    assert [(b.kind.value, b.text) for b in result.blocks] == [
        ("heading", "年假"),
        ("text", "满一年者五天。Wrapped English text."),
        ("text", "Second[^1] with code, bold and a link."),
        ("list", "- one\n- two\n  1. inner\n  2. next\n  more of two"),
        ("table", "| 城市 | 元 |\n|---|---|\n| 北京 \\| 上海 | 500 |"),
        ("code", "if x:\n    y()"),
        ("text", "quoted"),
        ("text", "raw html"),
        ("heading", "Setext"),
        ("text", "text"),
    ]


def test_a_rule_at_the_start_is_no_front_matter() -> None:
    assert texts(parsed("a.md", "---\n\ntext").blocks) == ["text"]


def test_plain_text_is_split_at_blank_lines_and_chapters() -> None:
    text = "公司制度\n\n第一章 总则\n　　第一段很短。\n　　第二段也短。\n\n第二章 附则\n结束。\n"
    result = parsed("制度.txt", text.encode("gbk"))
    assert result.title == "制度"
    assert headings(result) == [("第一章 总则",), ("第二章 附则",)]
    assert texts(result.blocks, BlockKind.TEXT) == [
        "公司制度",
        "第一段很短。",
        "第二段也短。",
        "结束。",
    ]


def test_wrapped_lines_become_one_paragraph_and_short_ones_do_not() -> None:
    wrapped = "This line was wrapped by a mail program at some\nwidth and goes on here.\n\n"
    assert texts(parsed("a.txt", f"{wrapped}Dear Ms. Li,\nThanks.").blocks) == [
        "This line was wrapped by a mail program at some width and goes on here.",
        "Dear Ms. Li,",
        "Thanks.",
    ]


def test_unwrapped_lines_are_paragraphs() -> None:
    assert texts(parsed("a.txt", f"{'long ' * 40}\nnext").blocks) == [
        ("long " * 40).strip(),
        "next",
    ]


@pytest.mark.parametrize(
    ("filename", "text"),
    [
        ("a.csv", "城市,元\n北京,500\n"),
        ("a.csv", "城市;元\n北京;500\n"),
        ("a.csv", "sep=;\n城市;元\n北京;500\n"),
        ("a.csv", "城市|元\n北京|500\n"),
        ("a.tsv", "城市\t元\n北京\t500\n"),
        ("a.csv", '"城市","元"\r\n"北京","500"\r\n'),
    ],
)
def test_the_delimiter_is_found_out(filename: str, text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gbk"):
        blocks = parsed(filename, text.encode(encoding)).blocks
        assert texts(blocks) == ["| 城市 | 元 |\n|---|---|\n| 北京 | 500 |"]


def test_quoted_cells_ragged_rows_and_pipes() -> None:
    text = 'a,b,c\n"x, y","two\nlines",1|2\nshort\n,,\n'
    assert texts(parsed("a.csv", text).blocks) == [
        "| a | b | c |\n|---|---|---|\n| x, y | two lines | 1\\|2 |\n| short | | |"
    ]


def test_one_column_is_lines_and_captions_are_text() -> None:
    assert texts(parsed("a.csv", "only\none\n").blocks) == ["only\none"]
    assert texts(parsed("a.csv", "标题\na,b\n1,2\n").blocks)[0] == "标题"


def test_rows_of_a_csv_file_are_counted_as_in_a_spreadsheet() -> None:
    (_, table) = parsed("a.csv", '标题\na,b\n\n"1\n2",3\n4,5\n').blocks
    assert table.rows == (2, 4, 5)


@pytest.mark.parametrize("filename", ["a.md", "a.csv", "a.txt"])
def test_nothing_but_marks_is_empty(filename: str) -> None:
    with pytest.raises(EmptyDocument):
        parsed(filename, "\u200b\ufeff\u202e")
