"""Every text that a user of the chat can see, in Chinese and in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.messages import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The texts of one language; `{name}` stands for what is put in."""

    language_name: str
    product: str
    chat: str
    documents: str
    view: str
    new_conversation: str
    language: str
    forget_key: str

    key_title: str
    key_explained: str
    key_label: str
    key_enter: str
    key_refused: str

    greeting: str
    greeting_documents: str
    greeting_empty: str
    hint_ask_title: str
    hint_ask: str
    hint_file_title: str
    hint_file: str
    hint_source_title: str
    hint_source: str
    recently_added: str

    ask: str
    add_or_ask: str
    uploading: str
    indexing: str
    searching: str
    reading: str
    seconds: str
    stop: str
    stopped: str
    file_added: str
    file_unchanged: str
    file_same: str
    file_alike: str
    file_failed: str
    file_quarantined: str
    ask_about_file: str
    broken_off: str

    understood: str
    understood_by_rules: str
    sources: str
    pending: str
    unverified: str
    uncited: str
    support_explained: str
    conflict: str
    conflict_former: str
    refused: str
    nearby: str
    nothing_nearby: str
    all_evidence: str
    relevance: str
    made_with: str
    signal_dense: str
    signal_lexical: str
    signal_coverage: str
    signal_fusion: str
    signal_dense_rank: str
    signal_lexical_rank: str
    signal_fusion_rank: str
    signal_rerank: str
    signal_merit: str
    signal_recency: str
    signal_authority: str
    edition_in_force: str
    edition_nearest: str
    edition_other: str

    page: str
    pages: str
    slide: str
    slides: str
    sheet: str
    sheets: str
    named_sheet: str
    row: str
    rows: str
    open_source: str
    source: str
    quote_marked: str
    read_from_scan: str
    source_changed: str
    source_removed: str
    page_empty: str
    passages_left_out: str
    rows_left_out: str
    go_to_page: str

    upload_explained: str
    upload_formats: str
    library_empty: str
    show_more: str
    revision: str
    delete: str
    delete_question: str
    delete_explained: str
    delete_confirm: str
    cancel: str
    deleted: str


ZH = Texts(
    language_name="中文",
    product="知库",
    chat="问答",
    documents="文档",
    view="查看",
    new_conversation="新对话",
    language="语言",
    forget_key="退出密钥",
    key_title="请输入密钥",
    key_explained="密钥由管理员发放，决定你能查阅哪些文档。它只保存在本次会话中。",
    key_label="密钥",
    key_enter="进入",
    key_refused="密钥无效、已过期或已被撤销：请核对后重新输入，或联系管理员。",
    greeting="想了解什么？",
    greeting_documents="回答只来自你能查阅的文档，并注明出处。",
    greeting_empty="库里还没有你能查阅的文档：先上传一份，就可以开始提问。",
    hint_ask_title="直接提问",
    hint_ask="中文、英文都可以，用哪种语言问就用哪种语言答。",
    hint_file_title="附上文件",
    hint_file="把文件放进输入框，收录后即可据此作答。",
    hint_source_title="核对出处",
    hint_source="点开编号，查看原文所在的页和引用的段落。",
    recently_added="最近收录",
    ask="输入问题，或附上文件",
    add_or_ask="点 + 或拖放来添加文档，也可以直接提问",
    uploading="正在上传 {name}…",
    indexing="正在收录 {name}…",
    searching="正在检索…",
    reading="正在阅读 {count} 段原文…",
    seconds="{count} 秒",
    stop="停止",
    stopped="已停止，回答不完整。",
    file_added="已收录 {name}",
    file_unchanged="{name} 早已收录，内容没有变化",
    file_same="{name} 与《{title}》是同一份文件",
    file_alike="{name} 与《{title}》几乎相同（{percent}%）",
    file_failed="{name} 没有收录：{reason}",
    file_quarantined="{name} 已隔离，没有收录，请联系管理员：{reason}",
    ask_about_file="现在可以就这份文件提问了。",
    broken_off="回答中断了：请重新提问。",
    understood="理解为：{question}",
    understood_by_rules="理解为：{question}（模型未能改写，按规则理解）",
    sources="出处",
    pending="核对中",
    unverified="未核实",
    uncited="无出处",
    support_explained="已与所引原文核对；标有“未核实”或“无出处”的句子请自行核实。",
    conflict="资料之间不一致：《{title}》写的是“{quote}”，请核实以哪一份为准。",
    conflict_former="另一版本的说法不同：《{title}》写的是“{quote}”。",
    refused="文档里没有找到答案",
    nearby="相近的内容",
    nothing_nearby="没有找到相近的内容。",
    all_evidence="全部依据（{count} 段）",
    relevance="相关度 {percent}%",
    made_with="模型 {model} · 提示词 {prompt}",
    signal_dense="语义 {value}",
    signal_lexical="词面 {value}",
    signal_coverage="覆盖 {value}",
    signal_fusion="融合 {value}",
    signal_dense_rank="语义第 {value} 位",
    signal_lexical_rank="词面第 {value} 位",
    signal_fusion_rank="融合第 {value} 位",
    signal_rerank="重排模型 {value}",
    signal_merit="排序分 {value}",
    signal_recency="时效 ×{value}",
    signal_authority="权威 ×{value}",
    edition_in_force="所问之日有效的版本",
    edition_nearest="所问之日没有有效版本，这是最近的",
    edition_other="所问之日另有有效版本",
    page="第 {first} 页",
    pages="第 {first}–{last} 页",
    slide="第 {first} 张幻灯片",
    slides="第 {first}–{last} 张幻灯片",
    sheet="第 {first} 个工作表",
    sheets="第 {first}–{last} 个工作表",
    named_sheet="工作表“{name}”",
    row="第 {first} 行",
    rows="第 {first}–{last} 行",
    open_source="查看原文",
    source="出处 {number}",
    quote_marked="引用的原文已用底色标出",
    read_from_scan="引文由扫描件识别而来（置信度 {confidence}%），数字请对照原件",
    source_changed="这份文档在作答之后更新过，下面是现在的内容，无法标出当时的引文。",
    source_removed="这份文档已删除，或你的密钥不再有权查阅。",
    page_empty="这一页没有文字。",
    passages_left_out="……",
    rows_left_out="省略 {count} 行",
    go_to_page="页码",
    upload_explained="用下方的输入框添加文档。收录后，本库所有成员都能查阅。",
    upload_formats="支持 PDF、Word、PowerPoint、Excel、HTML、Markdown、TXT、CSV",
    library_empty="还没有你能查阅的文档。",
    show_more="显示更多",
    revision="第 {number} 版",
    delete="删除",
    delete_question="删除这份文档？",
    delete_explained="“{title}”及其全部内容将从库中移除，不能恢复。",
    delete_confirm="删除",
    cancel="取消",
    deleted="已删除 {title}",
)

