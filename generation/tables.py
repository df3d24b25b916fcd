"""Markdown tables rewritten for a small model."""

import re

_RULE = re.compile(r"\|[\s:|-]+\|")


def spell_out_tables(text: str) -> str:
    """Write every row of a Markdown table as `- header: cell; header: cell`.

    A model of 1.5 billion parameters loses the column under the header: with rows spelt out it
    named the right one of five tiers where it had not with the table. Only the prompt is written
    this way; what is shown and cited stays the table.
    """
    lines = text.split("\n")
    written: list[str] = []
    header: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if not line.startswith("|"):
            header = []
            written.append(line)
        elif not header and _RULE.fullmatch(following):
            header = _cells(line)
        elif not header:
            written.append(line)
        elif not _RULE.fullmatch(line):
            written.append(_row(header, _cells(line)))
    return "\n".join(written)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _row(header: list[str], cells: list[str]) -> str:
    pairs = zip(header, cells, strict=False)  # a row may be shorter than the header
    return "- " + "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)
