"""From when until when a document says that it is in force.

A date counts only in a phrase that says so (`自…起施行`, `in force from …`), and only where the
document speaks of itself: at the beginning of a clause, or after words such as `本办法` or `this
policy`. `The certificate stays in force until …` is about something else. Two different answers
are none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ingest.metadata.dates import DATE, parse_date

_ZH_RULES = (
    "制度|办法|规定|规程|规则|规范|准则|守则|细则|条例|章程|标准|程序|流程|政策|要求|手册|指南|指引|须知"
    "|说明|文件|法|决定|意见|通知|公告|通告|预案|方案|合同|协议|协议书|版|版本|价目表|价格表|表|目录|清单"
)
_EN_RULES = (
    "policy|policies|procedures?|process|rules?|regulations?|guidelines?|standards?|document|manual"
    "|handbook|guide|instructions?|notice|agreement|contract|lease|terms(?: and conditions)?"
    "|specification|plan|price list|tariff|rates|charges|fees|schedule|catalogue|version|edition"
    "|revision|issue|conditions"
)
_GONE = "(?:previous|former|old|earlier|prior|superseded|replaced)"
_ZH_SELF = rf"(?:本|该|此|现行)[^\W\d_]{{0,12}}?(?:{_ZH_RULES})|以下(?:各项|各条|规定|条款)"
_EN_SELF = (
    rf"(?:this|these|the(?: present| above| following)?|our)(?! {_GONE})(?: [a-z-]+){{0,3}}?"
    rf" (?:{_EN_RULES})"
    rf"|(?:{_EN_RULES})(?: [\w.-]*\d[\w.-]*)?"
)
_ZH_WORDS = "(?:现|已|均|将|并|于|自|从|由){0,4}"
_ZH_LEAD_IN = rf"{_ZH_WORDS}(?:经[^\W\d_]{{0,20}}?)?{_ZH_WORDS}"
_EN_LEAD_IN = (
    r"(?:is|are|was|were|shall|will|has|have|be|been|become|becomes|it|they|and|which|\s){0,16}"
)
_BEFORE = re.compile(
    rf"(?P<self>{_ZH_SELF}|{_EN_SELF})?[\s:：|]*(?:{_ZH_LEAD_IN}|{_EN_LEAD_IN})[\s:：|(（-]*"
)
_CLAUSE_START = re.compile(r"[,，。；;:：\n(（|!！?？]|\. |条 |(?<=\d) (?=\S)")
_SEPARATOR = r"[\s:：|为是]{0,6}"
_IN_FORCE = "(?:正式)?(?:施行|实施|执行|生效|试行|启用|适用|实行)"
_WITH_OTHERS = r"(?:与《[^》]{1,60}》(?:[(（][^)）]{0,60}[)）])?同[日时])?"
_TO = r"(?:日?止)? ?(?:至|到|—|–|-|~|to|until|till|through|and) ?"
_STATES = "in force|valid|effective|in effect|applicable"
_LASTS = r"until|till|through|up to(?: and including)?|to"
_SALES = r"(?:orders|contracts|sales|purchases|deliveries|products|services|quotations|invoices)"
_FROM = (
    rf"(?:生效|施行|实施|执行|启用)(?:日期|时间|日){_SEPARATOR}(?P<f1>{DATE})",
    rf"(?P<f2>{DATE}) ?(?:起|开始)[,，]?{_WITH_OTHERS}(?:{_IN_FORCE}|有效)",
    rf"(?P<f3>{DATE}) ?{_IN_FORCE}(?!到|至)",
    rf"(?:{_STATES})(?: as)? (?:from|of|since|starting|on)(?: and including)?:? ?(?P<f4>{DATE})",
    rf"effective(?: date)?{_SEPARATOR}(?P<f5>{DATE})",
    r"(?:comes?|came|enters?|entered|goes|going|put) into (?:force|effect|operation|use)"
    rf" (?:on|from|as of) (?P<f6>{DATE})",
    rf"(?:takes?|took|with) effect (?:on|from|as of) (?P<f7>{DATE})",
    rf"appl(?:y|ies) (?:from|as of|since) (?P<f8>{DATE})",
    rf"(?:valid|applicable|appl(?:y|ies)) (?:for|to) (?:all )?{_SALES}(?: [a-z]+){{0,2}} "
    rf"(?:from|on or after|since) (?P<f9>{DATE})",
    rf"适用于 ?(?P<f10>{DATE}) ?(?:及以后|及之后|起|以后|之后)",
)
_PERIOD = (
    rf"(?:有效期限?|适用期限?|执行期限?|合同期限?|协议期限?|租赁期限?|服务期限?){_SEPARATOR}自? ?"
    rf"(?P<p1>{DATE}) ?起? ?{_TO}(?P<q1>{DATE})",
    rf"(?:{_STATES})(?: from| between)? (?P<p2>{DATE}) ?{_TO}(?P<q2>{DATE})",
    rf"(?:valid|applicable|appl(?:y|ies)) (?:for|to) (?:all )?{_SALES}(?: [a-z]+){{0,2}} "
    rf"(?:from|between) (?P<p3>{DATE}) ?{_TO}(?P<q3>{DATE})",
    rf"(?P<p4>{DATE}) ?(?:起|开始)?{_IN_FORCE}[,，] ?(?:有效期)?至 ?(?P<q4>{DATE})",
)
_UNTIL = (
    rf"(?:有效期限?|有效|有效期限?截止(?:日期)?) ?(?:至|到|止于){_SEPARATOR}(?P<t1>{DATE})",
    rf"(?:失效|废止|终止|到期|届满|停用)(?:日期|时间|日){_SEPARATOR}(?P<t2>{DATE})",
    rf"(?:执行|施行|适用|实行) ?(?:至|到) ?(?P<t3>{DATE})",
    rf"(?P<e1>{DATE}) ?起?(?:失效|废止|停止执行|停止使用|不再执行)",
    rf"(?:{_STATES}|applies|apply|remains? (?:{_STATES})) (?:{_LASTS}) (?P<t4>{DATE})",
    rf"(?:expires?|ends?|terminates?)(?: on)?{_SEPARATOR}(?P<t5>{DATE})",
    rf"(?:expiry|expiration|end)(?: date)?{_SEPARATOR}(?P<t6>{DATE})",
    rf"valid (?:to|until|through){_SEPARATOR}(?P<t7>{DATE})",
)
_PATTERNS = tuple(re.compile(pattern) for pattern in (*_PERIOD, *_FROM, *_UNTIL))
_FIRST, _ENDS = "fp", "e"
_CLAUSE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day in force, both included; None where none is said."""

    first: date | None = None
    last: date | None = None


