"""A process of its own for each measurement."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol, TypeVar

from eval.errors import EvalError

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")


class Alone(Protocol):
    """Does a job, apart from others."""

    def __call__(self, action: Callable[[_Job], _Result], job: _Job, /) -> _Result:
        """Return what the action makes of the job."""


def run_alone(action: Callable[[_Job], _Result], job: _Job) -> _Result:
    """Do a job in a fresh process; what it raises is raised here.

    Raises
    ------
    EvalError
        The process was killed.
    """
    # A forked process would start with the memory of this one.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(action, job).result()
        except BrokenProcessPool as error:
            raise EvalError(
                f"the process of {action.__name__} was killed: there may be too little memory"
            ) from error
