from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import pytest

from app.api.schemas import AnswerOut, EvidenceEvent, JobOut, TokenEvent
from app.client import ApiError, ZhikuClient
from app.sse import server_sent_events
from generation.errors import PromptTooLong
from tests.app.api_world import World, eventually

_LEAVE = b"# Annual leave\n\nEmployees have fifteen days of annual leave.\n"
_QUESTION = "How many days of annual leave?"


@pytest.fixture
def zhiku(world: World, url: str) -> Iterator[ZhikuClient]:
    with ZhikuClient(url, world.key(), timeout_seconds=20) as zhiku:
        yield zhiku


@pytest.fixture
def leave(zhiku: ZhikuClient) -> None:
    job = zhiku.upload("leave.md", _LEAVE)
    assert zhiku.wait_for_job(job.id, poll_seconds=0.02).outcome == "added"


@pytest.mark.usefixtures("leave")
class TestAgainstTheApi:
    def test_search(self, zhiku: ZhikuClient) -> None:
        (found,) = zhiku.search("annual leave", limit=3)

        assert found.uri == "upload://leave.md"
        assert "fifteen days" in found.quote

    def test_explain(self, zhiku: ZhikuClient) -> None:
        found = zhiku.explain("annual leave", limit=3)

        assert found.evidence == zhiku.search("annual leave", limit=3)
        assert found.explanation is not None
        assert [trail.rank for trail in found.explanation.trails] == [1]
        assert zhiku.ask(_QUESTION, explain=True).explanation is not None

    def test_ask(self, zhiku: ZhikuClient) -> None:
        answer = zhiku.ask(_QUESTION)

        assert answer.text == "Fifteen days of leave [1]."
        assert answer.citations[0].number == 1
        assert zhiku.ask(_QUESTION, lang="zh").lang == "zh"

    def test_chat_yields_evidence_tokens_and_the_answer(self, zhiku: ZhikuClient) -> None:
        evidence, *tokens, answer = zhiku.chat(_QUESTION)

        assert isinstance(evidence, EvidenceEvent)
        assert isinstance(answer, AnswerOut)
        written = [token.text for token in tokens if isinstance(token, TokenEvent)]
        assert written == ["Fifteen days", " of leave", " [1]."]
        again = zhiku.ask(_QUESTION)
        assert answer.provenance["trace_id"] != again.provenance["trace_id"]
        untraced: dict[str, object] = {"provenance": {}}
        assert answer.model_copy(update=untraced) == again.model_copy(update=untraced)

    def test_conversations(self, zhiku: ZhikuClient) -> None:
        begun, other = zhiku.begin_conversation(), zhiku.begin_conversation()
        zhiku.ask(_QUESTION, conversation_id=begun.id)
        *_, answer = zhiku.chat("And in the fourth year?", conversation_id=begun.id)

        assert isinstance(answer, AnswerOut)
        assert answer.understood is not None
        assert [each.id for each in zhiku.conversations()] == [begun.id, other.id]
        assert len(zhiku.conversations(limit=1, offset=1)) == 1
        found = zhiku.conversation(begun.id)
        assert [each.question for each in found.exchanges] == [
            _QUESTION, "And in the fourth year?",
        ]  # fmt: skip
        assert zhiku.conversation(begun.id, limit=1, offset=1).exchanges == found.exchanges[1:]
        renamed = zhiku.rename_conversation(begun.id, "Leave")
        assert (renamed.id, renamed.title) == (begun.id, "Leave")
        assert [each.id for each in zhiku.conversations(words="fourth year")] == [begun.id]
        assert zhiku.conversations(words="parking") == ()
        zhiku.erase_conversation(begun.id)
        with pytest.raises(ApiError) as caught:
            zhiku.conversation(begun.id)
        assert (caught.value.code, caught.value.status) == ("conversation_unknown", 404)
        zhiku.erase_conversations()
        assert zhiku.conversations() == ()

    def test_a_summary_is_written_though_the_client_left_with_the_answer(
        self, zhiku: ZhikuClient
    ) -> None:
        begun = zhiku.begin_conversation()
        for number in range(3):
            assert list(zhiku.chat(f"{_QUESTION} {number}", conversation_id=begun.id))

        def summarised() -> bool:
            return zhiku.conversation(begun.id).summarised == 1

        assert eventually(summarised)

    def test_an_error_within_a_stream_is_raised(self, zhiku: ZhikuClient, world: World) -> None:
        world.llm.pieces = ("Fifteen", PromptTooLong("9000 tokens"))
        events = zhiku.chat(_QUESTION)
        assert isinstance(next(events), EvidenceEvent)
        assert isinstance(next(events), TokenEvent)

        with pytest.raises(ApiError, match="shorten") as caught:
            next(events)

        assert caught.value.code == "prompt_too_long"
        assert caught.value.request_id

    def test_documents(self, zhiku: ZhikuClient) -> None:
        (listed,) = zhiku.documents(limit=10, offset=0, title="leave")
        assert zhiku.documents(title="parking") == ()
        document = zhiku.document(listed.id)
        blocks = zhiku.blocks(document.id)

        assert document.title == "Annual leave"
        assert document.pages == ()
        assert "Employees have fifteen days of annual leave." in [block.text for block in blocks]
        assert zhiku.blocks(document.id, page=9) == ()
        zhiku.delete(document.id)
        assert zhiku.documents() == ()

    def test_ready(self, zhiku: ZhikuClient, world: World) -> None:
        assert zhiku.ready().ready
        world.llm.available = False
        assert not zhiku.ready().ready
        assert zhiku.ready().parts["index"] == "ok"


