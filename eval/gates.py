"""Gates: what a run has to reach (`gates.toml`), and whether it does."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from rich.table import Table

from eval.errors import EvalError
from eval.records import Run
from eval.slices import Slice
from eval.summary import Measured, measure, scores_of

GATES: Final = Path(__file__).parent / "gates.toml"
_SIDE: Final = {"lower": "floor", "upper": "ceiling"}


class BrokenGates(EvalError):
    """A file of gates is not what its layout promises; the message names file and gate."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A bound for the mean of a metric.

    Attributes
    ----------
    floor, ceiling
        One of them is given; reaching it exactly passes.
    interval
        `lower` or `upper`: that bound of the 95 % interval has to keep to it, not the mean.
    minimum_rows
        Fewer rows fail: a gate that has nothing to check must not pass.
    """

    set: str
    slice: Slice
    metric: str
    floor: float | None
    ceiling: float | None
    interval: Literal["lower", "upper"] | None
    minimum_rows: int


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether a run passed a gate; `reason` says why it did not, `measured` lacks without rows."""

    gate: Gate
    measured: Measured | None
    reason: str

    @property
    def passed(self) -> bool:
        """Tell whether the run passed."""
        return not self.reason


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _SliceIn(_Strict):
    language: Literal["", "zh", "en"] = ""
    crossing: Literal["", "zh→zh", "zh→en", "en→zh", "en→en"] = ""
    kind: str = ""
    answerable: bool | None = None


class _GateIn(_Strict):
    set: str = Field(min_length=1)
    half: Literal["", "tuning", "reporting"] = ""
    slice: _SliceIn = _SliceIn()
    metric: str = Field(min_length=1)
    floor: float | None = Field(None, ge=0, le=1)
    ceiling: float | None = Field(None, ge=0, le=1)
    interval: Literal["lower", "upper"] | None = None
    minimum_rows: int = Field(1, ge=1)

    @model_validator(mode="after")
    def _has_one_bound(self) -> Self:
        if (self.floor is None) == (self.ceiling is None):
            raise ValueError("needs either a floor or a ceiling")
        if self.interval and getattr(self, _SIDE[self.interval]) is None:
            raise ValueError(f"interval = {self.interval!r} needs a {_SIDE[self.interval]}")
        return self


def load_gates(path: Path = GATES) -> tuple[Gate, ...]:
    """Read the gates, in the order of the file.

    Raises
    ------
    BrokenGates
        The file is no TOML, holds no gate, or a gate has an unknown key or an impossible value.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BrokenGates(f"{path}: is no TOML: {error}") from error
    unknown = sorted(content.keys() - {"gate"})
    if unknown:
        raise BrokenGates(f"{path}: holds {unknown}; gates start with [[gate]]")
    listed = content.get("gate")
    if not isinstance(listed, list) or not listed:
        raise BrokenGates(f"{path}: holds no gates; start each with [[gate]]")
    return tuple(_gate(path, number, each) for number, each in enumerate(listed, start=1))


def check_gates(run: Run, gates: Sequence[Gate]) -> tuple[GateResult, ...]:
    """Check each gate, in their order."""
    return tuple(_check(run, gate) for gate in gates)


def gate_table(results: Sequence[GateResult]) -> Table:
    """Return a line for each gate: what was measured, what was asked, and whether it passed."""
    table = Table("set", "questions", "metric", "value (95 %)", "rows", "has to be", "")
    for result in results:
        gate, measured = result.gate, result.measured
        table.add_row(
            gate.set,
            gate.slice.label,
            gate.metric,
            "–" if measured is None else measured.text,
            "0" if measured is None else str(measured.rows),
            demand(gate),
            "[green]passed[/]" if result.passed else f"[red]FAILED[/] {result.reason}",
        )
    return table


def demand(gate: Gate) -> str:
    """Return the bound in words."""
    end = f" ({gate.interval} end)" if gate.interval else ""
    if gate.floor is not None:
        return f"≥ {gate.floor:.3f}{end}"
    return f"≤ {gate.ceiling:.3f}{end}"


def _gate(path: Path, number: int, given: object) -> Gate:
    try:
        read = _GateIn.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        message = f"{place}: {first['msg']}" if place else first["msg"]
        raise BrokenGates(f"{path}: gate {number}: {message} (found {first['input']!r})") from error
    return Gate(
        set=read.set,
        slice=Slice(half=read.half, **read.slice.model_dump()),
        metric=read.metric,
        floor=read.floor,
        ceiling=read.ceiling,
        interval=read.interval,
        minimum_rows=read.minimum_rows,
    )


def _check(run: Run, gate: Gate) -> GateResult:
    rows = run.rows.get(gate.set)
    if rows is None:
        return GateResult(gate, None, f"the run has no set {gate.set}")
    scores = scores_of(rows, gate.slice, gate.metric)
    if not scores:
        return GateResult(gate, None, f"no row has {gate.metric}")
    measured = measure(scores)
    if measured.rows < gate.minimum_rows:
        return GateResult(gate, measured, f"needs {gate.minimum_rows} rows")
    return GateResult(gate, measured, _shortfall(gate, measured))


def _shortfall(gate: Gate, measured: Measured) -> str:
    ends = {"lower": measured.low, "upper": measured.high, None: measured.mean}
    value = ends[gate.interval]
    if gate.floor is not None and value < gate.floor:
        return f"{gate.floor - value:.3f} too low"
    if gate.ceiling is not None and value > gate.ceiling:
        return f"{value - gate.ceiling:.3f} too high"
    return ""
