import pytest

from app.ui.markup import answer_markdown, badge, bulleted, escape, escape_lines, escape_piece


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![x](y.png)", r"\!\[x\]\(y\.png\)"),
        ("[click](javascript:alert(1))", r"\[click\]\(javascript\:alert\(1\)\)"),
        ("<img onerror=alert(1)>", r"\<img onerror\=alert\(1\)\>"),
        ("# title", r"\# title"),
        ("**bold** _x_ ~y~", r"\*\*bold\*\* \_x\_ \~y\~"),
        ("$x$ :red[y] `z`", r"\$x\$ \:red\[y\] \`z\`"),
        ("&lt;", r"\&lt\;"),
        ("1. one", r"1\. one"),
        ("back\\slash", r"back\\slash"),
        ("上海，600 元。", "上海，600 元。"),
    ],
)
def test_markdown_is_shown_as_it_is_written(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://evil.example/p?a=b now", "see `https://evil.example/p?a=b` now"),
        ("见HTTP://evil.example。然后", "见`HTTP://evil.example`。然后"),
        ("www.evil.example", "`www.evil.example`"),
        ("a@evil.example", "`a@evil.example`"),
        (":material/home: :streamlit:", "`:material/home:` `:streamlit:`"),
        ("https://evil.example/`x", "`https://evil.example/`\\`x"),
        ("https://evil.example/]x", "`https://evil.example/`\\]x"),
        ("https://evil.example/|x", "`https://evil.example/`\\|x"),
        ("a@evil.example:streamlit:", "`a@evil.example:streamlit:`"),
    ],
)
def test_addresses_become_code_because_streamlit_would_link_them(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_characters_that_hide_or_reorder_text_are_dropped() -> None:
    assert escape("a\x00b\u202ec\u2066d") == "abcd"


def test_a_line_keeps_no_indentation_that_would_make_it_code() -> None:
    assert escape_lines("    indented\n\n\n  next\nlast") == "indented\n\nnext  \nlast"


@pytest.mark.parametrize(("text", "shown"), [(" a ", " a "), ("a", "a"), ("  ", " "), ("", "")])
def test_a_piece_keeps_the_space_at_its_ends(text: str, shown: str) -> None:
    assert escape_piece(text) == shown


def test_a_badge_cannot_be_left() -> None:
    assert badge("a]b", colour="orange") == r":orange-badge[a\]b]"


def test_bullets_keep_the_length_of_the_text() -> None:
    assert bulleted("- a\n* b\n-c - d") == "• a\n• b\n-c - d"


def test_known_marks_become_chips_and_others_stay_text() -> None:
    shown = answer_markdown("One [1]. Two[2][9].", numbers={1, 2})
    assert shown == r"One :primary-badge[1]\. Two :primary-badge[2]\[9\]\."


def test_sentences_are_labelled_at_their_ends() -> None:
    good, bad = ":green[:material/check:]", badge("no source", colour="red")
    shown = answer_markdown("Cited [1]. Bare. Last.", numbers={1}, labels={10: good, 22: bad})
    assert shown == rf"Cited :primary-badge[1]\. {good} Bare\. Last\. {bad}"


def test_an_answer_cannot_forge_chips_or_labels() -> None:
    shown = answer_markdown("\ue0007\ue001 :primary-badge[1] \ue0022\ue003", numbers={1})
    assert ":primary-badge[7]" not in shown
    assert r"\:primary\-badge :primary-badge[1]" in shown
    assert "red-badge" not in shown
