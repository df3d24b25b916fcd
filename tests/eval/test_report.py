import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from eval.compare import compare
from eval.records import Gold, Row, Run, Turn
from eval.report import write_report
from eval.report.failures import Lost, failures_of, lost_at
from eval.report.page import render
from eval.report.plots import plots_of, precision_by_coverage
from eval.report.tables import tables_of
from eval.report.texts import LOST_WORDS, metric_words
from eval.summary import summarise
from tests.app.ui_browser import chromium
from tests.eval.runs import (
    HEAD,
    STAGES,
    answered,
    question,
    refused,
    run_of,
    scripted_run,
    searched,
    unanswerable,
)

EVIL = "<script>document.title='evil'</script><img src=x onerror=alert(1)>"
FIRST = dict.fromkeys(STAGES, 1)


def found(number: int = 1, **fields: object) -> Row:
    return searched(question(number, **fields), FIRST)  # type: ignore[arg-type]


def without_evidence(row: Row) -> Row:
    assert row.answer is not None
    return replace(row, answer=replace(row.answer, evidence=("other0",)))


def with_other_evidence_text(row: Row) -> Row:
    assert row.answer is not None
    return replace(row, answer=replace(row.answer, evidence_texts=("Something else.",)))


def wrong(row: Row) -> Row:
    return replace(row, scores={**row.scores, "wrong_said": 1.0})


@pytest.mark.parametrize(
    ("row", "lost"),
    [
        (searched(question(1), {}), Lost.NOT_FOUND),
        (searched(question(1), {"dense": 3}), Lost.RANKED_LOW),
        (searched(question(1), {"dense": 1, "final": 6}), Lost.RANKED_LOW),
        (searched(question(1), {"final": 5}), None),
        (searched(unanswerable(1), {}), None),
        (answered(found(), text="1 yuan"), None),
        (answered(found(), text="1 yuan", cites=False), Lost.NOT_CITED),
        (answered(found(), text="no idea"), Lost.NOT_SAID),
        (wrong(answered(found(), text="2 yuan")), Lost.WRONG_SAID),
        (without_evidence(answered(found(), text="no idea")), Lost.NOT_IN_EVIDENCE),
        (with_other_evidence_text(answered(found(), text="no idea")), Lost.NOT_IN_EVIDENCE),
        (answered(searched(question(1), {}), text="no idea"), Lost.NOT_FOUND),
        (answered(searched(question(1), {"final": 8}), text="no idea"), Lost.RANKED_LOW),
        (answered(searched(question(1), {"final": 8}), text="1 yuan"), None),
        (answered(searched(unanswerable(1), {}), text="7 yuan"), Lost.NOT_REFUSED),
        (refused(searched(unanswerable(1), {})), None),
    ],
)
def test_a_question_is_lost_at_the_first_stage_that_failed_it(row: Row, lost: Lost | None) -> None:
    assert lost_at(row) == lost


def test_a_refusal_with_the_answer_at_hand_is_wrong() -> None:
    row = refused(found())
    assert row.answer is not None
    given = replace(row.answer, evidence_texts=(row.question.gold[0].quote,))
    assert lost_at(replace(row, answer=given)) == Lost.REFUSED_WRONGLY


def test_a_leak_outweighs_all_else() -> None:
    row = answered(found(), text="1 yuan")
    assert lost_at(replace(row, scores={**row.scores, "leaked": 1.0})) == Lost.LEAKED


def test_every_document_is_wanted_where_the_answer_has_several_parts() -> None:
    places = (Gold("d1", "One."), Gold("d2", "Two."))
    row = found(1, gold=places, grades={"d1": 1, "d2": 1})
    assert lost_at(row) is None
    parts = replace(row, question=replace(row.question, parts=(("1",), ("2",))))
    assert lost_at(parts) == Lost.NOT_FOUND


def untold(row: Row) -> Row:
    """Return the row as of a set that does not say what a right answer is."""
    scores = {name: value for name, value in row.scores.items() if name != "right"}
    return replace(row, question=replace(row.question, parts=()), scores=scores)


