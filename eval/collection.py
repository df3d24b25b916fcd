"""Passages and documents brought in by the product's own pipeline, kept from run to run."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote
from uuid import UUID

from app.settings import IndexSettings, Settings
from app.wiring import IngestSystem, models_folder, open_ingest
from eval.errors import EvalError
from eval.own_set import DOCUMENTS
from eval.sets import Passage
from ingest.records import IngestProgress, Source
from models.registry import SPECS
from stores.access import EVERYONE
from stores.records import document_id

TENANT: Final = "eval"
_SCHEME: Final = "eval:///"
_CODE: Final = ("ingest", "models", "stores")
_ROOT: Final = Path(__file__).parents[1]
_TABLE_RULE: Final = "|---"


@dataclass(frozen=True, slots=True)
class Item:
    """A document to bring in, and the group that may read it."""

    source: Source
    group: str = EVERYONE


def passage_items(passages: Iterable[Passage]) -> list[Item]:
    """Return passages as documents: as Markdown where they hold a table in it, else as HTML."""
    return [Item(_passage_source(passage)) for passage in passages]


def own_items(folder: Path = DOCUMENTS) -> list[Item]:
    """Return the sample documents; each subfolder is for the group of its name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    if not paths:
        raise EvalError(f"{folder}: holds no documents; run data/samples/build.py")
    items = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        group = name.rpartition("/")[0] or EVERYONE
        items.append(Item(Source(_uri(name), path.name, path.read_bytes()), group))
    return items


def document_name(uri: str) -> str:
    """Return the id of the passage, or the path of the document, that was brought in."""
    return unquote(uri.removeprefix(_SCHEME))


def passage_document(name: str) -> UUID:
    """Return the id that a passage or document has once it was brought in."""
    return document_id(TENANT, _uri(name))


def kept_settings(settings: Settings, folder: Path, items: Sequence[Item]) -> Settings:
    """Return the settings with stores in a folder that is named by everything they hold.

    Documents, code, encoder and chunking enter the name, so what was brought in before is used
    again only where bringing it in again would give the same. The index is the embedded one: on a
    server the passages of several sets, which go by the same ids, would overwrite one another.
    """
    models = settings.models.model_copy(update={"directory": models_folder(settings)})
    place = folder / _fingerprint(settings, items)
    placed = {"data_dir": place, "models": models, "index": IndexSettings()}
    return settings.model_copy(update=placed)


def bring_in(settings: Settings, items: Sequence[Item]) -> Iterator[int]:
    """Ingest what is not yet there; yield how many documents are done, from 0 on.

    An interrupted run is gone on with.

    Raises
    ------
    EvalError
        A document cannot be read.
    """
    finished = settings.data_dir / "complete"
    if finished.exists():
        yield len(items)
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    system = open_ingest(settings)
    try:
        yield from _ingest(system, items)
    finally:
        system.close()
    finished.touch()


def _ingest(system: IngestSystem, items: Sequence[Item]) -> Iterator[int]:
    done = 0
    yield done
    for group in dict.fromkeys(item.group for item in items):
        sources = [item.source for item in items if item.group == group]
        for outcome in system.pipeline.run(
            sources, tenant=TENANT, groups=[group], on_progress=_ignore
        ):
            if not outcome.is_in:
                raise EvalError(f"{document_name(outcome.uri)}: {outcome.reason}")
            done += 1
            yield done


def _ignore(report: IngestProgress) -> None:
    """Count finished documents only."""


def _uri(name: str) -> str:
    return _SCHEME + quote(name)


def _passage_source(passage: Passage) -> Source:
    if _TABLE_RULE in passage.text:
        heading = f"# {passage.title}\n\n" if passage.title else ""
        return Source(_uri(passage.id), "passage.md", (heading + passage.text).encode())
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in passage.text.split("\n"))
    page = f"<html><head><title>{escape(passage.title)}</title></head><body>{paragraphs}</body>"
    return Source(_uri(passage.id), "passage.html", f'<meta charset="utf-8">{page}'.encode())


def _fingerprint(settings: Settings, items: Sequence[Item]) -> str:
    digest = hashlib.sha256()
    digest.update(settings.model_dump_json(include={"encoder", "ingest"}).encode())
    digest.update(json.dumps({name: spec.weights.sha256 for name, spec in SPECS.items()}).encode())
    for package in _CODE:
        for path in sorted((_ROOT / package).rglob("*")):
            if path.suffix in {".py", ".json"}:
                digest.update(path.read_bytes())
    for item in items:
        digest.update(f"{item.source.uri}\n{item.source.filename}\n{item.group}\n".encode())
        digest.update(hashlib.sha256(item.source.data).digest())
    return digest.hexdigest()[:20]
