"""What can go wrong with a single document on its way in."""


class IngestError(Exception):
    """Base of the ingest's errors. `retryable` says whether the same call may work later.

    Each of them is about one document: the others of the run go on.
    """

    retryable = False


class UnsupportedFormat(IngestError):
    """No parser reads this kind of file, or its content is not what its name says."""


class UnreadableFile(IngestError):
    """The file is missing, damaged, or protected with a password."""


class EmptyDocument(IngestError):
    """The file can be read but holds no text, for example a photograph."""


class ScansUnreadable(IngestError):
    """The models that recognise text are not there, or damaged: all scans fail until they are."""


class FileTooLarge(IngestError):
    """The file, or what it unpacks to, is larger than allowed."""


class QuarantinedFile(IngestError):
    """Reading the file went beyond a limit, crashed, or tried what no document has to do.

    It is set aside: nothing of it is written, and a person should look at where it comes from.
    """


class ParserUnavailable(IngestError):
    """The process that parses cannot be started: the machine is out of something, not the file."""

    retryable = True
