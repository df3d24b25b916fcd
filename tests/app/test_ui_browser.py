"""The chat in Chromium, on a running API with real stores and a scripted model."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.messages import Lang
from app.ui.conversation_texts import CONVERSATION_TEXTS
from app.ui.texts import TEXTS
from tests.app.api_world import World, build_world, eventually, serving
from tests.app.ui_browser import GatedLLM, Tab, chat_server, chromium
from tests.ingest.pdf_builder import build_pdf, paragraph

pytestmark = pytest.mark.real

HOSTILE = (
    "![x](https://evil.example/a.png) [click](javascript:alert(1)) "
    "<img src=https://evil.example/b.png onerror=alert(1)> <script>alert(1)</script> "
    "https://evil.example/p www.evil.example a@evil.example :streamlit: $x^2$ :red[r]"
)


@dataclass(frozen=True)
class Story:
    """What is asked and answered in one language."""

    lang: Lang
    other: Lang
    question: str
    pieces: tuple[str, ...]
    answer: str
    first_page: str
    quote: str
    title: str
    word: str
    follow_up: str


STORIES = (
    Story(
        lang="en",
        other="zh",
        question="What is the hotel limit in Shanghai?",
        pieces=("The hotel limit in Shanghai", " is 600 yuan a night [1].", " Enjoy the trip!"),
        answer="The hotel limit in Shanghai is 600 yuan a night",
        first_page="This policy applies to all employees who travel for the company.",
        quote="The hotel limit in Shanghai is 600 yuan a night.",
        title="Travel policy 2025",
        word="hotel",
        follow_up="And for managers?",
    ),
    Story(
        lang="zh",
        other="en",
        question="上海的住宿标准是多少？",
        pieces=("上海的住宿标准", "为每晚 600 元[1]。", "祝您旅途愉快！"),
        answer="上海的住宿标准为每晚 600 元",
        first_page="本办法适用于公司全体出差员工。",
        quote="上海的住宿标准为每晚 600 元。",
        title="差旅管理办法",
        word="住宿",
        follow_up="那经理呢？",
    ),
)


@pytest.fixture(scope="module")
def llm() -> GatedLLM:
    return GatedLLM()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, llm: GatedLLM) -> Iterator[World]:
    with ExitStack() as resources:
        yield build_world(tmp_path_factory.mktemp("world"), resources, llm)


@pytest.fixture(scope="module")
def chat(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        serving(world.app()) as api_url,
        chat_server(api_url, tmp_path_factory.mktemp("chat")) as url,
    ):
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def open_tab(browser: Browser, chat: str, llm: GatedLLM) -> Iterator[Callable[..., Tab]]:
    tabs: list[Tab] = []

    def opened(lang: Lang, *, width: int = 1280, height: int = 860) -> Tab:
        tab = Tab(browser.new_page(viewport={"width": width, "height": height}))
        tab.page.goto(f"{chat}/?lang={lang}")
        tabs.append(tab)
        return tab

    yield opened
    llm.pause_seconds = 0.0
    llm.cancelled.clear()
    llm.gate.set()
    for tab in tabs:
        tab.page.close()
        assert tab.problems == []
        assert tab.hosts == {"127.0.0.1"}


def policy(folder: Path, story: Story) -> Path:
    """Write a PDF of two pages; the answer stands on the second."""
    path = folder / f"{story.title}.pdf"
    pages = [paragraph([story.first_page]), paragraph([story.quote])]
    path.write_bytes(build_pdf(pages, title=story.title))
    return path


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.lang)
def test_from_the_key_to_the_source(
    story: Story, open_tab: Callable[..., Tab], world: World, llm: GatedLLM, tmp_path: Path
) -> None:
    texts, tab = TEXTS[story.lang], open_tab(story.lang)
    llm.pieces = story.pieces

    tab.see(texts.key_title)
    tab.enter_key("zk_wrong")
    tab.see(texts.key_refused)
    tab.enter_key(world.key(tenant=f"story-{story.lang}"))
    tab.see(texts.greeting_empty)
    tab.picture(f"{story.lang}-1-empty")

    tab.ask(story.question)
    tab.see(texts.refused)
    tab.see(texts.nothing_nearby)
    tab.picture(f"{story.lang}-2-refusal")

    llm.gate.clear()
    tab.ask(story.question, files=[policy(tmp_path, story)])
    expect(tab.answers().last).to_contain_text(story.pieces[0])
    tab.see(texts.file_added.format(name=f"{story.title}.pdf"))
    expect(tab.page.get_by_role("button", name=texts.stop)).to_be_visible()
    expect(tab.page.get_by_text(texts.refused)).to_have_count(1)
    tab.picture(f"{story.lang}-3-streaming")

    llm.gate.set()
    tab.see(texts.support_explained)
    expect(tab.answers().last).to_contain_text(story.answer)
    expect(tab.page.get_by_role("button", name=texts.stop)).to_have_count(0)
    expect(tab.chips()).to_have_count(1)
    tab.picture(f"{story.lang}-4-answer")

    tab.chips().click()
    drawer = tab.page.get_by_role("dialog")
    expect(drawer).to_contain_text(texts.pages.format(first=1, last=2))
    expect(drawer).to_contain_text(story.first_page)
    drawer.get_by_role("radio", name=texts.page.format(first=2)).click()
    expect(drawer.locator(".stMarkdownColoredBackground").last).to_have_text(story.quote)
    expect(drawer).not_to_contain_text(story.first_page)
    tab.picture(f"{story.lang}-5-source")
    tab.page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)

    other = TEXTS[story.other]
    tab.page.get_by_role("radio", name=other.language_name).click()
    tab.see(other.support_explained)
    expect(tab.answers().last).to_contain_text(story.answer)
    tab.picture(f"{story.lang}-6-switched")
    tab.page.get_by_role("radio", name=other.documents).click()
    tab.see(other.upload_formats)
    tab.see(story.title)
    tab.picture(f"{story.lang}-7-documents")
    library = tab.page.get_by_test_id("stMainBlockContainer")
    library.get_by_role("button", name=other.delete).click()
    tab.page.get_by_role("dialog").get_by_role("button", name=other.delete_confirm).click()
    tab.see(other.library_empty)


def rename(tab: Tab, story: Story) -> None:
    """Give the open conversation the story's title."""
    kept_texts = CONVERSATION_TEXTS[story.lang]
    tab.press(kept_texts.rename)
    title = tab.page.get_by_role("textbox", name=kept_texts.title_label)
    expect(title).to_have_value(story.question)
    tab.picture(f"{story.lang}-9-rename")
    title.fill(story.title)
    title.press("Enter")
    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    expect(tab.page.get_by_test_id("stSidebar")).to_contain_text(story.title)


