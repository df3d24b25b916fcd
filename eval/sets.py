"""Sets of questions on passages: the layout of a folder, and RGB's files.

A folder holds

- `corpus.jsonl`: a passage a line, `{"id", "text", "title"?}`;
- `queries.jsonl`: a question a line, `{"id", "text", "lang"?, "answers"?, "answerable"?,
  "evidences"?, "related_doc"?}`; further fields are left alone;
- `qrels.tsv`: `question id <tab> passage id <tab> grade` a line;
- `meta.json`, if it likes, with `license`.

A folder with `rgb_*.jsonl` instead is one of RGB (Chen et al. 2024, "Benchmarking Large Language
Models in Retrieval-Augmented Generation"): its positive and negative passages, of all questions
together, are the corpus.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.errors import BrokenSet
from eval.parts import half_of
from eval.records import Gold, Question
from models.language import detect_language

_QREL_FIELDS = 3
_MULTIPLE_SPANS = "multi-span"


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage; `lang` is `zh` or `en`, by its script."""

    id: str
    title: str
    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class PassageSet:
    """A set of questions on passages.

    Attributes
    ----------
    sha256
        Of its files.
    dropped
        How many questions were left out since nothing is known of them: neither a relevant passage
        nor that there is none.
    """

    name: str
    licence: str
    sha256: str
    passages: tuple[Passage, ...]
    questions: tuple[Question, ...]
    dropped: int


