"""Names of tenants and groups: they become folders, collections and payload values."""

import re

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


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
