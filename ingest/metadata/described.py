"""Describing a document: when it has to be done again, and what of before holds."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from ingest.metadata import EXTRACTION_VERSION
from ingest.records import Metadata, Source
from stores.records import Document, Given
from stores.rows import given_fields


def with_earlier_statements(source: Source, current: Document | None, *, sha256: str) -> Source:
    """Return the source with what was said of the document before and is not said anew.

    Type, series and tags describe the document and stay when its bytes change; days describe the
    edition that was loaded, and are forgotten with it.
    """
    if current is None:
        return source
    earlier, new = current.given, source.given
    days = earlier if current.sha256 == sha256 else Given()
    given = Given(
        series=new.series or earlier.series,
        effective_from=new.effective_from or days.effective_from,
        effective_to=new.effective_to or days.effective_to,
        published=new.published or days.published,
        doc_type=new.doc_type or earlier.doc_type,
        tags=new.tags or earlier.tags,
    )
    return replace(source, given=given)


def description_key(source: Source) -> str:
    """Name all that a description is made of beside the bytes; equal names, equal descriptions."""
    made_of = [EXTRACTION_VERSION, source.filename, source.sidecar, given_fields(source.given)]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def described(document: Document, metadata: Metadata, source: Source, *, now: datetime) -> Document:
    """Return the document with what describes it."""
    return replace(
        document,
        series=metadata.series,
        effective_from=metadata.effective_from,
        effective_to=metadata.effective_to,
        published=metadata.published,
        doc_type=metadata.doc_type,
        tags=metadata.tags,
        given=source.given,
        described_by=description_key(source),
        updated_at=now,
    )
