"""The lexicon of a tenant: the words, abbreviations and synonyms of a company."""

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Delete, delete, insert, select, update

from stores import schema
from stores.database import Database
from stores.errors import UnknownEntry
from stores.names import check_name

MAX_CHARACTERS = 100
MAX_EQUIVALENTS = 20
MAX_ENTRIES = 20_000
_lexicon = schema.lexicon.c
_versions = schema.lexicon_versions.c


class LexiconKind(StrEnum):
    """What an entry is.

    A `TERM` is a name of several words or characters that is to be found as one. The others say
    that several expressions mean the same: an `ABBREVIATION` with what it stands for, or
    `SYNONYM`s, also of the other language.
    """

    TERM = "term"
    SYNONYM = "synonym"
    ABBREVIATION = "abbreviation"


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """An entry, unique within its tenant.

    Attributes
    ----------
    equivalents
        What means the same; none for a term, at least one for the others.
    """

    kind: LexiconKind
    entry: str
    equivalents: tuple[str, ...] = ()


class Lexicons:
    """The lexicons of all tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def version(self, tenant: str) -> int:
        """Return a number that every change of the tenant's lexicon raises; 0 if it has none."""
        with self._database.read() as connection:
            return _version(connection, tenant)

    def read(self, tenant: str) -> tuple[int, builtins.list[LexiconEntry]]:
        """Return the version and the entries of that version, by kind and entry."""
        query = (
            select(schema.lexicon)
            .where(_lexicon.tenant == tenant)
            .order_by(_lexicon.kind, _lexicon.entry)
        )
        with self._database.read() as connection:
            entries = [
                LexiconEntry(LexiconKind(row.kind), row.entry, tuple(row.equivalents))
                for row in connection.execute(query)
            ]
            return _version(connection, tenant), entries

    def put(self, tenant: str, entries: Iterable[LexiconEntry]) -> None:
        """Add entries, all or none; one that is there already is replaced.

        Raises
        ------
        ValueError
            An entry is not well formed, or there are too many.
        """
        check_name("tenant", tenant)
        checked = {entry.entry: entry for entry in map(check_entry, entries)}
        if not checked:
            return
        with self._database.write() as connection:
            for known in checked:
                connection.execute(_delete(tenant, known))
            connection.execute(
                insert(schema.lexicon),
                [
                    {
                        "tenant": tenant,
                        "entry": entry.entry,
                        "kind": entry.kind.value,
                        "equivalents": entry.equivalents,
                    }
                    for entry in checked.values()
                ],
            )
            _check_size(connection, tenant)
            _raise_version(connection, tenant)

    def remove(self, tenant: str, entry: str) -> None:
        """Remove an entry; raises `UnknownEntry`."""
        with self._database.write() as connection:
            if not connection.execute(_delete(tenant, entry.strip())).rowcount:
                raise UnknownEntry(
                    f"the lexicon of {tenant} has no entry {entry.strip()!r}: "
                    "`zhiku lexicon list` shows the entries"
                )
            _raise_version(connection, tenant)


def check_entry(entry: LexiconEntry) -> LexiconEntry:
    """Return an entry without white space around its expressions, each of them once.

    Raises
    ------
    ValueError
        An expression is empty or too long, or the kind wants equivalents and there are none, or
        the other way round.
    """
    name = _checked_expression(entry.entry)
    others = dict.fromkeys(_checked_expression(each) for each in entry.equivalents)
    others.pop(name, None)
    if entry.kind is LexiconKind.TERM and others:
        raise ValueError(f"{name!r} is a term and takes no equivalents: add it as a synonym")
    if entry.kind is not LexiconKind.TERM and not 1 <= len(others) <= MAX_EQUIVALENTS:
        raise ValueError(
            f"{name!r} needs 1 to {MAX_EQUIVALENTS} equivalents that differ from it: name them"
        )
    return LexiconEntry(entry.kind, name, tuple(others))


def _checked_expression(text: str) -> str:
    expression = " ".join(text.split())
    if not any(character.isalnum() for character in expression):
        raise ValueError(f"{text!r} has no letter, digit or Chinese character: write a word")
    if len(expression) > MAX_CHARACTERS:
        raise ValueError(
            f"{expression[:MAX_CHARACTERS]!r}… is longer than {MAX_CHARACTERS} characters: shorten"
        )
    if not expression.isprintable():
        raise ValueError(f"{expression!r} holds characters that cannot be printed: leave them out")
    return expression


def _check_size(connection: Connection, tenant: str) -> None:
    entries: Sequence[str] = connection.scalars(
        select(_lexicon.entry).where(_lexicon.tenant == tenant)
    ).all()
    if len(entries) > MAX_ENTRIES:
        raise ValueError(
            f"a lexicon has at most {MAX_ENTRIES} entries, this one would have {len(entries)}: "
            "nothing was added; remove some"
        )


def _delete(tenant: str, entry: str) -> Delete:
    return delete(schema.lexicon).where(_lexicon.tenant == tenant, _lexicon.entry == entry)


def _version(connection: Connection, tenant: str) -> int:
    found = connection.scalar(select(_versions.version).where(_versions.tenant == tenant))
    return found or 0


def _raise_version(connection: Connection, tenant: str) -> None:
    raised = update(schema.lexicon_versions).where(_versions.tenant == tenant)
    if not connection.execute(raised.values(version=_versions.version + 1)).rowcount:
        connection.execute(insert(schema.lexicon_versions), [{"tenant": tenant, "version": 1}])
