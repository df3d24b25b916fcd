"""Settings: defaults, sources and their order, refusals, and the documented example."""

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from app.config_example import config_example
from app.errors import ConfigurationError
from app.settings import Settings, load_settings
from app.wiring import build_rewriter, hand_over_settings
from generation.rewriting import ModelRewriter
from retrieval.understanding.rewriting import RuleRewriter
from tests.fakes.llm import ScriptedLLM

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _empty_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ZHIKU_CONFIG", raising=False)


def test_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('tenant = "sales"\n[api]\nport = 9000\n')
    monkeypatch.setenv("ZHIKU_API__PORT", "9001")
    settings = load_settings()
    assert (settings.tenant, settings.api.port) == ("sales", 9001)


def test_named_file_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('[llm]\nbase_url = "http://127.0.0.1:11434/v1"\n')
    monkeypatch.setenv("ZHIKU_CONFIG", str(tmp_path / "other.toml"))
    assert load_settings().llm.base_url == "http://127.0.0.1:11434/v1"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour = 1\n", "colour"),
        ("[api]\nprot = 1\n", "api.prot"),
        ("[api]\nport = 0\n", "api.port"),
        ('tenant = "../up"\n', "tenant"),
        ("[answer]\nmax_evidence_tokens = 49\n", "max_evidence_tokens"),
        ("[service]\nhigh_amounts = { yuan = 5 }\n", "service.high_amounts"),
        ("[service]\nhigh_amounts = { CNY = 0 }\n", "service.high_amounts"),
        ("[service]\nrepeated_contacts = 4\n", "service.repeated_contacts"),
        ("[summary]\nmax_read_tokens = 199\n", "summary.max_read_tokens"),
        ("not toml", "cannot be read"),
    ],
)
def test_bad_file_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=named) as caught:
        load_settings()
    assert "\n" not in str(caught.value)


def test_unknown_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKU_APPI__PORT", "1")
    with pytest.raises(ConfigurationError, match="ZHIKU_APPI__PORT"):
        load_settings()


def test_missing_named_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKU_CONFIG", "/nowhere.toml")
    with pytest.raises(ConfigurationError, match=r"/nowhere\.toml"):
        load_settings()


def test_secrets_are_masked_and_outside_the_fingerprint() -> None:
    one = Settings.model_validate({"llm": {"api_key": "first-secret"}})
    other = Settings.model_validate({"llm": {"api_key": "second-secret"}})
    assert "first-secret" not in one.model_dump_json() + repr(one)
    assert one.fingerprint() == other.fingerprint()
    changed = Settings.model_validate({"retrieval": {"candidates": 10}})
    assert changed.fingerprint() != one.fingerprint()


def test_who_rewrites_follow_ups_is_chosen() -> None:
    llm = ScriptedLLM()
    rules = RuleRewriter()
    chosen = Settings.model_validate({"answer": {"rewriter": "model"}})
    assert isinstance(build_rewriter(chosen, rules, llm), ModelRewriter)
    assert build_rewriter(Settings(), rules, llm) is rules


def test_hand_over_limits_are_by_currency(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[service]\nhigh_amounts = { HKD = 8000.5 }\n")
    chosen = hand_over_settings(load_settings())
    assert chosen.high_amounts == {"HKD": Decimal("8000.5")}
    assert (chosen.repeated_contacts, chosen.min_confidence) == (3, 0.1)
    monkeypatch.setenv("ZHIKU_SERVICE__HIGH_AMOUNTS", '{"HKD": 9000}')
    assert load_settings().service.high_amounts["HKD"] == Decimal(9000)


def test_example_file_is_current() -> None:
    assert (ROOT / "config.example.toml").read_text() == config_example()


def test_example_shows_the_true_defaults(tmp_path: Path) -> None:
    lines = [
        line.removeprefix("# ")
        for line in config_example().splitlines()
        if line.startswith("[") or (" = " in line and line.startswith("# ") and "…" not in line)
    ]
    values = tomllib.loads("\n".join(line for line in lines if ": " not in line.split(" = ")[0]))
    assert Settings.model_validate(values) == Settings()
