import json
import os
import threading
from dataclasses import replace
from datetime import date

import pytest

from ingest.errors import IngestError, QuarantinedFile
from ingest.records import FileProperties, ParsedDocument
from ingest.sandbox.wire import (
    BadAnswer,
    decode_answer,
    encode_document,
    encode_error,
    read_frame,
    write_frame,
)
from stores.records import Block, BlockKind, HiddenKind, HiddenText

DOCUMENT = ParsedDocument(
    title="标题",
    media_type="text/plain",
    blocks=(
        Block(BlockKind.HEADING, "一", 1),
        Block(BlockKind.TEXT, "二", 2, ("一",)),
        Block(BlockKind.TABLE, "| a |", None, ("一",)),
        Block(BlockKind.TABLE, "| a |\n|---|\n| 1 |", 3, rows=(2, 5)),
    ),
    properties=FileProperties("s", ("k",), {"date": "2025"}, date(2025, 3, 1)),
    hidden=(HiddenText(HiddenKind.VANISHED, 3),),
)


def test_a_document_survives_the_way() -> None:
    assert decode_answer(encode_document(DOCUMENT)) == DOCUMENT
    bare = replace(DOCUMENT, properties=FileProperties(), hidden=())
    assert decode_answer(encode_document(bare)) == bare


def test_an_error_survives_the_way() -> None:
    with pytest.raises(QuarantinedFile, match="太大"):
        decode_answer(encode_error(QuarantinedFile("太大")))


@pytest.mark.parametrize(
    "change",
    [
        {"title": 1},
        {"blocks": [["text", None, None, 0]]},
        {"blocks": [["picture", "x", None, 0]]},
        {"blocks": [["text", "x", "1", 0]]},
        {"blocks": [["text", "x", 1, 9]]},
        {"blocks": [["table", "| a |\n|---|", 1, 0, 1, 2]]},
        {"blocks": None},
        {"hidden": [["unheard", 1]]},
        {"error": "SystemExit", "message": "x"},
    ],
)
def test_what_is_no_answer_is_refused(change: dict[str, object]) -> None:
    answer = {**json.loads(encode_document(DOCUMENT)), **change}
    with pytest.raises(BadAnswer):
        decode_answer(json.dumps(answer).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises((BadAnswer, IngestError)) as caught:
        decode_answer(data)
    assert caught.type is BadAnswer


def test_frames_larger_than_a_pipe_arrive_whole_and_too_large_ones_do_not() -> None:
    reading, writing = os.pipe()
    data = os.urandom(300_000)
    writer = threading.Thread(target=write_frame, args=(writing, data))
    writer.start()
    assert read_frame(reading, max_bytes=300_000) == data
    writer.join()
    write_frame(writing, b"four")
    with pytest.raises(BadAnswer, match="4 bytes"):
        read_frame(reading, max_bytes=3)
    os.close(writing)
    os.close(reading)


def test_a_frame_that_is_cut_short_is_refused() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"\0" * 7 + b"\x09" + b"half")
    os.close(writing)
    with pytest.raises(BadAnswer, match="ended"):
        read_frame(reading, max_bytes=100)
    os.close(reading)
