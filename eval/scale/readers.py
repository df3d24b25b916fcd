"""Who may read what: groups of some shares of the documents, at random, small, and by content."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eval.collection import TENANT
from eval.scale.collection import Collection, Floats
from stores.access import EVERYONE, AccessFilter

SHARES: Final = (0.5, 0.1, 0.01, 0.001)
_TEAMS: Final = 1_000
_SEED: Final = 50
_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Readers:
    """Somebody who searches.

    Attributes
    ----------
    label
        What is printed: how the documents are chosen, and the share that was aimed at.
    groups
        That they are in.
    """

    label: str
    groups: tuple[str, ...]

    @property
    def access(self) -> AccessFilter:
        """Return the filter of their searches."""
        return AccessFilter(TENANT, self.groups)

    def allowed(self, collection: Collection) -> NDArray[np.bool_]:
        """Return for each point whether they may read it."""
        mine = set(self.groups)
        readable = np.array([not mine.isdisjoint(groups) for groups in collection.groups])
        return readable[collection.documents]


def all_readers() -> list[Readers]:
    """Return everyone, and for each share one random group, a union of teams, and one subject."""
    found = [Readers("no filter", (EVERYONE,))]
    for share in SHARES:
        teams = tuple(f"team-{number}" for number in range(round(share * _TEAMS)))
        found += [
            Readers(f"{share:.1%}, one group at random", (f"random-{share}",)),
            Readers(f"{share:.1%}, union of {len(teams)} teams", teams),
            Readers(f"{share:.1%}, one subject", (f"subject-{share}",)),
        ]
    return found


def document_groups(collection: Collection) -> tuple[tuple[str, ...], ...]:
    """Return the groups of every document.

    Each is for everyone and for one of 1,000 teams; random documents are for `random-SHARE`. Those
    whose first chunk lies nearest to one random document's are for `subject-SHARE`, as many as make
    up that share of the documents: whom a filter lets see only one subject.
    """
    generator = np.random.default_rng(_SEED)
    count = int(collection.documents[-1]) + 1
    teams = generator.integers(0, _TEAMS, count)
    lots = generator.random(count)
    places = generator.permutation(count)[:1]
    nearness = _nearness(collection, int(places[0]))
    order = np.empty(count, dtype=np.int64)
    order[np.argsort(-nearness)] = np.arange(count)
    return tuple(
        (
            EVERYONE,
            f"team-{teams[number]}",
            *(f"random-{share}" for share in SHARES if lots[number] < share),
            *(f"subject-{share}" for share in SHARES if order[number] < share * count),
        )
        for number in range(count)
    )


def _nearness(collection: Collection, anchor: int) -> Floats:
    """Return the cosine of every document's first chunk with the anchor's."""
    _, firsts = np.unique(collection.documents, return_index=True)
    wanted = collection.vectors(int(firsts[anchor]), int(firsts[anchor]) + 1)[0]
    cosines = [
        collection.vectors(start, min(start + _AT_ONCE, len(collection.documents))) @ wanted
        for start in range(0, len(collection.documents), _AT_ONCE)
    ]
    found: Floats = np.concatenate(cosines)[firsts]
    return found
