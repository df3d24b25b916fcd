"""One child process as its parent sees it: started, given files, killed with all that it began."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from ingest.errors import IngestError, ParserUnavailable, QuarantinedFile
from ingest.records import Source
from ingest.sandbox.frames import BadAnswer, read_frame, write_frame
from ingest.sandbox.limits import FILES_PER_CHILD, MAX_ANSWER_BYTES, Limits
from ingest.sandbox.wire import encode_request

_Answer = TypeVar("_Answer")

_START_SECONDS: Final = 60.0
_ERROR_LOG: Final = "stderr"
_ROOT: Final = Path(__file__).parents[2]
_MEGABYTE: Final = 1_000_000


class Child:
    """A process that parses files, one after the other.

    Parameters
    ----------
    entry
        `module:function` that parses.
    folder
        In which it has a folder of its own; None: that of the system.

    Raises
    ------
    ParserUnavailable
        It cannot be started.
    """

    def __init__(self, limits: Limits, *, entry: str, folder: Path | None = None) -> None:
        self._limits = limits
        self._files = 0
        self._is_sound = True
        self._timed_out = threading.Event()
        with ExitStack() as resources:
            try:
                self._folder = tempfile.mkdtemp(prefix="zhiku-parse-", dir=folder)
                resources.callback(shutil.rmtree, self._folder, ignore_errors=True)
                self._start(resources, entry)
            except OSError as error:
                raise ParserUnavailable(
                    f"no process can be started to read files ({error.strerror}): free memory, "
                    "processes or space, and try again"
                ) from error
            resources.callback(self._end)
            self._held_at_start = self._wait_until_ready()
            self._resources = resources.pop_all()

    def _start(self, resources: ExitStack, entry: str) -> None:
        """Start the process, with a pipe in either direction besides its closed standard input."""
        requests, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        resources.callback(os.close, self._requests)
        resources.callback(os.close, self._answers)
        command = [sys.executable, "-P", "-B", "-m", "ingest.sandbox.child"]
        limits = [
            str(each)
            for each in (
                self._limits.seconds,
                self._limits.wall_seconds,
                self._limits.memory_bytes,
                self._limits.setting,
            )
        ]
        try:
            with (Path(self._folder) / _ERROR_LOG).open("wb") as log:
                self._process = subprocess.Popen(
                    [*command, str(requests), str(answers), self._folder, *limits, entry],
                    pass_fds=(requests, answers),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                    cwd=self._folder,
                    env=_environment(self._folder),
                    start_new_session=True,
                )
        finally:
            os.close(requests)
            os.close(answers)

    def _wait_until_ready(self) -> int:
        try:
            with self._deadline(_START_SECONDS):
                read_frame(self._answers, max_bytes=_MEGABYTE)
        except BadAnswer as error:
            log = (Path(self._folder) / _ERROR_LOG).read_text(errors="replace").strip()
            said = log.rpartition("\n")[2] or f"{_START_SECONDS:.0f} s without an answer"
            raise ParserUnavailable(
                f"the process that reads files does not start: {said}"
            ) from error
        return self._held_bytes()

    @property
    def is_usable(self) -> bool:
        """Tell whether it may be given another file.

        One that holds much more than at its start would leave too little for the next file.
        """
        if not self._is_sound or self._timed_out.is_set() or self._files >= FILES_PER_CHILD:
            return False
        if self._has_ended():
            return False
        return self._held_bytes() - self._held_at_start < self._limits.memory_bytes // 4

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def ask(self, source: Source, decode: Callable[[bytes], _Answer]) -> _Answer:
        """Have a file parsed, or one page of it, and decode what comes back.

        Raises
        ------
        IngestError
            What is wrong with the file; `QuarantinedFile` where the process did not survive it.
        """
        self._files += 1
        self._is_sound = False
        try:
            with self._deadline(self._limits.wall_seconds):
                write_frame(self._requests, encode_request(source))
                write_frame(self._requests, source.data)
                answer = read_frame(self._answers, max_bytes=MAX_ANSWER_BYTES)
            decoded = decode(answer)
        except (BadAnswer, OSError) as error:
            raise QuarantinedFile(self._cause(source.filename)) from error
        except QuarantinedFile:
            raise
        except IngestError:
            self._is_sound = True
            raise
        self._is_sound = True
        return decoded

    def close(self) -> None:
        """Kill the process and what it started, and remove its temporary files."""
        self._resources.close()

    def _cause(self, filename: str) -> str:
        """Return why there is no answer, in a sentence for people."""
        advice = "ask where it is from; if you trust it, open it and save it again, or split it"
        spent = f"{filename}: is set aside, because reading it takes longer than "
        if self._timed_out.is_set():
            return (
                f"{spent}{self._limits.wall_seconds:g} s; {advice}, or raise "
                f"{self._limits.setting}_seconds"
            )
        self._end()
        status = self._process.wait()
        if status == -signal.SIGXCPU:
            return (
                f"{spent}{self._limits.seconds:g} s of processor time; {advice}, or raise "
                f"{self._limits.setting}_seconds"
            )
        name = signal.Signals(-status).name if status < 0 else f"exit code {status}"
        return (
            f"{filename}: is set aside, because the program that reads it ended on it ({name}): "
            f"damaged on purpose, or too large for the memory; {advice}"
        )

    def _has_ended(self) -> bool:
        """Tell whether the process has ended, without giving its id free for another one."""
        state = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return state is not None

    def _held_bytes(self) -> int:
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()
        except OSError:  # it has just ended
            return 0
        return int(pages[1]) * os.sysconf("SC_PAGE_SIZE")

    @contextmanager
    def _deadline(self, seconds: float) -> Iterator[None]:
        """Kill the process after a time, which ends all waiting for it."""

        def expire() -> None:
            self._timed_out.set()
            self._kill()

        timer = threading.Timer(seconds, expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def _end(self) -> None:
        if self._process.returncode is None:
            self._kill()
            self._process.wait()


def _environment(folder: str) -> dict[str, str]:
    """Return what the child knows of its surroundings: no secret, no proxy, no home."""
    return {
        "HOME": folder,
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "1",
        # Else the C library keeps what was freed, more with every file, and the child is replaced.
        "MALLOC_MMAP_THRESHOLD_": "1000000",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": str(_ROOT),
        "TMPDIR": folder,
    }