def load_set(folder: Path) -> PassageSet:
    """Read a set.

    Raises
    ------
    BrokenSet
        A file is missing or empty, a line is broken, or an id is unknown or stands twice; the
        message names file and line.
    """
    rgb = sorted(folder.glob("rgb_*.jsonl"))
    if rgb:
        return _load_rgb(folder, rgb)
    if not folder.is_dir():
        raise BrokenSet(f"{folder}: no such folder; name one with corpus.jsonl")
    passages = _read_corpus(folder / "corpus.jsonl")
    known = {passage.id: passage for passage in passages}
    grades = _read_qrels(folder / "qrels.tsv", known)
    rows = list(_json_lines(folder / "queries.jsonl"))
    _check_ids(folder / "qrels.tsv", grades, {row["id"] for _, row in rows})
    questions = [_question(where, row, grades.get(row["id"], {}), known) for where, row in rows]
    kept = tuple(q for q in questions if q.grades or q.answerable is False)
    if not kept:
        raise BrokenSet(f"{folder}: no question has a relevant passage; check qrels.tsv")
    files = [folder / name for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")]
    return PassageSet(
        name=folder.resolve().name,
        licence=_licence(folder),
        sha256=_hash_of(files),
        passages=tuple(passages),
        questions=kept,
        dropped=len(questions) - len(kept),
    )


def _json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each object with where it stands; ids are unique."""
    if not path.is_file():
        raise BrokenSet(f"{path}: is missing; the layout is described in eval/README.md")
    seen: set[str] = set()
    for number, line in enumerate(_text_of(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        row = _object(where, line)
        if row["id"] in seen:
            raise BrokenSet(f"{where}: id {row['id']!r} stands a second time; make ids unique")
        seen.add(row["id"])
        yield where, row
    if not seen:
        raise BrokenSet(f"{path}: is empty")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BrokenSet(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error


def _object(where: str, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise BrokenSet(f"{where}: is no JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
        raise BrokenSet(f'{where}: is no object with a string "id"')
    return row


def _text(where: str, row: Mapping[str, Any], field: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value.strip():
        raise BrokenSet(f'{where}: "{field}" of {row["id"]!r} is missing or no text')
    return value


def _strings(where: str, row: Mapping[str, Any], field: str) -> tuple[str, ...]:
    values = row.get(field) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BrokenSet(f'{where}: "{field}" of {row["id"]!r} is no list of texts')
    return tuple(value for value in values if value.strip())


def _read_corpus(path: Path) -> list[Passage]:
    return [
        _passage(row["id"], str(row.get("title") or ""), _text(where, row, "text"))
        for where, row in _json_lines(path)
    ]


def _passage(passage_id: str, title: str, text: str) -> Passage:
    return Passage(passage_id, title, text, detect_language(text))


def _read_qrels(path: Path, known: Mapping[str, Passage]) -> dict[str, dict[str, int]]:
    if not path.is_file():
        raise BrokenSet(f"{path}: is missing; the layout is described in eval/README.md")
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_text_of(path).split("\n"), start=1):
        fields = line.split("\t")
        if not line.strip():
            continue
        if len(fields) != _QREL_FIELDS or not fields[2].strip().isdigit():
            raise BrokenSet(
                f"{path}:{number}: is not question id, passage id, grade with tabs between"
            )
        question, passage, grade = fields[0], fields[1], int(fields[2])
        if passage not in known:
            raise BrokenSet(f"{path}:{number}: passage {passage!r} is not in corpus.jsonl")
        if grade > 0:
            grades.setdefault(question, {})[passage] = grade
    return grades


def _check_ids(path: Path, grades: Iterable[str], known: set[str]) -> None:
    unknown = sorted(set(grades) - known)
    if unknown:
        raise BrokenSet(
            f"{path}: {len(unknown)} questions are not in queries.jsonl, such as {unknown[0]!r}"
        )


def _question(
    where: str, row: Mapping[str, Any], grades: Mapping[str, int], known: Mapping[str, Passage]
) -> Question:
    text = _text(where, row, "text")
    related = row.get("related_doc")
    if related is not None and related not in known:
        raise BrokenSet(f"{where}: related_doc {related!r} is not in corpus.jsonl")
    near = [*grades, *([related] if related else [])]
    lang = detect_language(text)
    return Question(
        id=row["id"],
        text=text,
        lang=lang,
        source_lang=known[near[0]].lang if near else lang,
        kinds=("unanswerable",) if row.get("answerable") is False else (),
        half=half_of(near),
        grades=grades,
        gold=_gold(where, row, grades),
        parts=_parts(where, row),
        answerable=row.get("answerable", True if grades else None),
    )


def _gold(where: str, row: Mapping[str, Any], grades: Mapping[str, int]) -> tuple[Gold, ...]:
    quotes = _strings(where, row, "evidences") or ("",)
    return tuple(Gold(passage, quote) for passage in grades for quote in dict.fromkeys(quotes))


def _parts(where: str, row: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """Return what has to be said: every span of an answer in several, else any of the answers."""
    answers = _strings(where, row, "answers") + _strings(where, row, "answers_in_query_lang")
    unique = tuple(dict.fromkeys(answers))
    if row.get("answer_type") == _MULTIPLE_SPANS:
        return tuple((answer,) for answer in unique)
    return (unique,) if unique else ()


def _licence(folder: Path) -> str:
    meta = folder / "meta.json"
    if not meta.is_file():
        return "unknown"
    try:
        found = json.loads(_text_of(meta))
    except json.JSONDecodeError as error:
        raise BrokenSet(f"{meta}: is no JSON: {error.msg} in line {error.lineno}") from error
    if not isinstance(found, dict):
        raise BrokenSet(f"{meta}: is no object with a license")
    return str(found.get("license", found.get("licence", "unknown")))


def _hash_of(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _load_rgb(folder: Path, files: Sequence[Path]) -> PassageSet:
    passages: dict[str, Passage] = {}
    questions: list[Question] = []
    for path in files:
        for where, row in _json_lines(path):
            positive = _rgb_passages(where, row, "positive")
            others = [*_rgb_passages(where, row, "negative")]
            others += _rgb_passages(where, row, "positive_wrong")
            passages.update({passage.id: passage for passage in (*positive, *others)})
            questions.append(_rgb_question(where, row, positive, others))
    return PassageSet(
        name=folder.resolve().name,
        licence=_licence(folder),
        sha256=_hash_of(files),
        passages=tuple(passages.values()),
        questions=tuple(questions),
        dropped=0,
    )


def _rgb_passages(where: str, row: Mapping[str, Any], field: str) -> list[Passage]:
    """Return the passages of a field, which holds texts or, for several facts, lists of texts."""
    found: list[Passage] = []
    for entry in row.get(field) or []:
        for text in entry if isinstance(entry, list) else [entry]:
            if not isinstance(text, str):
                raise BrokenSet(f'{where}: "{field}" of {row["id"]!r} holds no text')
            digest = hashlib.sha256(text.encode()).hexdigest()[:16]
            if text.strip():
                found.append(_passage(f"rgb-{digest}", "", text))
    return found


def _rgb_question(
    where: str, row: Mapping[str, Any], positive: Sequence[Passage], others: Sequence[Passage]
) -> Question:
    text = _text(where, row, "query")
    lang = detect_language(text)
    answers = row.get("answer")
    listed = answers if isinstance(answers, list) else [answers]
    parts = tuple(tuple(map(str, p)) if isinstance(p, list) else (str(p),) for p in listed)
    wrong = row.get("fakeanswer") or []
    return Question(
        id=row["id"],
        text=text,
        lang=lang,
        source_lang=positive[0].lang if positive else lang,
        half="reporting",
        grades={passage.id: 1 for passage in positive},
        gold=tuple(Gold(passage.id) for passage in positive),
        parts=parts,
        wrong=tuple(map(str, wrong if isinstance(wrong, list) else [wrong])),
        beside=tuple(dict.fromkeys(passage.id for passage in others)),
        answerable=bool(positive),
    )
