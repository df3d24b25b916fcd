"""What the page calls things, in English and Chinese, and what each means."""

from dataclasses import dataclass
from typing import Final

from eval.report.failures import Lost


@dataclass(frozen=True, slots=True)
class Words:
    """A name in both languages and one line of explanation."""

    en: str
    zh: str
    line: str = ""


STAGE_WORDS: Final = {
    "dense": Words("dense", "向量检索", "Passages nearest in meaning, by the encoder's vectors."),
    "lexical": Words("lexical", "词面检索", "Passages that share words with the question (BM25)."),
    "fusion": Words("fusion", "融合", "Both searches put together by their signals."),
    "final": Words("final", "最终排序", "After reranking: what the answer is made from."),
}

RANK_METRICS: Final = {
    "recall@1": Words(
        "recall@1", "召回率@1", "Share of the relevant documents that stand at rank 1."
    ),
    "recall@5": Words("recall@5", "召回率@5", "The same among the first five."),
    "recall@10": Words("recall@10", "召回率@10", "The same among the first ten."),
    "recall@50": Words("recall@50", "召回率@50", "The same among the first fifty."),
    "mrr@10": Words(
        "MRR@10",
        "平均倒数排名@10",
        "1 / rank of the first relevant document; 0 if it is not among the first ten.",
    ),
    "ndcg@10": Words(
        "nDCG@10",
        "归一化折损累计增益@10",
        "How close the first ten are to the best possible order, more relevant documents first.",
    ),
    "map": Words(
        "MAP", "平均精度均值", "Precision at the rank of each relevant document, averaged."
    ),
    "quote@5": Words(
        "quote@5",
        "原句@5",
        "Share of the sentences that hold the answer that are in the first five passages.",
    ),
}

ANSWER_METRICS: Final = {
    "right": Words(
        "right",
        "答对",
        "All parts of the answer are said and nothing wrong; without an answer in the documents, "
        "the question was refused.",
    ),
    "right_cited": Words(
        "right and cited",
        "答对且引用正确",
        "Right, and at least one citation points to a right place.",
    ),
    "contained": Words("contained", "包含答案", "All parts of the answer are said."),
    "exact": Words("exact", "完全一致", "The answer is the expected one and says nothing else."),
    "wrong_said": Words(
        "wrong said",
        "说错",
        "Something was said that only a wrong answer contains. Lower is better.",
    ),
    "citation_precision": Words(
        "citation precision", "引用准确率", "Share of the citations that point to a right place."
    ),
    "citation_recall": Words(
        "citation recall", "引用召回率", "Share of the sentences with a right citation."
    ),
    "number_fidelity": Words(
        "number fidelity",
        "数字忠实度",
        "Share of the numbers said that stand in the evidence, those of the question left out.",
    ),
    "refused": Words(
        "refused",
        "拒答",
        "The system said that the documents do not tell. Right only where they do not.",
    ),
    "leaked": Words(
        "leaked",
        "泄露",
        "Something was shown of a document that the asker may not see. Has to be 0.",
    ),
}

AGGREGATES: Final = (
    Words(
        "refusal precision and recall",
        "拒答准确率与召回率",
        "Of the refused questions, the share that has no answer; of those without an answer, the "
        "share that was refused.",
    ),
    Words(
        "AUROC",
        "可答判别力",
        "How often a question with an answer gets a higher probability than one without; "
        "0.5 is chance.",
    ),
    Words(
        "calibration error, Brier",
        "校准误差、Brier 分数",
        "How far the stated probability is from how often the best passage is right; 0 is best.",
    ),
    Words(
        "95 % interval",
        "95% 置信区间",
        "Where the mean would likely lie with other questions of the same sort, by resampling the "
        "questions (Wilson's formula where each is 0 or 1). Two values whose intervals overlap "
        "widely may not differ.",
    ),
)

LOST_WORDS: Final = {
    Lost.NOT_FOUND: Words("not found", "未检索到", "No stage ranked the right document."),
    Lost.RANKED_LOW: Words(
        "found but ranked low", "排名靠后", "Ranked, but not among the first five in the end."
    ),
    Lost.NOT_IN_EVIDENCE: Words(
        "not in evidence", "未进入证据", "Ranked well, but the sentence did not reach the model."
    ),
    Lost.REFUSED_WRONGLY: Words(
        "refused wrongly", "误拒答", "The evidence held the answer, and it was refused."
    ),
    Lost.WRONG_SAID: Words(
        "wrong said", "答错", "The evidence held the answer, and something wrong was said."
    ),
    Lost.NOT_SAID: Words(
        "not said", "未答出", "The evidence held the answer, and it was not said, or not all of it."
    ),
    Lost.NOT_CITED: Words(
        "not cited", "未正确引用", "Said rightly, but no citation points to a right place."
    ),
    Lost.NOT_REFUSED: Words(
        "answered instead of refusing", "应拒答而作答", "No document answers, and it was answered."
    ),
    Lost.LEAKED: Words("leaked", "泄露", "Something was shown that the asker may not see."),
}

SLICE_WORDS: Final = {
    "half": Words("half", "数据划分"),
    "language": Words("language", "提问语言"),
    "crossing": Words("question → documents", "提问→文档语言"),
    "kind": Words("kind", "题型"),
}


def metric_words(metric: str) -> Words:
    """Return the words for a metric; an unknown one is called by its name."""
    stage, _, rest = metric.partition(".")
    if stage in STAGE_WORDS and rest in RANK_METRICS:
        return RANK_METRICS[rest]
    return ANSWER_METRICS.get(metric, Words(metric, ""))
