"""What goes on behind the API: erasures that wait, and what is due."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from app.erasing import ErasureWorker, let_go_of_what_is_due
from app.settings import RetentionSettings, Settings, TracesSettings
from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.errors import IndexUnavailable
from stores.receipt_records import ErasureState
from tests.app.api_world import eventually
from tests.stores.builders import NOW, remove_document
from tests.stores.traces import OPERATOR, a_trace

ANN = Principal("acme", "ann", frozenset({"everyone"}), frozenset({Scope.READ}))


class Script:
    """Raises what stands in the list, call after call, then does nothing."""

    def __init__(self, *steps: Exception) -> None:
        self.steps = list(steps)
        self.calls = 0
        self.called = Event()

    def __call__(self) -> None:
        self.calls += 1
        self.called.set()
        if self.steps:
            raise self.steps.pop(0)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(f"sqlite:///{tmp_path / 'catalog.db'}", clock=lambda: NOW)
    yield opened
    opened.close()


def test_what_an_earlier_run_left_is_finished_at_the_start_and_after_failures() -> None:
    finish, upkeep = Script(IndexUnavailable("away"), OSError("full")), Script()
    worker = ErasureWorker(finish=finish, upkeep=upkeep)
    worker.start()
    try:
        eventually(lambda: finish.calls == 3 and upkeep.calls == 1)
        worker.wake()
        eventually(lambda: finish.calls == 4)
        assert upkeep.calls == 1, "that is due every hour"
    finally:
        worker.stop()


def test_a_new_erasure_does_not_wait_for_the_pause_after_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.erasing._FIRST_WAIT_SECONDS", 60.0)
    finish = Script(IndexUnavailable("away"))
    worker = ErasureWorker(finish=finish, upkeep=Script())
    worker.start()
    try:
        assert finish.called.wait(10)
        worker.wake()
        eventually(lambda: finish.calls == 2)
    finally:
        worker.stop()


def _settings(folder: Path, **retention: int) -> Settings:
    return Settings(
        data_dir=folder,
        traces=TracesSettings(days=10),
        retention=RetentionSettings(**retention),
    )


@pytest.mark.parametrize(("days", "kept"), [(5, True), (15, False)])
def test_traces_are_kept_as_long_as_is_set(
    catalog: Catalog, tmp_path: Path, days: int, kept: bool
) -> None:
    a_trace(catalog)
    let_go_of_what_is_due(_settings(tmp_path), catalog, now=NOW + timedelta(days=days))
    assert bool(catalog.traces.last_written(OPERATOR, limit=1)) is kept


@pytest.mark.parametrize(
    ("set_days", "days", "kept"), [(30, 29, True), (30, 31, False), (0, 4000, True)]
)
def test_conversations_are_kept_as_long_as_is_set(
    catalog: Catalog, tmp_path: Path, set_days: int, days: int, kept: bool
) -> None:
    catalog.conversations.create(ANN)
    settings = _settings(tmp_path, conversation_days=set_days)
    let_go_of_what_is_due(settings, catalog, now=NOW + timedelta(days=days))
    assert bool(catalog.conversations.list(ANN, limit=1)) is kept


def test_receipts_are_kept_as_long_as_they_say_but_none_that_is_pending(
    catalog: Catalog, tmp_path: Path
) -> None:
    document = a_trace(catalog).passages[0].document_id
    receipt = remove_document(catalog, "acme", document)
    late = NOW + timedelta(days=4000)
    let_go_of_what_is_due(_settings(tmp_path), catalog, now=late)
    assert catalog.receipts.pending() == [receipt]
    catalog.receipts.finish(replace(receipt, state=ErasureState.PROVEN))
    let_go_of_what_is_due(_settings(tmp_path), catalog, now=NOW)
    assert len(catalog.receipts.list(OPERATOR, limit=2)) == 1
    let_go_of_what_is_due(_settings(tmp_path), catalog, now=late)
    assert catalog.receipts.list(OPERATOR, limit=2) == []
