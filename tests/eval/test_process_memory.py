"""The memory of this process, and of one that it starts."""

import numpy as np

from eval.process_memory import forget_the_peak, held_mebibytes, peak_mebibytes


def test_peak_begins_anew() -> None:
    """What loading took and gave back is no memory of the stack."""
    passing = np.ones(30_000_000)
    before = peak_mebibytes()
    del passing
    forget_the_peak()
    assert peak_mebibytes() < before - 150
    assert 10 < held_mebibytes() < before - 150