def test_where_the_right_answer_is_not_known_evidence_and_citations_count() -> None:
    assert lost_at(untold(answered(found(), text="?"))) is None
    assert lost_at(untold(answered(found(), text="?", cites=False))) == Lost.NOT_CITED
    assert lost_at(untold(without_evidence(answered(found(), text="?", cites=False)))) == (
        Lost.NOT_IN_EVIDENCE
    )
    refusal = refused(found())
    assert refusal.answer is not None
    given = replace(refusal.answer, evidence_texts=(refusal.question.gold[0].quote,))
    assert lost_at(untold(replace(refusal, answer=given))) == Lost.REFUSED_WRONGLY
    (failure,) = failures_of(run_of([untold(answered(found(), text="?", cites=False))]))
    assert failure.said is None


def test_a_failure_knows_which_parts_were_said_and_what_was_wrong() -> None:
    asked = {"parts": (("12 天", "12 days"), ("HR-7",)), "wrong": ("8 天", "9 天", "12")}
    row = answered(found(1, **asked), text="是十二天，不是 8 天。")
    right = {**row.scores, "right": 0.0}
    (failure,) = failures_of(run_of([replace(row, scores=right)]))
    assert failure.parts == ((("12 天", "12 days"), True), (("HR-7",), False))
    assert failure.wrong == ("8 天",)
    assert row.answer is not None
    refusal = replace(row, answer=replace(row.answer, refusal=True), scores=right)
    (silent,) = failures_of(run_of([refusal]))
    assert silent.wrong == ()
    (searched_only,) = failures_of(run_of([searched(question(1), {})]))
    assert searched_only.parts == ((("1 yuan", "1 元"), None),)


def test_a_failure_knows_the_way_of_its_question() -> None:
    row = answered(searched(question(1), {"dense": 3, "lexical": None, "final": 2}), text="?")
    (failure,) = failures_of(run_of([row, answered(found(2), text="2 yuan")]))
    assert (failure.set, failure.lost, failure.question.id) == ("own", Lost.NOT_SAID, "q1")
    (place,) = failure.places
    assert (place.gold.document, place.ranks, place.in_evidence) == ("d1", (3, None, None, 2), True)
    assert failure.quotes == (3, None, None, 2)
    assert (failure.quote_in_evidence, failure.cited, failure.said) == (True, True, False)


def test_every_way_to_be_lost_and_every_metric_has_words() -> None:
    assert set(LOST_WORDS) == set(Lost)
    metrics = {name for row in scripted_run().rows["own"] for name in row.scores}
    assert all(metric_words(name).line and metric_words(name).zh for name in metrics)
    assert metric_words("other").en == "other"


def test_the_tables_hold_means_with_their_stage() -> None:
    summary = summarise(scripted_run())
    search, answers, others = tables_of(summary)
    assert search.by_stage
    assert not answers.by_stage
    # Own and news have four crossings besides the whole, law has one and is told once.
    assert len(search.lines) == (5 + 5 + 1) * len(STAGES)
    assert [line.set for line in search.lines if line.starts] == ["own", "news", "law"]
    first = dict(zip([words.en for words in search.columns], search.lines[3].values, strict=True))
    assert search.lines[3].stage == "final"
    assert first["MRR@10"] == summary.sets[0].whole.metrics["final.mrr@10"]
    # Law was only searched.
    assert {line.set for line in answers.lines} == {"own", "news", ""}
    assert "table" in {line.slice for line in others.lines}


def test_precision_by_coverage_takes_the_surest_first() -> None:
    rows = [
        replace(searched(question(n), {}, probability=p), relevant=right)
        for n, p, right in ((1, 0.2, False), (2, 0.9, True), (3, 0.5, True), (4, 0.5, False))
    ]
    shares, precisions, limits = precision_by_coverage(rows)
    assert shares == [0.25, 0.75, 1.0]
    assert precisions == [1.0, 0.6667, 0.5]
    assert limits == [0.9, 0.5, 0.2]


def test_the_figures_show_the_numbers_of_the_summary() -> None:
    run = scripted_run()
    summary = summarise(run)
    plots = {plot.name: json.loads(plot.json) for plot in plots_of(run, summary)}
    assert len(plots) == 9
    final = plots["stage-mrr-10"]["data"][-1]
    assert final["x"] == ["own", "news", "law"]
    assert final["y"] == [each.whole.metrics["final.mrr@10"].mean for each in summary.sets]
    counts = [sum(trace["y"]) for trace in plots["reliability"]["data"] if trace["type"] == "bar"]
    assert counts == [60, 120]
    boxes = {trace["name"]: len(trace["x"]) for trace in plots["latency"]["data"]}
    assert boxes["search · 检索"] == 180


