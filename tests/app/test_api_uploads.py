import resource
from collections.abc import Callable, Iterator

import pytest

from stores.access import EVERYONE
from stores.keys import Role
from tests.app.api_world import MAX_FILE_MEGABYTES, Api, World, code_of

_LIMIT = MAX_FILE_MEGABYTES * 1_000_000
_BOUNDARY = {"Content-Type": "multipart/form-data; boundary=XX"}


def _form(*parts: bytes) -> bytes:
    return b"".join(b"--XX\r\n" + part + b"\r\n" for part in parts) + b"--XX--\r\n"


def _part(name: bytes, content: bytes, *, filename: bytes | None = None) -> bytes:
    disposition = b'Content-Disposition: form-data; name="' + name + b'"'
    if filename is not None:
        disposition += b'; filename="' + filename + b'"'
    return disposition + b"\r\n\r\n" + content


class TestSize:
    def test_a_file_of_exactly_the_limit_is_taken(self, api: Api) -> None:
        assert api.upload("big.txt", _LIMIT * b"x").status_code == 202

    @pytest.mark.parametrize("excess", [1, 5_000_000])
    def test_a_larger_one_is_refused_with_the_limit(self, api: Api, excess: int) -> None:
        response = api.upload("big.txt", (_LIMIT + excess) * b"x")

        assert code_of(response) == (413, "file_too_large")
        assert f"{MAX_FILE_MEGABYTES} MB" in response.json()["error"]["message"]

    def test_a_larger_one_that_does_not_declare_its_length_is_not_read_to_its_end(
        self, api: Api, world: World
    ) -> None:
        def body() -> Iterator[bytes]:
            yield b'--XX\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
            for _ in range(1000):
                yield 100_000 * b"x"

        response = api.post("/v1/documents", content=body(), headers=_BOUNDARY)

        assert code_of(response) == (413, "file_too_large")
        assert world.system.catalog.jobs.unfinished() == []

    def test_a_disk_that_is_full_is_507_and_leaves_no_job(self, api: Api, world: World) -> None:
        # A file of more than a megabyte waits on disk; the limit below makes that write fail.
        world.system.settings.ingest.__dict__["max_file_megabytes"] = 8
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
        try:
            response = api.upload("big.txt", 4_000_000 * b"x")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

        assert code_of(response) == (507, "storage_full")
        assert world.system.catalog.jobs.unfinished() == []


