"""What can go wrong in the stores."""


class StoreError(Exception):
    """Base of the stores' errors. `retryable` says whether the same call may work later."""

    retryable = False


class IndexUnavailable(StoreError):
    """The vector index cannot be reached."""

    retryable = True


class IndexLocked(StoreError):
    """Another process has the index open."""


class IndexMismatch(StoreError):
    """The index was built with other weights, another dimension or another terms version."""


class CatalogUnavailable(StoreError):
    """The catalog cannot be opened, read or written."""

    retryable = True


class StorageFull(StoreError):
    """The disk that a store lies on is full."""

    retryable = True


class SearchIncomplete(StoreError):
    """A file could not be searched for what was to be erased."""

    retryable = True


class UnknownReceipt(StoreError):
    """No such receipt of an erasure, or it is not the caller's to read."""


class UnknownDocument(StoreError):
    """No such document, or the principal may not see it; the two are never told apart."""


class UnknownJob(StoreError):
    """No such job, or it belongs to somebody else."""


class UnknownConversation(StoreError):
    """No such conversation, or it belongs to somebody else; the two are never told apart."""


class UnknownKey(StoreError):
    """No such API key."""


class UnknownTrace(StoreError):
    """No such trace, or it is not the caller's to read."""


class UnknownEntry(StoreError):
    """The lexicon has no such entry."""


class RevisionConflict(StoreError):
    """Another writer committed the same revision of a document, or a later one."""

    retryable = True
