"""`zhiku forget` and `zhiku receipts` without a model: what is said before one is loaded."""

from pathlib import Path

import pytest

from app.cli.forget import _resolve_one
from app.errors import BadRequest
from stores.catalog import Catalog
from tests.app.cli_process import only_error_line, zhiku
from tests.stores.builders import make_blocks, make_chunks, make_document, remove_document


def test_a_document_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = zhiku("forget", "offer.pdf", data_dir=tmp_path)
    assert result.returncode == 2
    assert "no document offer.pdf in default: `zhiku documents` lists" in only_error_line(result)


def test_receipts_are_listed_with_what_they_wait_for(tmp_path: Path) -> None:
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    document = make_document(tenant="default")
    catalog.documents.commit(document, make_blocks(document), make_chunks(document))
    receipt = remove_document(catalog, "default", document.id)
    catalog.close()

    result = zhiku("receipts", data_dir=tmp_path)

    assert result.returncode == 0, result.stderr
    for told in (str(document.id), "pending", str(receipt.id)):
        assert told in result.stdout
    assert "休假制度" not in result.stdout


def test_documents_are_named_by_id_address_or_file(tmp_path: Path) -> None:
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    file = tmp_path / "leave.md"
    for uri in (file.as_uri(), "upload://travel.md"):
        document = make_document(uri)
        catalog.documents.commit(document, make_blocks(document), make_chunks(document))
    leave, travel = (make_document(uri).id for uri in (file.as_uri(), "upload://travel.md"))

    def resolve(name: str) -> object:
        return _resolve_one(catalog, "acme", name, pending=set())

    assert resolve(str(leave)) == resolve(file.as_uri()) == resolve(str(file)) == leave
    assert resolve("upload://travel.md") == travel
    remove_document(catalog, "acme", travel)
    assert _resolve_one(catalog, "acme", "upload://travel.md", pending={travel}) == travel
    with pytest.raises(BadRequest, match="no document"):
        resolve("upload://travel.md")
    catalog.close()
