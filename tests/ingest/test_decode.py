import pytest

from ingest.errors import UnreadableFile
from ingest.parse.decode import decode, looks_binary

_ZH = "公司员工手册：第一章 总则，年假 15 天。"
_ZH_HANT = "公司員工手冊：第一章 總則，年假 15 天。"
_EN = "The café’s naïve résumé costs €5 – really."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (_ZH, "utf-8"),
        (_ZH, "utf-8-sig"),
        (_ZH, "utf-16"),
        (_ZH, "utf-16-le"),
        (_ZH, "utf-16-be"),
        (_ZH, "utf-32"),
        (_ZH, "gbk"),
        (_ZH, "gb18030"),
        (_ZH_HANT, "big5"),
        (_EN, "cp1252"),
        (_EN, "utf-8"),
        ("Straße äöü", "latin-1"),
        ("plain ascii", "ascii"),
    ],
)
def test_text_is_read_in_the_usual_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), filename="a.txt").lstrip("\ufeff") == text


def test_text_with_a_mark_that_lies_is_unreadable() -> None:
    with pytest.raises(UnreadableFile, match=r"a.txt: is damaged .* save it as UTF-8"):
        decode(b"\xef\xbb\xbf\xff\xfe\xfd", filename="a.txt")


def test_binary_is_told_from_text() -> None:
    assert looks_binary(bytes(range(32)) * 8)
    assert not looks_binary(_ZH.encode("utf-16-le"))
    assert not looks_binary(_ZH.encode("gbk"))
