"""The figures of the page, as JSON for plotly's own script; the page gives them its colours."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs
from plotly.subplots import make_subplots

from eval.calibration import ReliabilityBin
from eval.records import Row, Run
from eval.report.failures import STAGES
from eval.report.texts import STAGE_WORDS, metric_words
from eval.summary import TIMINGS, Calibration, Measured, SetSummary, Summary

# Told apart by the colour-blind, and seen on white and on black.
COLOURS: Final = ("#2a9479", "#e3a83a", "#5285cc", "#cf6650", "#9a77c4", "#86938f")
MAIN: Final = "final.mrr@10"
_LANGUAGES: Final = {"zh": "Chinese · 中文", "en": "English · 英文"}
_TIMING_NAMES: Final = {
    "search": "search · 检索",
    "first token": "first token · 首字",
    "answer": "answer · 完整回答",
}
_LINE_PIXELS: Final = 34


@dataclass(frozen=True, slots=True)
class Plot:
    """A figure: its name on the page, its title, a line on how to read it, and plotly's JSON."""

    name: str
    title: str
    hint: str
    json: str


@dataclass(frozen=True, slots=True)
class _Caption:
    name: str
    title: str
    hint: str


def plotly_script() -> str:
    """Return plotly's script, as it stands in a page once."""
    script: str = get_plotlyjs()
    return script


def plots_of(run: Run, summary: Summary) -> list[Plot]:
    """Return the figures that the run has data for."""
    made = [
        *(_by_stage(summary, metric) for metric in ("mrr@10", "recall@5")),
        *(_by_slice(summary, "crossing", metric) for metric in (MAIN, "right")),
        *(_by_slice(summary, "kind", metric) for metric in (MAIN, "right")),
        _reliability(summary.calibrations),
        _coverage(run),
        _latency(run),
    ]
    return [plot for plot in made if plot is not None]


def _by_stage(summary: Summary, metric: str) -> Plot | None:
    names = {f"{stage}.{metric}": STAGE_WORDS[stage] for stage in STAGES}
    series = {
        f"{words.en} · {words.zh}": _measured(summary.sets, name) for name, words in names.items()
    }
    words = metric_words(f"final.{metric}")
    caption = _Caption(
        f"stage-{metric.replace('@', '-')}",
        f"{words.en} by set and stage · 各数据集各阶段{words.zh}",
        f"Each stage should be at least as good as those before it. {words.line}",
    )
    return _bars(caption, series)


def _measured(sets: Iterable[SetSummary], metric: str) -> dict[str, Measured]:
    return {each.name: each.whole.metrics[metric] for each in sets if metric in each.whole.metrics}


def _by_slice(summary: Summary, field: str, metric: str) -> Plot | None:
    series: dict[str, dict[str, Measured]] = {}
    for each in summary.sets:
        for part in each.slices:
            value = getattr(part.slice, field)
            if value and metric in part.metrics:
                series.setdefault(value, {})[each.name] = part.metrics[metric]
    words = metric_words(metric)
    names = {
        "crossing": ("question → documents", "按提问→文档语言"),
        "kind": ("kind of question", "按题型"),
    }
    english, chinese = names[field]
    caption = _Caption(
        f"{field}-{metric.replace('.', '-').replace('@', '-')}",
        f"{words.en} by {english} · {chinese}：{words.zh}",
        words.line,
    )
    return _bars(caption, series) if field == "crossing" else _lying_bars(caption, series)


def _bars(caption: _Caption, series: Mapping[str, Mapping[str, Measured]]) -> Plot | None:
    figure = go.Figure(layout={"barmode": "group", "yaxis": {"range": [0, 1.02]}, "height": 360})
    for place, (name, found) in enumerate(series.items()):
        figure.add_bar(
            name=name,
            x=list(found),
            y=[each.mean for each in found.values()],
            error_y=_errors(found.values()),
            marker={"color": COLOURS[place % len(COLOURS)]},
            customdata=[each.rows for each in found.values()],
            hovertemplate="%{x}: %{y:.3f} (%{customdata} questions)",
        )
    return _plot(caption, figure) if any(series.values()) else None


