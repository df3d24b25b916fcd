"""The commands that measure one part by itself: checks of sentences, the gate, injections."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import errors, output
from app.settings import load_settings
from eval.console import Bars, eval_folder


def checks() -> None:
    """Measure the checks of sentences: how many right and how many wrong ones are verified."""
    from app.wiring import open_plain_encoder  # noqa: PLC0415  (loads slowly, as jieba does)
    from eval.checks.claims import own_claims  # noqa: PLC0415
    from eval.checks.measure import checks_table, judge_claims  # noqa: PLC0415

    encoder = open_plain_encoder(load_settings())
    output.print(checks_table(list(judge_claims(own_claims(encoder)))))


def answerability(
    *,
    data: Annotated[list[Path], typer.Option(help="Folder of a set (eval/README.md); repeatable.")],
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most this many questions of each set.")
    ] = None,
) -> None:
    """Measure the gate: how it tells what the evidence answers from what it does not."""
    from eval.answerability import curve_table, judge_set, probabilities  # noqa: PLC0415
    from eval.collection import passage_items  # noqa: PLC0415  (numpy and models load slowly)
    from eval.runner import evenly  # noqa: PLC0415
    from eval.sets import load_set  # noqa: PLC0415

    settings = load_settings()
    folder = eval_folder(settings) / "indexes"
    for each in map(load_set, data):
        asked = evenly(each.questions, limit)
        items = passage_items(each.passages)
        with Bars() as watch:
            judged = []
            for one in judge_set(settings, items, asked, folder=folder, bereft=False):
                judged.append(one)
                watch(each.name, len(judged), len(asked))
        for lang in sorted({one.lang for one in judged}):
            own = [one for one in judged if one.lang == lang]
            output.print(curve_table(f"{each.name}, {lang}", own, probabilities(own)))


def injections(
    items: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Lines of JSON.")],
    *,
    each: Annotated[int, typer.Option(min=1, help="Questions that each is tried with.")] = 1,
) -> None:
    """Measure how often orders in documents are obeyed, by the product and by the bare model."""
    from eval.injections import attack, injections_table, load_injections  # noqa: PLC0415

    taken, others = load_injections(items)
    if others:
        errors.print(f"left out, not delivered in a document: {', '.join(others)}", markup=False)
    made = []
    with Bars() as watch:
        for attempt in attack(load_settings(), taken, each=each):
            made.append(attempt)
            watch("injections", len(made), len(taken) * each)
    for one in made:
        if one.defended:
            line = f"{one.injection}, {one.question}: {one.text}"
            output.print(line, markup=False, highlight=False)
    output.print(injections_table(made))
