"""What can go wrong while an answer is made."""


class GenerationError(Exception):
    """Base of the generation's errors. `retryable` says whether the same call may work later."""

    retryable = False


class ModelUnavailable(GenerationError):
    """The language model cannot be reached, is overloaded, or broke off."""

    retryable = True


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
