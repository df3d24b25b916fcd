"""Short names for things: where a passage stands, how long a title may be, how large a file is."""

import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

from app.api.schemas import EvidenceOut, SourceOut, UnderstoodOut
from app.ui.texts import Texts
from retrieval.policy.editions import Standing

_WIDE = frozenset("WF")
_KILOBYTE = 1000
_SHEET_COLUMNS = 24
_ICONS = {
    ".bmp": "image",
    ".csv": "table",
    ".docx": "description",
    ".eml": "mail",
    ".htm": "language",
    ".html": "language",
    ".jpeg": "image",
    ".jpg": "image",
    ".md": "article",
    ".msg": "mail",
    ".pdf": "picture_as_pdf",
    ".png": "image",
    ".pptx": "slideshow",
    ".tif": "image",
    ".tiff": "image",
    ".txt": "article",
    ".webp": "image",
    ".xlsx": "table",
}


def understood_line(understood: UnderstoodOut, texts: Texts) -> str:
    """Return what a follow-up was taken to ask, and that the model could not rewrite it."""
    text = texts.understood_by_rules if understood.model_failed else texts.understood
    return text.format(question=understood.question)


def conflict_line(title: str, quote: str, texts: Texts, *, is_in_force: bool) -> str:
    """Return that another document, of this title, says otherwise, and what."""
    text = texts.conflict if is_in_force else texts.conflict_former
    return text.format(title=title, quote=" ".join(quote.split()))


def shortened(text: str, width: int) -> str:
    """Return `text`, cut with an ellipsis to `width` columns; a Chinese character takes two."""
    if display_width(text) <= width:
        return text
    used, kept = 1, ""
    for character in text:
        used += display_width(character)
        if used > width:
            break
        kept += character
    return kept.rstrip() + "…"


def display_width(text: str) -> int:
    """Return how many columns `text` takes in a monospaced font."""
    return sum(2 if unicodedata.east_asian_width(c) in _WIDE else 1 for c in text)


def place(pages: Sequence[int], uri: str, texts: Texts) -> str:
    """Return where pages are: page, slide or sheet by the kind of file; empty without pages."""
    if not pages:
        return ""
    one, several = {
        ".pptx": (texts.slide, texts.slides),
        ".xlsx": (texts.sheet, texts.sheets),
    }.get(suffix(uri), (texts.page, texts.pages))
    if len(pages) == 1:
        return one.format(first=pages[0])
    return several.format(first=min(pages), last=max(pages))


def where(source: SourceOut, texts: Texts) -> str:
    """Return where a passage stands: its page or slide, or its sheet by name, and its rows."""
    name = place(source.pages, source.uri, texts)
    if suffix(source.uri) == ".xlsx" and len(source.pages) == 1 and source.heading_path:
        name = texts.named_sheet.format(name=shortened(source.heading_path[0], _SHEET_COLUMNS))
    return " · ".join(filter(None, (name, _rows(source, texts))))


def _rows(source: SourceOut, texts: Texts) -> str:
    """Return the rows of a sheet from the first to the last; empty where there is no sheet."""
    found = [span.rows for span in source.spans if span.rows is not None]
    if not found:
        return ""
    first, last = min(low for low, _ in found), max(high for _, high in found)
    text = texts.row if first == last else texts.rows
    return text.format(first=first, last=last)


def caption(source: SourceOut, texts: Texts, *, width: int) -> str:
    """Return title and place of a passage."""
    stands = where(source, texts)
    title = shortened(source.title, width)
    return f"{title} · {stands}" if stands else title


def headings(source: SourceOut) -> str:
    """Return the headings above a passage; empty where they say no more than the title."""
    if source.heading_path in ((), (source.title,)):
        return ""
    return " › ".join(source.heading_path)


def suffix(uri: str) -> str:
    """Return the file extension of a document's address, in lower case, with its dot."""
    return PurePosixPath(uri).suffix.lower()


def file_icon(uri: str) -> str:
    """Return the icon for a kind of file."""
    return f":material/{_ICONS.get(suffix(uri), 'draft')}:"


def file_size(size_bytes: int) -> str:
    """Return a size for people."""
    if size_bytes < _KILOBYTE:
        return f"{size_bytes} B"
    if size_bytes < _KILOBYTE**2:
        return f"{size_bytes / _KILOBYTE:.0f} kB"
    return f"{size_bytes / _KILOBYTE**2:.1f} MB"


def key_sentence(highlight: str) -> str:
    """Return the sentence that says it best in one line; a row of a table as its cells."""
    if not highlight.startswith("|"):
        return " ".join(highlight.split())
    return " · ".join(cell.strip() for cell in highlight.strip("| \n").split("|"))


def scores(found: EvidenceOut, texts: Texts) -> str:
    """Return the score and the signals behind it, for people."""
    named = {
        "dense": texts.signal_dense,
        "lexical": texts.signal_lexical,
        "coverage": texts.signal_coverage,
        "fusion": texts.signal_fusion,
        "dense_rank": texts.signal_dense_rank,
        "lexical_rank": texts.signal_lexical_rank,
        "fusion_rank": texts.signal_fusion_rank,
        "rerank": texts.signal_rerank,
        "merit": texts.signal_merit,
        "recency": texts.signal_recency,
        "authority": texts.signal_authority,
        "edition": _edition(found.signals.get("edition", Standing.IN_FORCE), texts),
    }
    parts = [texts.relevance.format(percent=round(found.score * 100))]
    for signal, value in found.signals.items():
        shown = f"{value:.3g}"
        parts.append(named[signal].format(value=shown) if signal in named else f"{signal} {shown}")
    return " · ".join(parts)


def _edition(standing: float, texts: Texts) -> str:
    if standing < Standing.NEAREST:
        return texts.edition_other
    return texts.edition_nearest if standing == Standing.NEAREST else texts.edition_in_force
