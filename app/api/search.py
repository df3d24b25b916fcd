"""`POST /v1/search`: the passages without an answer."""

from fastapi import APIRouter

from app.api.auth import GuardedRoute, Reader
from app.api.documented import JSON, KEYED, RETRIEVAL, errors
from app.api.questions import build_query
from app.api.requests import SearchIn
from app.api.schemas import SearchOut
from app.api.services import ServicesDependency

router = APIRouter(route_class=GuardedRoute, tags=["questions"])


@router.post("/v1/search", summary="Find passages", responses=errors(*KEYED, *JSON, *RETRIEVAL))
async def search(body: SearchIn, principal: Reader, services: ServicesDependency) -> SearchOut:
    """Return the passages that answer the query best, from documents that the key may read."""
    limit = services.system.settings.answer.max_question_characters
    query = build_query(
        body.query,
        principal,
        max_characters=limit,
        asked_on=body.asked_on,
        filters=body.filters.filters(),
        interpret=body.interpret,
    )
    retriever = services.system.retriever
    if body.explain:
        explanation = await services.call(retriever.explain, query, limit=body.limit)
        found: dict[str, object] = {
            "evidence": explanation.evidence,
            "explanation": explanation,
        }
    else:
        found = {"evidence": await services.call(retriever.search, query, limit=body.limit)}
    found["asked"] = retriever.asked(query)
    return SearchOut.model_validate(found, from_attributes=True)
