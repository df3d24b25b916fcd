"""What the table of the reranker's steps says."""

import numpy as np

from retrieval.window_reranker import ScorerWeights
from training.reranker.dev import DevList, Found
from training.reranker.evaluate import steps_table, ways

DEV = [
    DevList(
        source,
        "How long is parental leave?",
        ("right",),
        (
            Found("wrong", "Leave is applied for in writing.", 0.9, 2.0, 0.5),
            Found("right", "Parents get twelve weeks.", 0.8, 1.0, 0.5),
        ),
    )
    for source in ("one", "two", "two")
]


def _scores(*gaps: float) -> list[np.ndarray]:
    """Return scores in which the right window is ahead by a gap."""
    return [np.array([0.0, gap], dtype=np.float32) for gap in gaps]


def test_a_step_is_judged_by_itself_and_with_the_merit_of_the_fusion() -> None:
    small, large = 0.01, 1.0
    assert ScorerWeights.load().score * small < 0.2  # what the fusion puts the wrong one ahead by

    ranks = ways(DEV, {"early": _scores(small, small, -1), "late": _scores(large, small, large)})

    assert ranks == {
        "dense": [0.5, 0.5, 0.5],
        "early": [1.0, 1.0, 0.5],
        "late": [1.0, 1.0, 1.0],
        "fused": [0.5, 0.5, 0.5],
        "fused, early": [0.5, 0.5, 0.5],
        "fused, late": [1.0, 0.5, 1.0],
    }


def test_the_gain_is_on_the_step_before() -> None:
    ranks = {"fused": [0.5, 0.5, 0.5], "fused, a": [0.5, 1.0, 1.0], "fused, b": [0.5, 0.5, 0.5]}
    head, _, one, two, everything = steps_table(DEV, ranks).splitlines()
    assert head == "| set | n | fused | fused, a | fused, b | gain of fused, a | gain of fused, b |"
    assert one.startswith("| one | 1 | 0.500 | 0.500 | 0.500 | +0.000 [+0.000, +0.000] |")
    assert two.endswith("| +0.500 [+0.500, +0.500] | -0.500 [-0.500, -0.500] |")
    assert everything.startswith("| all | 3 | 0.500 | 0.833 | 0.500 | +0.333 [+0.000, +0.500] |")
