"""Our classes in a plain LlamaIndex program, over real stores with a scripted model."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import get_response_synthesizer
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle
from llama_index.core.tools import QueryEngineTool

from app.errors import BadRequest
from app.llama_index import ZhikuQueryEngine, ZhikuRetriever
from generation.llm import Message, Usage
from generation.refusal import refusal_text
from ingest.records import Source
from retrieval.records import Evidence, Query
from stores.access import EVERYONE, Principal, Scope
from stores.errors import IndexUnavailable
from tests.app.api_world import TENANT, World
from tests.app.cli_process import ROOT
from tests.fakes.llm import ScriptedLLM
from tests.generation.passages import ScriptedSearch, passage

LEAVE = "# Annual leave\n\nEmployees have fifteen days of annual leave in their third year.\n"
SALARY = "# 薪酬\n\n总监的年薪是一百万元，代号金丝雀。\n"
MEMBER = Principal(TENANT, "ann", frozenset({EVERYONE}), frozenset({Scope.READ}))
MANAGER = replace(MEMBER, user="bob", groups=frozenset({EVERYONE, "hr"}))


@pytest.fixture
def documents(world: World) -> None:
    """Bring in one document for everyone and one for the human resources."""
    for name, text, group in (("leave.md", LEAVE, EVERYONE), ("salary.md", SALARY, "hr")):
        source = Source(f"upload://{name}", name, text.encode())
        outcomes = world.system.pipeline.run(
            [source], tenant=TENANT, groups=[group], on_progress=lambda _: None
        )
        assert [outcome.reason for outcome in outcomes] == [None]


@pytest.fixture
def retriever(world: World, documents: None) -> ZhikuRetriever:
    return ZhikuRetriever(world.system.retriever, principal=MEMBER)


@pytest.fixture
def engine(world: World, documents: None) -> ZhikuQueryEngine:
    return ZhikuQueryEngine(world.system.answerer, principal=MEMBER)


def texts(nodes: Sequence[NodeWithScore]) -> str:
    return "\n".join(node.get_content(MetadataMode.ALL) for node in nodes)


class TestRetriever:
    def test_node_tells_where_it_stands(self, retriever: ZhikuRetriever) -> None:
        (found,) = retriever.retrieve("annual leave in the third year")
        assert found.text == "Employees have fifteen days of annual leave in their third year."
        assert found.score is not None
        assert 0 < found.score <= 1
        assert found.metadata["uri"] == "upload://leave.md"
        assert (found.metadata["number"], found.metadata["revision"]) == (1, 1)
        assert found.metadata["heading"] == "Annual leave"
        assert found.metadata["signals"]["dense_rank"] == 1
        assert found.node.ref_doc_id == found.metadata["document_id"]

    def test_models_are_shown_the_title_and_no_signals(self, retriever: ZhikuRetriever) -> None:
        (found,) = retriever.retrieve("annual leave")
        for mode in (MetadataMode.LLM, MetadataMode.EMBED):
            shown = found.node.get_content(mode)
            assert "heading: Annual leave" in shown
            assert "signals" not in shown
            assert "upload://" not in shown

    def test_order_and_number_are_those_of_the_search(self) -> None:
        scripted = ScriptedSearch([passage(1, 0.4), passage(2, 0.9), passage(3, 0.2)])
        found = ZhikuRetriever(scripted, principal=MEMBER, limit=2).retrieve("年假")
        assert [each.metadata["number"] for each in found] == [1, 2]
        assert [each.score for each in found] == [0.4, 0.9]
        assert scripted.limits == [2]

    def test_async_searches_off_the_event_loop(self) -> None:
        threads: list[threading.Thread] = []

        class Watched(ScriptedSearch):
            def search(self, query: Query, *, limit: int) -> tuple[Evidence, ...]:
                threads.append(threading.current_thread())
                return super().search(query, limit=limit)

        retriever = ZhikuRetriever(Watched([passage(1)]), principal=MEMBER)
        (found,) = asyncio.run(retriever.aretrieve("年假"))
        assert found.text == passage(1).quote
        assert threads[0] is not threading.main_thread()

    def test_blank_question_is_refused(self, retriever: ZhikuRetriever) -> None:
        with pytest.raises(BadRequest, match="question is empty"):
            retriever.retrieve(" \n")

    def test_limit_below_one_is_refused(self) -> None:
        with pytest.raises(ValueError, match="limit is 0"):
            ZhikuRetriever(ScriptedSearch([]), principal=MEMBER, limit=0)

    def test_index_that_is_away_is_an_error(self, world: World, retriever: ZhikuRetriever) -> None:
        world.indexes.available = False
        with pytest.raises(IndexUnavailable):
            retriever.retrieve("annual leave")


class TestAccess:
    QUESTION = "总监的年薪 金丝雀"

    def test_only_the_principal_decides(self, retriever: ZhikuRetriever) -> None:
        assert "金丝雀" not in texts(retriever.retrieve(self.QUESTION))
        assert "金丝雀" in texts(retriever.for_principal(MANAGER).retrieve(self.QUESTION))
        assert "金丝雀" not in texts(retriever.retrieve(self.QUESTION))

    def test_engine_of_another_principal(self, world: World, engine: ZhikuQueryEngine) -> None:
        world.llm.pieces = ("一百万 [1]。",)
        assert "金丝雀" not in texts(engine.query(self.QUESTION).source_nodes)
        assert "金丝雀" not in repr(world.llm.prompts).replace(self.QUESTION, "")
        other = engine.for_principal(MANAGER).query(self.QUESTION)
        assert "金丝雀" in texts(other.source_nodes)

    @pytest.mark.parametrize("groups", [frozenset[str](), frozenset({"sales"})])
    def test_who_may_read_nothing_is_refused(
        self, world: World, engine: ZhikuQueryEngine, groups: frozenset[str]
    ) -> None:
        response = engine.for_principal(replace(MEMBER, groups=groups)).query("annual leave?")
        assert response.metadata is not None
        assert response.metadata["refusal"] is True
        assert response.source_nodes == []
        assert world.llm.prompts == []

    def test_other_tenant_sees_nothing(self, retriever: ZhikuRetriever) -> None:
        stranger = replace(MANAGER, tenant="other")
        assert retriever.for_principal(stranger).retrieve("annual leave") == []

    def test_bundle_cannot_widen_it(self, retriever: ZhikuRetriever) -> None:
        """A rewritten question and a foreign vector pass through the same filter."""
        bundle = QueryBundle(self.QUESTION, custom_embedding_strs=[SALARY], embedding=[1.0] * 32)
        assert "金丝雀" not in texts(retriever.retrieve(bundle))


class TestQueryEngine:
    def test_answer_brings_its_citations(self, world: World, engine: ZhikuQueryEngine) -> None:
        response = engine.query("How many days of annual leave?")
        assert str(response) == "Fifteen days of leave [1]."
        (source,) = response.source_nodes
        assert response.metadata is not None
        assert response.metadata["refusal"] is False
        assert response.metadata["citations"] == {1: source.node.node_id}
        assert response.metadata["sentences"] == [
            {"text": "Fifteen days of leave.", "citations": [1], "support": "verified"}
        ]
        assert response.metadata["lang"] == "en"
        assert response.metadata["provenance"]["model"] == "scripted"
        assert source.metadata["number"] == 1

    def test_answer_without_a_citation_is_a_refusal(
        self, world: World, engine: ZhikuQueryEngine
    ) -> None:
        world.llm.pieces = ("Perhaps.",)
        response = engine.query("How many days of annual leave?")
        assert response.metadata is not None
        assert response.metadata["refusal"] is True
        assert response.metadata["citations"] == {}
        assert str(response).startswith(refusal_text("en", ())[:40])
        assert [each.metadata["uri"] for each in response.source_nodes] == ["upload://leave.md"]

    def test_blank_question_is_refused(self, engine: ZhikuQueryEngine) -> None:
        with pytest.raises(BadRequest, match="question is empty"):
            engine.query("")

    def test_async_answers_the_same(self, engine: ZhikuQueryEngine) -> None:
        response = asyncio.run(engine.aquery("How many days of annual leave?"))
        assert str(response) == "Fifteen days of leave [1]."


class EndlessLLM(ScriptedLLM):
    """Writes until the question is taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.writing = threading.Event()
        self.stopped = threading.Event()

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool],
        response_schema: Mapping[str, object] | None = None,
    ) -> Iterator[str | Usage]:
        self.writing.set()
        while not cancelled():
            yield "on and on "
        self.stopped.set()


