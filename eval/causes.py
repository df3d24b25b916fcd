"""How many questions of a run were lost, and where."""

from collections import Counter

from rich.table import Table

from eval.records import Run
from eval.report.failures import Lost, lost_at


def causes_table(run: Run) -> Table:
    """Return by set how many questions were lost at each stage, in the order of the stages."""
    counts = {
        name: Counter(lost for row in rows if (lost := lost_at(row)) is not None)
        for name, rows in run.rows.items()
    }
    found = [cause for cause in Lost if any(count[cause] for count in counts.values())]
    table = Table("set", "questions", "all well", *(cause.value for cause in found))
    for name, count in counts.items():
        total = len(run.rows[name])
        well = total - sum(count.values())
        table.add_row(name, str(total), str(well), *(str(count[cause]) for cause in found))
    return table
