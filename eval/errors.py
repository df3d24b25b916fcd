"""What can be wrong with a set or a run."""


class EvalError(ValueError):
    """Evaluation cannot go on with what it was given; the message says what to do."""


class BrokenSet(EvalError):
    """A set of questions is not what its layout promises; the message names file and line."""


class RunMismatch(EvalError):
    """Two runs, or a run and what should go on with it, do not belong together."""