class TestCancelled:
    @pytest.fixture
    def llm(self) -> EndlessLLM:
        return EndlessLLM()

    def test_question_taken_back_stops_the_model(
        self, llm: EndlessLLM, engine: ZhikuQueryEngine
    ) -> None:
        async def ask_and_leave() -> None:
            asked = asyncio.create_task(engine.aquery("How many days of annual leave?"))
            await asyncio.to_thread(llm.writing.wait, 10)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked

        asyncio.run(ask_and_leave())
        assert llm.stopped.wait(10)


class TestInsideLlamaIndex:
    def test_their_query_engine_on_our_retriever(self, retriever: ZhikuRetriever) -> None:
        model = MockLLM()
        engine = RetrieverQueryEngine.from_args(
            retriever,
            llm=model,
            response_synthesizer=get_response_synthesizer(llm=model),
            node_postprocessors=[SimilarityPostprocessor(similarity_cutoff=0.01)],
        )
        response = engine.query("annual leave in the third year")
        assert "fifteen days" in str(response)
        assert [each.metadata["number"] for each in response.source_nodes] == [1]

    def test_their_fusion_of_two_of_ours(self, retriever: ZhikuRetriever) -> None:
        fused = QueryFusionRetriever(
            [retriever, retriever.for_principal(MANAGER)],
            llm=MockLLM(),
            num_queries=1,
            mode="reciprocal_rerank",  # type: ignore[arg-type]
            similarity_top_k=10,
            use_async=False,
        )
        found = fused.retrieve("annual leave")
        assert len(found) == len({each.node.node_id for each in found}) == 2

    def test_our_engine_as_a_tool(self, engine: ZhikuQueryEngine) -> None:
        tool = QueryEngineTool.from_defaults(engine, name="zhiku", description="the handbook")
        output = tool.call(input="How many days of annual leave?")
        assert output.content == "Fifteen days of leave [1]."


