"""The chat in a real browser: its server, its tab, and a model that waits for the test."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

from app.settings import IngestSettings, Settings, UISettings
from app.ui.launch import streamlit_command
from generation.llm import Message, Usage
from tests.app.api_world import eventually
from tests.fakes.llm import ScriptedLLM

OUTPUT = Path("test-output")
_CHROMIUM_ARGUMENTS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
_WAIT_MILLISECONDS = 20_000
expect.set_options(timeout=_WAIT_MILLISECONDS)


class GatedLLM(ScriptedLLM):
    """Waits after a piece while the gate is closed; `cancelled` tells that it was ended early."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.cancelled = threading.Event()
        self.pause_seconds = 0.0

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool],
        response_schema: Mapping[str, object] | None = None,
    ) -> Iterator[str | Usage]:
        for piece in super().stream(
            messages, max_tokens=max_tokens, cancelled=cancelled, response_schema=response_schema
        ):
            yield piece
            time.sleep(self.pause_seconds)
            self.gate.wait()
            if cancelled():
                self.cancelled.set()
                return


class Tab:
    """A tab on the chat; it notes what the console complains of and whom the page calls."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        self.hosts: set[str | None] = set()
        page.set_default_timeout(_WAIT_MILLISECONDS)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(message.text)

    def enter_key(self, key: str) -> None:
        self.page.locator("input[type=password]").fill(key)
        self.page.keyboard.press("Enter")

    def ask(self, question: str, *, files: Sequence[Path] = ()) -> None:
        box = self.page.get_by_test_id("stChatInputTextArea")
        if files:
            chooser = self.page.get_by_test_id("stChatInput").locator("input[type=file]").first
            chooser.set_input_files(files)
            self.page.get_by_test_id("stFileChip").first.wait_for()
            expect(self.page.get_by_test_id("stFileChipIconSpinner")).to_have_count(0)
        box.fill(question)
        box.press("Enter")

    def press(self, name: str, *, exact: bool = True) -> None:
        """Press the button as one does without a mouse."""
        button = self.page.get_by_role("button", name=name, exact=exact)
        button.focus()
        button.press("Enter")

    def text(self, wanted: str) -> Locator:
        return self.page.get_by_text(wanted).locator("visible=true").first

    def see(self, wanted: str) -> None:
        self.text(wanted).wait_for()

    def answers(self) -> Locator:
        return self.page.get_by_test_id("stChatMessage").filter(has=self.page.locator("img"))

    def chips(self) -> Locator:
        return self.answers().last.get_by_role("button").filter(has=self.page.locator("strong"))

    def picture(self, name: str) -> None:
        OUTPUT.mkdir(exist_ok=True)
        # Streamlit fades what it draws; a picture in between would be pale.
        self.page.wait_for_timeout(600)
        self.page.screenshot(path=OUTPUT / f"ui-{name}.png")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium; skip the test where it is not installed."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("Chromium is not installed: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=_CHROMIUM_ARGUMENTS.split()
        )
        yield browser
        browser.close()


@contextmanager
def chat_server(api_url: str, folder: Path) -> Iterator[str]:
    """Serve the chat as `zhiku ui` does, its users entering their keys; yield its URL."""
    settings = Settings(
        ui=UISettings(port=_free_port(), api_url=api_url),
        ingest=IngestSettings(max_file_megabytes=1),
    )
    environment = {
        **os.environ,
        "HOME": str(folder),
        "PYTHONPATH": str(Path.cwd()),
        "ZHIKU_UI__API_URL": api_url,
    }
    url = f"http://127.0.0.1:{settings.ui.port}"
    log = folder / "streamlit.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            streamlit_command(settings), env=environment, stdout=output, stderr=output
        )
    try:
        eventually(lambda: _is_up(url) or None, seconds=60)
        yield url
    finally:
        process.terminate()
        process.wait()


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_stcore/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