class TestForm:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"no form at all",
            _form(_part(b"groups", b"everyone")),
            _form(_part(b"file", b"not a file part")),
            _form(_part(b"file", b"x", filename=b"")),
            _form(_part(b"file", b"x", filename=b"..")),
            _form(_part(b"file", b"x", filename=b"a\x07.txt")),
            _form(_part(b"file", b"x", filename=b"a" * 300)),
            _form(_part(b"file", b"x", filename=b"a.txt"), _part(b"tenant", b"globex")),
            _form(_part(b"file", b"x", filename=b"a.txt"), _part(b"uri", b"y", filename=b"b.txt")),
            _form(_part(b"file", b"x", filename=b"a.txt"), _part(b"uri", b"no uri")),
            _form(_part(b"file", b"x", filename=b"a.txt"), _part(b"uri", b"upload://a\nb")),
            _form(
                _part(b"file", b"x", filename=b"a.txt"), _part(b"uri", b"upload://" + 3000 * b"a")
            ),
            _form(_part(b"file", b"x", filename=b"a.txt"), *2 * [_part(b"uri", b"upload://a")]),
            _form(_part(b"file", b"x", filename=b"a.txt"), *100 * [_part(b"groups", b"a")]),
            _form(*2 * [_part(b"file", b"x", filename=b"a.txt")]),
            _form(_part(b"file", b"x", filename=b"a.txt"))[:-20],
        ],
    )
    def test_a_form_that_is_not_what_was_described(
        self, api: Api, world: World, body: bytes
    ) -> None:
        response = api.post("/v1/documents", content=body, headers=_BOUNDARY)

        assert code_of(response) in {(422, "upload_invalid"), (400, "request_malformed")}
        assert world.system.catalog.jobs.unfinished() == []

    @pytest.mark.parametrize(
        "group", ["HR", "../hr", "", "hr team", "人事", "a" * 64, "-hr", "hr\n", "*"]
    )
    def test_a_group_that_cannot_be_one(self, api: Api, group: str) -> None:
        response = api.upload("a.txt", "text", groups=[group])

        assert code_of(response) == (422, "upload_invalid")
        assert "group" in response.json()["error"]["message"]

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            (b"../../etc/leave.txt", "leave.txt"),
            (b"C:\\\\Users\\\\me\\\\leave.txt", "leave.txt"),
            ("休假 制度.txt".encode(), "休假 制度.txt"),
        ],
    )
    def test_only_the_name_of_a_file_is_kept(self, api: Api, sent: bytes, kept: str) -> None:
        body = _form(_part(b"file", b"Fifteen days.", filename=sent))

        job = api.post("/v1/documents", content=body, headers=_BOUNDARY).json()

        assert job["filename"] == kept
        document_id = api.finished(job["id"])["document_id"]
        assert api.get(f"/v1/documents/{document_id}").json()["uri"] == f"upload://{kept}"

    def test_the_uri_is_taken_as_sent(self, api: Api) -> None:
        uri = "https://wiki.example/休假?page=1"

        job = api.ingested("leave.txt", "Fifteen days.", uri=uri)

        assert api.get(f"/v1/documents/{job['document_id']}").json()["uri"] == uri


class TestRights:
    def test_only_groups_of_the_key(
        self, world: World, as_key: Callable[[str | None], Api]
    ) -> None:
        editor = as_key(world.key(Role.EDITOR, [EVERYONE, "hr"]))

        refused = editor.upload("a.txt", "text", groups=["hr", "board"])
        assert code_of(refused) == (403, "groups_not_permitted")
        assert "everyone, hr" in refused.json()["error"]["message"]
        assert editor.upload("a.txt", "text", groups=["hr"]).status_code == 202

    def test_an_administrator_may_write_for_any_group(
        self, world: World, as_key: Callable[[str | None], Api]
    ) -> None:
        administrator = as_key(world.key(Role.ADMIN, []))

        assert administrator.upload("a.txt", "text", groups=["board"]).status_code == 202

    def test_a_document_of_other_groups_is_not_replaced(
        self, world: World, as_key: Callable[[str | None], Api]
    ) -> None:
        board = as_key(world.key(Role.EDITOR, ["board"]))
        editor = as_key(world.key(Role.EDITOR, [EVERYONE]))
        administrator = as_key(world.key(Role.ADMIN, []))
        assert board.ingested("plan.txt", "Sell the company.", groups=["board"])["state"] == "done"

        refused = editor.upload("plan.txt", "Nothing to see.")
        foreign = editor.upload("other.txt", "Nothing to see.", groups=["board"])

        assert code_of(refused) == (403, "groups_not_permitted")
        assert refused.json()["error"]["message"] == foreign.json()["error"]["message"]
        replaced = administrator.ingested("plan.txt", "Keep the company.", groups=["board"])
        assert replaced["outcome"] == "updated"

    def test_nor_one_that_is_still_waiting_to_be_ingested(
        self, world: World, as_key: Callable[[str | None], Api]
    ) -> None:
        world.indexes.available = False
        board = as_key(world.key(Role.EDITOR, ["board"]))
        editor = as_key(world.key(Role.EDITOR, [EVERYONE]))
        assert board.upload("plan.txt", "Sell.", groups=["board"]).status_code == 202

        assert code_of(editor.upload("plan.txt", "No.")) == (403, "groups_not_permitted")
        assert board.upload("plan.txt", "Sell soon.", groups=["board"]).status_code == 202
