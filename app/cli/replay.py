"""`zhiku replay`: answers repeated from their traces."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Final
from uuid import UUID

import typer

from app.cli.console import count_progress, errors, output
from app.cli.keys import TenantOption
from app.errors import BadRequest
from app.settings import Settings, load_settings
from app.wiring import ReplaySystem, open_catalog, open_replay
from generation.errors import PromptTooLong
from generation.replay import NothingToReplay, Replayed, Replayer
from stores.access import Principal, Scope
from stores.errors import UnknownTrace
from stores.trace_records import Trace

EXIT_DIFFERENT: Final = 1
_QUESTION_CHARACTERS = 60


def replay(
    trace: Annotated[
        UUID | None, typer.Argument(help="Id: `trace_id` in the provenance of the answer.")
    ] = None,
    *,
    last: Annotated[
        int | None, typer.Option(min=1, help="Repeat the newest answers that the model wrote.")
    ] = None,
    tenant: TenantOption = None,
) -> None:
    """Repeat an answer from its trace: equal, or what is different.

    Exit codes: 0 equal; 1 different; 2 it could not be repeated.
    """
    if (trace is None) == (last is None):
        raise BadRequest("name a trace, or say with --last how many answers to repeat")
    settings = load_settings()
    operator = Principal(
        tenant or settings.tenant, "command line", frozenset(), frozenset({Scope.ADMIN})
    )
    with _told_as_bad_request():
        found = _traces(settings, operator, trace, last)
        with _opened(settings) as system:
            _read_before(system, operator, found[0])
            equal = (
                _replay_one(system.replayer, found[0])
                if last is None
                else _replay_all(system.replayer, found)
            )
    if not equal:
        raise typer.Exit(EXIT_DIFFERENT)


def _traces(
    settings: Settings, operator: Principal, trace: UUID | None, last: int | None
) -> list[Trace]:
    """Return what to repeat, before any model is loaded."""
    catalog = open_catalog(settings)
    try:
        if trace is not None:
            return [catalog.traces.get(trace, operator)]
        # The oldest first, as they were written: see `Replayer.read_before`.
        found = catalog.traces.last_written(operator, limit=last or 1)[::-1]
    finally:
        catalog.close()
    if not found:
        raise BadRequest(f"no answer of a model has left a trace in the tenant {operator.tenant}")
    return found


def _read_before(system: ReplaySystem, operator: Principal, first: Trace) -> None:
    """Bring the model to where it was: it had written another answer before, if any."""
    before = system.catalog.traces.last_written(operator, limit=1, before=first.asked_at)
    if before and first.model_call is not None:
        system.replayer.read_before(before[0])


def _replay_one(replayer: Replayer, trace: Trace) -> bool:
    replayed = replayer.replay(trace)
    if replayed.equal:
        output.print("equal")
        return True
    for name, lines in _parts(replayed).items():
        output.print(f"{name}: {'different' if lines else 'equal'}")
        for line in lines:
            output.print(line, markup=False, highlight=False)
    return False


def _replay_all(replayer: Replayer, traces: Sequence[Trace]) -> bool:
    replayed: list[Replayed] = []
    with count_progress() as progress:
        for trace in progress.track(traces, description="answers"):
            replayed.append(replayer.replay(trace))
            different = ", ".join(name for name, lines in _parts(replayed[-1]).items() if lines)
            told = f"different ({different})" if different else "equal"
            question = trace.question.text[:_QUESTION_CHARACTERS]
            output.print(f"{trace.id}  {told}  {question}", markup=False, highlight=False)
    parts = [_parts(each) for each in replayed]
    for name in parts[0]:
        equal = sum(not each[name] for each in parts)
        share = equal / len(parts)
        output.print(f"{name}: equal in {equal} of {len(parts)} ({share:.1%})", highlight=False)
    return all(each.equal for each in replayed)


def _parts(replayed: Replayed) -> dict[str, tuple[str, ...]]:
    return {
        "prompt": replayed.prompt,
        "evidence": replayed.evidence,
        "model": replayed.model,
        "text": replayed.text,
    }


@contextmanager
def _opened(settings: Settings) -> Iterator[ReplaySystem]:
    with errors.status("loading the language model …"):
        system = open_replay(settings)
    try:
        yield system
    finally:
        system.close()


@contextmanager
def _told_as_bad_request() -> Iterator[None]:
    try:
        yield
    except (UnknownTrace, NothingToReplay, PromptTooLong) as error:
        raise BadRequest(str(error)) from error
