import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.errors import UnknownKey
from stores.keys import Role
from tests.stores.builders import NOW


def test_a_key_authenticates_as_its_principal(catalog: Catalog) -> None:
    key, secret = catalog.keys.create(
        tenant="acme", name="laptop", role=Role.EDITOR, groups=["hr", "everyone", "hr"]
    )
    assert key.groups == ("everyone", "hr")
    assert key.created_at == NOW
    assert catalog.keys.authenticate(secret, now=NOW) == Principal(
        tenant="acme",
        user=str(key.id),
        groups=frozenset({"hr", "everyone"}),
        scopes=frozenset({Scope.READ, Scope.WRITE}),
    )


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        (Role.READER, {Scope.READ}),
        (Role.EDITOR, {Scope.READ, Scope.WRITE}),
        (Role.ADMIN, {Scope.READ, Scope.WRITE, Scope.ADMIN}),
    ],
)
def test_a_role_has_its_scopes(catalog: Catalog, role: Role, scopes: set[Scope]) -> None:
    _, secret = catalog.keys.create(tenant="acme", name="k", role=role, groups=["everyone"])
    principal = catalog.keys.authenticate(secret, now=NOW)
    assert principal is not None
    assert principal.scopes == scopes


def test_a_wrong_secret_is_nobody(catalog: Catalog) -> None:
    _, secret = catalog.keys.create(tenant="acme", name="k", role=Role.ADMIN, groups=[])
    for wrong in ("", secret[:-1], secret + "x", secret.upper(), "zk_", "\ud800", "密钥"):
        assert catalog.keys.authenticate(wrong, now=NOW) is None


def test_a_key_ends_at_its_moment(catalog: Catalog) -> None:
    end = NOW + timedelta(hours=1)
    _, secret = catalog.keys.create(
        tenant="acme", name="k", role=Role.READER, groups=["everyone"], expires_at=end
    )
    assert catalog.keys.authenticate(secret, now=end - timedelta(seconds=1)) is not None
    assert catalog.keys.authenticate(secret, now=end) is None


def test_a_revoked_key_is_refused_and_stays_listed(catalog: Catalog) -> None:
    key, secret = catalog.keys.create(tenant="acme", name="k", role=Role.READER, groups=["a"])
    catalog.keys.revoke(key.id, now=NOW)
    catalog.keys.revoke(key.id, now=NOW + timedelta(days=1))
    assert catalog.keys.authenticate(secret, now=NOW) is None
    assert [listed.revoked_at for listed in catalog.keys.list("acme")] == [NOW]


def test_revoking_an_unknown_key_says_so(catalog: Catalog) -> None:
    with pytest.raises(UnknownKey, match="no key"):
        catalog.keys.revoke(uuid4(), now=NOW)


def test_a_tenant_lists_its_own_keys(catalog: Catalog) -> None:
    ours, _ = catalog.keys.create(tenant="acme", name="ours", role=Role.READER, groups=["a"])
    catalog.keys.create(tenant="other", name="theirs", role=Role.READER, groups=["a"])
    assert catalog.keys.list("acme") == [ours]


def test_the_secret_is_long_and_nowhere_on_disk(catalog: Catalog, catalog_url: str) -> None:
    secrets = [
        catalog.keys.create(tenant="acme", name="k", role=Role.READER, groups=["a"])[1]
        for _ in range(20)
    ]
    assert all(re.fullmatch(r"zk_[A-Za-z0-9_-]{43}", secret) for secret in secrets)
    assert len(set(secrets)) == 20
    folder = Path(make_url(catalog_url).database or "").parent
    stored = b"".join(file.read_bytes() for file in folder.iterdir())
    assert not any(secret[3:].encode() in stored for secret in secrets)


@pytest.mark.parametrize("name", ["", "Acme", "a/b", "..", "-a", "a" * 64, "a b", "人事", "a\n"])
def test_a_tenant_or_group_that_cannot_be_called_so_is_refused(catalog: Catalog, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a tenant: use 1 to 63 of"):
        catalog.keys.create(tenant=name, name="k", role=Role.READER, groups=[])
    with pytest.raises(ValueError, match="cannot name a group: use 1 to 63 of"):
        catalog.keys.create(tenant="acme", name="k", role=Role.READER, groups=[name])
    assert catalog.keys.list("acme") == []
