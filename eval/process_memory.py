"""What this process holds in memory, as the kernel tells it; see proc(5)."""

from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_CLEAR: Final = Path("/proc/self/clear_refs")
_KIBIBYTES_PER_MEBIBYTE: Final = 1024


def held_mebibytes() -> float:
    """Return what is held now, in MiB."""
    return _mebibytes("VmRSS")


def peak_mebibytes() -> float:
    """Return the most that was held since the process began or `forget_the_peak`, in MiB.

    `getrusage` would count what the parent held before it started this process.
    """
    return _mebibytes("VmHWM")


def forget_the_peak() -> None:
    """Let the peak begin anew from what is held now."""
    _CLEAR.write_text("5", encoding="ascii")


def _mebibytes(field: str) -> float:
    status = _STATUS.read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) / _KIBIBYTES_PER_MEBIBYTE
