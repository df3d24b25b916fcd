"""The application: its routes, its error handlers, and what runs while it is served."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import FastAPI
from starlette.types import Lifespan

from app.api import (
    chat,
    conversations,
    documents,
    duplicates,
    health,
    jobs,
    lexicon,
    receipts,
    search,
    service,
    summaries,
)
from app.api.context import RequestContext
from app.api.errors import HANDLERS
from app.api.readiness import Readiness
from app.api.services import Services
from app.erasing import ErasureWorker, let_go_of_what_is_due
from app.ingestion import IngestionWorker
from app.wiring import System, open_uploads

API_VERSION = "1"
_DESCRIPTION = """Answers from your own documents, in Chinese and English, with evidence.

Every path below `/v1` takes an API key (`Authorization: Bearer zk_…`). What a key may read is
decided by its groups; what it may do by its role: a reader asks, an editor also adds and removes
documents, an administrator does so for any group.

Every error has the same body: a stable `code`, a `message` that says what to do in the language of
`Accept-Language` (zh or en), and the `request_id` of the log. What a key may not see is answered
exactly as what does not exist.
"""


def build_app(*, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Return the application without anything to serve: enough for its description."""
    app = FastAPI(
        title="Zhiku",
        version=API_VERSION,
        description=_DESCRIPTION,
        lifespan=lifespan,
        # The pages that render the description load scripts from the internet.
        docs_url=None,
        redoc_url=None,
        exception_handlers=HANDLERS,
    )
    app.add_middleware(RequestContext)
    for module in (
        search,
        chat,
        conversations,
        service,
        documents,
        duplicates,
        receipts,
        summaries,
        jobs,
        lexicon,
        health,
    ):
        app.include_router(module.router)
    return app


def build_service(system: System, *, clock: Callable[[], datetime]) -> FastAPI:
    """Return the application that serves a system, with its workers."""
    worker = IngestionWorker(
        catalog=system.catalog,
        waiting=open_uploads(system.settings),
        pipeline=system.pipeline,
    )
    erasures = ErasureWorker(
        finish=system.forgetter.finish,
        upkeep=lambda: let_go_of_what_is_due(system.settings, system.catalog, now=clock()),
    )
    readiness = Readiness(
        {
            "catalog": system.catalog.check,
            "index": system.indexes.check,
            "llm": system.llm.check,
        }
    )
    services = Services(
        system=system, worker=worker, erasures=erasures, clock=clock, readiness=readiness
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        worker.start()
        erasures.start()
        yield
        await services.call(worker.stop)
        await services.call(erasures.stop)

    app = build_app(lifespan=lifespan)
    app.state.services = services
    return app
