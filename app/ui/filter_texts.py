"""The texts about filters and about what describes a document, in Chinese and in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.messages import Lang
from stores.records import DocType


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterTexts:
    """The texts of one language; `{name}` stands for what is put in."""

    filters: str
    filter_type: str
    filter_tag: str
    filter_lang: str
    filter_from: str
    filter_to: str
    find_document: str
    filter_document: str
    filtered: str
    in_force: str
    dated: str
    hidden_text: str
    read_days: str
    ask_without: str
    lang_zh: str
    lang_en: str
    type_policy: str
    type_procedure: str
    type_contract: str
    type_specification: str
    type_manual: str
    type_faq: str
    type_report: str
    type_minutes: str
    type_mail: str
    type_announcement: str
    type_other: str

    def kind(self, doc_type: DocType) -> str:
        """Return the name of a kind of document."""
        return str(getattr(self, f"type_{doc_type}"))

    def lang(self, lang: str) -> str:
        """Return the name of a language of documents."""
        return str(getattr(self, f"lang_{lang}"))


ZH = FilterTexts(
    filters="筛选文档",
    filter_type="类型",
    filter_tag="标签",
    filter_lang="文档语言",
    filter_from="日期从",
    filter_to="日期到",
    find_document="按标题查找文档",
    filter_document="文档",
    filtered="只在这些文档中查找：{filters}",
    in_force="有效期 {period}",
    dated="日期 {day}",
    hidden_text="含读者看不到的文字 {characters} 个字符，未收录",
    read_days="问题里的“{words}”按日期理解，优先采用当时有效的版本。",
    ask_without="不看日期，重新提问",
    lang_zh="中文",
    lang_en="英文",
    type_policy="制度",
    type_procedure="流程",
    type_contract="合同",
    type_specification="规格",
    type_manual="手册",
    type_faq="常见问题",
    type_report="报告",
    type_minutes="纪要",
    type_mail="邮件",
    type_announcement="通知",
    type_other="其他",
)

EN = FilterTexts(
    filters="Filter documents",
    filter_type="Type",
    filter_tag="Tag",
    filter_lang="Language of the document",
    filter_from="Dated from",
    filter_to="Dated to",
    find_document="Find documents by title",
    filter_document="Document",
    filtered="Searching only: {filters}",
    in_force="in force {period}",
    dated="dated {day}",
    hidden_text="{characters} characters of hidden text, left out",
    read_days="“{words}” in the question was read as a date: editions in force then come first.",
    ask_without="Ask again without it",
    lang_zh="Chinese",
    lang_en="English",
    type_policy="Policies",
    type_procedure="Procedures",
    type_contract="Contracts",
    type_specification="Specifications",
    type_manual="Manuals",
    type_faq="FAQs",
    type_report="Reports",
    type_minutes="Minutes",
    type_mail="Mails",
    type_announcement="Announcements",
    type_other="Other",
)

FILTER_TEXTS: Mapping[Lang, FilterTexts] = {"zh": ZH, "en": EN}
