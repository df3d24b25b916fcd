"""`config.example.toml`, generated from the settings so that it cannot drift."""

import json
import textwrap
from decimal import Decimal
from enum import Enum
from pathlib import Path

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from app.settings import Settings

_HEADER = """\
# Every setting of Zhiku with its range and default. Copy to config.toml and change what you need;
# each can also be given in the environment: [llm] base_url is ZHIKU_LLM__BASE_URL.
"""


def config_example() -> str:
    """Return the text of `config.example.toml`."""
    fields = Settings.model_fields
    plain = {name: field for name, field in fields.items() if not _section(field)}
    lines = [_HEADER, *(_setting(name, field) for name, field in plain.items())]
    for name, field in fields.items():
        section = _section(field)
        if section is not None:
            lines += _section_lines(name, section)
    return "\n".join(lines)


def _section_lines(name: str, section: type[BaseModel]) -> list[str]:
    """Return the settings of a section, then the sections within it."""
    lines = [f"# {section.__doc__}\n[{name}]"]
    inner = [(key, field, _section(field)) for key, field in section.model_fields.items()]
    lines += [_setting(key, field) for key, field, nested in inner if nested is None]
    for key, _, nested in inner:
        if nested is not None:
            lines += _section_lines(f"{name}.{key}", nested)
    return lines


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _setting(name: str, field: FieldInfo) -> str:
    comment = f"{name}: {field.description}{_range(field)}"
    lines = textwrap.wrap(comment, width=98)
    value = _toml(field.default)
    return "\n".join([*(f"# {line}" for line in lines), f"# {name} = {value}", ""])


def _range(field: FieldInfo) -> str:
    bounds = []
    for item in field.metadata:
        match item:
            case Ge(ge=low):
                bounds.append(f"≥ {low}")
            case Gt(gt=low):
                bounds.append(f"> {low}")
            case Le(le=high):
                bounds.append(f"≤ {high}")
            case Lt(lt=high):
                bounds.append(f"< {high}")
            case _:
                pass
    return f" ({', '.join(bounds)})" if bounds else ""


def _toml(value: object) -> str:
    match value:
        case None:
            return "…  (unset)"
        case SecretStr():
            return "…  (secret)"
        case Enum():
            return json.dumps(value.value)
        case dict():
            entries = ", ".join(f"{key} = {_plain(inner)}" for key, inner in value.items())
            return f"{{ {entries} }}"
        case _:
            return _plain(value)


def _plain(value: object) -> str:
    match value:
        case Path():
            return json.dumps(str(value))
        case Decimal():
            return str(value)
        case tuple():
            return json.dumps(list(value))
        case _:
            return json.dumps(value, ensure_ascii=False)