class TestUploads:
    def test_progress_groups_and_uri(self, zhiku: ZhikuClient) -> None:
        seen: list[JobOut] = []
        job = zhiku.upload("a.txt", "十五天年假".encode(), groups=["everyone"], uri="wiki://a/年假")

        done = zhiku.wait_for_job(job.id, poll_seconds=0.02, on_progress=seen.append)

        assert seen[-1] == done
        assert zhiku.document(done.document_id).uri == "wiki://a/年假"

    def test_waiting_has_an_end(self, zhiku: ZhikuClient, world: World) -> None:
        world.indexes.available = False
        job = zhiku.upload("leave.md", _LEAVE)

        with pytest.raises(ApiError, match="still being processed") as caught:
            zhiku.wait_for_job(job.id, timeout_seconds=0.1, poll_seconds=0.02)

        assert caught.value.code == "job_unfinished"


class TestErrors:
    def test_the_apis_own(self, zhiku: ZhikuClient) -> None:
        with pytest.raises(ApiError) as caught:
            zhiku.document(uuid4())

        assert (caught.value.code, caught.value.status) == ("document_unknown", 404)
        assert str(caught.value) == caught.value.message
        assert caught.value.request_id

    def test_of_a_stream_that_never_began(self, zhiku: ZhikuClient) -> None:
        with pytest.raises(ApiError) as caught:
            next(zhiku.chat(" "))

        assert (caught.value.code, caught.value.status) == ("question_empty", 422)

    @pytest.mark.parametrize("key", ["", "zk_wrong", "密钥", " zk_wrong\n", "zk_a\nb", "\x00"])
    def test_whatever_is_pasted_as_a_key(self, url: str, key: str) -> None:
        with ZhikuClient(url, key, lang="zh") as zhiku, pytest.raises(ApiError) as caught:
            zhiku.documents()

        assert caught.value.code == "not_authenticated"
        assert "没有有效的 API 密钥" in caught.value.message

    @pytest.mark.parametrize(
        "url",
        ["http://127.0.0.1:9", "http://[::1]:9", "http://127.0.0.1:99999", "nonsense", "http://[x"],
    )
    def test_nobody_there(self, url: str) -> None:
        with pytest.raises(ApiError, match="zhiku serve") as caught:
            ZhikuClient(url, "zk_x").search("leave")

        assert caught.value.code == "api_unreachable"
        assert url in caught.value.message
        assert caught.value.status is None


class TestOtherServers:
    def test_not_ours(self) -> None:
        with answering(b"<h1>It works!</h1>") as url, pytest.raises(ApiError) as caught:
            ZhikuClient(url, "zk_x").search("leave")
        assert caught.value.code == "api_not_zhiku"

        with answering(b"<h1>No</h1>", status=404) as url, pytest.raises(ApiError) as caught:
            ZhikuClient(url, "zk_x").ready()
        assert caught.value.code == "api_not_zhiku"
        assert "404" in caught.value.message

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"", "api_broke_off"),
            (b'event: token\ndata: {"text":"a"}\n\n', "api_broke_off"),
            (b'event: done\ndata: {"text":"a"}', "api_broke_off"),
            (b"event: done\ndata: {}\n\n", "api_not_zhiku"),
            (b"event: error\ndata: {}\n\n", "api_not_zhiku"),
            (b"event: future\ndata: {}\n\n", "api_broke_off"),
        ],
    )
    def test_a_stream_that_breaks_off(self, body: bytes, code: str) -> None:
        with answering(body) as url, pytest.raises(ApiError) as caught:
            list(ZhikuClient(url, "zk_x").chat("leave"))

        assert caught.value.code == code

    def test_less_than_was_promised(self) -> None:
        with answering(b"{}", promised=100) as url, pytest.raises(ApiError) as caught:
            ZhikuClient(url, "zk_x").search("leave")

        assert caught.value.code == "api_broke_off"

    def test_silence(self) -> None:
        with (
            answering(b"{}", promised=100, hangs=True) as url,
            pytest.raises(ApiError) as caught,
        ):
            ZhikuClient(url, "zk_x", timeout_seconds=0.2).search("leave")

        assert caught.value.code == "api_timeout"


class TestServerSentEvents:
    _BODY = (
        ": a comment\r\n\r\n"
        'event: token\r\ndata: {"text":"十五\u2028天"}\r\n\r\n'
        "data:first\ndata: second\nid: 7\n\n"
        "event: cut\ndata: off"
    ).encode()

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
    def test_are_read_whatever_way_the_bytes_are_cut(self, size: int) -> None:
        chunks = [self._BODY[i : i + size] for i in range(0, len(self._BODY), size)]

        assert list(server_sent_events(chunks)) == [
            ("token", '{"text":"十五\u2028天"}'),
            ("message", "first\nsecond"),
        ]


@contextmanager
def answering(
    body: bytes, *, status: int = 200, promised: int | None = None, hangs: bool = False
) -> Iterator[str]:
    """Run a server that answers everything alike; yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if promised is None else promised))
            self.end_headers()
            self.wfile.write(body)
            if hangs:
                self.rfile.read(1)

        do_POST = do_GET

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.usefixtures("leave")
def test_an_answer_is_data_where_a_schema_asks_for_it(zhiku: ZhikuClient, world: World) -> None:
    world.llm.pieces = ('{"days": 15}',)
    schema = {"type": "object", "properties": {"days": {"type": "integer"}}}

    assert zhiku.ask("How many days of annual leave?", response_schema=schema).data == {"days": 15}
    assert world.llm.schemas == [schema]
