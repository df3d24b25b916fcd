"""What can go wrong while an answer is made."""


class GenerationError(Exception):
    """Base of the generation's errors. `retryable` says whether the same call may work later."""

    retryable = False


class ModelUnavailable(GenerationError):
    """The language model cannot be reached, is overloaded, or broke off."""

    retryable = True


class PromptTooLong(GenerationError):
    """The prompt does not fit the model's context."""


class PromptInvalid(GenerationError):
    """A prompt file is malformed; found at start-up."""
