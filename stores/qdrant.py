"""The vector index on a Qdrant server or cluster."""

from collections.abc import Iterator
from uuid import UUID

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from stores import plan
from stores.breaker import Breaker
from stores.errors import IndexMismatch
from stores.identity import mismatch_message
from stores.index import DenseVector, IndexIdentity
from stores.names import check_name
from stores.qdrant_index import QdrantIndex
from stores.qdrant_server import READ_TIMEOUT_SECONDS, WRITE_TIMEOUT_SECONDS, QdrantServer

_CONFLICT = 409


def connect(url: str, *, api_key: str | None = None) -> QdrantClient:
    """Return a client of the server at `url`; nothing is sent yet.

    A read that takes more than two seconds counts as failed.
    """
    return QdrantClient(
        url=url,
        api_key=api_key,
        timeout=READ_TIMEOUT_SECONDS,
        check_compatibility=False,  # it would ask the server now, and warn if that is away
    )


class QdrantIndexStore:
    """One collection per tenant, named `<identity>.<tenant>`.

    While the server is away, calls fail at once: after three failures in a row it is asked again
    every five seconds only.

    Parameters
    ----------
    client
        Of the server; closed with the store.
    identity
        What the vectors are made with.
    breaker
        Another than the usual one, for tests.
    """

    def __init__(
        self, client: QdrantClient, identity: IndexIdentity, *, breaker: Breaker | None = None
    ) -> None:
        self._server = QdrantServer(client, breaker=breaker)
        self._identity = identity
        self._indexes: dict[str, QdrantIndex] = {}

    def open(self, tenant: str) -> QdrantIndex:
        """Return the tenant's index, created if it does not exist.

        Threads that open at once all try to make the collection: behind a lock each would wait for
        the time-outs of those before it.

        Raises
        ------
        IndexMismatch
            The tenant has a collection of another identity, and none of this one.
        """
        check_name("tenant", tenant)
        self._server.require_open()
        if tenant not in self._indexes:
            # Identities have no dot, so this separates.
            collection = f"{self._identity.name}.{tenant}"
            with self._server.asked():
                self._make(collection, tenant=tenant)
            self._indexes[tenant] = QdrantIndex(self._server, collection, tenant=tenant)
        return self._indexes[tenant]

    def check(self) -> None:
        """Return if the server answers, within two seconds."""
        with self._server.asked():
            self._server.client.get_collections()

    def vectors(self, tenant: str, document_id: UUID | None = None) -> Iterator[DenseVector]:
        """Yield the dense vectors of a document, or of all of the tenant's, as they are kept."""
        return self.open(tenant).kept_vectors(document_id)

    def rewrite(self, tenant: str) -> bool:
        """Do nothing and return False: the server's files are out of reach."""
        self.open(tenant)
        return False

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

    def _make(self, collection: str, *, tenant: str) -> None:
        names = {found.name for found in self._server.client.get_collections().collections}
        if collection not in names:
            others = sorted(name for name in names if name.endswith(f".{tenant}"))
            if others:
                raise IndexMismatch(mismatch_message(others[0], others[0], collection))
            try:
                _create(self._server.client, collection, dimension=self._identity.dimension)
            except UnexpectedResponse as error:
                if error.status_code != _CONFLICT:
                    raise  # in a conflict somebody else was faster, which is as good
        # Also where it exists: its maker may have died in between. Made again, they do nothing.
        _index_payload(self._server.client, collection)


def _create(client: QdrantClient, collection: str, *, dimension: int) -> None:
    client.create_collection(
        collection,
        vectors_config={
            plan.DENSE: models.VectorParams(size=dimension, distance=models.Distance.COSINE)
        },
        sparse_vectors_config={plan.TERMS: models.SparseVectorParams(modifier=models.Modifier.IDF)},
        hnsw_config=models.HnswConfigDiff(m=plan.HNSW_LINKS, ef_construct=plan.HNSW_BUILD_EF),
        quantization_config=models.ScalarQuantization(
            scalar=models.ScalarQuantizationConfig(
                type=models.ScalarType.INT8, quantile=plan.QUANTILE, always_ram=True
            )
        ),
        timeout=WRITE_TIMEOUT_SECONDS,
    )


def _index_payload(client: QdrantClient, collection: str) -> None:
    # Links in the graph for the groups only: a filtered search of it needs them, and each field
    # with links lengthens the building of the graph.
    for field, linked in (("groups", True), ("document", False)):
        client.create_payload_index(
            collection,
            field,
            models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, enable_hnsw=linked),
            wait=True,
            timeout=WRITE_TIMEOUT_SECONDS,
        )
