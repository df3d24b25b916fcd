"""What `zhiku explain` says, in Chinese and in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from retrieval.policy.records import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainTexts:
    """The texts of one language; `{name}` stands for what is put in."""

    in_force_on: str
    earlier: str
    later: str
    nothing: str
    number: str
    passage: str
    dense: str
    lexical: str
    fusion: str
    rerank: str
    probability: str
    outcome: str
    recency: str
    authority: str
    in_force: str
    nearest: str
    shown: str
    no_room: str
    moved: str
    reasons: Mapping[Reason, str]
    legend: str
    further: str


ZH = ExplainTexts(
    in_force_on="以 {periods} 有效的版本为准",
    earlier="也问到以往的版本",
    later="也问到将来的版本",
    nothing="没有找到可以查阅的内容。",
    number="名次",
    passage="段落",
    dense="语义",
    lexical="词面",
    fusion="融合",
    rerank="重排",
    probability="概率",
    outcome="结果与因素",
    recency="时效 ×{value}",
    authority="权威 ×{value}",
    in_force="有效版本",
    nearest="当日无有效版本，取最近的",
    shown="显示",
    no_room="名额已满",
    moved="后移：{reason}",
    reasons={
        Reason.DUPLICATE: "略去：与《{title}》重复",
        Reason.SUPERSEDED: "已被《{title}》取代",
        Reason.NOT_YET_IN_FORCE: "尚未生效，现行的是《{title}》",
        Reason.OLDER_COPY: "与较新的《{title}》几乎相同",
        Reason.OVER_SHARE: "超出本文档的份额",
    },
    legend="语义至重排各列：名次，其下为分数；“–”表示该检索没有找到。",
    further="另有 {count} 个候选段落未列出；加 --all 全部列出。",
)

EN = ExplainTexts(
    in_force_on="editions in force on {periods} come first",
    earlier="former editions are asked for, too",
    later="coming editions are asked for, too",
    nothing="Nothing was found that may be read.",
    number="no.",
    passage="passage",
    dense="dense",
    lexical="lexical",
    fusion="fusion",
    rerank="rerank",
    probability="prob.",
    outcome="outcome and factors",
    recency="recency ×{value}",
    authority="authority ×{value}",
    in_force="edition in force",
    nearest="no edition in force, the nearest",
    shown="shown",
    no_room="no room",
    moved="moved back: {reason}",
    reasons={
        Reason.DUPLICATE: "left out: duplicate of “{title}”",
        Reason.SUPERSEDED: "superseded by “{title}”",
        Reason.NOT_YET_IN_FORCE: "not yet in force, “{title}” is",
        Reason.OLDER_COPY: "almost the same as the newer “{title}”",
        Reason.OVER_SHARE: "over its document's share",
    },
    legend="dense to rerank: rank, below it the score; “–”: that search did not find it.",
    further="{count} more candidates are not listed; --all lists them.",
)

EXPLAIN_TEXTS: Mapping[str, ExplainTexts] = {"zh": ZH, "en": EN}
