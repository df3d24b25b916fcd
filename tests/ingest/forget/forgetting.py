"""A pipeline and a forgetter on real stores, and what the files below their folder hold."""

import json
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ingest.chunk import passage
from ingest.forget.forgetter import Forgetter
from ingest.forget.locks import WritingLocks
from ingest.forget.notes import Notes
from ingest.forget.prover import Places, Prover
from ingest.records import Source
from stores.access import AccessFilter, Principal, Scope
from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.files import FileStore
from stores.receipt_records import Receipt
from stores.records import document_id
from tests.ingest.builders import source
from tests.ingest.world import TENANT, ScriptedIndexes, World

SECRET = "The severance of Zhang Weimin was 48151623 yuan, paid on 17 March."
SECRET_ZH = "张为民的离职补偿金为四千八百一十五万元，于三月十七日一次性支付完毕。"
COMMON = "All employees are entitled to fifteen days of annual leave in each calendar year."
ADMIN = Principal(TENANT, "boss", frozenset({"everyone"}), frozenset(Scope))


def secret(name: str = "severance.md", *, more: str = "") -> Source:
    return source(name, f"# Severance 2024\n\n{SECRET}\n\n{SECRET_ZH}\n\n{COMMON}\n\n{more}")


def key(name: str = "severance.md", *, tenant: str = TENANT) -> UUID:
    return document_id(tenant, f"file:///{name}")


class ForgettingWorld(World):
    """With everything below one folder."""

    def __init__(self, catalog: Catalog, indexes: EdgeIndexStore, data: Path) -> None:
        super().__init__(catalog.documents, indexes, data / "files")
        self.catalog = catalog
        self.data = data
        self.uploads = FileStore(data / "uploads")
        self.notes = Notes(data / "erasing")
        scripted = ScriptedIndexes(indexes, self.scripted)
        places = Places(
            data=data,
            catalog=data / "catalog.db",
            of_tenants=(data / "files", data / "uploads"),
            index=data / "index",
            others=(data / "models", self.notes.folder),
        )
        prover = Prover(
            catalog=catalog,
            originals=self.files,
            uploads=self.uploads,
            indexes=scripted,
            places=places,
        )
        self.forgetter = Forgetter(
            catalog=catalog,
            files=self.files,
            uploads=self.uploads,
            indexes=scripted,
            prover=prover,
            notes=self.notes,
            writing=WritingLocks(data / "locks"),
            receipt_days=30,
        )

    def forget(self, *names: str) -> list[Receipt]:
        return self.forgetter.forget(TENANT, [key(name) for name in names], user="boss")

    def files_with(self, *needles: bytes) -> set[str]:
        """Return the names of the files that have one of the needles, however they are found."""
        return {
            str(file.relative_to(self.data))
            for file in self.data.rglob("*")
            if file.is_file() and any(needle in file.read_bytes() for needle in needles)
        }

    def vectors(self, name: str = "severance.md") -> list[NDArray[np.float32]]:
        """Encode the chunks anew: what is looked for does not come from the index itself."""
        access = AccessFilter(tenant=TENANT, groups=("everyone",))
        hits = self.index.search(
            self.encoder.encode_query("severance yuan employees"), access, limit=50
        )
        found = self.documents.visible_chunks([hit.chunk_id for hit in hits], access)
        texts = [
            passage(each.chunk.context, each.chunk.text)
            for each in found.values()
            if each.document.id == key(name)
        ]
        assert texts
        return list(self.encoder.encode_passages(texts))


def text_forms(text: str) -> tuple[bytes, bytes]:
    return text.encode(), json.dumps(text)[1:-1].encode()