def python(code: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={"HOME": str(tmp_path), "PATH": ""},
    )


def test_import_reaches_for_no_network_and_writes_nothing(tmp_path: Path) -> None:
    """LlamaIndex brings nltk and tiktoken, which download at their first use."""
    result = python(
        "import sys\n"
        "seen = []\n"
        "sys.addaudithook(lambda event, what: seen.append((event, what))"
        " if event in ('socket.connect', 'socket.getaddrinfo')"
        " or event == 'os.mkdir' and not what[0].endswith('__pycache__') else None)\n"
        "import app.llama_index\n"
        "assert 'llama_index.core.schema' in sys.modules\n"
        "print(seen, 'nltk' in sys.modules, 'tiktoken' in sys.modules)\n",
        tmp_path,
    )
    assert result.stdout.strip() == "[] False False", result.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_llama_index_the_extra_is_named(tmp_path: Path) -> None:
    result = python(
        "import sys; sys.modules['llama_index'] = None; import app.llama_index", tmp_path
    )
    assert result.returncode == 1
    assert "pip install 'zhiku[llamaindex]'" in result.stderr.splitlines()[-1]


def test_product_itself_takes_no_llama_index(tmp_path: Path) -> None:
    result = python(
        "import sys; import app.cli.main, app.api, app.wiring, eval.cli\n"
        "print(any(name.startswith('llama_index') for name in sys.modules))",
        tmp_path,
    )
    assert result.stdout.strip() == "False", result.stderr
