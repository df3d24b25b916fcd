"""What people read when something is refused or fails: one line per code, in both languages.

A code is public and stable; the line says what happened and what to do. Fields in braces are filled
by the place that raises, and hold only what the caller sent or may know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Message:
    """One line in each language."""

    en: str
    zh: str


MESSAGES: Mapping[str, Message] = {
    # Who asks, and what they may do.
    "not_authenticated": Message(
        "No valid API key: send `Authorization: Bearer zk_…`; an administrator makes keys with "
        "`zhiku keys create`.",
        "没有有效的 API 密钥：请发送 `Authorization: Bearer zk_…`；"
        "管理员可用 `zhiku keys create` 创建密钥。",
    ),
    "not_permitted": Message(
        "This key may not do this; it takes a key with the right to {scope}.",
        "此密钥无权执行该操作；需要具有 {scope} 权限的密钥。",
    ),
    "groups_not_permitted": Message(
        "This key may not write this address (uri) for these groups: use groups of the key "
        "({groups}) or another uri.",
        "此密钥不能以这些组写入该地址（uri）：请使用密钥所属的组（{groups}）或换一个 uri。",
    ),
    "document_unknown": Message(
        "No such document for this key: list documents to see their ids.",
        "此密钥看不到该文档：请列出文档以查看其编号。",
    ),
    "conversation_unknown": Message(
        "No such conversation for this key: list conversations to see their ids, or begin one.",
        "此密钥没有该对话：请列出对话以查看其编号，或新建对话。",
    ),
    "job_not_failed": Message(
        "Only a failed job can be done again: look at its state, or upload the file again.",
        "只有失败的任务可以重试：请查看任务状态，或重新上传文件。",
    ),
    "job_superseded": Message(
        "The document was uploaded again after this job: retry that job, or upload the file again.",
        "该任务之后此文档已重新上传：请重试新的任务，或重新上传文件。",
    ),
    "job_file_gone": Message(
        "The file of this job is not kept any more: upload it again.",
        "该任务的文件已不再保存：请重新上传。",
    ),
    "job_unknown": Message(
        "No such job for this key: use the id that the upload returned.",
        "此密钥没有该任务：请使用上传时返回的编号。",
    ),
    "receipt_unknown": Message(
        "No such receipt for this key: use the id that the erasure returned, or list receipts.",
        "此密钥看不到该回执：请使用删除时返回的编号，或列出回执。",
    ),
    # What is wrong with the request.
    "request_invalid": Message(
        "The request is not valid: {problems}.",
        "请求无效：{problems}。",
    ),
    "request_too_large": Message(
        "The request body may have at most {limit_bytes} bytes: send less.",
        "请求正文最多 {limit_bytes} 字节：请缩短。",
    ),
    "request_malformed": Message(
        "The request body cannot be read: send it as the API description (/openapi.json) says.",
        "无法读取请求正文：请按接口说明（/openapi.json）发送。",
    ),
    "question_empty": Message(
        "The question is empty: type one.",
        "问题为空：请输入问题。",
    ),
    "question_too_long": Message(
        "The question has {length} characters, at most {limit} are accepted: shorten it.",
        "问题有 {length} 个字符，最多 {limit} 个：请缩短。",
    ),
    "prompt_too_long": Message(
        "Question and evidence do not fit the language model: shorten the question, or lower "
        "answer.max_evidence_tokens.",
        "问题与证据超出语言模型的上下文：请缩短问题，或调低 answer.max_evidence_tokens。",
    ),
    "schema_invalid": Message(
        "response_schema cannot be taken: {problem}.",
        "无法接受 response_schema：{problem}。",
    ),
    "answer_off_schema": Message(
        "The language model's answer does not follow response_schema: simplify the schema, or "
        "raise answer.max_answer_tokens.",
        "语言模型的回答不符合 response_schema：请简化结构，或调高 answer.max_answer_tokens。",
    ),
    "file_too_large": Message(
        "The file is larger than {limit_megabytes} MB: split it, or raise "
        "ingest.max_file_megabytes.",
        "文件超过 {limit_megabytes} MB：请拆分，或调高 ingest.max_file_megabytes。",
    ),
    "upload_invalid": Message(
        "The upload is not valid: {problem}.",
        "上传无效：{problem}。",
    ),
    "path_unknown": Message(
        "There is nothing at this path: see /openapi.json.",
        "该路径不存在：请参阅 /openapi.json。",
    ),
    "method_not_allowed": Message(
        "This path does not take this method: see /openapi.json.",
        "该路径不支持此方法：请参阅 /openapi.json。",
    ),
    "document_busy": Message(
        "Somebody else is changing this document: try again shortly.",
        "此文档正被他人修改：请稍后重试。",
    ),
    # What is away, full or broken on our side.
    "overloaded": Message(
        "Too many answers are being written: try again in a few seconds.",
        "正在生成的回答过多：请几秒后重试。",
    ),
    "index_unavailable": Message(
        "The search index is away: try again shortly; if it stays away, start the Qdrant server.",
        "检索索引暂不可用：请稍后重试；若持续不可用，请启动 Qdrant 服务器。",
    ),
    "index_locked": Message(
        "Another process has the search index open: stop it, or work through its API.",
        "另一个进程正在使用检索索引：请停止它，或通过其 API 操作。",
    ),
    "index_mismatch": Message(
        "The search index was built with another encoder: ingest the documents again.",
        "检索索引由另一编码器建立：请重新导入文档。",
    ),
    "catalog_unavailable": Message(
        "The catalog cannot be read or written: try again shortly; see the server's log.",
        "目录数据库暂时无法读写：请稍后重试；详见服务器日志。",
    ),
    "storage_full": Message(
        "The server's disk is full: free space, then try again; nothing was lost.",
        "服务器磁盘已满：请释放空间后重试；数据没有丢失。",
    ),
    "llm_unavailable": Message(
        "The language model is away: try again shortly; if it stays away, check llm.base_url. "
        "Questions are answered with words of the documents alone.",
        "语言模型暂不可用：请稍后重试；若持续不可用，请检查 llm.base_url。期间只以原文回答。",
    ),
    "reranker_unavailable": Message(
        "The reranker's server is away: try again shortly; if it stays away, check "
        "retrieval.rerank_url.",
        "重排服务暂不可用：请稍后重试；若持续不可用，请检查 retrieval.rerank_url。",
    ),
    "models_unavailable": Message(
        "A model's weights are missing or damaged: run `zhiku models pull` and start again.",
        "模型权重缺失或损坏：请运行 `zhiku models pull` 后重新启动。",
    ),
    "internal": Message(
        "Something failed on the server: tell its operator the request id {request_id}.",
        "服务器内部错误：请将请求编号 {request_id} 告知运维人员。",
    ),
    "check_timed_out": Message(
        "no answer within {seconds} s",
        "{seconds} 秒内没有响应",
    ),
    # What the client finds out by itself.
    "api_unreachable": Message(
        "No Zhiku API answers at {url}: start it with `zhiku serve`, or correct ui.api_url.",
        "{url} 没有 Zhiku API 响应：请用 `zhiku serve` 启动，或更正 ui.api_url。",
    ),
    "api_timeout": Message(
        "The API at {url} did not answer within {seconds} s: try again.",
        "{url} 的 API 在 {seconds} 秒内没有响应：请重试。",
    ),
    "api_broke_off": Message(
        "The API at {url} broke off its answer: try again; see the server's log.",
        "{url} 的 API 中断了响应：请重试；详见服务器日志。",
    ),
    "api_not_zhiku": Message(
        "What answers at {url} (status {status}) is not a Zhiku API of this version: correct the "
        "URL.",
        "{url} 的响应（状态 {status}）不是此版本的 Zhiku API：请更正地址。",
    ),
    "erasure_unfinished": Message(
        "The documents are not seen any more, but are still being erased after {seconds} s: look "
        "at the receipts again later.",
        "文档已不可见，但 {seconds} 秒后仍在清除：请稍后再查看回执。",
    ),
    "job_unfinished": Message(
        "The file is still being processed after {seconds} s: look at the job again later.",
        "{seconds} 秒后文件仍在处理：请稍后再查看任务。",
    ),
}


def message(code: str, lang: Lang, **fields: object) -> str:
    """Return the line of a code with its fields filled in.

    Raises
    ------
    KeyError
        The code is not in the table, or a field is missing.
    """
    texts = MESSAGES[code]
    return (texts.zh if lang == "zh" else texts.en).format(**fields)


def preferred_lang(accept_language: str | None) -> Lang:
    """Return `zh` or `en`, whichever an `Accept-Language` header ranks higher; else `en`."""
    best: Lang = "en"
    best_weight = 0.0
    for entry in (accept_language or "").split(","):
        tag, _, parameter = entry.strip().lower().partition(";")
        lang = tag.split("-")[0].strip()
        weight = _weight(parameter)
        if weight > best_weight and (lang in {"zh", "en"}):
            best, best_weight = ("zh" if lang == "zh" else "en"), weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
