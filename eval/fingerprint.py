"""What a run is made with: code, settings, models, machine."""

import hashlib
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.settings import Settings
from app.wiring import RERANKER, required_models
from models.manifest import read_manifest

_ROOT: Final = Path(__file__).parents[1]
_PACKAGES: Final = ("models", "stores", "ingest", "retrieval", "generation", "app", "eval")
_SUFFIXES: Final = frozenset({".py", ".json", ".md"})
_SECTIONS: Final = {"encoder", "ingest", "retrieval", "answer", "llm"}
_BYTES_PER_GIBIBYTE: Final = 2**30


def commit(root: Path = _ROOT) -> str:
    """Return the short commit; `+` and a hash of the code follow where it is not as committed."""
    head = _git(root, "rev-parse", "--short=10", "HEAD")
    if head and not _git(root, "status", "--porcelain", "--", *_PACKAGES):
        return head
    return f"{head or 'unknown'}+{_code(root)}"


def config(settings: Settings) -> str:
    """Return a hash of the settings that bear on answers; folders are none of them."""
    return hashlib.sha256(settings.model_dump_json(include=_SECTIONS).encode()).hexdigest()[:16]


def models(settings: Settings) -> dict[str, str]:
    """Return the SHA-256 of the embedded models by name; a server's are known to it alone."""
    found = {spec.name: spec.weights.sha256 for spec in required_models(settings)}
    if settings.retrieval.reranker == "embedded":
        reranker = read_manifest(RERANKER)
        found[reranker.name] = reranker.weights_sha256
    llm = settings.llm
    if llm.kind == "transformers":
        found[llm.model] = f"revision {llm.revision}, quantisation {llm.quantisation}"
    for each, unnamed in ((llm, "default"), (llm.backup, "default backup")):
        if each.base_url is not None:
            found[each.model or unnamed] = f"served at {each.base_url}"
    return found


def machine() -> Mapping[str, str]:
    """Return what the run was measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _BYTES_PER_GIBIBYTE
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }


def now() -> str:
    """Return the time, UTC, in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _git(root: Path, *arguments: str) -> str:
    """Return what git says; nothing where there is no git or no repository."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _code(root: Path) -> str:
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in _SUFFIXES:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
