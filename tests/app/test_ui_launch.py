import re
import tomllib
from pathlib import Path

import pytest

from app.settings import Settings, UISettings
from app.ui.launch import streamlit_command

UI = Path("app/ui")


def options(settings: Settings) -> list[tuple[str, str]]:
    command = streamlit_command(settings)
    return [(command[i], command[i + 1]) for i in range(5, len(command), 2)]


def test_address_and_upload_size_come_from_the_settings() -> None:
    given = options(Settings(ui=UISettings(host="0.0.0.0", port=9000)))
    assert ("--server.address", "0.0.0.0") in given
    assert ("--server.port", "9000") in given
    assert ("--server.maxUploadSize", "50") in given


@pytest.mark.parametrize(("host", "expected"), [("127.0.0.1", 3), ("0.0.0.0", 0)])
def test_on_a_loopback_address_only_local_names_are_answered(host: str, expected: int) -> None:
    given = [name for name, _ in options(Settings(ui=UISettings(host=host)))]
    assert given.count("--server.allowedHosts") == expected


def test_no_secret_stands_in_the_command() -> None:
    settings = Settings.model_validate({"ui": {"api_key": "zk_secret"}})
    assert not any("zk_secret" in part for part in streamlit_command(settings))


def test_the_script_is_there() -> None:
    assert Path(streamlit_command(Settings())[4]).is_file()


def test_nothing_is_reported_fetched_or_shown_to_strangers() -> None:
    config = tomllib.loads((UI / ".streamlit" / "config.toml").read_text())
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorDetails"] == "none"
    assert config["client"]["toolbarMode"] == "minimal"
    assert not re.search(r"https?://", (UI / ".streamlit" / "config.toml").read_text())


@pytest.mark.parametrize("path", sorted(UI.rglob("*.py")), ids=lambda path: path.name)
def test_html_is_never_enabled(path: Path) -> None:
    assert not re.search(r"unsafe_allow|\.html\(|components", path.read_text())
