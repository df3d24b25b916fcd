"""`zhiku eval`: run, compare and check; the results are files that a browser opens."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.console import errors, output
from app.settings import Settings, load_settings
from eval.console import Bars, eval_folder, measured_settings
from eval.errors import EvalError
from eval.part_commands import answerability, checks, injections
from eval.records import Run

commands = typer.Typer(help="Measure: quality of search and answers, reports, comparison, gates.")
commands.command("checks")(checks)
commands.command("answerability")(answerability)
commands.command("injections")(injections)

_EXIT_BELOW = 1
_STAGE_METRICS = ("recall@10", "mrr@10", "ndcg@10")
_STOCK_CHUNKS = (10_000, 100_000)


@commands.callback(invoke_without_command=True)
def evaluate(  # noqa: PLR0913 - a parameter is an option of the command
    context: typer.Context,
    *,
    data: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of a set (eval/README.md); repeatable. Default: our own set."),
    ] = None,
    system: Annotated[
        Path | None, typer.Option(help="Settings file of the system; default: the one that runs.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most this many questions of each set.")
    ] = None,
    pool: Annotated[
        Literal["own", "language", "all"],
        typer.Option(help="Search among the set's passages, all of the language, or all."),
    ] = "own",
    half: Annotated[
        Literal["tuning", "reporting"] | None, typer.Option(help="Ask only this half of our set.")
    ] = None,
    answers: Annotated[
        bool, typer.Option("--answers", help="Have the questions answered, too (slow).")
    ] = False,
    noise: Annotated[
        list[float] | None,
        typer.Option(
            min=0,
            max=1,
            help="Give each question five of its own passages, this share of them beside the "
            "point (RGB); 1: none answers. Repeatable.",
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the run; default: what it is made with.")] = "",
) -> None:
    """Run the questions of one or more sets; a run that was stopped goes on where it was."""
    if context.invoked_subcommand is not None:
        if any((data, system, limit, half, answers, noise, name)) or pool != "own":
            raise EvalError(
                f"options of a run stand before {context.invoked_subcommand}: leave them out"
            )
        return
    _require_plots()
    from eval.noise import with_noise  # noqa: PLC0415
    from eval.pools import Pool  # noqa: PLC0415  (numpy and models load slowly)
    from eval.runner import RunOptions, make_run, own_plan, passages_plan  # noqa: PLC0415
    from eval.sets import load_set  # noqa: PLC0415

    if pool != "own" and not data:
        raise EvalError(f"--pool {pool} puts sets together: name them with --data")
    settings = measured_settings(system)
    if noise and not data:
        raise EvalError("--noise gives each question its own passages: name RGB with --data")
    options = RunOptions(answers=answers, pool=Pool(pool), limit=limit, half=half or "", name=name)
    sets = [load_set(each) for each in data or []]
    if noise:
        sets = [with_noise(each, share) for each in sets for share in noise]
    plan = passages_plan(sets, options.pool) if sets else own_plan()
    _tell_dropped({each.name: each.dropped for each in sets})
    with Bars() as watch:
        run, made = make_run(plan, options, settings, folder=eval_folder(settings), watch=watch)
    _write_results(run.path, made)


@commands.command("compare")
def compare_runs(before: str, after: str) -> None:
    """Compare two runs by name: differences with intervals, questions won and lost."""
    _require_plots()
    from eval.compare import compare, comparison_tables  # noqa: PLC0415
    from eval.report import write_report  # noqa: PLC0415

    settings = load_settings()
    run = _read(settings, after)
    comparison = compare(_read(settings, before), run)
    for table in comparison_tables(comparison):
        output.print(table)
    path = eval_folder(settings) / "runs" / after / f"against-{before}.html"
    write_report(run, path, comparison)
    output.print(f"report: {path}", markup=False, highlight=False)


@commands.command("stages")
def stages(
    run: Annotated[str | None, typer.Argument(help="Name of the run; default: the newest.")] = None,
) -> None:
    """Show what each stage of the search gives: legs, fusion, final order, with intervals."""
    from eval.stages import compare_stages, stages_markdown, stages_table  # noqa: PLC0415

    settings = load_settings()
    name = run or _newest(settings)
    found = _read(settings, name)
    texts = []
    for metric in _STAGE_METRICS:
        compared = compare_stages(found, metric)
        output.print(stages_table(compared, metric))
        texts.append(stages_markdown(compared, metric))
    path = eval_folder(settings) / "runs" / name / "stages.md"
    path.write_text("\n".join(texts), encoding="utf-8")
    output.print(f"tables: {path}", markup=False, highlight=False)


@commands.command("causes")
def causes(
    run: Annotated[str | None, typer.Argument(help="Name of the run; default: the newest.")] = None,
) -> None:
    """Show how many questions were lost, and where: search, evidence, refusal, model, citation."""
    from eval.causes import causes_table  # noqa: PLC0415

    settings = load_settings()
    output.print(causes_table(_read(settings, run or _newest(settings))))


@commands.command("list")
def list_runs() -> None:
    """List the runs, the newest last."""
    settings = load_settings()
    for path in _run_paths(settings):
        output.print(path.name, markup=False, highlight=False)


@commands.command("gate")
def gate(
    run: Annotated[str | None, typer.Argument(help="Name of the run; default: the newest.")] = None,
    *,
    gates: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="File of floors; default: eval/gates.toml."),
    ] = None,
) -> None:
    """Check a run against the floors; exit 1 if it is below one of them."""
    from eval.gates import GATES, check_gates, gate_table, load_gates  # noqa: PLC0415

    settings = load_settings()
    results = check_gates(_read(settings, run or _newest(settings)), load_gates(gates or GATES))
    output.print(gate_table(results))
    if not all(result.passed for result in results):
        raise typer.Exit(_EXIT_BELOW)


@commands.command("stock")
def compare_with_stock(
    *,
    data: Annotated[list[Path], typer.Option(help="Folder of a set (eval/README.md); repeatable.")],
    chunks: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Size of the collection; repeatable. Default: 10000, 100000."),
    ] = None,
    questions: Annotated[int, typer.Option(min=1, help="At most this many of each set.")] = 50,
    texts: Annotated[
        Path | None, typer.Option(exists=True, help="Folder of files to search among, too.")
    ] = None,
    rerank: Annotated[
        Path | None,
        typer.Option(help="Folder of a cross-encoder (Hugging Face layout) for the stock stack."),
    ] = None,
    system: Annotated[
        Path | None, typer.Option(help="Settings file of the system; default: the one that runs.")
    ] = None,
) -> None:
    """Compare with LlamaIndex's fusion of BM25 and Qdrant's local mode on the same chunks."""
    _require_stock_stack()
    from eval.sets import load_set  # noqa: PLC0415  (numpy and models load slowly)
    from eval.stock.comparison import (  # noqa: PLC0415
        ComparisonOptions,
        compare_stacks,
        comparison_json,
    )
    from eval.stock.llama_stack import check_rerank  # noqa: PLC0415
    from eval.stock.table import comparison_table  # noqa: PLC0415

    settings = measured_settings(system)
    if rerank is not None:
        check_rerank(rerank)
    options = ComparisonOptions(
        chunks=tuple(sorted(set(chunks or _STOCK_CHUNKS))),
        questions=questions,
        texts=texts,
        rerank=rerank,
    )
    folder = eval_folder(settings) / "stock"
    with Bars() as watch:
        sets = [load_set(each) for each in data]
        made = compare_stacks(sets, options, settings, folder=folder, watch=watch)
    path = folder / f"{made.started.replace(':', '')}.json"
    path.write_bytes(comparison_json(made))
    output.print(comparison_table(made), markup=False, highlight=False)
    output.print(f"figures: {path}", markup=False, highlight=False)


def _require_stock_stack(find: Callable[[str], object] = find_spec) -> None:
    for name in ("llama_index", "llama_index.retrievers", "llama_index.vector_stores"):
        if find(name) is None:
            raise EvalError("the stock stack needs the extra `dev`: pip install 'zhiku[dev]'")


def _require_plots(find: Callable[[str], object] = find_spec) -> None:
    """Say what is missing before the run, not after it."""
    if find("plotly") is None:
        raise EvalError("reports need the extra `eval`: run `pip install 'zhiku[eval]'`")


def _tell_dropped(dropped: Mapping[str, int]) -> None:
    """Say how many questions of each set were left out."""
    for name, count in dropped.items():
        if count:
            said = f"{name}: {count} questions left out, of which nothing is known"
            errors.print(said, markup=False, highlight=False)


def _run_paths(settings: Settings) -> list[Path]:
    heads = (eval_folder(settings) / "runs").glob("*/head.json")
    return sorted((head.parent for head in heads), key=_last_made)


def _last_made(run: Path) -> float:
    """Return when a run was last made or gone on with; what compares it only adds a file."""
    made = [run / "head.json", run / "summary.json", *run.glob("rows/*.jsonl")]
    return max(path.stat().st_mtime for path in made if path.is_file())


def _newest(settings: Settings) -> str:
    paths = _run_paths(settings)
    if not paths:
        raise EvalError("there is no run yet: make one with `zhiku eval`")
    return paths[-1].name


def _read(settings: Settings, name: str) -> Run:
    from eval.run_store import run_folder  # noqa: PLC0415

    return run_folder(eval_folder(settings) / "runs", name).read()


def _write_results(path: Path, run: Run) -> None:
    """Write summary and report beside the rows, and print the table."""
    from eval.report import write_report  # noqa: PLC0415
    from eval.summary import summarise, summary_json, summary_table  # noqa: PLC0415

    summary = summarise(run)
    (path / "summary.json").write_bytes(summary_json(summary))
    write_report(run, path / "report.html")
    output.print(summary_table(summary))
    output.print(f"run:    {run.head.name}", markup=False, highlight=False)
    output.print(f"report: {path / 'report.html'}", markup=False, highlight=False)
