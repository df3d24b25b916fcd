"""What can go wrong with models."""


class ModelError(Exception):
    """Base of the models' errors. `retryable` says whether the same call may work later."""

    retryable = False


class WeightsMissing(ModelError):
    """The weights are not on this machine; the message says how to get them."""


class WeightsCorrupt(ModelError):
    """Bytes are not those of the spec, or the folder holds a file that may not be there."""


class WeightsUnavailable(ModelError):
    """No configured source could deliver the weights."""

    retryable = True


class ModelDiskFull(ModelError):
    """The disk of the models folder is full."""

    retryable = True


class ModelFolderUnusable(ModelError):
    """The models folder cannot be written: rights, a read-only disk, or a file in its place."""


class ModelUnsupported(ModelError):
    """The model asked for cannot be run: a missing extra, or a file that could execute code."""


class ScorerUnavailable(ModelError):
    """The server that scores passages cannot be reached or answers wrongly."""

    retryable = True