def period_in_force(lead: str, text: str) -> Period:
    """Return the period that a document states for itself.

    Parameters
    ----------
    lead
        What stands at the beginning, where a document describes itself without naming itself.
    text
        All of it; beyond the lead only a clause counts that begins with the document's own name for
        itself (`本办法自…起施行` in the last article, `this policy takes effect on …`).
    """
    found = [*_statements(lead, needs_self=False)] or [*_statements(text, needs_self=True)]
    first = _only({day for kind, day in found if kind in _FIRST})
    last = _only({day for kind, day in found if kind not in _FIRST})
    if first is not None and last is not None and last < first:
        return Period()
    return Period(first, last)


def _statements(text: str, *, needs_self: bool) -> Iterator[tuple[str, date]]:
    """Yield the kind (`f` from, `p` and `q` a period, `t` to, `e` ends on) and day of each."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - _CLAUSE_CHARACTERS) : match.start()]
            if not _is_about_itself(before, needs_self=needs_self):
                continue
            for name, written in match.groupdict().items():
                day = parse_date(written) if written else None
                if day is not None:
                    yield name[0], _last_day_before(day) if name[0] == _ENDS else day


def _last_day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _is_about_itself(before: str, *, needs_self: bool) -> bool:
    for start in (0, *(match.end() for match in _CLAUSE_START.finditer(before))):
        clause = _BEFORE.fullmatch(before, start)
        if clause is not None and (clause["self"] or not needs_self):
            return True
    return False


def _only(days: set[date]) -> date | None:
    return days.pop() if len(days) == 1 else None
