"""The lexicon of a tenant, ready to be used for passages and questions."""

from dataclasses import dataclass
from threading import Lock

from models.company_words import CompanyWords
from models.synonyms import Synonyms
from stores.lexicon import LexiconKind, Lexicons


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The entries of one version.

    Attributes
    ----------
    words
        The terms of the company's own words; passages and questions have them.
    synonyms
        What questions are expanded with; passages know nothing of them.
    """

    version: int
    words: CompanyWords
    synonyms: Synonyms


class LexiconReader:
    """Gives the current lexicon of a tenant; reads it again only after it has changed.

    Safe to use from several threads and processes: whoever changed it, the next call knows.
    """

    def __init__(self, lexicons: Lexicons) -> None:
        self._lexicons = lexicons
        self._lock = Lock()
        self._read: dict[str, Lexicon] = {}

    def of(self, tenant: str) -> Lexicon:
        """Return the lexicon as it is now; raises `CatalogUnavailable`."""
        known = self._read.get(tenant)
        if known is not None and known.version == self._lexicons.version(tenant):
            return known
        with self._lock:
            made = self._make(tenant)
            self._read[tenant] = made
            return made

    def _make(self, tenant: str) -> Lexicon:
        version, entries = self._lexicons.read(tenant)
        return Lexicon(
            version,
            CompanyWords(entry.entry for entry in entries if entry.kind is LexiconKind.TERM),
            Synonyms(
                [
                    (entry.entry, *entry.equivalents)
                    for entry in entries
                    if entry.kind is not LexiconKind.TERM
                ],
                abbreviations=[
                    entry.entry for entry in entries if entry.kind is LexiconKind.ABBREVIATION
                ],
            ),
        )
