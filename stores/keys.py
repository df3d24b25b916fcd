"""API keys: who a caller is. Only the hash of a key's secret is kept."""

import builtins
import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, insert, select, update

from stores import schema
from stores.access import Principal, Scope
from stores.database import Database
from stores.errors import UnknownKey
from stores.names import check_name

_PREFIX = "zk_"
_SECRET_BYTES = 32
_keys = schema.keys.c


class Role(StrEnum):
    """What the holder of a key may do; each role includes the one before."""

    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def scopes(self) -> frozenset[Scope]:
        """Return the scopes that a principal of this role has."""
        return _SCOPES[self]


_SCOPES = {
    Role.READER: frozenset({Scope.READ}),
    Role.EDITOR: frozenset({Scope.READ, Scope.WRITE}),
    Role.ADMIN: frozenset({Scope.READ, Scope.WRITE, Scope.ADMIN}),
}


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, without its secret.

    Attributes
    ----------
    name
        What its maker called it, for people.
    groups
        Whose documents it may read, sorted.
    expires_at
        From this moment on it is refused; None means never.
    revoked_at
        When it was revoked; None if it was not.
    """

    id: UUID
    tenant: str
    name: str
    role: Role
    groups: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class Keys:
    """The keys of all tenants.

    A secret has 256 random bits, so its SHA-256 needs neither salt nor a slow hash, and the row is
    found by that hash: no comparison of secrets could leak its timing.
    """

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def create(
        self,
        *,
        tenant: str,
        name: str,
        role: Role,
        groups: Iterable[str],
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, str]:
        """Make a key and return it with its secret, which is shown this once.

        Raises
        ------
        ValueError
            The tenant or a group cannot be called so.
        """
        secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        key = ApiKey(
            id=uuid4(),
            tenant=check_name("tenant", tenant),
            name=name,
            role=role,
            groups=tuple(sorted({check_name("group", group) for group in groups})),
            created_at=self._clock(),
            expires_at=expires_at,
            revoked_at=None,
        )
        with self._database.write() as connection:
            connection.execute(insert(schema.keys), [_row(key, secret=secret)])
        return key, secret

    def authenticate(self, secret: str, *, now: datetime) -> Principal | None:
        """Return whom the secret stands for; None if it is unknown, expired or revoked."""
        query = select(schema.keys).where(_keys.secret_sha256 == _hash(secret))
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None or row.revoked_at is not None:
            return None
        if row.expires_at is not None and row.expires_at <= now:
            return None
        return Principal(
            tenant=row.tenant,
            user=str(row.id),
            groups=frozenset(row.groups),
            scopes=Role(row.role).scopes,
        )

    def list(self, tenant: str) -> builtins.list[ApiKey]:
        """Return the tenant's keys, expired and revoked ones included, oldest first."""
        query = (
            select(schema.keys).where(_keys.tenant == tenant).order_by(_keys.created_at, _keys.id)
        )
        with self._database.read() as connection:
            return [_key(row) for row in connection.execute(query)]

    def revoke(self, key_id: UUID, *, now: datetime) -> None:
        """Refuse the key from now on; one that is revoked stays so. Raises `UnknownKey`."""
        with self._database.write() as connection:
            if connection.execute(select(_keys.id).where(_keys.id == key_id)).first() is None:
                raise UnknownKey(f"no key {key_id}: list the tenant's keys to see their ids")
            connection.execute(
                update(schema.keys)
                .where(_keys.id == key_id, _keys.revoked_at.is_(None))
                .values(revoked_at=now)
            )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _row(key: ApiKey, *, secret: str) -> dict[str, Any]:
    return {
        "id": key.id,
        "tenant": key.tenant,
        "name": key.name,
        "role": key.role,
        "groups": key.groups,
        "secret_sha256": _hash(secret),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    }


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        tenant=row.tenant,
        name=row.name,
        role=Role(row.role),
        groups=tuple(row.groups),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
