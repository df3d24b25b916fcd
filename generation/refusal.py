"""What is said when there is no answer, in both languages; no other file holds such texts."""

import re
from collections.abc import Sequence

from generation.citations import CitedText
from generation.prompts import literal
from retrieval.records import Evidence

_MOST_TITLES = 3

_TEXTS = {
    "zh": {
        "no_answer": "在您可以查阅的资料中，没有找到能够回答这个问题的内容。",
        "nearby": "内容最接近的资料是：{titles}。",
        "title": "《{title}》",
        "separator": "、",
        "part": "“{part}”",
        "missing": "资料中没有写明{parts}。",
        "next": "您可以换一种问法，向资料的维护者询问，或上传包含答案的文件后再问一次。",
    },
    "en": {
        "no_answer": "The documents that you may read hold no answer to this question.",
        "nearby": " The closest ones are: {titles}.",
        "title": "“{title}”",
        "separator": ", ",
        "part": "“{part}”",
        "missing": "The documents do not say {parts}.",
        "next": " Try other words, ask whoever maintains these documents, or upload a file that "
        "holds the answer and ask again.",
    },
}

# The evidence as the subject and close to it a verb of telling: a rule that says what documents may
# not do is an answer.
_NO_ANSWER = re.compile(
    r"(?:证据|资料|文档|上下文|段落|(?:文件|信息|内容)[中里])[^。，]{0,8}(?:没有|并未|未|不包含|不涉及)"
    r"(?:明确|直接|具体|任何)?(?:提到|提及|说明|包含|提供|给出|涉及|规定|找到|关于|相关|$)"
    r"|(?:没有|未)(?:找到|提供|提及)?(?:与.{0,12})?(?:任何)?相关的?(?:信息|内容|证据|规定)"
    r"|无法(?:回答|得知|(?:根据|从).{0,8}(?:证据|资料|信息))"
    r"|\b(?:evidence|passages?|context|sources?|documents?|text)\b(?: \w+){0,3}"
    r" do(?:es)?(?: not|n['’]t) (?:\w+ )?"
    r"(?:mention|contain|specify|provide|state|include|say|give|answer)"
    r"|\b(?:no|not enough) (?:\w+ )?(?:information|mention|evidence)\b"
    r"|\bnot (?:\w+ )?(?:mentioned|specified|stated|provided|given|available) in the (?:\w+ )?"
    r"(?:evidence|passages?|documents?|text)"
    r"|\bcannot (?:be )?(?:determined?|answer(?:ed)?)\b",
    re.IGNORECASE,
)


def refusal_text(lang: str, nearby: Sequence[Evidence]) -> str:
    """Say that there is no answer, which documents came closest, and what to do next."""
    texts = _TEXTS[lang]
    # A title may look like a mark; the marks of an answer are its citations.
    titles = list(dict.fromkeys(literal(passage.title) for passage in nearby))[:_MOST_TITLES]
    named = texts["separator"].join(texts["title"].format(title=title) for title in titles)
    nearest = texts["nearby"].format(titles=named) if titles else ""
    return texts["no_answer"] + nearest + texts["next"]


def missing_text(lang: str, parts: Sequence[str]) -> str:
    """Say which parts of a question the documents do not answer, and what to do about them."""
    texts = _TEXTS[lang]
    named = texts["separator"].join(texts["part"].format(part=part) for part in parts)
    return texts["missing"].format(parts=named) + texts["next"]


def answers_nothing(answer: CitedText) -> bool:
    """Tell whether what the model wrote is no answer to be shown.

    Either no sentence cites evidence, so that nothing could be checked, or every sentence says that
    the evidence does not tell.
    """
    if not answer.citations:
        return True
    return all(_NO_ANSWER.search(sentence.text) for sentence in answer.sentences)
