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
