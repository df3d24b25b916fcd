"""Sentences that need no evidence: apologies, thanks and requests, if they promise nothing."""

import re
from typing import Final

_APOLOGY: Final = re.compile(
    r"抱歉|道歉|对不起|歉意|致歉|不好意思|\b(?:sorry|apolog(?:y|ies|i[sz]e)|regret)\b",
    re.IGNORECASE,
)
_POLITE: Final = re.compile(
    r"感谢|谢谢|多谢|理解您|您好|祝您|如(?:果|有|需)"
    r"|请(?:您|随时|直接|按|先|尽快|提供|告知|联系|回复|致电|填写)"
    r"|\b(?:thank|thanks|dear|hello|understand|please|let us know|feel free|regards)\b",
    re.IGNORECASE,
)
# That something will be done, was done or is given: nobody may promise it without evidence.
_PROMISE: Final = re.compile(
    r"(?:我们|公司|本店|客服|会|将|可以?|已|为您|给您|予以|安排)[^。！？；]{0,14}"
    r"(?:退[款还货钱]|换[货新]|赔|补[偿发寄]|重新?发|减免|折扣|优惠|优先|升级|维修|上门|加急"
    r"|调查|核实|跟进|处理|解决)"
    r"|免费|全额"
    r"|\b(?:we|our (?:team|staff)|i|you)"
    r"(?:['’](?:ll|ve|re)| will| shall| can| have| are (?:going|happy))\b[^.!?]{0,60}"
    r"\b(?:refund|replac|repair|compensat|reimburs|credit|discount|free|send|ship|arrang|investigat"
    r"|resolv|ensur|expedit|prioriti[sz]|upgrad|receiv|get|check)\w*"
    r"|\bfree of charge\b|\bin full\b",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+")


def is_apology(sentence: str) -> bool:
    """Tell whether a sentence is an apology."""
    return bool(_APOLOGY.search(sentence))


def is_courtesy(sentence: str) -> bool:
    """Tell whether a sentence is an apology, thanks, or asks the customer for something."""
    return is_apology(sentence) or bool(_POLITE.search(sentence))


def promises(sentence: str) -> bool:
    """Tell whether a sentence says that something will be done or given."""
    return bool(_PROMISE.search(sentence))


def names(sentence: str) -> list[str]:
    """Return the capitalised words within a sentence; Chinese names are not told from words."""
    return _NAME.findall(sentence)
