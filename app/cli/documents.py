"""`zhiku documents`: what is loaded, and what describes it."""

from datetime import date

from rich.table import Table
from rich.text import Text

from app.cli.console import output
from app.cli.keys import TenantOption
from app.settings import load_settings
from app.wiring import open_catalog
from stores.records import Document

_HEADINGS = ("title", "type", "tags", "lang", "in force", "published", "series", "id")


def documents(*, tenant: TenantOption = None) -> None:
    """List the documents of a tenant with type, tags, days and series, by title."""
    settings = load_settings()
    catalog = open_catalog(settings)
    try:
        found = catalog.documents.tenant_documents(tenant or settings.tenant)
    finally:
        catalog.close()
    table = Table(*_HEADINGS)
    for document in sorted(found, key=lambda each: (each.title, each.uri)):
        table.add_row(*(Text(cell) for cell in _cells(document)))
    output.print(table)


def _cells(document: Document) -> tuple[str, ...]:
    return (
        document.title,
        document.doc_type,
        ", ".join(document.tags),
        document.lang,
        _period(document.effective_from, document.effective_to),
        str(document.published or ""),
        document.series,
        str(document.id),
    )


def _period(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return ""
    return f"{first or ''} – {last or ''}".strip()
