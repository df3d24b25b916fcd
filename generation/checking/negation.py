"""What a clause says is not so."""

import re

from models.terms import terms

_NOT_ZH = r"不|未|没|無|无|非|勿|禁止|严禁|免于|免除|取消|拒绝|除外"
# Bounds (`不超过`), words that hold a negation but are none (`不锈钢`, `未来`), and emphasis.
_NO_NEGATION_ZH = (
    r"不超过|不少于|不低于|不高于|不大于|不小于|不多于|不晚于|不早于|不迟于|不足|不满|不到"
    r"|不同|不仅|不但|不论|不管|不断|不锈|不动产|不可抗力|不良|不便|不等|不久|不过|不妨|差不多|对不起"
    r"|未来|未成年|无论|无线|无锡|无尘|无铅|无缝|无人机|非常|非洲|并非常|除非|是非|无纸化|无偿"
    r"|是不是|能不能|可不可以|有没有|会不会|要不要|需不需要|是否"
)
_NOT_EN = (
    r"\b(?:not|never|without|neither|nor|none|nobody|nothing|cannot|no|prohibited|forbidden|banned"
    r"|excluded|refused?|rejected|cancelled|exempt)\b|n['’]t\b"
)
_NO_NEGATION_EN = (
    r"\b(?:not only|no (?:later|earlier|more|less|fewer|sooner) than|not (?:more|less|later|fewer)"
    r" than|not (?:to )?exceed(?:ing)?|does not exceed|do not exceed|no\.? ?\d+|whether or not"
    r"|nothing but|not least)\b"
)
_NEGATION = re.compile(
    f"(?P<none>{_NO_NEGATION_ZH}|{_NO_NEGATION_EN})|(?P<negation>{_NOT_ZH}|{_NOT_EN})",
    re.IGNORECASE,
)
# Between the negation and what it denies: `不得再`, `may not be`.
_AUXILIARIES = re.compile(
    r"(?:得|能够?|可以?|允许|会|应当?|该|要|予以?|再|需要?|必须?|许|准|有|经|曾|被|由|按|向|在|从"
    r"|\s|\b(?:be|been|being|to|allowed|permitted|have|has|any|an?|the|yet|ever)\b)*",
    re.IGNORECASE,
)


def denied(clause: str) -> frozenset[str]:
    """Return the first term behind each negation: what a clause says is not so."""
    found = []
    for match in _NEGATION.finditer(clause):
        if match.lastgroup == "negation":
            gap = _AUXILIARIES.match(clause, match.end())
            found += terms(clause[gap.end() if gap else match.end() :])[:1]
    return frozenset(found)