def _lying_bars(caption: _Caption, series: Mapping[str, Mapping[str, Measured]]) -> Plot | None:
    """Draw a line for each kind: their names are long."""
    sets = list(dict.fromkeys(name for found in series.values() for name in found))
    lines = sum(len(found) for found in series.values())
    figure = go.Figure(
        layout={
            "barmode": "group",
            "xaxis": {"range": [0, 1.02]},
            "yaxis": {"autorange": "reversed"},
            "height": 130 + _LINE_PIXELS * max(lines, len(series)),
        }
    )
    for place, name in enumerate(sets):
        found = {kind: each[name] for kind, each in series.items() if name in each}
        figure.add_bar(
            name=name,
            orientation="h",
            y=[kind.replace("_", " ") for kind in found],
            x=[each.mean for each in found.values()],
            error_x=_errors(found.values()),
            marker={"color": COLOURS[place % len(COLOURS)]},
            customdata=[each.rows for each in found.values()],
            hovertemplate="%{y}: %{x:.3f} (%{customdata} questions)",
        )
    return _plot(caption, figure) if sets else None


def _errors(found: Iterable[Measured]) -> dict[str, Any]:
    listed = list(found)
    return {
        "type": "data",
        "symmetric": False,
        "array": [round(each.high - each.mean, 4) for each in listed],
        "arrayminus": [round(each.mean - each.low, 4) for each in listed],
        "thickness": 1.2,
        "width": 3,
    }


def _reliability(calibrations: Sequence[Calibration]) -> Plot | None:
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.72, 0.28])
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"dash": "dot", "color": COLOURS[-1]},
        name="honest · 完全校准",
        hoverinfo="skip",
    )
    for each, colour in zip(_by_language(calibrations), COLOURS, strict=False):
        _add_language(figure, each, colour)
    figure.update_layout(height=540, barmode="stack", uniformtext={"minsize": 9, "mode": "hide"})
    figure.update_xaxes(range=[-0.02, 1.02])
    figure.update_yaxes(range=[-0.02, 1.05], title_text="right · 实际正确", row=1, col=1)
    figure.update_yaxes(title_text="questions · 题数", row=2, col=1)
    figure.update_xaxes(title_text="stated probability · 给出的概率", row=2, col=1)
    hint = (
        "Where a line runs on the dots, the probability is honest; above them it is too modest, "
        "below too sure. The bars count the questions: points of few questions say little. ECE is "
        "the calibration error."
    )
    title = "Reliability of the probability by language · 各语言概率可靠性"
    return _plot(_Caption("reliability", title, hint), figure) if calibrations else None


def _by_language(calibrations: Sequence[Calibration]) -> list[Calibration]:
    return [each for each in calibrations if each.language]


def _add_language(figure: go.Figure, calibration: Calibration, colour: str) -> None:
    name = _LANGUAGES.get(calibration.language, calibration.language)
    bins = calibration.bins
    figure.add_scatter(
        name=f"{name} (ECE {calibration.expected_error:.3f})",
        legendgroup=name,
        x=[one.stated for one in bins],
        y=[one.true for one in bins],
        customdata=[one.count for one in bins],
        mode="lines+markers",
        line={"color": colour},
        hovertemplate="stated %{x:.2f}, right %{y:.2f} (%{customdata} questions)",
        row=1,
        col=1,
    )
    figure.add_bar(
        name=name,
        legendgroup=name,
        showlegend=False,
        x=[_middle(one) for one in bins],
        y=[one.count for one in bins],
        text=[one.count for one in bins],
        textangle=0,
        marker={"color": colour},
        hovertemplate="%{y} questions",
        row=2,
        col=1,
    )


def _middle(one: ReliabilityBin) -> float:
    """Return the middle of the tenth that a bin stands for."""
    return max(math.ceil(one.highest * 10), 1) / 10 - 0.05


