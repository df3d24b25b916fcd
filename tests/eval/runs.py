"""Scripted runs: made up, but shaped like measured ones and the same each time."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from eval.records import GivenAnswer, Gold, Question, Row, Run, RunHead, ShownSentence

STAGES = ("dense", "lexical", "fusion", "final")
CROSSINGS = (("zh", "zh"), ("en", "en"), ("zh", "en"), ("en", "zh"))
KINDS = ("table", "edition", "two_documents")
HEAD = RunHead(
    name="scripted",
    data={"own": "a" * 64, "news": "b" * 64, "law": "c" * 64},
    config="9f2c1d",
    models={"e5-small": "d" * 64, "qwen": "e" * 64},
    commit="0123abc+",
    machine={"processor": "Some CPU", "cores": "2", "memory": "16 GiB", "python": "3.11"},
    started="2026-11-01T09:30:00Z",
    stage="answers",
    pool="own",
    limit=60,
)


def question(
    number: int, *, crossing: tuple[str, str] = ("zh", "zh"), **fields: object
) -> Question:
    """Return a question that document `d<number>` answers."""
    made = Question(
        id=f"q{number}",
        text=f"出差住宿标准是多少（{number}）？" if crossing[0] == "zh" else f"What is {number}?",
        lang=crossing[0],
        source_lang=crossing[1],
        half="reporting" if number % 2 else "tuning",
        grades={f"d{number}": 1},
        gold=(Gold(f"d{number}", f"The standard is {number} yuan.", 2),),
        parts=((f"{number} yuan", f"{number} 元"),),
        answerable=True,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def unanswerable(number: int, **fields: object) -> Question:
    """Return a question that no document answers."""
    nothing = {"grades": {}, "gold": (), "parts": (), "answerable": False}
    return question(number, kinds=("unanswerable",), **nothing, **fields)  # type: ignore[arg-type]


def ranking(wanted: str, rank: int | None, *, length: int = 20) -> tuple[str, ...]:
    """Return a ranking that holds the wanted document at a rank, or not at all."""
    others = [f"other{number}" for number in range(length)]
    if rank is not None:
        others.insert(rank - 1, wanted)
    return tuple(others[:length])


def rank_scores(stage: str, rank: int | None, quote: int | None) -> dict[str, float]:
    """Return the metrics of a stage where one document is relevant."""
    scores = {f"{stage}.recall@{k}": float(rank is not None and rank <= k) for k in (1, 5, 10, 50)}
    near = rank is not None and rank <= 10
    scores[f"{stage}.mrr@10"] = 1 / rank if rank and near else 0.0
    scores[f"{stage}.ndcg@10"] = 1 / math.log2(rank + 1) if rank and near else 0.0
    scores[f"{stage}.map"] = 1 / rank if rank else 0.0
    scores[f"{stage}.quote@5"] = float(quote is not None and quote <= 5)
    return scores


def searched(asked: Question, ranks: Mapping[str, int | None], *, probability: float = 0.9) -> Row:
    """Return the row of a search; `ranks` tells by stage where the document and its quote are."""
    wanted = next(iter(asked.grades), "nothing")
    scores: dict[str, float] = {}
    if asked.grades:
        for stage in STAGES:
            scores |= rank_scores(stage, ranks.get(stage), ranks.get(stage))
    return Row(
        question=asked,
        rankings={stage: ranking(wanted, ranks.get(stage)) for stage in STAGES},
        quotes=dict.fromkeys(STAGES) | dict(ranks) if asked.grades else {},
        probability=probability,
        relevant=ranks.get("final") == 1,
        search_seconds=0.02,
        answer=None,
        scores=scores,
    )


def answered(row: Row, *, text: str, cites: bool = True, seconds: float = 2.0) -> Row:
    """Return the row with an answer of one sentence; right if it says the first part."""
    asked = row.question
    right = bool(asked.parts) and asked.parts[0][0] in text
    documents = row.rankings["final"][:3]
    evidence = tuple(
        asked.gold[0].quote if name in asked.grades else f"Text of {name}." for name in documents
    )
    sentence = ShownSentence(text, ("1",), (cites,), "verified")
    scores = {
        "right": float(right),
        "right_cited": float(right and cites),
        "contained": float(right),
        "citation_precision": float(cites),
        "citation_recall": float(cites),
        "wrong_said": 0.0,
        "number_fidelity": float(right),
        "refused": 0.0,
        "leaked": 0.0,
    }
    answer = GivenAnswer(text, False, (sentence,), documents, evidence, seconds / 4, seconds)
    return replace(row, answer=answer, scores={**row.scores, **scores})


def refused(row: Row) -> Row:
    """Return the row with a refusal, which is right if the question has no answer."""
    documents = row.rankings["final"][:3]
    texts = tuple(f"Text of {name}." for name in documents)
    answer = GivenAnswer("知识库中没有答案。", True, (), documents, texts, None, 0.05)
    due = float(not row.question.grades)
    scores = {"right": due, "right_cited": due, "refused": 1.0, "leaked": 0.0}
    return replace(row, answer=answer, scores={**row.scores, **scores})


def head(**fields: object) -> RunHead:
    """Return the head of a scripted run with other fields."""
    return replace(HEAD, **fields)  # type: ignore[arg-type]


def run_of(rows: Sequence[Row], *, name: str = "own", **fields: object) -> Run:
    """Return a run of one set."""
    return Run(head(data={name: HEAD.data.get(name, "f" * 64)}, **fields), {name: tuple(rows)})


def scripted_run(*, seed: int = 0, rows: int = 60, found: float = 0.8) -> Run:
    """Return a run of three sets; `found` is how often the last stage finds at the first rank."""
    dice = random.Random(seed)
    sets = {
        name: tuple(_scripted_row(number, name, dice, found) for number in range(1, rows + 1))
        for name in HEAD.data
    }
    return Run(replace(HEAD, name=f"scripted-{seed}"), sets)


def _scripted_row(number: int, name: str, dice: random.Random, found: float) -> Row:
    crossing = CROSSINGS[number % 4] if name != "law" else ("zh", "zh")
    probability = round(dice.betavariate(5, 1.5), 3)
    if name == "own" and number % 6 == 0:
        asked = unanswerable(number, crossing=crossing)
        row = searched(asked, {}, probability=round(dice.betavariate(2, 5), 3))
        return refused(row) if row.probability < 0.5 else answered(row, text="It is 7 yuan.")
    kinds = (KINDS[number % 3],) if name == "own" else ()
    asked = question(number, crossing=crossing, kinds=kinds)
    ranks = {stage: _rank(dice, found - 0.1 * place) for place, stage in enumerate(STAGES[::-1])}
    row = searched(asked, ranks, probability=probability)
    row = replace(row, search_seconds=round(dice.lognormvariate(-4, 0.4), 4))
    if name == "law":
        return row
    if probability < 0.4:
        return refused(row)
    text = f"标准是 {number} yuan。" if ranks["final"] == 1 else "It depends."
    seconds = round(dice.lognormvariate(0.7, 0.4), 3)
    return answered(row, text=text, cites=dice.random() < 0.9, seconds=seconds)


def _rank(dice: random.Random, found: float) -> int | None:
    if dice.random() < found:
        return 1
    return dice.choice((2, 3, 6, 9, None))


def changed(run: Run, change: Callable[[Row], Row]) -> Run:
    """Return the run with each row changed."""
    return Run(run.head, {name: tuple(map(change, rows)) for name, rows in run.rows.items()})
