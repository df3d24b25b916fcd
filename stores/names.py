"""Names of tenants and groups, which become folders and payload values, and of tags."""

import re

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_MAX_TAG_CHARACTERS = 64


def check_name(kind: str, name: str) -> str:
    """Return `name` if it may name a tenant or a group, `kind` saying which for the message.

    Raises
    ------
    ValueError
        It may not: such a name could leave its folder, or differ only in case from another.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot name a {kind}: use 1 to 63 of a-z, 0-9, - and _, "
            "starting with a letter or digit"
        )
    return name


def check_tag(tag: str) -> str:
    """Return `tag` if a document may have it: lower case, one line, no comma, 1 to 64 characters.

    Raises
    ------
    ValueError
        It may not: lists of tags are written with commas, and two that differ in case are one.
    """
    fits = tag.isprintable() and 0 < len(tag) <= _MAX_TAG_CHARACTERS
    if not fits or "," in tag or tag != tag.strip().lower():
        raise ValueError(
            f"{tag!r} cannot be a tag: use 1 to {_MAX_TAG_CHARACTERS} characters in lower case, "
            "without commas or line breaks"
        )
    return tag
