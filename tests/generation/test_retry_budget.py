from generation.retry_budget import RetryBudget


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _taken(budget: RetryBudget, wanted: int = 10) -> int:
    return sum(budget.take() for _ in range(wanted))


def test_three_at_once_and_no_more() -> None:
    assert _taken(RetryBudget(clock=Clock())) == 3


def test_ten_requests_earn_one_and_an_idle_crowd_none() -> None:
    budget = RetryBudget(clock=Clock())
    for _ in range(1000):
        budget.add_request()
    assert _taken(budget) == 3
    for _ in range(9):
        budget.add_request()
    assert _taken(budget) == 0
    budget.add_request()
    assert _taken(budget) == 1


def test_ten_seconds_earn_one() -> None:
    clock = Clock()
    budget = RetryBudget(clock=clock)
    _taken(budget)
    clock.now += 9.9
    assert _taken(budget) == 0
    clock.now += 0.2
    assert _taken(budget) == 1
