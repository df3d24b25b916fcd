"""E-mails."""

from email.message import EmailMessage

import pytest

from ingest.errors import UnreadableFile
from stores.records import BlockKind
from tests.ingest.builders import parsed, texts


def message(body: str = "第一段。\n\nSecond paragraph.\n") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "贺兰舟 <helan@tingluan.example>"
    mail["To"] = "service@tingluan.example"
    mail["Subject"] = "TP-380 零点漂移"
    mail["Date"] = "Tue, 12 Aug 2025 09:30:00 +0800"
    mail.set_content(body, cte="base64")
    return mail


def test_mail_gives_its_head_and_paragraphs() -> None:
    result = parsed("drift.eml", message().as_bytes())
    assert result.title == "TP-380 零点漂移"
    assert result.media_type == "message/rfc822"
    head, *body = texts(result.blocks)
    assert "贺兰舟" in head
    assert "2025" in head
    assert body == ["第一段。", "Second paragraph."]


def test_of_two_versions_the_text_is_taken() -> None:
    mail = message("the text")
    mail.add_alternative("<p>the <b>page</b></p>", subtype="html")
    assert texts(parsed("m.eml", mail.as_bytes()).blocks)[1:] == ["the text"]


def test_mail_of_html_alone_is_read_and_scripts_are_not() -> None:
    mail = message()
    mail.set_content("<p>年假</p><script>alert(1)</script>", subtype="html")
    assert texts(parsed("m.eml", mail.as_bytes()).blocks)[1:] == ["年假"]


def test_an_attachment_that_cannot_be_read_is_named() -> None:
    mail = message()
    mail.add_attachment(b"secret words", maintype="application", subtype="pdf", filename="a.pdf")
    found = texts(parsed("m.eml", mail.as_bytes()).blocks)
    assert "Attachments: a.pdf (not read)" in found[0]
    assert not any("secret" in text for text in found)


def test_a_message_in_utf16_is_read() -> None:
    data = message("the text").as_string().encode("utf-16-le")
    assert texts(parsed("m.eml", data).blocks)[1:] == ["the text"]


def test_a_subject_that_is_no_title_is_kept_in_the_text() -> None:
    data = b"From: a@b.example\nSubject: Untitled\n\nthe text"
    assert "Subject: Untitled" in texts(parsed("m.eml", data).blocks)[0]


def test_of_two_versions_an_empty_text_gives_way_to_the_page() -> None:
    mail = message(" ")
    mail.add_alternative("<p>the page</p>", subtype="html")
    assert texts(parsed("m.eml", mail.as_bytes()).blocks)[1:] == ["the page"]


def test_a_boundary_that_the_standard_forbids_is_followed() -> None:
    data = (
        b'From: a@b.example\nContent-Type: multipart/alternative; boundary="----=_(x 1"\n\n'
        b"------=_(x 1\nContent-Type: text/plain\n\nthe text\n------=_(x 1--\n"
    )
    assert texts(parsed("m.eml", data).blocks)[1:] == ["the text"]


def test_body_in_an_old_encoding_is_decoded() -> None:
    data = (
        b"From: a@b.example\r\nSubject: x\r\nContent-Type: text/plain; charset=gbk\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + "年休假通知".encode("gbk")
    )
    assert texts(parsed("m.eml", data).blocks)[1:] == ["年休假通知"]


def test_wrongly_declared_encoding_is_found_out() -> None:
    data = (
        b"From: a@b.example\r\nContent-Type: text/plain; charset=nonsense\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + "年休假通知已经发出".encode()
    )
    assert texts(parsed("m.eml", data).blocks)[1:] == ["年休假通知已经发出"]


def test_mail_without_a_body_keeps_its_head() -> None:
    result = parsed("m.eml", b"From: a@b.example\r\nSubject: just this\r\n\r\n")
    assert [block.kind for block in result.blocks] == [BlockKind.TEXT]
    assert result.title == "just this"


def test_text_that_is_no_mail_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="is no e-mail"):
        parsed("m.eml", b"just some text\n")
