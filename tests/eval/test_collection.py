"""Passages and documents brought in: nothing lost on the way, and used again only if the same."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from app.settings import Settings
from app.wiring import open_catalog, open_search
from eval.collection import (
    TENANT,
    Item,
    bring_in,
    document_name,
    kept_settings,
    own_items,
    passage_items,
)
from eval.errors import EvalError
from eval.sets import Passage
from ingest.parse import parse
from ingest.records import Source
from retrieval.records import Query
from stores.access import EVERYONE, Principal, Scope
from stores.records import Document

PASSAGES = (
    Passage("leave", "Annual leave", "Employees have fifteen days of annual leave.", "en"),
    Passage("badge", "Badges", "A lost badge is replaced for 35 yuan at the front desk.", "en"),
    Passage("停车", "停车", "员工停车证每月八十元。", "zh"),
    Passage("食堂", "食堂", "食堂每天中午十一点半开门。", "zh"),
    Passage("taxi", "Taxis", "Taxis after ten in the evening are paid back.", "en"),
)
ITEMS = passage_items(PASSAGES)


def only_item(passage: Passage) -> Item:
    (item,) = passage_items([passage])
    return item


def test_text_comes_out_as_it_went_in() -> None:
    text = 'Write <b>a & b</b>, "c" &amp; d.\n第二行：甲 < 乙。'
    parsed = parse(only_item(Passage("p", "A <title> & 标题", text, "en")).source)
    assert [block.text for block in parsed.blocks] == text.split("\n")
    assert parsed.title == "A <title> & 标题"


def test_table_comes_out_as_a_table_below_its_title() -> None:
    text = "Prices:\n\n| what | yuan |\n|---|---|\n| badge | 35 |\n"
    parsed = parse(only_item(Passage("p", "Front desk", text, "en")).source)
    assert parsed.title == "Front desk"
    assert "table" in {block.kind for block in parsed.blocks}
    without = parse(only_item(Passage("p", "", text, "en")).source)
    assert "table" in {block.kind for block in without.blocks}


@pytest.mark.parametrize("name", ["p1", "set/p1", "年假", "a b?c#d%20.md", "eval:///x"])
def test_id_is_read_back_from_the_uri(name: str) -> None:
    assert document_name(only_item(Passage(name, "", "Text.", "en")).source.uri) == name


def test_passages_are_open_to_everyone() -> None:
    assert {item.group for item in ITEMS} == {EVERYONE}


def test_subfolder_of_documents_is_for_its_group(tmp_path: Path) -> None:
    (tmp_path / "hr").mkdir()
    (tmp_path / "hr" / "薪酬 2026.md").write_text("Pay.")
    (tmp_path / "canteen.md").write_text("Lunch.")
    groups = {document_name(item.source.uri): item.group for item in own_items(tmp_path)}
    assert groups == {"canteen.md": EVERYONE, "hr/薪酬 2026.md": "hr"}


def test_folder_without_documents_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match=r"data/samples/build\.py"):
        own_items(tmp_path)


def place(items: Sequence[Item] = ITEMS, **fields: object) -> Path:
    settings = Settings(data_dir=Path("/data"), **fields)  # type: ignore[arg-type]
    return kept_settings(settings, Path("/indexes"), items).data_dir


def test_same_documents_and_settings_have_the_same_place() -> None:
    assert place() == place(passage_items(PASSAGES))
    assert place().parent == Path("/indexes")
    assert place() == place(retrieval={"candidates": 51}, answer={"max_evidence": 5})


@pytest.mark.parametrize(
    "items",
    [
        ITEMS[:-1],
        passage_items([replace(PASSAGES[0], text="Employees have 16 days."), *PASSAGES[1:]]),
        passage_items([replace(PASSAGES[0], title="Leave"), *PASSAGES[1:]]),
        passage_items([replace(PASSAGES[0], id="holidays"), *PASSAGES[1:]]),
        [replace(ITEMS[0], group="hr"), *ITEMS[1:]],
    ],
    ids=["left out", "text", "title", "id", "group"],
)
def test_other_documents_have_another_place(items: Sequence[Item]) -> None:
    assert place(items) != place()


def test_other_chunks_or_vectors_have_another_place() -> None:
    places = [
        place(),
        place(ingest={"target_tokens": 100}),
        place(encoder={"kind": "sentence-transformers"}),
        place(encoder={"kind": "sentence-transformers", "model": "other/model"}),
    ]
    assert len(set(places)) == len(places)


def test_models_stay_where_they_are() -> None:
    kept = kept_settings(Settings(data_dir=Path("/data")), Path("/indexes"), ITEMS)
    assert kept.models.directory == Path("/data/models")


def test_server_of_the_users_is_left_alone() -> None:
    """Passages of two sets may go by one id; on a server each set would overwrite the other."""
    served = Settings(index={"kind": "server", "url": "http://qdrant:6333"})
    assert kept_settings(served, Path("/indexes"), ITEMS).index.kind == "embedded"


def placed(folder: Path, models: Path, items: Sequence[Item] = ITEMS) -> Settings:
    """Return settings with which the outcome of one document comes after another."""
    settings = Settings(data_dir=folder, models={"directory": models}, ingest={"batch_chunks": 1})
    return kept_settings(settings, folder / "indexes", items)


def documents(settings: Settings) -> dict[str, Document]:
    with closing(open_catalog(settings)) as catalog:
        return {document_name(d.uri): d for d in catalog.documents.tenant_documents(TENANT)}


def first_found(settings: Settings, text: str, lang: str) -> str:
    principal = Principal(TENANT, "test", frozenset({EVERYONE}), frozenset({Scope.READ}))
    with closing(open_search(settings)) as system:
        found = system.retriever.search(Query(text, lang, principal), limit=3)
    return document_name(found[0].uri)


@pytest.mark.real
def test_documents_are_brought_in_once(tmp_path: Path, models_folder: Path) -> None:
    settings = placed(tmp_path, models_folder)
    assert list(bring_in(settings, ITEMS)) == [0, 1, 2, 3, 4, 5]
    assert set(documents(settings)) == {passage.id for passage in PASSAGES}
    assert first_found(settings, "员工停车证多少钱？", "zh") == "停车"
    # Without models nothing could be encoded again.
    models = settings.models.model_copy(update={"directory": tmp_path / "nothing"})
    without = settings.model_copy(update={"models": models})
    assert list(bring_in(without, ITEMS)) == [len(ITEMS)]


@pytest.mark.real
def test_stopped_ingest_is_gone_on_with(tmp_path: Path, models_folder: Path) -> None:
    settings = placed(tmp_path, models_folder)
    for done in bring_in(settings, ITEMS):
        if done == 2:
            break
    before = documents(settings)
    assert 2 <= len(before) < len(ITEMS)
    assert list(bring_in(settings, ITEMS)) == [0, 1, 2, 3, 4, 5]
    after = documents(settings)
    assert {name: after[name] for name in before} == before
    assert set(after) == {passage.id for passage in PASSAGES}
    assert first_found(settings, "Who pays for a taxi at night?", "en") == "taxi"


@pytest.mark.real
def test_document_that_cannot_be_read_ends_it(tmp_path: Path, models_folder: Path) -> None:
    broken = Item(Source("eval:///hr/pay.pdf", "pay.pdf", b"%PDF-1.7\nno more than this"))
    items = [*ITEMS[:1], broken]
    settings = placed(tmp_path, models_folder, items)
    for _ in range(2):
        with pytest.raises(EvalError, match=r"hr/pay\.pdf: "):
            list(bring_in(settings, items))
