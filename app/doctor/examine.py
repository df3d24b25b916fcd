"""Making checks, and mending what they find."""

from collections.abc import Iterable, Iterator
from itertools import islice

from app.doctor.records import Check, NotSafe, Result
from stores.errors import StoreError

_EXAMPLES = 5


def examine(checks: Iterable[Check], *, fix: bool) -> Iterator[Result]:
    """Make the checks one after the other; with `fix`, mend what can be, and look again.

    A store that is away or damaged fails its check, and the others are made all the same.
    """
    for check in checks:
        if check.skipped:
            yield Result(check)
            continue
        try:
            yield _examined(check, fix=fix)
        except (NotSafe, StoreError) as error:
            yield Result(check, problem=str(error))


def _examined(check: Check, *, fix: bool) -> Result:
    found, examples = _look(check)
    if not found or not fix or check.fix is None:
        return Result(check, found, examples, left=found)
    mended = check.fix()
    left, others = _look(check)
    return Result(check, found, others or examples, mended, left)


def _look(check: Check) -> tuple[int, tuple[str, ...]]:
    lines = iter(check.find())
    examples = tuple(islice(lines, _EXAMPLES))
    return len(examples) + sum(1 for _ in lines), examples
