"""Weights from a model hub, if one can be reached."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import huggingface_hub
from huggingface_hub.utils.tqdm import disable_progress_bars

from models.disk import is_full
from models.progress import Progress, Report, Step
from models.sources import SourceFailed
from models.spec import HubSource, ModelSpec, SourceKind

_WATCH_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class HubSettings:
    """The model hub.

    Attributes
    ----------
    endpoint
        Its address; None is huggingface.co, or what HF_ENDPOINT says.
    probe_seconds
        How long to wait for a sign of life, name resolution included.
    """

    endpoint: str | None = None
    probe_seconds: float = 5.0


class HubFetcher:
    """Asks the hub for a sign of life before anything is fetched from it."""

    kind = SourceKind.HUB

    def __init__(self, settings: HubSettings) -> None:
        self._endpoint = settings.endpoint or huggingface_hub.constants.ENDPOINT
        self._probe_seconds = settings.probe_seconds

    def room_bytes(self, spec: ModelSpec, partial: Path) -> int:
        """Return the size of the weights; what an interrupted download left is not counted."""
        return 0 if (partial / "hub" / spec.weights.name).exists() else spec.weights.size_bytes

    def fetch(self, spec: ModelSpec, partial: Path, report: Report) -> Path:
        """Download the file; an interrupted download is resumed by `huggingface_hub`."""
        if spec.hub is None:
            raise SourceFailed("the hub does not have these weights")
        if huggingface_hub.constants.HF_HUB_OFFLINE:
            raise SourceFailed("HF_HUB_OFFLINE is set")
        report(Progress(Step.LOOKING, f"{self._endpoint}/{spec.hub.repository}"))
        self._probe(spec.hub)
        return self._download(spec.hub, spec, partial / "hub", report)

    def _probe(self, source: HubSource) -> None:
        """Give up after `probe_seconds`; a timeout of the client would not cover DNS."""
        url = huggingface_hub.hf_hub_url(
            source.repository, source.filename, revision=source.revision, endpoint=self._endpoint
        )
        outcome = _in_time(lambda: _head(url, self._probe_seconds), self._probe_seconds)
        if outcome is None:
            raise SourceFailed(f"{self._endpoint} gave no answer in {self._probe_seconds:g} s")
        if outcome:
            raise SourceFailed(f"{self._endpoint} {outcome}")

    def _download(self, source: HubSource, spec: ModelSpec, folder: Path, report: Report) -> Path:
        disable_progress_bars()
        try:
            with _watched(folder, spec, report):
                path = huggingface_hub.hf_hub_download(
                    source.repository,
                    source.filename,
                    revision=source.revision,
                    endpoint=self._endpoint,
                    local_dir=folder,
                    token=False,
                )
        except (httpx2.HTTPError, OSError) as error:
            if isinstance(error, OSError) and is_full(error):
                raise
            raise SourceFailed(f"{self._endpoint} broke off: {error}") from error
        return Path(path)


def _head(url: str, timeout_seconds: float) -> str:
    """Return what is wrong with the hub's answer, empty if nothing is."""
    try:
        answer = httpx2.head(url, timeout=timeout_seconds)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return f"cannot be reached ({error})"
    return "" if answer.status_code < httpx2.codes.BAD_REQUEST else f"answers {answer.status_code}"


def _in_time(action: Callable[[], str], seconds: float) -> str | None:
    """Return the action's result, or None if it takes longer; it then ends by itself."""
    results: list[str] = []
    thread = threading.Thread(target=lambda: results.append(action()), daemon=True)
    thread.start()
    thread.join(seconds)
    return results[0] if results else None


@contextmanager
def _watched(folder: Path, spec: ModelSpec, report: Report) -> Iterator[None]:
    """Report how much has arrived, whichever way `huggingface_hub` fetches it.

    The sizes on disk are looked at from a thread, since the hub's own bars differ by transfer.
    """
    total = spec.weights.size_bytes
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_WATCH_SECONDS):
            arrived = sum(path.stat().st_size for path in folder.rglob("*.incomplete"))
            report(Progress(Step.DOWNLOADING, spec.name, min(arrived, total), total))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
