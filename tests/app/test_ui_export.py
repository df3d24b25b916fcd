import re

from markdown_it import MarkdownIt

from app.ui.conversation_texts import EN, ZH
from app.ui.export import conversation_markdown, file_name, whole_conversation
from tests.app.ui_scripted import (
    ANSWER,
    LIMIT,
    REFUSAL,
    ScriptedClient,
    answer,
    conversation,
    evidence,
    exchange,
    withheld,
)

HOSTILE = (
    "![x](https://evil.example/a.png) [click](javascript:alert(1)) "
    "<img src=x onerror=alert(1)> https://evil.example/p www.evil.example "
    "a@evil.example $x^2$ &amp; [1]: https://evil.example"
)


def test_a_conversation_is_written_with_its_citations() -> None:
    found = conversation("c", exchange("What is the limit?"), exchange("Moon?", REFUSAL, ordinal=2))
    text = conversation_markdown(found, lang="en", day="2026-03-02")
    parts = (
        "# What is the limit?",
        "_Exported from Zhiku on 2026-03-02, 2 turns_",
        "## 1 · 2026-03-01 09:30 UTC",
        "**Question**",
        "What is the limit?",
        "**Answer**",
        "The limit is 600 yuan a night [1]. Paid in ten days [2]. "
        "Have a nice trip\\! (no source)\n",
    )
    assert text.startswith("\n\n".join(parts))
    assert f"- [1] Travel policy · p. 3 · Travel › Accommodation\n\n  > {LIMIT}\n" in text
    assert "- [2] Claims" in text
    assert "**Answer**\n\nNo document answers this question.\n" in text


def test_it_is_written_in_the_language_of_the_page() -> None:
    text = conversation_markdown(conversation("c", exchange("限额？")), lang="zh", day="2026-03-02")
    assert f"**{ZH.question}**\n\n限额？" in text
    assert "(无出处)" in text
    assert "第 3 页" in text


def test_what_is_withheld_or_replaced_is_said() -> None:
    gone = ANSWER.citations[0].model_copy(update={"revision": None, "quote": "", "pages": ()})
    kept = exchange("One?").model_copy(update={"citations": (gone,)})
    found = conversation("c", kept, withheld("Two?", ordinal=2))
    text = conversation_markdown(found, lang="en", day="2026-03-02")
    assert f"- [1] Travel policy · Travel › Accommodation ({EN.passage_replaced})" in text
    assert f"Two?\n\n_{EN.withheld}_" in text


def test_nothing_that_others_wrote_becomes_a_link_an_image_or_html() -> None:
    found = (evidence(1, HOSTILE, title=HOSTILE),)
    definition = "\n\n[1]: ftp://evil.example/x\n\n"
    given = answer(f"{HOSTILE}{definition}{HOSTILE} [1]", ((HOSTILE, (1,)),), found)
    text = conversation_markdown(
        conversation("c", exchange(HOSTILE, given)), lang="en", day="2026-03-02"
    )
    tokens = MarkdownIt("commonmark", {"html": True}).parse(text)
    pieces = [each for token in tokens for each in (token, *(token.children or ()))]
    kinds = {each.type for each in pieces}
    assert not kinds & {"link_open", "image", "html_inline", "html_block"}
    plain = "".join(each.content for each in pieces if each.type == "text")
    # Viewers make links of bare addresses, too, but not of those in code.
    assert "javascript:alert(1)" in plain
    assert not re.search(r"https?://|www\.|\w@\w", plain)


def test_all_pages_of_a_long_conversation_are_read() -> None:
    client = ScriptedClient()
    whole = conversation("c", *(exchange(f"q{n}", ordinal=n) for n in range(1, 451)))
    client.kept[whole.id] = whole
    first = client.conversation(whole.id, limit=200)
    assert whole_conversation(client, first).exchanges == whole.exchanges


def test_a_title_gives_a_name_that_every_file_system_takes() -> None:
    assert file_name("年假有几天？ / \\ a:b*") == "年假有几天-a-b.md"
    assert file_name("???") == "zhiku.md"
    assert len(file_name("x" * 500)) <= 64
