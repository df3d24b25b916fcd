"""What locust's users do: search, or ask and read the answer to its end.

Nothing of ours is imported here: locust puts this folder before all others on the path, where
`ingest.py` would hide the package `ingest`, and counts the time of importing as time of the run.
"""

import json
import os
from typing import ClassVar

from locust import HttpUser, constant, task

_TEXTS: list[str] = json.loads(os.environ["BENCH_TEXTS"])
_HEADERS = {"Authorization": f"Bearer {os.environ['BENCH_KEY']}"}


class _Asker(HttpUser):
    """Asks the next question as soon as it has its answer."""

    abstract = True
    wait_time = constant(0)
    path: ClassVar[str]
    field: ClassVar[str]
    asked = 0

    @task
    def ask(self) -> None:
        """Send the next question; locust counts what is no success as a failure."""
        text = _TEXTS[self.asked % len(_TEXTS)]
        self.asked += 1
        self.client.post(self.path, json={self.field: text}, headers=_HEADERS)


class SearchUser(_Asker):
    """Searches."""

    path = "/v1/search"
    field = "query"


class ChatUser(_Asker):
    """Asks for answers."""

    path = "/v1/chat"
    field = "question"
