"""Runs on disk: a folder with the head and, for each set, a row a line.

`head.json` says what the run was made with; `rows/<set>.jsonl` grows by a line for each question,
so a run that is stopped goes on where it was. A last line that was torn by a crash is taken back.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from eval.errors import EvalError, RunMismatch
from eval.records import Row, Run, RunHead

_HEAD: Final = TypeAdapter(RunHead)
_ROW: Final = TypeAdapter(Row)
_NAME: Final = re.compile(r"\w[\w.-]*")
_MAX_NAME_BYTES: Final = 200


class RunFolder:
    """A run that is being made or read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        """Tell whether a run was begun here."""
        return self._head_path.is_file()

    def begin(self, head: RunHead) -> RunHead:
        """Write the head of a new run, or go on with one that was made with the same.

        Returns
        -------
        RunHead
            The head that is on disk.

        Raises
        ------
        RunMismatch
            The run that is there was made with something else; the message names what.
        """
        if not self.exists:
            self._rows_path.mkdir(parents=True, exist_ok=True)
            _write_whole(self._head_path, _HEAD.dump_json(head, indent=2))
            return head
        there = self.head()
        differing = _differences(there, head)
        if differing:
            raise RunMismatch(
                f"{self.path}: the run there has another {', '.join(differing)}; "
                "give this one another --name"
            )
        return there

    def head(self) -> RunHead:
        """Read the head."""
        if not self.exists:
            raise EvalError(f"{self.path}: no run is there; name a folder with head.json")
        try:
            return _HEAD.validate_json(self._head_path.read_bytes())
        except ValidationError as error:
            raise EvalError(f"{self._head_path}: {_first(error)}; run it again") from error

    def rows(self, set_name: str) -> list[Row]:
        """Read the rows of a set, in the order in which they were written."""
        path = self._set_path(set_name)
        if not path.is_file():
            return []
        _take_back_torn_line(path)
        return list(_read_rows(path))

    def append(self, set_name: str, row: Row) -> None:
        """Write a row, flushed before this returns."""
        with self._set_path(set_name).open("ab") as lines:
            lines.write(_ROW.dump_json(row) + b"\n")
            lines.flush()
            os.fsync(lines.fileno())

    def read(self) -> Run:
        """Read the whole run."""
        head = self.head()
        rows = {name: tuple(self.rows(name)) for name in head.data}
        return Run(head, {name: found for name, found in rows.items() if found})

    @property
    def _head_path(self) -> Path:
        return self.path / "head.json"

    @property
    def _rows_path(self) -> Path:
        return self.path / "rows"

    def _set_path(self, set_name: str) -> Path:
        return self._rows_path / f"{set_name}.jsonl"


def run_folder(runs: Path, name: str) -> RunFolder:
    """Return the folder of the run of that name."""
    if not _NAME.fullmatch(name) or len(name.encode()) > _MAX_NAME_BYTES:
        raise EvalError(
            f"{name!r} is no name of a run: use letters, digits, '.', '_' and '-', "
            f"at most {_MAX_NAME_BYTES} bytes"
        )
    return RunFolder(runs / name)


def _read_rows(path: Path) -> Iterator[Row]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield _ROW.validate_json(line)
            except ValidationError as error:
                raise EvalError(
                    f"{path}:{number}: {_first(error)}; remove the line to have it made again"
                ) from error


def _take_back_torn_line(path: Path) -> None:
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)


def _write_whole(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(".part")
    temporary.write_bytes(data)
    temporary.replace(path)


def _differences(there: RunHead, head: RunHead) -> list[str]:
    """Return the fields that differ; when a run was begun says nothing of what it is."""
    old = json.loads(_HEAD.dump_json(replace(there, started="")))
    new = json.loads(_HEAD.dump_json(replace(head, started="")))
    return [name for name in new if old[name] != new[name]]


def _first(error: ValidationError) -> str:
    problem = error.errors()[0]
    return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
