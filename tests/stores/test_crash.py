"""What kill -9 in the middle of a commit leaves behind."""

import signal
import subprocess
import sys

from stores.access import AccessFilter
from stores.catalog import Catalog
from tests.stores.builders import make_blocks, make_chunks, make_document

_DIE_IN_A_COMMIT = """
import os, signal, sys
from stores.catalog import Catalog
from tests.stores.builders import make_blocks, make_chunks, make_document

class Deadly(list):
    def __iter__(self):
        yield self[0]
        os.kill(os.getpid(), signal.SIGKILL)

document = make_document(revision=2, groups=("hr",))
chunks = Deadly(make_chunks(document))
Catalog(sys.argv[1]).documents.commit(document, make_blocks(document, count=2000), chunks)
"""


def test_the_old_revision_survives_a_kill_in_the_middle_of_a_commit(
    catalog: Catalog, catalog_url: str
) -> None:
    first = make_document()
    catalog.documents.commit(first, make_blocks(first), make_chunks(first))
    child = subprocess.run(
        [sys.executable, "-c", _DIE_IN_A_COMMIT, catalog_url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (child.returncode, child.stderr) == (-signal.SIGKILL, "")
    everyone = AccessFilter(tenant="acme", groups=("everyone",))
    ids = [chunk.id for chunk in make_chunks(first)]
    assert catalog.documents.get(first.id, everyone) == first
    assert set(catalog.documents.visible_chunks(ids, everyone)) == set(ids)
    assert len(catalog.documents.page_blocks(first.id, everyone, page=None)) == 3
    second = make_document(revision=2)
    catalog.documents.commit(second, make_blocks(second), make_chunks(second))
    assert catalog.documents.get(second.id, everyone) == second