EN = Texts(
    language_name="English",
    product="Zhiku",
    chat="Ask",
    documents="Documents",
    view="View",
    new_conversation="New conversation",
    language="Language",
    forget_key="Sign out",
    key_title="Enter your key",
    key_explained="Your administrator issues keys; a key decides which documents you can read. "
    "It is kept for this session only.",
    key_label="Key",
    key_enter="Continue",
    key_refused="This key is unknown, expired or revoked: check it and enter it again, "
    "or ask your administrator.",
    greeting="What would you like to know?",
    greeting_documents="Answers come only from documents you can read, with their sources.",
    greeting_empty="There are no documents you can read yet: upload one to start asking.",
    hint_ask_title="Just ask",
    hint_ask="In Chinese or English; the answer comes in the language of the question.",
    hint_file_title="Attach a file",
    hint_file="Drop it into the question box: once indexed, answers draw on it.",
    hint_source_title="Check the source",
    hint_source="Open any number to see the page and the passage it stands on.",
    recently_added="Recently added",
    ask="Ask a question, or attach a file",
    add_or_ask="Add documents with + or by dropping them here, or ask a question",
    uploading="Uploading {name}…",
    indexing="Indexing {name}…",
    searching="Searching…",
    reading="Reading {count} passages…",
    seconds="{count} s",
    stop="Stop",
    stopped="Stopped; the answer is incomplete.",
    file_added="{name} was added",
    file_unchanged="{name} is in the library already, unchanged",
    file_same="{name} is the same file as “{title}”",
    file_alike="{name} is almost the same as “{title}” ({percent} %)",
    file_failed="{name} was not added: {reason}",
    file_quarantined="{name} was quarantined and not added; ask your administrator: {reason}",
    ask_about_file="You can ask about it now.",
    broken_off="The answer broke off: please ask again.",
    understood="Understood as: {question}",
    understood_by_rules="Understood as: {question} (by rules: the model could not rewrite it)",
    sources="Sources",
    pending="being checked",
    unverified="unverified",
    uncited="no source",
    support_explained="checked against the passage it cites; sentences marked “unverified” or "
    "“no source” you should check yourself.",
    conflict="The documents disagree: “{title}” says “{quote}”. Check which of them holds.",
    conflict_former="Another edition says otherwise: “{title}” says “{quote}”.",
    refused="The documents do not answer this",
    nearby="Closest passages",
    nothing_nearby="Nothing close was found.",
    all_evidence="All evidence ({count})",
    relevance="Relevance {percent}%",
    made_with="Model {model} · prompt {prompt}",
    signal_dense="semantic {value}",
    signal_lexical="lexical {value}",
    signal_coverage="coverage {value}",
    signal_fusion="fusion {value}",
    signal_dense_rank="semantic rank {value}",
    signal_lexical_rank="lexical rank {value}",
    signal_fusion_rank="fused rank {value}",
    signal_rerank="rerank {value}",
    signal_merit="merit {value}",
    signal_recency="recency ×{value}",
    signal_authority="authority ×{value}",
    edition_in_force="edition in force on the asked day",
    edition_nearest="no edition was in force on the asked day, this is the nearest",
    edition_other="another edition was in force on the asked day",
    page="p. {first}",
    pages="pp. {first}–{last}",
    slide="slide {first}",
    slides="slides {first}–{last}",
    sheet="sheet {first}",
    sheets="sheets {first}–{last}",
    named_sheet="sheet “{name}”",
    row="row {first}",
    rows="rows {first}–{last}",
    open_source="View source",
    source="Source {number}",
    quote_marked="The quoted passage is highlighted",
    read_from_scan="The quote was recognised in a scan ({confidence}% confidence): check its "
    "figures against the original",
    source_changed="This document changed after the answer was given: this is its present text, "
    "in which the quote cannot be marked.",
    source_removed="This document was removed, or your key may no longer read it.",
    page_empty="There is no text on this page.",
    passages_left_out="…",
    rows_left_out="{count} rows left out",
    go_to_page="Page",
    upload_explained="Add documents with the box below. Once indexed, every member of this "
    "library can read them.",
    upload_formats="Formats: PDF, Word, PowerPoint, Excel, HTML, Markdown, TXT and CSV",
    library_empty="There are no documents you can read yet.",
    show_more="Show more",
    revision="revision {number}",
    delete="Delete",
    delete_question="Delete this document?",
    delete_explained="“{title}” and all of its content will be removed from the library. "
    "This cannot be undone.",
    delete_confirm="Delete",
    cancel="Cancel",
    deleted="{title} was deleted",
)

TEXTS: Mapping[Lang, Texts] = {"zh": ZH, "en": EN}