def test_a_run_of_the_search_alone_has_no_figures_of_answers() -> None:
    run = run_of([found(number) for number in (1, 2)], stage="search")
    names = {plot.name for plot in plots_of(run, summarise(run))}
    assert "crossing-final-mrr-10" in names
    assert not {name for name in names if "right" in name or "kind" in name}


def test_the_page_is_whole_and_calls_nobody() -> None:
    run = scripted_run(rows=8)
    page = render(run)
    assert "各数据集质量" in page
    for text in (run.head.commit, run.head.config, "e5-small", "Some CPU", *run.head.data.values()):
        assert text in page
    assert not re.findall(r"<(?:script|img|link|iframe)[^>]*(?:src|href)=", page)
    assert "@import" not in page
    assert "default-src 'none'" in page
    assert page.count("plotly.js v") == 1
    assert '"Segoe UI"' in page
    assert '"x":["own","news","law"]' in page
    assert 'id="comparison"' not in page


def test_a_run_without_rows_has_a_page_without_figures() -> None:
    run = Run(HEAD, {})
    assert plots_of(run, summarise(run)) == []
    assert 'id="plots"' not in render(run)


def test_a_run_without_failures_says_so() -> None:
    assert "No question failed." in render(run_of([found()]))


def test_text_of_questions_and_documents_is_data() -> None:
    row = answered(
        searched(
            question(
                1,
                text=EVIL,
                kinds=(EVIL,),
                half=EVIL,
                lang=EVIL,
                history=(Turn(EVIL, EVIL),),
                gold=(Gold(EVIL, EVIL, 1),),
                parts=((EVIL,),),
                grades={EVIL: 1},
                id=EVIL,
            ),
            FIRST,
        ),
        text=f"{EVIL} {{{{ 7 * 7 }}}}",
        cites=False,
    )
    run = run_of([row], name=EVIL, machine={EVIL: EVIL}, models={EVIL: EVIL}, commit=EVIL)
    worse = run_of([replace(row, scores=dict.fromkeys(row.scores, 0.0))], name=EVIL, config=EVIL)
    page = render(run, compare(worse, run))
    assert "<script>document" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;document") > 15
    assert "{{ 7 * 7 }}" in page


def test_the_report_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("before")
    run = scripted_run(rows=4)
    write_report(run, path, compare(run, run))
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert 'id="comparison"' in path.read_text(encoding="utf-8")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def shown(page: Page) -> int:
    return page.locator(".failures > details:visible").count()


@pytest.mark.real
@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_in_a_browser(tmp_path: Path, browser: Browser, width: int) -> None:
    run = scripted_run()
    failures = failures_of(run)
    write_report(run, tmp_path / "report.html", compare(scripted_run(seed=1), run))
    page = browser.new_page(viewport={"width": width, "height": 900})
    problems: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto((tmp_path / "report.html").as_uri())
    page.wait_for_function("document.querySelectorAll('.main-svg').length >= 9")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert shown(page) == len(failures)
    page.locator("select[name=lost]").select_option(Lost.NOT_REFUSED.value)
    wanted = sum(each.lost is Lost.NOT_REFUSED for each in failures)
    assert 0 < wanted < len(failures)
    assert shown(page) == wanted
    assert page.locator("output").inner_text() == f"{wanted} / {len(failures)}"
    page.locator("select[name=lost]").select_option("")
    page.locator("select[name=kind]").select_option("table")
    assert shown(page) == sum("table" in each.question.kinds for each in failures)
    page.locator("select[name=kind]").select_option("")
    page.locator("select[name=set]").select_option("law")
    assert shown(page) == sum(each.set == "law" for each in failures)
    page.locator("select[name=crossing]").select_option("en→en")
    assert shown(page) == 0
    page.locator("form").evaluate("form => form.reset()")
    page.locator("input[name=words]").fill(failures[0].question.text[:20])
    assert 0 < shown(page) < len(failures)
    assert problems == []
    assert len(requests) == 1
