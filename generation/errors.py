"""What can go wrong while an answer is made."""


class GenerationError(Exception):
    """Base of the generation's errors. `retryable` says whether the same call may work later."""

    retryable = False


class ModelUnavailable(GenerationError):
    """The language model cannot be reached, is overloaded, or broke off.

    Parameters
    ----------
    retry_after_seconds
        The server asked not to be asked for so long; None: it did not say.
    """

    retryable = True

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ModelRefused(ModelUnavailable):
    """The model's server answers, and refuses this request or this key."""

    retryable = False


class PromptTooLong(GenerationError):
    """The prompt does not fit the model's context."""


class SchemaInvalid(GenerationError):
    """The JSON schema that an answer is to follow cannot be taken; the message names the place."""


class AnswerOffSchema(GenerationError):
    """What the model wrote is no JSON that follows the schema of the request."""


class PromptInvalid(GenerationError):
    """A prompt file is malformed; found at start-up."""
