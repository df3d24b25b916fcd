"""What is drawn: paragraphs of the sample documents, and a font that has their characters."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from eval.errors import EvalError
from ingest.parse import parse
from ingest.records import Source
from stores.records import BlockKind

_DATA: Final = Path(__file__).parents[2] / "data" / "samples"
_OURS: Final = _DATA / "fonts" / "wqy-microhei-gb2312.ttf"
_NOTO: Final = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_NOTO_TAIWAN: Final = 3


@dataclass(frozen=True, slots=True)
class Written:
    """Documents of one language; `face` is the number of the font in its file."""

    documents: tuple[str, ...]
    font: Path
    face: int = 0


LANGUAGES: Final[Mapping[str, Written]] = MappingProxyType(
    {
        "zh": Written(
            (
                "产品质量例会纪要-2025-06-10.md",
                "产品质量例会纪要-2025-07-08.md",
                "TF-620固件发布说明.txt",
            ),
            _OURS,
        ),
        "zh-Hant": Written(("香港辦事處通告.txt",), _NOTO, _NOTO_TAIWAN),
        "en": Written(("company-cars-and-car-pool.md", "it-onboarding-guide.md"), _OURS),
    }
)
"""By their tag."""


def paragraphs(language: str) -> list[str]:
    """Return what the documents of a language hold, without their tables."""
    found = []
    for name in LANGUAGES[language].documents:
        data = (_DATA / "documents" / name).read_bytes()
        blocks = parse(Source(uri="", filename=name, data=data)).blocks
        texts = [block.text for block in blocks if block.kind is not BlockKind.TABLE]
        found += [line for text in texts for line in text.splitlines()]
    return found


def checked_font(language: str) -> Path:
    """Return the font of a language.

    Raises
    ------
    EvalError
        It is not installed.
    """
    font = LANGUAGES[language].font
    if not font.is_file():
        raise EvalError(f"{language}: needs the font {font}; install fonts-noto-cjk")
    return font
