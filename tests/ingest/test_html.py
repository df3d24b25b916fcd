import pytest

from ingest.errors import EmptyDocument
from stores.records import BlockKind
from tests.ingest.builders import headings, parsed, texts


def _blocks(body: str) -> list[tuple[str, str]]:
    return [(b.kind.value, b.text) for b in parsed("page.html", f"<body>{body}</body>").blocks]


def test_headings_give_the_path_and_the_title_its_name() -> None:
    page = (
        "<title>员工 手册</title><h1>休假</h1><h3>年假</h3><p>五天。</p><h2>病假</h2><p>另计。</p>"
    )
    result = parsed("page.html", page)
    assert result.title == "员工 手册"
    assert headings(result) == [("休假",), ("休假", "年假"), ("休假", "病假")]
    assert texts(result.blocks, BlockKind.TEXT) == ["五天。", "另计。"]


def test_what_a_reader_does_not_see_is_left_out() -> None:
    hidden = (
        "<script>x()</script><style>p{}</style><nav>Menu</nav><noscript>n</noscript>"
        "<template>t</template><!-- c --><p hidden>h</p><p aria-hidden='true'>a</p>"
        "<p style='display: none'>d</p><p style='visibility:hidden'>v</p>"
        "<span style='font-size:0'>f</span><svg><text>s</text></svg>"
    )
    assert _blocks(f"{hidden}<p>Seen&nbsp;<b>bold</b>, <i>too</i>.</p>") == [
        ("text", "Seen bold, too.")
    ]


def test_text_without_paragraphs_is_split_at_blocks() -> None:
    assert _blocks("loose <a href='#'>link</a><div>block</div>tail<br>line") == [
        ("text", "loose link"),
        ("text", "block"),
        ("text", "tail\nline"),
    ]


def test_lists_keep_their_depth_and_numbers() -> None:
    nested = "<ul><li>票据<ol><li>发票</li><li>车票</li></ol></li><li>审批单</li></ul>"
    assert _blocks(nested) == [("list", "- 票据\n  1. 发票\n  2. 车票\n- 审批单")]
    assert _blocks("<dl><dt>Term<dd>Meaning</dl>") == [("list", "Term\n  Meaning")]


def test_tables_repeat_merged_cells_and_escape_pipes() -> None:
    table = (
        "<table><caption>标准</caption><tr><th>级别</th><th colspan=2>住宿</th></tr>"
        "<tr><td rowspan=2>A|B</td><td>北京</td><td>500</td></tr><tr><td>上海</td><td>480</td></tr>"
        "</table>"
    )
    assert _blocks(table) == [
        ("text", "标准"),
        (
            "table",
            "| 级别 | 住宿 | 住宿 |\n|---|---|---|\n| A\\|B | 北京 | 500 |\n| A\\|B | 上海 | 480 |",
        ),
    ]


def test_a_span_beyond_reason_is_bounded() -> None:
    table = "<table><tr><td colspan=999999999>a<td>b<tr><td>c<td rowspan=-1>d</table>"
    assert len(_blocks(table)) == 1


def test_layout_tables_are_no_tables() -> None:
    layout = "<table><tr><td><h1>Title</h1><p>text</p></td><td><p>side</p></td></tr></table>"
    assert _blocks(layout) == [("heading", "Title"), ("text", "text"), ("text", "side")]


def test_code_keeps_its_lines() -> None:
    assert _blocks("<pre>if x:\n    y()</pre>") == [("code", "if x:\n    y()")]


@pytest.mark.parametrize(
    ("declared", "actual"),
    [("gb2312", "gb18030"), ("gbk", "gbk"), ("big5", "big5"), ("utf-8", "gb18030"), ("x", "utf-8")],
)
def test_the_encoding_is_found_out_even_if_the_page_lies(declared: str, actual: str) -> None:
    page = f"<html><head><meta charset='{declared}'></head><body><p>公司中文文件。</p>"
    assert texts(parsed("page.html", page.encode(actual)).blocks) == ["公司中文文件。"]


def test_xhtml_with_a_declaration_is_read() -> None:
    page = '<?xml version="1.0" encoding="UTF-8"?><html xmlns="x"><body><p>年假</p></body></html>'
    assert texts(parsed("page.xhtml", page).blocks) == ["年假"]


def test_entities_of_other_files_are_not_read() -> None:
    page = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><p>a &x; b</p>'
    assert "root:" not in "".join(texts(parsed("page.html", page).blocks))


def test_a_page_without_text_is_empty() -> None:
    with pytest.raises(EmptyDocument):
        _blocks("<script>x</script>")
