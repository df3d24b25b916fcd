"""Files in files: archives, attachments and mailboxes."""

import io
import zipfile
from email.message import EmailMessage

import pytest

from ingest.errors import FileTooLarge, UnreadableFile
from ingest.parse.parts import Parts
from ingest.records import ParsedDocument
from stores.records import BlockKind
from tests.ingest.builders import parsed, texts
from tests.ingest.pdf_builder import Text, build_pdf
from tests.ingest.test_eml import message


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members:
            package.writestr(name, data)
    return buffer.getvalue()


def _paths(document: ParsedDocument, text: str) -> list[tuple[str, ...]]:
    return [block.heading_path for block in document.blocks if block.text == text]


def test_members_of_an_archive_stand_under_their_names() -> None:
    data = zipped(
        ("制度/年假.md", "# 年假\n\n每年五天。".encode()),
        ("travel.txt", b"Economy class only."),
        ("__MACOSX/._travel.txt", b"x"),
    )
    result = parsed("rules.zip", data)
    assert result.title == "rules"
    assert result.media_type == "application/zip"
    assert texts(result.blocks, BlockKind.LIST) == ["- 制度/年假.md\n- travel.txt"]
    assert _paths(result, "每年五天。") == [("制度/年假.md", "年假")]
    assert _paths(result, "Economy class only.") == [("travel.txt",)]


def test_a_member_that_cannot_be_read_is_named_and_the_others_are_read() -> None:
    result = parsed("a.zip", zipped(("x.exe", b"MZ\x00\x01"), ("b.txt", b"text")))
    assert texts(result.blocks, BlockKind.LIST) == ["- x.exe (not read)\n- b.txt"]
    assert _paths(result, "text") == [("b.txt",)]


def test_names_without_the_mark_for_utf8_are_gbk() -> None:
    name = "规章制度通知.txt"
    stand_in = "a" * len(name.encode("gbk"))
    data = zipped((stand_in, b"text")).replace(stand_in.encode(), name.encode("gbk"))
    assert _paths(parsed("a.zip", data), "text") == [(name,)]


@pytest.mark.parametrize(
    ("members", "reason"),
    [([("x.exe", b"MZ\x00\x01")], "x.exe: cannot be read"), ([], "there are no files in it")],
)
def test_an_archive_of_which_nothing_can_be_read_says_why(
    members: list[tuple[str, bytes]], reason: str
) -> None:
    data = zipped(*members) if members else zipped(("__MACOSX/x", b"x"))
    with pytest.raises(UnreadableFile, match=f"a.zip: nothing in the archive .*{reason}"):
        parsed("a.zip", data)


def test_an_archive_with_a_password_says_so() -> None:
    data = bytearray(zipped(("a.txt", b"text")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnreadableFile, match=r"a.zip: is encrypted"):
        parsed("a.zip", bytes(data))


def test_an_archive_in_an_archive_is_read_and_no_deeper() -> None:
    inner = zipped(("deep.txt", b"too deep"))
    data = zipped(("middle.zip", zipped(("in.txt", b"within"), ("inner.zip", inner))))
    result = parsed("outer.zip", data)
    assert _paths(result, "within") == [("middle.zip", "in.txt")]
    assert "inner.zip (not read)" in texts(result.blocks)[2]
    assert not _paths(result, "too deep")


def test_all_parts_share_one_allowance() -> None:
    parts = Parts(lambda data, name, parts: parsed(name, data))
    parts.take(300 << 20, filename="a")
    with pytest.raises(FileTooLarge, match="b: holds more than 2000 files or 512 MiB"):
        parts.take(300 << 20, filename="b")
    many = Parts(lambda data, name, parts: parsed(name, data))
    for _ in range(2000):
        many.take(0, filename="a")
    with pytest.raises(FileTooLarge):
        many.take(0, filename="a")


def test_attachments_are_read_under_their_names() -> None:
    mail = message("the body")
    pdf = build_pdf([[Text("Figures of May", 72, 700)]])
    mail.add_attachment(pdf, maintype="application", subtype="pdf", filename="五月.pdf")
    mail.add_attachment("print('hello')", filename="a.py")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="b.png")
    result = parsed("m.eml", mail.as_bytes())
    assert "Attachments: 五月.pdf, a.py.txt, b.png (not read)" in texts(result.blocks)[0]
    assert _paths(result, "the body") == [()]
    assert _paths(result, "Figures of May") == [("五月.pdf",)]
    assert _paths(result, "print('hello')") == [("a.py.txt",)]


def test_a_forwarded_message_is_a_part_under_its_subject() -> None:
    outer = EmailMessage()
    outer["From"] = "a@b.example"
    outer.set_content("see below")
    outer.add_attachment(message("the first message"))
    assert _paths(parsed("m.eml", outer.as_bytes()), "the first message") == [
        ("TP-380 零点漂移.eml",)
    ]


def test_messages_of_a_mailbox_stand_under_their_subjects() -> None:
    begin = b"From a@b.example Mon Mar 17 11:15:17 2014\n"
    box = begin + message("one").as_bytes() + b"\n\n" + begin + message("two").as_bytes()
    result = parsed("a.mbox", box)
    assert result.media_type == "application/mbox"
    assert _paths(result, "one") == [("TP-380 零点漂移",)]
    assert _paths(result, "two") == [("TP-380 零点漂移",)]


def test_text_that_is_no_mailbox_is_refused() -> None:
    with pytest.raises(UnreadableFile, match=r"a.mbox: holds no message"):
        parsed("a.mbox", b"just some text\n")
