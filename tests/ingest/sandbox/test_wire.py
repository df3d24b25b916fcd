import json
import os
import threading
from dataclasses import replace
from datetime import date

import pytest

from ingest.errors import IngestError, QuarantinedFile
from ingest.records import (
    FileProperties,
    PagePicture,
    PageReading,
    ParsedDocument,
    ReadLine,
    Source,
)
from ingest.sandbox.frames import BadAnswer, read_frame, write_frame
from ingest.sandbox.wire import (
    decode_document,
    decode_picture,
    decode_reading,
    decode_request,
    encode_document,
    encode_error,
    encode_picture,
    encode_reading,
    encode_request,
)
from stores.records import Block, BlockKind, HiddenKind, HiddenText, Recognised

DOCUMENT = ParsedDocument(
    title="标题",
    media_type="text/plain",
    blocks=(
        Block(BlockKind.HEADING, "一", 1),
        Block(BlockKind.TEXT, "二", 2, ("一",)),
        Block(BlockKind.TABLE, "| a |", None, ("一",)),
        Block(BlockKind.TEXT, "三", 3, ("一",), Recognised(0.97, (1.0, 2.0, 3.5, 4.0))),
        Block(BlockKind.TABLE, "| a |\n|---|\n| 1 |", 3, rows=(2, 5)),
    ),
    properties=FileProperties("s", ("k",), {"date": "2025"}, date(2025, 3, 1)),
    hidden=(HiddenText(HiddenKind.VANISHED, 3),),
    scans=(4, 5),
    unread=("page 6: beyond",),
)
READING = PageReading(595.0, 842.0, (ReadLine("年假 5 天", 1.0, 2.0, 3.0, 4.0, 0.99),))
PICTURE = PagePicture(2, 1, 0.5, b"\n{\xff\0ab")


def test_a_document_survives_the_way() -> None:
    assert decode_document(encode_document(DOCUMENT)) == DOCUMENT
    bare = replace(DOCUMENT, properties=FileProperties(), hidden=())
    assert decode_document(encode_document(bare)) == bare


def test_a_request_a_reading_and_a_picture_survive_the_way() -> None:
    source = Source("", "扫描.pdf", b"%PDF", page=7, readings={1: READING})
    assert decode_request(encode_request(source), b"%PDF") == source
    assert decode_reading(encode_reading(READING)) == READING
    assert decode_picture(encode_picture(PICTURE)) == PICTURE


def test_a_picture_with_other_pixels_than_its_size_says_is_refused() -> None:
    with pytest.raises(BadAnswer, match="7 bytes of pixels"):
        decode_picture(encode_picture(replace(PICTURE, pixels=b"1234567")))


def test_an_error_survives_the_way() -> None:
    with pytest.raises(QuarantinedFile, match="太大"):
        decode_document(encode_error(QuarantinedFile("太大")))


@pytest.mark.parametrize(
    "change",
    [
        {"title": 1},
        {"blocks": [["text", None, None, 0, None, []]]},
        {"blocks": [["picture", "x", None, 0, None, []]]},
        {"blocks": [["text", "x", "1", 0, None, []]]},
        {"blocks": [["text", "x", 1, 9, None, []]]},
        {"blocks": [["text", "x", 1, 0, [0.9, 1], []]]},
        {"blocks": [["table", "| a |\n|---|", 1, 0, None, [1, 2]]]},
        {"scans": ["x"]},
        {"unread": [1]},
        {"blocks": None},
        {"hidden": [["unheard", 1]]},
        {"error": "SystemExit", "message": "x"},
    ],
)
def test_what_is_no_answer_is_refused(change: dict[str, object]) -> None:
    answer = {**json.loads(encode_document(DOCUMENT)), **change}
    with pytest.raises(BadAnswer):
        decode_document(json.dumps(answer).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises((BadAnswer, IngestError)) as caught:
        decode_document(data)
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
