import json
from typing import Any

import pytest

from generation.errors import AnswerOffSchema, SchemaInvalid
from generation.response_schema import MAX_CHARACTERS, MAX_DEPTH, checked_schema

DAYS = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def nested(levels: int) -> dict[str, Any]:
    """Return a schema of so many levels of JSON."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels - 1):
        schema = {"items": schema}
    return {"type": "object", **schema} if levels > 1 else schema


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(DAYS, id="plain"),
        pytest.param(nested(MAX_DEPTH), id="deep"),
        pytest.param(
            {
                **an_object(rooms={"type": "array", "items": {"$ref": "#/$defs/Room"}}),
                "$defs": {"Room": an_object(name={"type": "string"})},
            },
            id="as pydantic writes it",
        ),
        pytest.param(an_object(**{"$ref": {"type": "string"}, "pattern": True}), id="only names"),
        pytest.param(an_object(x={"enum": ["$ref", {"pattern": "a"}, None]}), id="only values"),
        pytest.param(an_object(日期={"type": "string", "format": "date"}), id="Chinese"),
    ],
)
def test_what_typed_forms_take_is_taken(schema: dict[str, Any]) -> None:
    assert checked_schema(schema).document == schema


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({}, r'\$: the root needs "type": "object"'),
        ({"type": "array"}, r'\$: the root needs "type": "object"'),
        ({"type": "text"}, r"\$\.type"),
        (an_object(x={"type": "string", "minLength": "3"}), r"properties\.x\.minLength"),
        (an_object(x={"items": [{}]}), r"properties\.x\.items"),
        (an_object(x={"$ref": "https://evil.example/schema.json"}), r"\$\.properties\.x\.\$ref"),
        (an_object(x={"$ref": "file:///etc/passwd"}), r"\$ref: only"),
        (an_object(x={"$ref": "#/$defs/missing"}), r"\$ref: only"),
        (an_object(x={"$ref": "#"}), r"\$ref: only"),
        ({"type": "object", "$id": "https://evil.example/"}, r"keyword '\$id'"),
        (an_object(x={"$dynamicRef": "#x"}), r"keyword '\$dynamicRef'"),
        (an_object(x={"type": "string", "pattern": "(a+)+$"}), "keyword 'pattern'"),
        ({"type": "object", "patternProperties": {"a": {}}}, "keyword 'patternProperties'"),
        (an_object(x={"anyOf": [{}, {"if": {}}]}), r"\$\.properties\.x\.anyOf\[1\]: .*'if'"),
        (an_object(x={"type": "string", "maxLength": 501}), r"maxLength: at most 500"),
        (an_object(x={"items": {"minItems": 10**9}}), r"x\.items\.minItems: at most 500"),
        (an_object(x={"maximum": 2**53 + 2}), "numbers may be"),
        (an_object(x={"maximum": float("inf")}), "numbers may be"),
        (an_object(x={"const": float("nan")}), "numbers may be"),
        (an_object(x={"description": "\ud800"}), "surrogate"),
        (nested(MAX_DEPTH + 1), "levels deep"),
        (nested(5000), "levels deep"),
        (an_object(x={"description": "x" * MAX_CHARACTERS}), "characters"),
        (an_object(**{f"x{number}": {} for number in range(500)}), "500 subschemas"),
    ],
)
def test_what_costs_more_than_it_says_is_refused_with_its_place(
    schema: dict[str, Any], problem: str
) -> None:
    with pytest.raises(SchemaInvalid, match=problem):
        checked_schema(schema)


@pytest.mark.parametrize(
    "definitions",
    [
        pytest.param({"a": {"$ref": "#/$defs/a"}}, id="itself"),
        pytest.param({"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"$ref": "#/$defs/a"}}, id="two"),
    ],
)
def test_recursion_is_refused(definitions: dict[str, Any]) -> None:
    with pytest.raises(SchemaInvalid, match="refers to itself"):
        checked_schema({"type": "object", "$defs": definitions})


def test_references_are_counted_as_what_they_stand_for() -> None:
    doubled = {
        f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]}
        for n in range(40)
    }
    schema = {"type": "object", "$defs": {**doubled, "d40": {"type": "string"}}}
    with pytest.raises(SchemaInvalid, match="500 subschemas"):
        checked_schema(schema)


@pytest.mark.parametrize("text", ['{"days": 5}', ' {"days":5}\n', '```json\n{"days": 5}\n```'])
def test_an_object_of_the_schema_is_read(text: str) -> None:
    assert checked_schema(DAYS).read(text) == {"days": 5}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no JSON"),
        ("Five days [1].", "no JSON"),
        ('{"days": 5', "no JSON"),
        ('{"days": 5} or so', "no JSON"),
        ('{"days": NaN}', "NaN is no JSON number"),
        ('{"days": 1e999}', "no JSON"),
        ('{"days": 5, "note": "\\ud800"}', "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"days": "five"}', r"\$\.days: 'five' is not of type 'integer'"),
        ("{}", "'days' is a required property"),
        ("[5]", "not of type 'object'"),
    ],
)
def test_anything_else_is_no_answer(text: str, problem: str) -> None:
    with pytest.raises(AnswerOffSchema, match=problem):
        checked_schema(DAYS).read(text)


def test_formats_and_references_are_checked() -> None:
    schema = checked_schema(
        {
            **an_object(day={"$ref": "#/$defs/day"}),
            "$defs": {"day": {"type": "string", "format": "date"}},
        }
    )
    assert schema.read('{"day": "2025-01-31"}') == {"day": "2025-01-31"}
    with pytest.raises(AnswerOffSchema, match="date"):
        schema.read(json.dumps({"day": "2025-02-31"}))