def export(tab: Tab, story: Story) -> None:
    """Download the open conversation, and read what came."""
    kept_texts = CONVERSATION_TEXTS[story.lang]
    tab.press(kept_texts.export)
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name=kept_texts.export_save).click()
    exported = download.value.path().read_text(encoding="utf-8")
    assert exported.startswith(f"# {story.title}\n")
    assert story.answer in exported
    assert story.follow_up in exported
    tab.picture(f"{story.lang}-10-export")
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.lang)
def test_a_conversation_is_found_again_and_kept_in_order(
    story: Story, open_tab: Callable[..., Tab], world: World, llm: GatedLLM, tmp_path: Path
) -> None:
    texts, kept_texts, tab = TEXTS[story.lang], CONVERSATION_TEXTS[story.lang], open_tab(story.lang)
    key, llm.pieces = world.key(tenant=f"kept-{story.lang}"), story.pieces
    tab.enter_key(key)
    tab.see(texts.greeting_empty)
    tab.ask(story.question, files=[policy(tmp_path, story)])
    tab.see(texts.support_explained)
    expect(tab.page).to_have_url(re.compile("conversation=[-0-9a-f]{36}"))
    tab.picture(f"{story.lang}-8-kept")

    tab.page.reload()
    tab.enter_key(key)
    tab.see(texts.support_explained)
    expect(tab.answers().last).to_contain_text(story.answer)
    tab.chips().first.click()
    expect(tab.page.get_by_role("dialog")).to_contain_text(story.first_page)
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("dialog")).to_have_count(0)

    tab.press(texts.new_conversation)
    tab.see(texts.greeting)
    expect(tab.answers()).to_have_count(0)
    words = tab.page.get_by_role("textbox", name=kept_texts.search)
    words.fill("Zanzibar")
    words.press("Enter")
    tab.see(kept_texts.none_found)
    words.fill(story.word)
    words.press("Enter")
    tab.press(story.question[:12], exact=False)
    expect(tab.answers()).to_have_count(1)
    tab.ask(story.follow_up)
    expect(tab.answers()).to_have_count(2)
    tab.see(texts.understood.split("{")[0].strip())
    expect(tab.page.get_by_role("button", name=texts.stop)).to_have_count(0)

    rename(tab, story)
    export(tab, story)

    tab.press(kept_texts.delete)
    tab.picture(f"{story.lang}-11-delete")
    tab.page.get_by_role("button", name=kept_texts.delete_confirm).click()
    tab.see(texts.greeting)
    expect(tab.page).not_to_have_url(re.compile("conversation="))
    expect(tab.page.get_by_role("button", name=kept_texts.rename)).to_have_count(0)
    tab.page.go_back()
    tab.see(kept_texts.gone)


