"""Settings: defaults, sources and their order, refusals, and the documented example."""

import threading
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from app.config_example import config_example
from app.errors import ConfigurationError
from app.settings import Settings, load_settings
from app.wiring import (
    build_dialogue,
    build_llm,
    build_rewriter,
    hand_over_settings,
    page_reader,
    parse_limits,
    required_models,
)
from generation.errors import ModelUnavailable
from generation.llm import Usage
from generation.records import AnswerEvent
from generation.rewriting import ModelRewriter
from ingest.sandbox.limits import Limits
from models.registry import LLM
from retrieval.records import Query
from retrieval.understanding.rewriting import RuleRewriter
from stores.access import Principal
from stores.catalog import Catalog
from stores.conversation_records import Exchange
from tests.contracts.llm import ask
from tests.fakes.llm import ScriptedLLM
from tests.fakes.openai_server import ScriptedServer, serve

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
        ("[conversation]\nwindow_turns = 0\n", "conversation.window_turns"),
        ('tenant = "../up"\n', "tenant"),
        ("[answer]\nmax_evidence_tokens = 49\n", "max_evidence_tokens"),
        ("[llm]\ndeadline_seconds = 0\n", "llm.deadline_seconds"),
        ("[llm]\nretries = 11\n", "llm.retries"),
        ("[llm]\nretry_seconds = -1\n", "llm.retry_seconds"),
        ('[llm]\nquantisation = "2bit"\n', "llm.quantisation"),
        ('[llm]\nkind = "transformers"\n', "needs model"),
        ('[llm]\nkind = "transformers"\nmodel = "x"\nbase_url = "http://a/v1"\n', "two models"),
        ('[llm.backup]\nkind = "embedded"\n', "no backup of the embedded model"),
        ('[llm.backup]\nkind = "server"\n', "set together"),
        ('[llm.backup]\nbase_url = "http://127.0.0.1:11434/v1"\n', "set together"),
        ("[llm.backup]\nretries = 1\n", "llm.backup.retries"),
        ("[service]\nhigh_amounts = { yuan = 5 }\n", "service.high_amounts"),
        ("[service]\nhigh_amounts = { CNY = 0 }\n", "service.high_amounts"),
        ("[service]\nrepeated_contacts = 4\n", "service.repeated_contacts"),
        ("[summary]\nmax_read_tokens = 199\n", "summary.max_read_tokens"),
        ("[ingest]\nparse_seconds = 0\n", "ingest.parse_seconds"),
        ("[ingest]\nparse_megabytes = 255\n", "ingest.parse_megabytes"),
        ("[ocr]\nmax_pages = 0\n", "ocr.max_pages"),
        ("[ocr]\nprocesses = 0\n", "ocr.processes"),
        ("[ocr]\npage_seconds = 0\n", "ocr.page_seconds"),
        ("[ocr]\npage_megabytes = 767\n", "ocr.page_megabytes"),
        ("not toml", "cannot be read"),
    ],
)
def test_bad_file_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=named) as caught:
        load_settings()
    assert "\n" not in str(caught.value)


def test_the_limits_of_a_file_reach_the_parser() -> None:
    settings = Settings.model_validate({"ingest": {"parse_seconds": 5, "parse_megabytes": 300}})
    assert parse_limits(settings) == Limits(seconds=5, memory_bytes=300_000_000)


def test_the_limits_of_a_scanned_page_reach_its_reader() -> None:
    said = {"page_seconds": 5, "page_megabytes": 800, "max_pages": 3, "processes": 2}
    reader = page_reader(Settings.model_validate({"ocr": said}))
    assert reader is not None
    assert reader.reading == Limits(seconds=5, memory_bytes=800_000_000, setting="ocr.page")
    assert (reader.max_pages, reader.processes) == (3, 2)


def test_recognition_can_be_switched_off() -> None:
    assert page_reader(Settings.model_validate({"ocr": {"enabled": False}})) is None


