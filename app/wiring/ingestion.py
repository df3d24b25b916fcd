"""The stores, and what loads documents into them and erases them."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from app.settings import BYTES_PER_MEGABYTE, Settings
from app.wiring.clock import utc_now
from app.wiring.models import centred, models_folder, open_plain_encoder
from ingest.duplicates import Duplicates
from ingest.forget.forgetter import Forgetter
from ingest.forget.locks import WritingLocks
from ingest.forget.notes import Notes
from ingest.forget.prover import Places, Prover
from ingest.lexicon import LexiconReader
from ingest.ocr.pages import PageReader
from ingest.pipeline import Pipeline, PipelineSettings
from ingest.reindex import Reindexing
from ingest.rewords import Rewording
from ingest.sandbox.folder import ProcessFolder
from ingest.sandbox.limits import Limits
from ingest.sandbox.parser import SandboxedParser
from models.encoder import CountingEncoder
from models.terms import TERMS_VERSION
from stores.catalog import Catalog
from stores.files import FileStore
from stores.index import IndexIdentity, IndexStore


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSystem:
    """What loading documents takes."""

    settings: Settings
    catalog: Catalog
    files: FileStore
    indexes: IndexStore
    encoder: CountingEncoder
    lexicon: LexiconReader
    rewording: Rewording
    duplicates: Duplicates
    pipeline: Pipeline
    forgetter: Forgetter
    resources: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """Let go of the stores and models, the last opened first."""
        self.resources.close()


def open_ingest(
    settings: Settings, *, plain_encoder: CountingEncoder | None = None
) -> IngestSystem:
    """Open what loading documents takes; the caller closes it.

    Parameters
    ----------
    plain_encoder
        Takes the place of `open_plain_encoder(settings)`: the same, with something around it.
    """
    with ExitStack() as resources:
        encoder = centred(settings, plain_encoder or open_plain_encoder(settings))
        catalog = open_catalog(settings)
        resources.callback(catalog.close)
        indexes = _build_indexes(settings, encoder)
        resources.callback(indexes.close)
        files = FileStore(settings.data_dir / "files")
        lexicon = LexiconReader(catalog.lexicons)
        parser = build_parser(settings)
        resources.callback(parser.close)
        writing = WritingLocks(settings.data_dir / "locks")
        return IngestSystem(
            settings=settings,
            catalog=catalog,
            files=files,
            indexes=indexes,
            encoder=encoder,
            lexicon=lexicon,
            rewording=Rewording(indexed=catalog.indexed_words, indexes=indexes, lexicon=lexicon),
            duplicates=build_duplicates(settings, catalog),
            pipeline=Pipeline(
                documents=catalog.documents,
                files=files,
                indexes=indexes,
                lexicon=lexicon,
                parser=parser,
                encoder=encoder,
                writing=writing,
                clock=utc_now,
                settings=_pipeline_settings(settings),
            ),
            forgetter=build_forgetter(settings, catalog, files, indexes, writing),
            resources=resources.pop_all(),
        )


def open_catalog(settings: Settings) -> Catalog:
    """Open the catalog, created and migrated if need be."""
    return Catalog(f"sqlite:///{settings.data_dir / 'catalog.sqlite'}")


def open_uploads(settings: Settings) -> FileStore:
    """Return the store of uploaded files that wait for their ingest."""
    return FileStore(settings.data_dir / "uploads")


def index_identity(encoder: CountingEncoder) -> IndexIdentity:
    """Return what vectors of an encoder are made with."""
    return IndexIdentity(
        encoder=encoder.name,
        weights_sha256=encoder.weights_sha256,
        dimension=encoder.dimension,
        terms_version=TERMS_VERSION,
    )


def _build_indexes(settings: Settings, encoder: CountingEncoder) -> IndexStore:
    if settings.index.kind == "server":
        from stores.qdrant import QdrantIndexStore, connect  # noqa: PLC0415  (client of a server)

        key = settings.index.api_key
        client = connect(settings.index.url, api_key=key.get_secret_value() if key else None)
        return QdrantIndexStore(client, index_identity(encoder))
    from stores.edge import EdgeIndexStore  # noqa: PLC0415  (engine in process)

    return EdgeIndexStore(settings.data_dir / "index", index_identity(encoder))


def build_parser(settings: Settings) -> SandboxedParser:
    """Return the parser of foreign files; it starts no process before the first one.

    Its temporary files lie where erasures look for what is left of documents.
    """
    temporary = ProcessFolder(settings.data_dir / "temporary")
    scans = page_reader(settings, folder=temporary.path)
    return SandboxedParser(parse_limits(settings), scans=scans, temporary=temporary)


def page_reader(settings: Settings, *, folder: Path | None = None) -> PageReader | None:
    """Return what reads scanned pages, in a folder; None where that is switched off."""
    if not settings.ocr.enabled:
        return None
    return PageReader(
        drawing=parse_limits(settings),
        reading=Limits(
            seconds=settings.ocr.page_seconds,
            memory_bytes=settings.ocr.page_megabytes * BYTES_PER_MEGABYTE,
            setting="ocr.page",
        ),
        processes=settings.ocr.processes,
        max_pages=settings.ocr.max_pages,
        folder=folder,
    )


def parse_limits(settings: Settings) -> Limits:
    """Return what one file may take of the machine."""
    return Limits(
        seconds=settings.ingest.parse_seconds,
        memory_bytes=settings.ingest.parse_megabytes * BYTES_PER_MEGABYTE,
    )


def _pipeline_settings(settings: Settings) -> PipelineSettings:
    return PipelineSettings(
        target_tokens=settings.ingest.target_tokens,
        batch_chunks=settings.ingest.batch_chunks,
        max_file_bytes=settings.ingest.max_file_megabytes * BYTES_PER_MEGABYTE,
        retry_seconds=settings.ingest.retry_seconds,
    )


def build_duplicates(settings: Settings, catalog: Catalog) -> Duplicates:
    """Return what finds near-duplicates in the catalog."""
    return Duplicates(catalog.signatures, at_least=settings.ingest.duplicate_similarity)


def build_forgetter(
    settings: Settings,
    catalog: Catalog,
    files: FileStore,
    indexes: IndexStore,
    writing: WritingLocks,
) -> Forgetter:
    """Return what erases documents from these stores, and searches the data folder for them."""
    data = settings.data_dir
    notes = Notes(data / "erasing")
    uploads = open_uploads(settings)
    return Forgetter(
        catalog=catalog,
        files=files,
        uploads=uploads,
        indexes=indexes,
        prover=Prover(
            catalog=catalog,
            originals=files,
            uploads=uploads,
            indexes=indexes,
            places=Places(
                data=data,
                catalog=data / "catalog.sqlite",
                of_tenants=(data / "files", data / "uploads"),
                index=data / "index",
                others=(models_folder(settings), notes.folder),
            ),
        ),
        notes=notes,
        writing=writing,
        receipt_days=settings.retention.receipt_days,
    )


def build_reindexing(system: IngestSystem) -> Reindexing:
    """Return what makes points anew that the index has lost."""
    return Reindexing(
        indexed=system.catalog.indexed_words,
        indexes=system.indexes,
        encoder=system.encoder,
        lexicon=system.lexicon,
    )
