"""What kind of document it is, by the words of its title.

In both languages the last word of a name says what the thing is: `合同审批权限表` is a table and no
contract, a `performance review guide` is a guide. So a type word counts at the end of a part of the
title, and in English also before `of`, `for`, `on` or `to` (`Minutes of …`, `Guide to …`).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from ingest.metadata.editions import without_edition
from models.chinese import to_simplified
from stores.records import DocType

_CHINESE: Mapping[DocType, tuple[str, ...]] = {
    DocType.FAQ: (
        "常见(?:问题|问答|疑问)(?:(?:与|和|及)?(?:解答|回答|答复))?",
        "问答|答疑|问题解答|问题集",
    ),
    DocType.MINUTES: ("纪要|会议记录|会议纪录|例会记录",),
    DocType.ANNOUNCEMENT: ("通知|公告|通告|公示|启事|声明|公报|简报|快报",),
    DocType.SPECIFICATION: (
        "规格(?:说明)?书?|(?:技术|设计|接口|产品|编码)规范|参数表|数据手册|需求说明书",
        "(?:技术|通用|安装)要求|技术条件|(?:技术|产品|检验|质量|接口)标准",
        "(?:通信|通讯|传输|网络|接口|数据|路由)协议",
    ),
    DocType.CONTRACT: (
        "合同书?|协议书?|租约|契约|意向书|备忘录",
        "(?:合同|销售|采购|服务|交易)条款",
    ),
    DocType.POLICY: (
        "制度|(?<!解决)办法|规定|政策|准则|守则|条例|细则|规则|章程|方针|(?:管理|行为)规范",
        "(?:管理|收费|费用|报销|补贴|津贴|薪酬|薪资|差旅|考核|评定|审批|安全|服务)标准",
        "中华人民共和国[^\\W\\d_]{1,20}法典?",
    ),
    DocType.PROCEDURE: (
        "规程|程序|流程图?|(?:操作|作业)规范|作业指导书|预案|应急方案|操作步骤|操作法",
    ),
    DocType.MANUAL: (
        "手册|指南|指引|说明书|(?:使用|操作|安装)说明|教程|向导|(?:用户|作业|操作|使用)须知|入门",
    ),
    DocType.REPORT: ("报告书?|年报|月报|周报|日报|季报|报表|白皮书|总结|综述",),
}
_ENGLISH: Mapping[DocType, tuple[str, ...]] = {
    DocType.FAQ: ("faqs?|frequently asked questions|q ?& ?a|questions and answers",),
    DocType.MINUTES: ("minutes|meeting notes|notes of meeting",),
    DocType.ANNOUNCEMENT: ("announcement|notice|bulletin|newsletter|press release|circular",),
    DocType.MANUAL: (
        "manual|guide|handbook|guidebook|tutorial|how-to|quick start|getting started",
        "(?:user|installation|operating|assembly|shipping|packing) instructions",
    ),
    DocType.CONTRACT: (
        "contract|agreement|lease|memorandum of understanding|letter of intent|nda",
        "terms and conditions|(?:general )?terms (?:of|for) [a-z ]+",
    ),
    DocType.SPECIFICATION: (
        "specifications?|data ?sheets?|(?:technical )?requirements|register map",
    ),
    DocType.POLICY: (
        "polic(?:y|ies)|rules|regulations?|code of conduct|bylaws|charter|guidelines|directive|act",
    ),
    DocType.PROCEDURE: (
        "procedures?|process|sops?|work instructions?|runbook|playbook",
        "(?:recovery|emergency|contingency|continuity|response) plan",
    ),
    DocType.REPORT: (
        "report|white ?paper|case study|post-?mortem",
        "(?:business|incident|annual|quarterly|monthly|weekly|management|project|market) review",
        "(?:win-loss|root cause|market|cost|risk|gap) analysis",
    ),
}
_AT_END = (
    *((kind, re.compile(rf"(?:{'|'.join(words)})$")) for kind, words in _CHINESE.items()),
    *(
        (kind, re.compile(rf"(?:^|[^a-z])(?:{'|'.join(words)})$"))
        for kind, words in _ENGLISH.items()
    ),
)
_BEFORE_OBJECT = tuple(
    (
        kind,
        re.compile(rf"^(?:(?!to )[a-z'-]+ ){{0,5}}(?:{'|'.join(words)}) (?:of|for|on|to|about)\b"),
    )
    for kind, words in _ENGLISH.items()
)
_HAN = r"[\u3400-\u9fff]"
_PARTS = re.compile(
    rf"\s+[-–—|/]\s+|[:：;；—–|]|[,，]\s|(?<=[^\W\d_])[-_/](?={_HAN})|(?<={_HAN})[-_/]"
)
_BRACKETS = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]|[《》“”\"]")
_REPLY = re.compile(r"^(?:(?:re|fw|fwd|回复|答复|转发)\s*[:：]\s*)+")


def doc_type_of(*names: str) -> DocType:
    """Return the type that the first of the names tells: the title, then the file's name."""
    for name in names:
        for part in _parts(name):
            kind = _type_of_part(part)
            if kind is not None:
                return kind
    return DocType.OTHER


def _parts(name: str) -> Iterator[str]:
    text = to_simplified(unicodedata.normalize("NFKC", name)).lower()
    text = _BRACKETS.sub(" ", _REPLY.sub("", text))
    if " " not in text.strip():
        text = re.sub(r"(?<=[a-z0-9])[-_.](?=[a-z0-9])", " ", text)
    for part in _PARTS.split(text):
        yield without_edition(part).strip(" .,、。-_")


def _type_of_part(part: str) -> DocType | None:
    for kind, pattern in (*_AT_END, *_BEFORE_OBJECT):
        if pattern.search(part):
            return kind
    return None
