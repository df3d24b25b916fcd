"""Text recall of the parsers against other programs."""

from collections import Counter
from email.message import EmailMessage
from pathlib import Path

import pytest
from docx import Document

from eval.documents.__main__ import main
from eval.documents.measure import Result, measure, summarise
from eval.documents.reference import CachedReader, choose
from eval.documents.simple import mail_text, markdown_text, plain_text, xml_text
from eval.documents.table import lines
from eval.documents.words import lost, recall, words
from eval.errors import EvalError


def test_words_are_runs_of_letters_and_single_chinese_characters() -> None:
    assert words("Ｔrip ABC-12, 年假5天; exam-\nple") == Counter(
        ["trip", "abc", "12", "年", "假", "5", "天", "example"]
    )


def test_recall_counts_each_word_as_often_as_it_stands_there() -> None:
    ours, reference = words("a b b c"), words("a a b d")
    assert recall(ours, reference) == 2 / 4
    assert lost(ours, reference, most=1) == ["a"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_is_decoded(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_text("年休假规定第一条", encoding=encoding)
    assert plain_text(tmp_path / "a.txt") == "年休假规定第一条"


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("können wir", encoding="cp1252")
    assert plain_text(tmp_path / "a.txt") == "können wir"


def test_targets_of_links_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("see [rules](http://x.example/y) <b>now</b>", encoding="utf-8")
    assert set(words(markdown_text(tmp_path / "a.md"))) == {"see", "rules", "now"}


def test_parts_of_an_office_file_are_read_without_its_library(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("first & last")
    document.save(str(tmp_path / "a.docx"))
    assert "first & last" in xml_text(tmp_path / "a.docx")
    (tmp_path / "b.docx").write_bytes(b"no archive")
    with pytest.raises(EvalError, match=r"b.docx: is no ZIP file"):
        xml_text(tmp_path / "b.docx")


def test_of_a_mail_all_texts_count_and_one_version_of_each(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"] = "年假"
    mail.set_content("plain text")
    mail.add_alternative("<p>rich</p>", subtype="html")
    mail.add_attachment("attached words", filename="a.txt")
    (tmp_path / "a.eml").write_bytes(b"From x Mon Mar 17 11:15:17 2014\n" + mail.as_bytes())
    found = words(mail_text(tmp_path / "a.eml"))
    assert set(found) == {"年", "假", "plain", "text", "attached", "words"}


def test_the_text_of_a_reference_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("hello", encoding="utf-8")
    read = CachedReader(tmp_path / "kept")
    assert read(path) == ("the bytes decoded", "hello")
    next((tmp_path / "kept").iterdir()).write_text("kept", encoding="utf-8")
    assert read(path)[1] == "kept"


def test_without_the_programs_the_next_extractor_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert choose(Path("a.docx")).name == "the XML of its parts"
    with pytest.raises(EvalError, match=r"a.pdf: no reference without pdftotext"):
        choose(Path("a.pdf"))


def test_files_are_measured_and_told_in_a_table(tmp_path: Path) -> None:
    folder = tmp_path / "txt"
    folder.mkdir()
    for name, text in {"good": "a b c", "poor": "a", "none": "x"}.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / "bad.exe").write_bytes(b"MZ\x00\x01")
    references = {"good": "a b c good", "poor": "a b c d", "none": "", "bad": "a"}
    files = [folder / name for name in ("good.txt", "poor.txt", "none.txt", "bad.exe")]
    results = list(measure(files, root=tmp_path, read=lambda path: ("fake", references[path.stem])))
    assert [result.recall for result in results] == [1.0, 0.25, None, 0.0]
    assert [result.is_parsed for result in results] == [True, True, True, False]
    summary = summarise(results)[0]
    assert (summary.files, summary.parsed, summary.with_words, summary.good) == (4, 3, 3, 1)
    assert (summary.median, summary.tenth) == (0.25, 0.0)
    told = list(lines(summarise(results), results, worst=1))
    assert told[2] == "| txt | 4 | 3 | 3 | 1 (33.3%) | 0.250 | 0.000 | fake |"
    assert told[3].startswith("| all | 4 | 3 | 3 | 1 (33.3%)")
    assert told[4].startswith("txt/bad.exe: recall 0.000; bad.exe: cannot be read")
    assert len(told) == 5


def test_a_file_without_a_reference_is_not_counted(tmp_path: Path) -> None:
    def read(path: Path) -> tuple[str, str]:
        raise EvalError("no way in")

    (tmp_path / "txt").mkdir()
    (tmp_path / "txt" / "a.txt").write_text("a", encoding="utf-8")
    (found,) = measure([tmp_path / "txt" / "a.txt"], root=tmp_path, read=read)
    assert (found.tool, found.reference_words, found.recall) == ("none (no way in)", 0, None)


def test_the_tenth_percentile_is_that_of_the_tenth_lowest() -> None:
    results = [
        Result(str(i), "txt", "fake", is_parsed=True, reference_words=1, recall=i / 20, reason="")
        for i in range(1, 21)
    ]
    assert summarise(results)[0].tenth == 2 / 20


def test_the_command_measures_a_folder_of_folders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIKU_DATA_DIR", str(tmp_path / "data"))
    for folder in ("txt", "hostile_x"):
        (tmp_path / "docs" / folder).mkdir(parents=True)
        (tmp_path / "docs" / folder / "a.txt").write_text("some words", encoding="utf-8")
    assert main([str(tmp_path / "docs")]) == 0
    assert "| all | 1 | 1 | 1 | 1 (100.0%)" in capsys.readouterr().out
    assert main([str(tmp_path / "docs" / "txt")]) == 1
    assert "holds no documents in folders" in capsys.readouterr().err
    assert main([str(tmp_path / "nothing")]) == 1
    assert "no such folder" in capsys.readouterr().err