def test_a_stop_ends_the_writing_and_the_model(
    open_tab: Callable[..., Tab], world: World, llm: GatedLLM, tmp_path: Path
) -> None:
    story, texts, tab = STORIES[0], TEXTS["en"], open_tab("en")
    tab.enter_key(world.key(tenant="stop"))
    tab.see(texts.greeting_empty)
    llm.pieces = tuple(f"word{number} " for number in range(300))
    llm.pause_seconds = 0.1
    tab.ask(story.question, files=[policy(tmp_path, story)])
    expect(tab.answers().last).to_contain_text("word1 ")
    tab.page.get_by_role("button", name=texts.stop).click()
    tab.see(texts.stopped)
    expect(tab.answers().last).to_contain_text("word1 ")
    assert eventually(llm.cancelled.is_set)


def test_hostile_text_becomes_neither_link_nor_picture_nor_request(
    open_tab: Callable[..., Tab], world: World, llm: GatedLLM, tmp_path: Path
) -> None:
    texts, tab = TEXTS["en"], open_tab("en", width=390, height=844)
    llm.pieces = ("The note lists addresses", " [1]. ", HOSTILE)
    note = tmp_path / "note.md"
    note.write_text(f"# Note\n\nThe note lists addresses.\n\n{HOSTILE}\n")
    tab.enter_key(world.key(tenant="hostile"))
    tab.see(texts.greeting_empty)
    tab.ask(HOSTILE, files=[note])
    expect(tab.chips()).to_have_count(1)
    expect(tab.answers().last).to_contain_text("[click]")
    expect(tab.answers().last).to_contain_text("(link left out)")
    tab.picture("en-narrow")
    tab.chips().click()
    tab.page.get_by_role("dialog").locator(".stMarkdownColoredBackground").last.wait_for()
    tab.picture("en-narrow-source")
    links = tab.page.locator("a[href]").evaluate_all("all => all.map(a => a.href)")
    images = tab.page.locator("img").evaluate_all("all => all.map(image => image.src)")
    assert all(link.startswith("http://127.0.0.1") for link in links)
    assert all(source.startswith(("data:image/svg", "http://127.0.0.1")) for source in images)
    assert tab.page.locator("script:not([src])").get_by_text("alert(1)").count() == 0
