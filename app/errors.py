"""Errors of the edges themselves; those of the stages are defined by the stages."""


class AppError(Exception):
    """Base of the edges' errors."""

    retryable = False


class ConfigurationError(AppError):
    """A setting is unknown, malformed or out of range."""


class PortInUse(AppError):
    """Another program listens on the configured address."""


class AlreadyRunning(AppError):
    """An API serves this data folder already; the embedded index has one opener."""


class NotAuthenticated(AppError):
    """The API key is missing, unknown, expired or revoked."""


class NotPermitted(AppError):
    """The key is known but may not do this."""


class BadRequest(AppError):
    """The request cannot be served as it stands; the message says what to change."""
