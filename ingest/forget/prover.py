"""Searching all files for what is left of erased documents."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from ahocorasick_rs import BytesAhoCorasick

from stores.catalog import Catalog
from stores.errors import CatalogUnavailable
from stores.files import FileStore
from stores.index import IndexStore
from stores.proof import NeedleKind, Needles, text_forms, vector_pieces
from stores.raw_search import RawSearch, search_files
from stores.receipt_records import Find, Searched


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything lies.

    Attributes
    ----------
    data
        The folder that is searched.
    catalog
        The file of the catalog.
    of_tenants
        Folders with one folder for each tenant.
    index
        The folder that has such folders.
    others
        Folders that never hold anything of documents: weights, and the notes of erasures.
    """

    data: Path
    catalog: Path
    of_tenants: tuple[Path, ...]
    index: Path
    others: tuple[Path, ...]

    def left_out(self, *, tenant: str) -> set[Path]:
        """Return what a search for documents of a tenant leaves out.

        What is in the folders of another tenant is that one's, even if it is the same.
        """
        parents = [*self.of_tenants, *_folders(self.index)]
        folders = [folder for parent in parents for folder in _folders(parent)]
        others = {each for each in folders if each.name.partition(".")[0] != tenant}
        return {*self.others, *others}


def _folders(parent: Path) -> list[Path]:
    return [each for each in parent.iterdir() if each.is_dir()] if parent.is_dir() else []


@dataclass(frozen=True, slots=True)
class Proof:
    """What a search for one document has shown."""

    searched: Searched
    finds: tuple[Find, ...]


class Prover:
    """Searches for what was erased, and leaves out of account what others hold, too.

    Parameters
    ----------
    uploads
        The files that wait for their ingest.
    """

    def __init__(
        self,
        *,
        catalog: Catalog,
        originals: FileStore,
        uploads: FileStore,
        indexes: IndexStore,
        places: Places,
    ) -> None:
        self._catalog = catalog
        self._originals = originals
        self._uploads = uploads
        self._indexes = indexes
        self._places = places

    def prove(
        self, tenant: str, erased: Mapping[UUID, Needles], *, index_rewritten: bool
    ) -> dict[UUID, Proof]:
        """Search for erased documents of a tenant, and return what was found of each.

        If something is in the catalog's file, that is written anew, and all is searched again.

        Raises
        ------
        SearchIncomplete
            A file cannot be read.
        StoreError
            A store is away or full.
        """
        self._empty_log()
        wanted = {piece for needles in erased.values() for piece in needles.kinds}
        search, own = self._look(tenant, wanted)
        if self._places.catalog in search.found:
            self._catalog.compact()
            self._empty_log()
            search, own = self._look(tenant, wanted)
        return {
            key: Proof(
                _searched(search, needles, own, index_rewritten=index_rewritten),
                tuple(self._finds(search, needles)),
            )
            for key, needles in erased.items()
        }

    def _empty_log(self) -> None:
        if not self._catalog.empty_log():
            raise CatalogUnavailable(
                "the catalog's log could not be emptied, because it was being read all the time: "
                "it is tried again"
            )

    def _look(self, tenant: str, wanted: set[bytes]) -> tuple[RawSearch, frozenset[bytes]]:
        """Return what is left, and what of the rest live documents of the tenant hold, too.

        Left out is what live documents of any tenant hold, since they share the catalog; but the
        tenant is told of its own only.
        """
        left_out = self._live_files(tenant) | self._places.left_out(tenant=tenant)
        search = search_files(self._places.data, wanted, left_out=left_out)
        found = frozenset[bytes]().union(*search.found.values())
        shared, own = self._held(tenant, found) if found else (found, found)
        left = {file: pieces - shared for file, pieces in search.found.items()}
        left = {file: pieces for file, pieces in left.items() if pieces}
        return RawSearch(search.files, search.size_bytes, left), own

    def _live_files(self, tenant: str) -> set[Path]:
        """Return the originals of documents that are there, and the uploads that are to come."""
        documents = self._catalog.documents.tenant_documents(tenant)
        originals = {self._originals.path(tenant, each.sha256) for each in documents}
        jobs = [job for job in self._catalog.jobs.unfinished() if job.tenant == tenant]
        return originals | {self._uploads.path(tenant, job.sha256) for job in jobs}

    def _held(
        self, tenant: str, found: frozenset[bytes]
    ) -> tuple[frozenset[bytes], frozenset[bytes]]:
        """Return those of the pieces that live documents hold: of all tenants, and of this one."""
        pieces = list(found)
        finder = BytesAhoCorasick(pieces)
        every, own = set[bytes](), set[bytes]()
        for owner, text in self._catalog.documents.texts():
            for form in text_forms(text):
                matches = finder.find_matches_as_indexes(form, overlapping=True)
                held = {pieces[number] for number, _, _ in matches}
                every |= held
                if owner == tenant:
                    own |= held
        for vector in self._indexes.vectors(tenant):
            own |= found.intersection(vector_pieces(vector))
        return frozenset(every | own), frozenset(own)

    def _finds(self, search: RawSearch, needles: Needles) -> Iterator[Find]:
        for file, pieces in sorted(search.found.items()):
            counts = Counter(needles.kinds[piece] for piece in pieces if piece in needles.kinds)
            for kind, count in sorted(counts.items()):
                yield Find(str(file.relative_to(self._places.data)), kind, count)


def _searched(
    search: RawSearch, needles: Needles, own: frozenset[bytes], *, index_rewritten: bool
) -> Searched:
    return Searched(
        files=search.files,
        size_bytes=search.size_bytes,
        text=needles.count(NeedleKind.TEXT),
        original=needles.count(NeedleKind.ORIGINAL),
        vectors=needles.count(NeedleKind.VECTOR),
        shared=len(own & needles.kinds.keys()),
        index_rewritten=index_rewritten,
    )
