"""How a dense search under a filter is made, in the engine in process and on a server alike.

A graph search under a filter can return too few and wrong points without an error: measured at
100,000 points, recall 0.864 for the union of 50 small groups that together hold a tenth of them,
and 0.000 at a million where the filtered field has no links in the graph. Comparing every match
is right by definition and takes 0.15 to 0.35 microseconds a match.
"""

BATCH_POINTS = 100
"""Points written at once: each write stalls the whole process, 100 points for about 4 ms."""

READ_POINTS = 1_000
"""Points read at once when all are gone through."""

DENSE = "dense"
"""Name of the dense vector."""

TERMS = "terms"
"""Name of the sparse vector."""

PAYLOAD = ("document", "revision")
"""What a hit brings along."""

HNSW_LINKS = 16
HNSW_BUILD_EF = 100
HNSW_EF = 1536
"""Candidates of a graph search in each segment.

Of 88,000 real sentence vectors the ten nearest are found to .967 with 128, .992 with 256 and .999
with 1,024; of 500,000, most of them perturbed copies, to .966 with 256, .988 with 1,024 and .992
with 1,536, which takes 2 ms longer than 256.
"""

OVERSAMPLING = 2.0
"""So many times the wanted points are taken by 8-bit vectors and compared again in full."""

QUANTILE = 0.99
"""Share of the values that the 8-bit codes span; the few beyond are cut."""

ACORN_SELECTIVITY = 1.0
"""Filters that keep at most this share of the points are searched two links at a time (ACORN).

All of them: the engine does not walk over deleted points either, until it has made the graph anew.
With the 13,000 points deleted that were nearest to the questions the ten nearest of the others are
found to .997, and to .942 one link at a time, for up to a millisecond more.
"""

_EXACT_MATCHES = 50_000


def is_exact(estimated_matches: int) -> bool:
    """Tell whether all points that match a filter are compared instead of searching the graph."""
    return estimated_matches <= _EXACT_MATCHES
