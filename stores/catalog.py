"""The catalog: what the truth is, in SQL. The index and the files can be rebuilt from it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import select

from stores import schema
from stores.conversations import Conversations
from stores.database import Database
from stores.documents import Documents
from stores.errors import CatalogUnavailable
from stores.indexed_words import IndexedWords
from stores.inspection import Inspection
from stores.jobs import Jobs
from stores.keys import Keys
from stores.lexicon import Lexicons
from stores.receipts import Receipts
from stores.signatures import Signatures
from stores.traces import Traces
from stores.versions import Versions

_MIGRATIONS = Path(__file__).parent / "migrations"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Catalog:
    """The catalog at `url`, brought to this version's schema when it is opened.

    Several processes may have it open, and several threads may use it.

    Parameters
    ----------
    url
        Of SQLAlchemy; `sqlite:////absolute/path/catalog.db` makes the file and its folder.
    clock
        Tells the moment at which keys, jobs and conversations are made.

    Raises
    ------
    CatalogUnavailable
        It cannot be opened, or a newer version made it.
    StorageFull
        Its disk is full.
    """

    def __init__(self, url: str, *, clock: Callable[[], datetime] = _utc_now) -> None:
        self._database = Database(url)
        self._migrate()
        self.documents = Documents(self._database)
        self.keys = Keys(self._database, clock=clock)
        self.jobs = Jobs(self._database, clock=clock)
        self.conversations = Conversations(self._database, clock=clock)
        self.signatures = Signatures(self._database)
        self.lexicons = Lexicons(self._database)
        self.indexed_words = IndexedWords(self._database)
        self.traces = Traces(self._database)
        self.versions = Versions(self._database)
        self.inspection = Inspection(self._database)
        self.receipts = Receipts(self._database, clock=clock)

    def check(self) -> None:
        """Return if the database answers; raises `CatalogUnavailable`."""
        with self._database.read() as connection:
            connection.execute(select(schema.documents.c.id).limit(1)).first()

    def empty_log(self) -> bool:
        """See `Database.empty_log`."""
        return self._database.empty_log()

    def compact(self) -> None:
        """See `Database.compact`."""
        self._database.compact()

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        # One write transaction around all of it: of two processes that start at once, the second
        # waits and then finds the work done; a failure leaves the old schema.
        with self._database.write() as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise CatalogUnavailable(
                    f"the catalog {self._database.place} cannot be brought to this version "
                    f"({error}): update Zhiku, a newer version made it"
                ) from error
