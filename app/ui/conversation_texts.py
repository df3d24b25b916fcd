"""The texts about conversations that are kept, in Chinese and in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.messages import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationTexts:
    """The texts of one language; `{name}` stands for what is put in."""

    conversations: str
    search: str
    none_found: str
    not_listed: str
    shared: str

    show_earlier: str
    unfinished: str
    withheld: str
    gone: str
    gone_meanwhile: str
    not_opened: str
    try_again: str

    rename: str
    rename_title: str
    title_label: str
    save: str
    title_empty: str
    not_renamed: str

    delete: str
    delete_question: str
    delete_explained: str
    delete_confirm: str
    deleted: str
    not_deleted: str

    export: str
    export_title: str
    export_explained: str
    export_withheld: str
    export_save: str
    not_exported: str
    exported: str
    question: str
    answer: str
    sources: str
    passage_replaced: str


ZH = ConversationTexts(
    conversations="对话记录",
    search="按字词查找对话",
    none_found="没有含有这些字词的对话。",
    not_listed="无法列出对话：{reason}",
    shared="此密钥由多人共用，所以只列出当前打开的对话；收藏它的网址即可再次打开。",
    show_earlier="显示更早的 {count} 轮",
    unfinished="这个对话还没有完成的回答。",
    withheld="此回答不再显示：它依据的文档已删除，或你的密钥不再有权查阅。可以重新提问。",
    gone="网址所指的对话已删除，或不属于你的密钥。下面是新对话。",
    gone_meanwhile="这个对话已在别处删除，问题没有提交：请点“新对话”后重新提问。",
    not_opened="对话暂时无法显示：{reason} 它仍保存在服务器上。",
    try_again="重试",
    rename="重命名",
    rename_title="重命名对话",
    title_label="标题",
    save="保存",
    title_empty="标题不能为空：请输入标题。",
    not_renamed="“{title}”没有重命名：{reason}",
    delete="删除",
    delete_question="删除这个对话？",
    delete_explained="“{title}”的全部问题和回答将从服务器上彻底清除，不能恢复。",
    delete_confirm="彻底删除",
    deleted="已删除“{title}”",
    not_deleted="“{title}”没有删除：{reason} 请重试。",
    export="导出",
    export_title="导出对话",
    export_explained="Markdown 文件，共 {count} 轮，附出处。",
    export_withheld="其中 {count} 个回答不再给出，文件里会注明。",
    export_save="下载",
    not_exported="对话无法导出：{reason}",
    exported="{day} 从知库导出，共 {count} 轮",
    question="问",
    answer="答",
    sources="出处",
    passage_replaced="文档此后更新过，引用的段落已不在其中",
)

EN = ConversationTexts(
    conversations="Conversations",
    search="Find conversations by words",
    none_found="No conversation has these words.",
    not_listed="Conversations cannot be listed: {reason}",
    shared="Several people use this key, so only the conversation that is open is listed; "
    "bookmark its address to come back to it.",
    show_earlier="Show {count} earlier turns",
    unfinished="No answer of this conversation is finished yet.",
    withheld="This answer is withheld: it was written from documents that were removed, or that "
    "your key may no longer read. You can ask again.",
    gone="The conversation of this address was deleted, or is not your key's. "
    "This is a new conversation.",
    gone_meanwhile="This conversation was deleted elsewhere, and the question was not sent: choose "
    "“New conversation” and ask it again.",
    not_opened="The conversation cannot be shown: {reason} It is still kept on the server.",
    try_again="Try again",
    rename="Rename",
    rename_title="Rename conversation",
    title_label="Title",
    save="Save",
    title_empty="A title cannot be empty: type one.",
    not_renamed="“{title}” was not renamed: {reason}",
    delete="Delete",
    delete_question="Delete this conversation?",
    delete_explained="All questions and answers of “{title}” will be erased from the server. "
    "This cannot be undone.",
    delete_confirm="Delete for good",
    deleted="“{title}” was deleted",
    not_deleted="“{title}” was not deleted: {reason} Try again.",
    export="Export",
    export_title="Export conversation",
    export_explained="A Markdown file of {count} turns, with their sources.",
    export_withheld="{count} answers are withheld; the file says so.",
    export_save="Download",
    not_exported="The conversation cannot be exported: {reason}",
    exported="Exported from Zhiku on {day}, {count} turns",
    question="Question",
    answer="Answer",
    sources="Sources",
    passage_replaced="the document was replaced since, and the passage is not in it any more",
)

CONVERSATION_TEXTS: Mapping[Lang, ConversationTexts] = {"zh": ZH, "en": EN}
