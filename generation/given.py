"""How passages are given to the model, and to what checks its sentences."""

from collections.abc import Iterable

from generation.compaction import Excerpt
from generation.tables import spell_out_tables
from retrieval.records import Evidence


def prompt_passages(excerpts: Iterable[Excerpt]) -> list[dict[str, object]]:
    """Return what a prompt's `evidence` is rendered with: number, heading and text of each."""
    return [
        {
            "number": each.passage.number,
            "heading": _heading(each.passage),
            "text": spell_out_tables(each.text),
        }
        for each in excerpts
    ]


def citable_texts(evidence: Iterable[Evidence]) -> dict[int, str]:
    """Return the whole passages by number, each below its title and headings."""
    return {each.number: f"{_heading(each)}\n{each.quote}" for each in evidence}


def _heading(passage: Evidence) -> str:
    return " › ".join((passage.title, *passage.heading_path))
