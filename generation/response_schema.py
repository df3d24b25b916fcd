"""The JSON schema of a request: what of JSON Schema is taken, and how an answer is held to it.

The schema comes from outside and reaches a grammar compiler in this process, so everything is
refused that costs more than it says: remote references, recursion, regular expressions, large
repetitions. What is left is what typed forms take (as pydantic writes them, for instance).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry

from generation.errors import AnswerOffSchema, SchemaInvalid

MAX_CHARACTERS: Final = 10_000
MAX_DEPTH: Final = 32
MAX_SUBSCHEMAS: Final = 500
MAX_REPEATS: Final = 500
_LARGEST_NUMBER: Final = 2**53

_ONE = frozenset({"items", "additionalProperties"})
_SEVERAL = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_NAMED = frozenset({"properties", "$defs", "definitions"})
_REPEATS = frozenset({"minItems", "maxItems", "minLength", "maxLength"})
_PLAIN = frozenset(
    {
        "$ref", "$schema", "title", "description", "default", "examples", "type", "enum", "const",
        "required", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    }
)  # fmt: skip
_KNOWN = _ONE | _SEVERAL | _NAMED | _REPEATS | _PLAIN
_REFERENCE = re.compile(r"#/(\$defs|definitions)/([^/~%]+)")
_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)\n?```", re.DOTALL)

_Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ResponseSchema:
    """A schema that was checked (`checked_schema`); an answer that follows it is a JSON object."""

    document: Mapping[str, object]

    def read(self, text: str) -> dict[str, object]:
        """Return the object that a model wrote, alone or in a Markdown fence.

        Raises
        ------
        AnswerOffSchema
            It is no JSON, or JSON that does not follow the schema.
        """
        fenced = _FENCE.fullmatch(text.strip())
        try:
            data = json.loads(fenced[1] if fenced else text, parse_constant=_refuse_constant)
            _text(data)
        except (ValueError, RecursionError) as error:
            raise AnswerOffSchema(f"the answer is no JSON ({error})") from error
        problem = next(self._validator().iter_errors(data), None)
        if problem is not None:
            # Not its message, which holds what was answered and would reach the log.
            raise AnswerOffSchema(f"the answer breaks the schema's {problem.validator!r}")
        found: dict[str, object] = data
        return found

    def takes(self, data: Mapping[str, object]) -> bool:
        """Tell whether an object follows the schema."""
        return bool(self._validator().is_valid(data))

    def _validator(self) -> Draft202012Validator:
        return Draft202012Validator(
            self.document,
            # An empty one: nothing is ever fetched.
            registry=Registry(),
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )


def checked_schema(document: Mapping[str, object]) -> ResponseSchema:
    """Check the schema of a request.

    Taken are objects at the root, at most 10,000 characters, 32 levels of nesting, 500 subschemas
    with every reference written out, 500 repetitions, references to `$defs` of the root that lead
    nowhere in a circle, and the keywords above; `format` is checked where the standard library can.

    Raises
    ------
    SchemaInvalid
        It is something else; the message names the place.
    """
    _check_extent(document)
    try:
        Draft202012Validator.check_schema(document)
    except SchemaError as error:
        raise SchemaInvalid(f"{error.json_path}: {error.message}") from error
    if document.get("type") != "object":
        raise SchemaInvalid('$: the root needs "type": "object"')
    subschemas = dict(_subschemas(document, "$"))
    for place, schema in subschemas.items():
        _check_keywords(schema, place, document)
    if _Weights(document).weigh(document, ()) > MAX_SUBSCHEMAS:
        raise SchemaInvalid(f"$: it has more than {MAX_SUBSCHEMAS} subschemas; make it smaller")
    return ResponseSchema(document)


def _text(data: object) -> str:
    """Return JSON text; raises ValueError for what JSON or UTF-8 cannot say."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    text.encode()
    return text


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _check_extent(document: Mapping[str, object]) -> None:
    waiting: list[tuple[object, int]] = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, int | float) and not abs(value) <= _LARGEST_NUMBER:
            raise SchemaInvalid(f"$: numbers may be at most {_LARGEST_NUMBER}")
        if isinstance(value, Mapping | list):
            if depth > MAX_DEPTH:
                raise SchemaInvalid(f"$: it is nested more than {MAX_DEPTH} levels deep")
            inner = value.values() if isinstance(value, Mapping) else value
            waiting += [(each, depth + 1) for each in inner]
    try:
        length = len(_text(document))
    except ValueError as error:
        raise SchemaInvalid("$: it holds half a surrogate pair: send plain text") from error
    if length > MAX_CHARACTERS:
        raise SchemaInvalid(f"$: it has {length} characters, at most {MAX_CHARACTERS} are taken")


def _subschemas(schema: _Schema, place: str) -> Iterator[tuple[str, _Schema]]:
    """Yield a schema and all that stand in it, with their places; references are not followed."""
    yield place, schema
    for place_within, inner in _within(schema, place):
        yield from _subschemas(inner, place_within)


def _within(schema: _Schema, place: str) -> Iterator[tuple[str, _Schema]]:
    for keyword, value in schema.items():
        at = f"{place}.{keyword}"
        if keyword in _ONE:
            inner = {at: value}
        elif keyword in _SEVERAL:
            inner = {f"{at}[{number}]": each for number, each in enumerate(value)}
        elif keyword in _NAMED:
            inner = {f"{at}.{name}": each for name, each in value.items()}
        else:
            continue
        yield from ((where, each) for where, each in inner.items() if isinstance(each, Mapping))


def _check_keywords(schema: _Schema, place: str, root: _Schema) -> None:
    for keyword, value in schema.items():
        if keyword not in _KNOWN:
            raise SchemaInvalid(f"{place}: the keyword {keyword!r} is not taken; leave it out")
        if keyword in _REPEATS and value > MAX_REPEATS:
            raise SchemaInvalid(f"{place}.{keyword}: at most {MAX_REPEATS} is taken")
    if "$ref" in schema and _target(schema["$ref"], root) is None:
        raise SchemaInvalid(
            f"{place}.$ref: only references to #/$defs/… of the schema itself are followed"
        )


def _target(reference: str, root: _Schema) -> _Schema | None:
    found = _REFERENCE.fullmatch(reference)
    schema = root.get(found[1], {}).get(found[2]) if found else None
    return schema if isinstance(schema, Mapping) else None


class _Weights:
    """Counts subschemas with every reference written out, without writing any out."""

    def __init__(self, root: _Schema) -> None:
        self._root = root
        self._known: dict[str, int] = {}

    def weigh(self, schema: _Schema, path: tuple[str, ...]) -> int:
        """Return the number of subschemas; `path` are the references that led here."""
        inner = sum(self.weigh(each, path) for _, each in _within(schema, ""))
        reference = schema.get("$ref")
        return 1 + inner + (0 if reference is None else self._follow(reference, path))

    def _follow(self, reference: str, path: tuple[str, ...]) -> int:
        if reference in path:
            raise SchemaInvalid(f"$: {reference} refers to itself; write out how deep it goes")
        if reference not in self._known:
            target = _target(reference, self._root)
            self._known[reference] = self.weigh(target or {}, (*path, reference))
        return self._known[reference]