def _coverage(run: Run) -> Plot | None:
    """Draw how right the best passage is among the surest questions, by how many those are."""
    figure = go.Figure(layout={"height": 420})
    for place, (name, rows) in enumerate(run.rows.items()):
        colour = COLOURS[place % len(COLOURS)]
        shares, precisions, limits = precision_by_coverage(rows)
        figure.add_scatter(
            name=name,
            legendgroup=name,
            x=shares,
            y=precisions,
            customdata=limits,
            mode="lines",
            line={"color": colour, "shape": "hv"},
            hovertemplate="answering %{x:.0%}: %{y:.1%} right (from probability %{customdata:.2f})",
        )
        answered = [row for row in rows if row.answer is not None and not row.answer.refusal]
        if answered:
            figure.add_scatter(
                name=f"{name}, as run · 实际",
                legendgroup=name,
                x=[len(answered) / len(rows)],
                y=[sum(row.relevant for row in answered) / len(answered)],
                mode="markers",
                marker={"color": colour, "size": 12, "symbol": "diamond"},
                hovertemplate="as run: answered %{x:.0%}, %{y:.1%} right",
            )
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%", title_text="answered · 作答比例")
    figure.update_yaxes(
        range=[0, 1.02], tickformat=".0%", title_text="best passage right · 首位正确"
    )
    hint = (
        "If only the questions of the highest probability were answered and the others refused: "
        "how often the best passage would be right. A line that falls from left to right means "
        "that the system knows what it does not know. The diamond is where it answered."
    )
    title = "Precision and coverage of refusal · 拒答的准确率与覆盖率"
    return _plot(_Caption("coverage", title, hint), figure) if any(run.rows.values()) else None


def precision_by_coverage(rows: Sequence[Row]) -> tuple[list[float], list[float], list[float]]:
    """Return share answered, share of those right, and lowest probability, for each threshold.

    Questions of the same probability are answered or refused together.
    """
    ordered = sorted(rows, key=lambda row: -row.probability)
    shares, precisions, limits = [], [], []
    right = 0
    for count, row in enumerate(ordered, start=1):
        right += row.relevant
        if count < len(ordered) and ordered[count].probability == row.probability:
            continue
        shares.append(round(count / len(ordered), 4))
        precisions.append(round(right / count, 4))
        limits.append(round(row.probability, 4))
    return shares, precisions, limits


def _latency(run: Run) -> Plot | None:
    figure = go.Figure(layout={"boxmode": "group"})
    boxes = 0
    for place, (what, seconds_of) in enumerate(TIMINGS.items()):
        names, seconds = _timed(run, seconds_of)
        if not seconds:
            continue
        boxes += len(set(names))
        figure.add_box(
            name=_TIMING_NAMES[what],
            orientation="h",
            x=seconds,
            y=names,
            boxpoints=False,
            marker={"color": COLOURS[place]},
        )
    figure.update_xaxes(type="log", title_text="seconds, logarithmic · 秒（对数）")
    figure.update_layout(height=150 + _LINE_PIXELS * boxes, yaxis={"autorange": "reversed"})
    hint = "The box holds the middle half of the questions, the line in it is the median."
    title = "Latency · 耗时分布"
    return _plot(_Caption("latency", title, hint), figure) if boxes else None


def _timed(run: Run, seconds_of: Callable[[Row], float | None]) -> tuple[list[str], list[float]]:
    found = [
        (name, round(seconds, 4))
        for name, rows in run.rows.items()
        for row in rows
        if (seconds := seconds_of(row)) is not None and seconds > 0
    ]
    return [name for name, _ in found], [seconds for _, seconds in found]


def _plot(caption: _Caption, figure: go.Figure) -> Plot:
    # Colours of text, grid and paper come from the page, which knows whether it is dark.
    figure.update_layout(
        template=None,
        margin={"l": 56, "r": 12, "t": 12, "b": 48},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hovermode="closest",
    )
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    text: str = figure.to_json()
    return Plot(caption.name, caption.title, caption.hint, text)