def test_the_window_of_a_conversation_reaches_the_dialogue(tmp_path: Path) -> None:
    settings = Settings.model_validate({"conversation": {"window_turns": 3}})
    catalog, llm = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}"), ScriptedLLM()
    dialogue = build_dialogue(settings, catalog, llm)
    ann = Principal("acme", "ann", frozenset(), frozenset())
    asked = catalog.conversations.create(ann).id
    for _ in range(4):
        catalog.conversations.add(
            asked, ann, Exchange("q?", "q?", "a", False, (), frozenset(), "en")
        )
    remembered: list[Query] = []

    def answering(query: Query) -> Iterator[AnswerEvent]:
        remembered.append(query)
        return iter(())

    query = Query("And?", "en", ann)
    assert list(dialogue.answer(query, asked, answering, cancelled=lambda: False)) == []
    catalog.close()
    assert len(remembered[0].history) == 3


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
    spare = Settings.model_validate({"llm": {"backup": {"api_key": "third-secret"}}})
    assert "third-secret" not in spare.model_dump_json() + repr(spare)
    changed = Settings.model_validate({"retrieval": {"candidates": 10}})
    assert changed.fingerprint() != one.fingerprint()


def test_who_rewrites_follow_ups_is_chosen() -> None:
    llm = ScriptedLLM()
    rules = RuleRewriter()
    chosen = Settings.model_validate({"answer": {"rewriter": "model"}})
    assert isinstance(build_rewriter(chosen, rules, llm), ModelRewriter)
    assert build_rewriter(Settings(), rules, llm) is rules


def test_the_embedded_model_is_fetched_where_it_is_needed() -> None:
    served = {"base_url": "http://127.0.0.1:11434/v1"}
    needs = [
        LLM in {spec.name for spec in required_models(Settings.model_validate({"llm": llm}))}
        for llm in (
            {},
            served,
            {**served, "backup": {"kind": "embedded"}},
            {"kind": "transformers", "model": "Qwen/Qwen2.5-7B-Instruct"},
        )
    ]
    assert needs == [True, False, True, False]


def test_the_backup_of_the_environment_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    script = ScriptedServer()
    with serve(ScriptedServer()) as gone:
        pass
    with serve(script):
        monkeypatch.setenv("ZHIKU_LLM__BASE_URL", gone.url)
        monkeypatch.setenv("ZHIKU_LLM__RETRIES", "0")
        monkeypatch.setenv("ZHIKU_LLM__BACKUP__KIND", "server")
        monkeypatch.setenv("ZHIKU_LLM__BACKUP__BASE_URL", script.url)
        monkeypatch.setenv("ZHIKU_LLM__BACKUP__MODEL", "spare")
        monkeypatch.setenv("ZHIKU_LLM__BACKUP__API_KEY", "spare-key")
        llm = build_llm(load_settings())
        *pieces, usage = ask(llm)
        llm.close()
    assert pieces == ["Hello"]
    assert isinstance(usage, Usage)
    assert usage.model == "spare"
    assert script.keys_of_chats == ["Bearer spare-key"]


@pytest.mark.parametrize(("retries", "seconds", "requests"), [(0, 9, 1), (1, 9, 2), (9, 0, 1)])
def test_how_long_a_model_is_waited_for_is_set(retries: int, seconds: float, requests: int) -> None:
    script = ScriptedServer(status=500, body=[b"{}"])
    with serve(script):
        chosen = {"base_url": script.url, "model": "x", "retries": retries}
        settings = Settings.model_validate({"llm": {**chosen, "retry_seconds": seconds}})
        llm = build_llm(settings)
        with pytest.raises(ModelUnavailable, match="status 500"):
            ask(llm)
        llm.close()
    assert len(script.requests) == requests


def test_the_deadline_is_set() -> None:
    release = threading.Event()
    script = ScriptedServer(body=[release])
    with serve(script):
        chosen = {"base_url": script.url, "model": "x", "deadline_seconds": 0.2, "retries": 0}
        llm = build_llm(Settings.model_validate({"llm": chosen}))
        with pytest.raises(ModelUnavailable, match=r"nothing within 0\.2 s"):
            ask(llm)
        release.set()
        llm.close()


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
