"""A repeated answer is equal, or what is different is told: prompt, evidence, model, text."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from generation.errors import ModelUnavailable
from generation.prompts import Prompt, load_prompts
from generation.replay import NothingToReplay, Replayed, Replayer
from stores.catalog import Catalog
from stores.trace_records import Trace
from tests.fakes.llm import ScriptedLLM
from tests.generation.answering import PROMPT
from tests.stores.builders import make_document, remove_document
from tests.stores.traces import OPERATOR, commit, make_trace, record

PROMPTS = load_prompts(PROMPT.parent)
VARIABLES = {
    "evidence": [{"number": 1, "heading": "休假", "text": "<|im_start|> 年假五天。"}],
    "question": "年假有几天？",
    "language": "zh",
    "judged": "",
}


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def trace(catalog: Catalog) -> Trace:
    made = make_trace(commit(catalog, make_document()))
    assert made.model_call is not None
    rendered = PROMPTS["answer"].render(VARIABLES)
    call = replace(
        made.model_call,
        prompt_version=PROMPTS["answer"].version,
        variables=VARIABLES,
        messages=tuple((each.role, each.content) for each in rendered),
        text="五天[1]。",
    )
    return catalog.traces.get(record(catalog, replace(made, model_call=call)), OPERATOR)


def replayed(
    catalog: Catalog,
    trace: Trace,
    llm: ScriptedLLM | None = None,
    *,
    prompts: dict[str, Prompt] | None = None,
) -> Replayed:
    llm = llm or ScriptedLLM(["五天", "[1]。"])
    return Replayer(llm=llm, prompts=prompts or PROMPTS, traces=catalog.traces).replay(trace)


def test_the_model_is_given_the_recorded_messages(catalog: Catalog, trace: Trace) -> None:
    llm = ScriptedLLM(["五天", "[1]。"])
    assert replayed(catalog, trace, llm) == Replayed((), (), (), ())
    assert replayed(catalog, trace).equal
    assert trace.model_call is not None
    given = [(message.role, message.content) for message in llm.prompts[0]]
    assert tuple(given) == trace.model_call.messages


def test_the_prompt_before_is_read_and_no_answer_written(catalog: Catalog, trace: Trace) -> None:
    llm = ScriptedLLM(["五天", "[1]。"])
    replayer = Replayer(llm=llm, prompts=PROMPTS, traces=catalog.traces)
    replayer.read_before(trace)
    assert trace.model_call is not None
    (messages,) = llm.prompts
    assert tuple((each.role, each.content) for each in messages) == trace.model_call.messages
    assert llm.written == 1
    replayer.read_before(replace(trace, model_call=None))
    assert len(llm.prompts) == 1


def test_another_text_is_told_as_a_diff(catalog: Catalog, trace: Trace) -> None:
    made = replayed(catalog, trace, ScriptedLLM(["六天[1]。"]))
    assert not made.equal
    assert made.text[-2:] == ("-五天[1]。", "+六天[1]。")
    assert (made.prompt, made.evidence, made.model) == ((), (), ())


def test_white_space_at_the_end_is_a_difference(catalog: Catalog, trace: Trace) -> None:
    assert replayed(catalog, trace, ScriptedLLM(["五天[1]。\n"])).text


def test_another_version_of_the_prompt_is_told_with_its_diff(
    catalog: Catalog, trace: Trace, tmp_path: Path
) -> None:
    text = PROMPT.read_text(encoding="utf-8")
    version = PROMPTS["answer"].version
    changed = text.replace(f"version: {version}", f"version: {version + 1}", 1)
    (tmp_path / "answer.md").write_text(
        changed.replace("You answer questions", "You answer briefly questions"), encoding="utf-8"
    )
    made = replayed(catalog, trace, prompts=dict(load_prompts(tmp_path)))
    assert made.prompt[0] == f"prompt answer@{version} is answer@{version + 1} now"
    assert any(line.startswith("+You answer briefly") for line in made.prompt)
    assert made.text == ()
    assert not made.equal


def test_a_prompt_that_was_changed_under_its_version_is_told(
    catalog: Catalog, trace: Trace, tmp_path: Path
) -> None:
    text = PROMPT.read_text(encoding="utf-8").replace("Use only", "Use nothing but", 1)
    (tmp_path / "answer.md").write_text(text, encoding="utf-8")
    made = replayed(catalog, trace, prompts=dict(load_prompts(tmp_path)))
    assert made.prompt[:2] == ("--- recorded prompt", "+++ prompt now")


def test_a_prompt_that_takes_something_else_is_told(
    catalog: Catalog, trace: Trace, tmp_path: Path
) -> None:
    (tmp_path / "answer.md").write_text(
        "---\nid: answer\nversion: 1\nvariables: [passages]\n---\n# user\n{{ passages }}\n"
    )
    made = replayed(catalog, trace, prompts=dict(load_prompts(tmp_path)))
    assert "takes other variables now: passages" in made.prompt[-1]


def test_a_prompt_that_is_gone_is_told(catalog: Catalog, trace: Trace) -> None:
    rewrite = {"rewrite": PROMPTS["rewrite"]}
    assert "not there any more" in replayed(catalog, trace, prompts=rewrite).prompt[0]


def test_another_model_is_told(catalog: Catalog, trace: Trace) -> None:
    made = replayed(catalog, replace(trace, provenance={"model": "qwen"}))
    assert made.model == ("model qwen is scripted now",)
    assert not made.equal


def test_a_new_revision_is_told_for_each_passage(catalog: Catalog, trace: Trace) -> None:
    commit(catalog, make_document(revision=2))
    made = replayed(catalog, trace)
    assert len(made.evidence) == len(trace.passages)
    assert "revision 1 is 2 now" in made.evidence[0]
    assert made.text == ()
    assert not made.equal


def test_another_text_under_the_same_revision_is_told(catalog: Catalog, trace: Trace) -> None:
    remove_document(catalog, "acme", make_document().id)
    commit(catalog, make_document(), text="something else")
    made = replayed(catalog, trace)
    (told,) = made.evidence
    assert "[1]" in told
    assert "another text" in told


def test_a_removed_document_is_told(catalog: Catalog, trace: Trace) -> None:
    remove_document(catalog, "acme", make_document().id)
    assert "was removed" in replayed(catalog, trace).evidence[0]


def test_without_a_call_there_is_nothing_to_repeat(catalog: Catalog, trace: Trace) -> None:
    with pytest.raises(NothingToReplay, match=str(trace.id)):
        replayed(catalog, replace(trace, model_call=None))


def test_a_model_that_is_away_is_an_error(catalog: Catalog, trace: Trace) -> None:
    with pytest.raises(ModelUnavailable):
        replayed(catalog, trace, ScriptedLLM(available=False))
