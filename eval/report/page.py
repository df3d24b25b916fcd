"""The page: one HTML file that needs no network, not even a server."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from eval.compare import HEADLINES, Comparison
from eval.records import Run
from eval.report.failures import Failure, Lost, failures_of
from eval.report.plots import plotly_script, plots_of
from eval.report.tables import metrics_of, tables_of
from eval.report.texts import (
    AGGREGATES,
    ANSWER_METRICS,
    LOST_WORDS,
    RANK_METRICS,
    STAGE_WORDS,
    Words,
    metric_words,
)
from eval.slices import crossings_of
from eval.summary import summarise
from stores.files import write_atomically

_GLANCE: Final = ("final.mrr@10", "right")
_FOLDER: Final = Path(__file__).parent
_Filter = tuple[str, str, list[tuple[str, str]]]


def write_report(run: Run, path: Path, comparison: Comparison | None = None) -> None:
    """Write the report of a run; the file is there whole or not at all."""
    write_atomically(path, render(run, comparison).encode())


def render(run: Run, comparison: Comparison | None = None) -> str:
    """Return the page of a run, with a section on a comparison if one is given."""
    summary = summarise(run)
    failures = failures_of(run)
    glance = [metric for metric in _GLANCE if metric in metrics_of(summary)]
    compared = comparison.differences if comparison else ()
    return _template().render(
        head=run.head,
        summary=summary,
        glance_metrics=glance,
        glance=[metric_words(metric) for metric in glance],
        tables=tables_of(summary),
        plots=plots_of(run, summary),
        comparison=comparison,
        differences=[each for each in compared if each.metric in HEADLINES],
        failures=failures,
        failed=Counter(each.set for each in failures),
        lost_names=LOST_WORDS,
        lost_counts=Counter(each.lost for each in failures),
        filters=_filters(failures),
        stage_words=tuple(STAGE_WORDS.values()),
        rank_words=tuple(RANK_METRICS.values()),
        answer_words=_answer_words(metrics_of(summary)),
        aggregate_words=AGGREGATES,
        style=_own_file("report.css"),
        script=_own_file("report.js"),
        plotly=plotly_script(),
    )


def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _own_file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _answer_words(metrics: set[str]) -> tuple[Words, ...]:
    return tuple(words for name, words in ANSWER_METRICS.items() if name in metrics)


def _filters(failures: Sequence[Failure]) -> list[_Filter]:
    """Return name, label, and values with their texts, of what failures can be chosen by."""
    questions = [each.question for each in failures]
    kinds = sorted({kind for question in questions for kind in question.kinds})
    lost = [(each.value, f"{each.value} · {LOST_WORDS[each].zh}") for each in _lost(failures)]
    return [
        ("set", "set · 数据集", _same(list(dict.fromkeys(each.set for each in failures)))),
        ("crossing", "languages · 语言", _same(crossings_of(questions))),
        ("kind", "kind · 题型", _same(kinds)),
        ("lost", "lost · 失败阶段", lost),
    ]


def _lost(failures: Sequence[Failure]) -> list[Lost]:
    found = {each.lost for each in failures}
    return [lost for lost in Lost if lost in found]


def _same(values: Sequence[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]
