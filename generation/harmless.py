"""Text of a model without anything that a renderer would act on: images, links, HTML.

The model may write whatever a document asked it for, and whoever shows an answer may take it for
Markdown or HTML. So an image that would be fetched, or an address that a word hides, does not leave
this stage. What is left holds, by construction, no `![`, no `](`, no `[…]:` that begins a line, no
`://`, and no `<` before a letter, `/`, `!` or `?`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from generation.records import Sentence
from models.language import detect_language

# Bounded, so that the cost stays linear in the text: a label or tag that is longer loses what makes
# it one all the same.
_LABEL = r"\[([^\[\]\n]{0,300})\]"
_TARGET = r"\((?=\S)[^()\n]{0,2000}\)"
_IMAGE = re.compile(rf"!{_LABEL}(?:{_TARGET}|\[[^\[\]\n]{{0,300}}\])")
_LINK = re.compile(rf"{_LABEL}(?:{_TARGET}|\[(?!\d{{1,3}}\])[^\[\]\n]{{0,300}}\])")
_NUMBERS = re.compile(r"\d{1,3}")
_DEFINITION = re.compile(r"(?m)^([ \t>]{0,20}\[[^\[\]\n]{1,300}\]):")
_TAG = re.compile(
    r"<!--.*?(?:-->|$)"
    r"|<(script|style|iframe|svg|object|template)\b[^<>]{0,2000}>.*?(?:</\1\s{0,20}>|$)"
    # With an attribute it is markup, whatever its name.
    r"|</?[a-z][\w:-]{0,50}\s(?:[^<>=]{0,200}=[^<>]{0,2000}|\s{0,20}/)>"
    r"|</?(?:a|abbr|article|aside|audio|b|base|blockquote|body|br|button|canvas|center|code|dd|del"
    r"|details|div|dl|dt|em|embed|font|footer|form|frame|frameset|h[1-6]|head|header|hr|html|i|img"
    r"|input|ins|label|li|link|main|map|mark|math|meta|nav|ol|option|p|picture|pre|q|s|section"
    r"|select|small|source|span|strike|strong|sub|summary|sup|table|tbody|td|textarea|tfoot|th"
    r"|thead|title|tr|tt|u|ul|video|script|style|iframe|svg|object|template)"
    r"(?:[\s/][^<>]{0,2000})?>",
    re.IGNORECASE | re.DOTALL,
)
_TAG_BEGINS = re.compile(r"<(?=[a-zA-Z/!?])")
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,20}:)?//(?=[\w\[])[!#-;=?-Z_a-z~\[\]%&]*"
    r"|(?<![\w.])www\.[!#-;=?-Z_a-z~%&]*"
    r"|\b(?:javascript|vbscript):\S*|\bdata:[a-z]{1,20}/\S*",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]{0,20}:)?//(?:www\.)?|^www\.", re.IGNORECASE)
_BEHIND_ADDRESS = re.compile(r"[\])}.,;:!?'\"*_~]+$")
_LEFT_OUT: Final = {"zh": "（链接从略）", "en": "(link left out)"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """What may be named: the addresses in the passages that were given."""

    known: frozenset[str]

    @classmethod
    def of(cls, passages: Iterable[str]) -> "Addresses":
        """Read the addresses of passages."""
        found = (each.group() for text in passages for each in _ADDRESS.finditer(text))
        return cls(frozenset(_bare(each) for each in found if _SCHEME.match(each)))

    def harmless(self, text: str) -> str:
        """Return a text that no renderer of Markdown or HTML acts on.

        Images and links become their words, tags of HTML disappear, scripts with what they hold.
        An address that stands in the passages to the letter is named without its scheme, as
        `help.example.com/form`; any other, which may carry away what was asked, is left out, and
        the text says so.
        """
        note = _LEFT_OUT[detect_language(text)]

        def named(match: re.Match[str]) -> str:
            address = match.group()
            behind = _BEHIND_ADDRESS.search(address)
            bare = _bare(address)
            return (bare if bare in self.known else note) + (behind.group() if behind else "")

        text = _TAG.sub("", text)
        text = _LINK.sub(_words, _IMAGE.sub(r"\1", text))
        text = _DEFINITION.sub(r"\1 :", text)
        text = _ADDRESS.sub(named, text)
        text = _TAG_BEGINS.sub("‹", text.replace("](", "] ("))
        return text.replace("![", "! [").replace("://", ": //")

    def harmless_sentence(self, sentence: Sentence) -> Sentence:
        """Return a sentence with its text made harmless."""
        return replace(sentence, text=self.harmless(sentence.text))


def _words(link: re.Match[str]) -> str:
    """Return what a link shows; a mark with something in brackets behind it is no link."""
    return link.group() if _NUMBERS.fullmatch(link[1]) else link[1]


def _bare(address: str) -> str:
    return _SCHEME.sub("", _BEHIND_ADDRESS.sub("", address)).rstrip("/").lower()
