"""Transactions on the catalog's database, with its errors told in our own words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic_core import from_json  # reads five times as fast as the standard library
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from stores.errors import CatalogUnavailable, StorageFull, StoreError

_BUSY_TIMEOUT_MS = 10_000
_PRAGMAS = (
    f"busy_timeout = {_BUSY_TIMEOUT_MS}",  # first: it also covers the ones below
    "journal_mode = WAL",  # readers and the writer do not wait for each other
    "synchronous = FULL",  # a committed revision survives power loss
    "foreign_keys = ON",
    "secure_delete = ON",  # deleted text is overwritten; builds of SQLite differ in the default
)
# SQLite says FULL for ENOSPC only; a quota, a file size limit or a shared-memory file that cannot
# grow are I/O errors of the write.
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY_CODE = 0xFF
_NO_TRANSACTION = "AUTOCOMMIT"


class Database:
    """The engine behind the catalog: hands out transactions, safe to use from many threads.

    Raises
    ------
    CatalogUnavailable
        From every method, when the database cannot be opened, read or written.
    StorageFull
        When the disk is full; the transaction is then rolled back.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._engine = _build_engine(self._url)
        self._writing = self._engine.execution_options(writing=True)

    @property
    def place(self) -> str:
        """Where the database is, without a password, for messages."""
        return self._url.database or self._url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database throughout."""
        with self._classified(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that is committed at the end, and rolled back on any error."""
        with self._classified(), self._writing.begin() as connection:
            yield connection

    def damages(self) -> list[str]:
        """Read all of SQLite's file and return what is damaged or refers to nothing, a line each.

        Other databases look after themselves.
        """
        if self._url.get_backend_name() != "sqlite":
            return []
        with self.read() as connection:
            checked = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        lines = [str(line) for line in checked if line != "ok"]
        return lines + [f"{row[0]}: row {row[1]} refers to no row of {row[2]}" for row in dangling]

    def empty_log(self) -> bool:
        """Move SQLite's write-ahead log into the database and make it empty.

        What was deleted is overwritten in the database, but stays readable in the log. Returns
        False if readers or writers were in the way for ten seconds; other databases have no such
        log.
        """
        if self._url.get_backend_name() != "sqlite":
            return True
        plain = self._engine.execution_options(isolation_level=_NO_TRANSACTION)
        with self._classified(), plain.connect() as connection:
            row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            return bool(row[0] == 0)

    def compact(self) -> None:
        """Write SQLite's file anew without its free space; other databases do so by themselves.

        It takes as much room again as the database has, and lets nobody write meanwhile.
        """
        if self._url.get_backend_name() != "sqlite":
            return
        plain = self._engine.execution_options(isolation_level=_NO_TRANSACTION)
        with self._classified(), plain.connect() as connection:
            connection.exec_driver_sql("VACUUM")

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    @contextmanager
    def _classified(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeoutError as error:
            raise CatalogUnavailable(
                f"the catalog {self.place} has no free connection; try again later"
            ) from error
        except DBAPIError as error:
            classified = _classify(error, self.place)
            if classified is None:
                raise
            raise classified from error


def _build_engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, json_deserializer=from_json, pool_pre_ping=True)
    _make_folder(url)
    # As many connections as there are threads that ask: a connection to a file costs little, and
    # the callers bound their threads themselves.
    engine = create_engine(url, json_deserializer=from_json, max_overflow=-1)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _make_folder(url: URL) -> None:
    folder = Path(url.database or "").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogUnavailable(
            f"the folder {folder} of the catalog cannot be made ({error.strerror}); "
            "check its permissions or choose another"
        ) from error


def _set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # The driver would begin only before the first write, so that two reads of one transaction could
    # see two states; after this it leaves that alone. A writer takes its lock at once: one that
    # reads first and writes later fails without waiting if another wrote in between.
    options = connection.get_execution_options()
    if options.get("isolation_level") == _NO_TRANSACTION:
        return
    writing = options.get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _classify(error: DBAPIError, place: str) -> StoreError | None:
    """Return the store's error for a driver's, or None for a mistake in our own statement."""
    code = getattr(error.orig, "sqlite_errorcode", 0)
    if code in _FULL:
        return StorageFull(
            f"the catalog {place} cannot grow ({error.orig}): "
            "free space on its disk, or raise the quota; nothing was written"
        )
    if code & _PRIMARY_CODE in _DAMAGED:
        return CatalogUnavailable(
            f"the catalog {place} is damaged or no catalog ({error.orig}): "
            "restore it from a backup, or move it away and ingest again"
        )
    if isinstance(error, (OperationalError, InterfaceError)):
        return CatalogUnavailable(
            f"the catalog {place} does not answer ({error.orig}): "
            "check that it exists, is writable and is not locked by another process"
        )
    return None
