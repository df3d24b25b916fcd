"""Messages of Outlook."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import UnreadableFile
from tests.ingest.builders import parsed, texts
from tests.ingest.msg_builder import message_file

_SUBJECT, _BODY, _PAGE, _SENT, _CODEPAGE = 0x0037, 0x1000, 0x1013, 0x0039, 0x3FFD
_SENDER, _SENDER_ADDRESS = 0x0C1A, 0x5D01
_NAME, _ADDRESS, _KIND = 0x3001, 0x39FE, 0x0C15
_FILE_NAME, _FILE = 0x3707, 0x3701
_DOCUMENTS = Path(__file__).resolve().parents[3] / "shared" / "docs" / "eml"


def test_a_message_has_its_head_its_text_and_its_attachments() -> None:
    data = message_file(
        {
            _SUBJECT: "TP-380 零点漂移",
            _BODY: "您好：\r\n\r\n请见附件。",
            _SENT: datetime(2025, 3, 1, 8, 30, tzinfo=UTC),
            _SENDER: "王芳",
            _SENDER_ADDRESS: "wang@example.com",
        },
        recipients=(
            {_NAME: "Li, Bo", _ADDRESS: "li@example.com", _KIND: 1},
            {_NAME: "/O=EX/CN=CHEN", _KIND: 2},
            {_NAME: "secret", _ADDRESS: "secret@example.com", _KIND: 3},
        ),
        attachments=(
            {_FILE_NAME: "说明.txt", _FILE: "按步骤处理。".encode() * 400},
            {_FILE_NAME: "forwarded message"},
        ),
    )
    result = parsed("drift.msg", data)
    assert (result.title, result.media_type) == ("TP-380 零点漂移", "application/vnd.ms-outlook")
    assert result.properties.fields == {"date": "2025-03-01"}
    head, *body = texts(result.blocks)
    assert head == (
        'From: 王芳 <wang@example.com>\nTo: "Li, Bo" <li@example.com>\nCc: /O=EX/CN=CHEN\n'
        "Date: Sat, 01 Mar 2025 08:30:00 +0000\n"
        "Attachments: 说明.txt, forwarded message (not read)"
    )
    assert body == ["您好：", "请见附件。", "说明.txt", "按步骤处理。" * 400]


@pytest.mark.parametrize(("codepage", "encoding"), [(936, "gb18030"), (950, "cp950")])
def test_text_of_old_messages_is_in_their_code_page(codepage: int, encoding: str) -> None:
    values: dict[int, str | bytes | int | datetime] = {
        _CODEPAGE: codepage,
        _SUBJECT: "部門公告",
        _BODY: "會議於三月舉行。",
    }
    result = parsed("old.msg", message_file(values, encoding=encoding))
    assert (result.title, texts(result.blocks)[-1]) == ("部門公告", "會議於三月舉行。")


def test_the_page_is_read_where_there_is_no_text() -> None:
    page = '<meta charset="gb2312"><p>年假五天</p>'.encode("gb18030")
    result = parsed("page.msg", message_file({_SUBJECT: "Leave days", _PAGE: page}))
    assert texts(result.blocks)[-1] == "年假五天"


def test_a_damaged_message_is_told() -> None:
    data = message_file({_SUBJECT: "x", _BODY: "y"})
    with pytest.raises(UnreadableFile, match=r"a.msg: is no complete message of Outlook; open"):
        parsed("a.msg", data[:700] + "__properties_version1.0".encode("utf-16-le"))


def test_messages_that_outlook_wrote() -> None:
    if not _DOCUMENTS.is_dir():
        pytest.skip(f"no sample documents at {_DOCUMENTS}")
    found = {path.name: parsed(path.name, path.read_bytes()) for path in _DOCUMENTS.glob("*.msg")}
    assert found["testMSG_chinese.msg"].title == "Alfresco MSG format testing ( MSG 格式測試 )"
    assert texts(found["fake-email-attachment.msg"].blocks)[-2:] == [
        "fake-attachment.txt",
        "Hey this is a fake attachment!",
    ]
