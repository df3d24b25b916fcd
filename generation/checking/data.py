"""Which values of a filled-in form stand in the passages that it was made from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from generation.checking.check import find_faults
from generation.checking.shares import share
from generation.checking.values import KnownValues, values
from models.language import detect_language
from models.normalise import normalise
from models.terms import terms

_PLAIN_SHARE: Final = 0.5
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class DataCheck:
    """Whether one value of a form stands in the passages.

    Attributes
    ----------
    path
        Its place as a JSON Pointer (RFC 6901): `/limit/amount`, `/items/0`.
    """

    path: str
    support: Literal["verified", "unverified"]


def check_data(data: Mapping[str, object], passages: Sequence[str]) -> dict[Path, DataCheck]:
    """Check every string and number of a form, in order, by its place.

    A number is verified if it stands in a passage, in figures or in words, whatever its unit. A
    string is if it stands there as it is written; or if its figures and names do, and half of its
    words, where a passage is in its language. So the value of an `enum` is unverified if it is a
    string or number that no passage holds, be it right or not. Booleans and null name nothing that
    could be looked up: they have no check.
    """
    known = KnownValues.of(passages)
    texts = [normalise(passage) for passage in passages]
    checks: dict[Path, DataCheck] = {}
    for path, value in _leaves(data, ()):
        if isinstance(value, str):
            is_held = _holds_text(value, passages, texts, known)
        else:
            is_held = all(map(known.agrees, values(f"{Decimal(str(value)):f}")))
        checks[path] = DataCheck(_pointer(path), "verified" if is_held else "unverified")
    return checks


def _leaves(value: object, path: Path) -> Iterator[tuple[Path, str | int | float]]:
    match value:
        case bool() | None:
            return
        case str() | int() | float():
            yield path, value
        case Mapping():
            for name, inner in value.items():
                yield from _leaves(inner, (*path, name))
        case list():
            for number, inner in enumerate(value):
                yield from _leaves(inner, (*path, number))


def _holds_text(
    value: str, passages: Sequence[str], texts: Sequence[str], known: KnownValues
) -> bool:
    normal = normalise(value).strip()
    # `60` is a part of `600`, and no value of it.
    if any(normal in text for text in texts) and all(map(known.agrees, values(value))):
        return True
    if any(find_faults(value, passages, question="")):
        return False
    words = frozenset(terms(value))
    held = frozenset(word for passage in passages for word in terms(passage))
    if any(detect_language(passage) == detect_language(value) for passage in passages):
        return share(words, held) >= _PLAIN_SHARE
    return bool(values(value))


def _pointer(path: Path) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
