"""What the bot says in words of its own, in both languages; no other file holds such texts."""

from collections.abc import Mapping
from typing import Final

from generation.service.records import ComplaintClass, HandOverReason

CLASS_NAMES: Final[Mapping[str, Mapping[ComplaintClass, str]]] = {
    "zh": {
        ComplaintClass.SAFETY_LEGAL: "安全与法律",
        ComplaintClass.REFUND: "退货与退款",
        ComplaintClass.BILLING: "账单与付款",
        ComplaintClass.ACCOUNT: "账号",
        ComplaintClass.DELIVERY: "配送",
        ComplaintClass.SERVICE: "服务",
        ComplaintClass.QUALITY: "产品质量",
        ComplaintClass.OTHER: "其他投诉",
        ComplaintClass.NONE: "非投诉",
    },
    "en": {
        ComplaintClass.SAFETY_LEGAL: "safety or law",
        ComplaintClass.REFUND: "return or refund",
        ComplaintClass.BILLING: "billing or payment",
        ComplaintClass.ACCOUNT: "account",
        ComplaintClass.DELIVERY: "delivery",
        ComplaintClass.SERVICE: "service",
        ComplaintClass.QUALITY: "product quality",
        ComplaintClass.OTHER: "another complaint",
        ComplaintClass.NONE: "no complaint",
    },
}

APOLOGY: Final = {
    "zh": "很抱歉给您带来了不便。",
    "en": "We are sorry for the trouble this has caused you.",
}
THANKS: Final = {"zh": "感谢您的来信。", "en": "Thank you for your message."}
NEXT_STEP: Final = {
    "zh": "如果问题没有解决，请直接回复这条消息。",
    "en": "If this does not settle the matter, please reply to this message.",
}

FOR_CUSTOMER: Final[Mapping[str, Mapping[HandOverReason, str]]] = {
    "zh": {
        HandOverReason.ASKED_FOR_PERSON: "我们已按您的要求转给人工客服，由同事与您联系。",
        HandOverReason.SAFETY_OR_LEGAL: "此事需要专人处理，我们已转交同事，由其与您联系。",
        HandOverReason.REPEATED_CONTACT: "您已为此多次联系我们，我们已转交同事跟进到底。",
        HandOverReason.HIGH_AMOUNT: "为稳妥起见，我们已请同事核实您的订单并与您联系。",
        HandOverReason.MODEL_UNAVAILABLE: "目前无法自动答复，我们已转交同事，由其与您联系。",
        HandOverReason.NO_EVIDENCE: "这个问题我们无法根据现有资料答复，已转交同事，由其与您联系。",
        HandOverReason.LOW_CONFIDENCE: "为确保答复准确，我们已请同事复核并与您联系。",
    },
    "en": {
        HandOverReason.ASKED_FOR_PERSON: "As you asked, a colleague takes over and will contact "
        "you.",
        HandOverReason.SAFETY_OR_LEGAL: "This needs a person's attention: a colleague takes over "
        "and will contact you.",
        HandOverReason.REPEATED_CONTACT: "You have contacted us about this several times, so a "
        "colleague takes over and will see it through.",
        HandOverReason.HIGH_AMOUNT: "To be on the safe side, a colleague checks your order and "
        "will contact you.",
        HandOverReason.MODEL_UNAVAILABLE: "We cannot answer automatically at the moment: a "
        "colleague takes over and will contact you.",
        HandOverReason.NO_EVIDENCE: "We cannot answer this from the information that we have: a "
        "colleague takes over and will contact you.",
        HandOverReason.LOW_CONFIDENCE: "To be sure that this is right, a colleague checks it and "
        "will contact you.",
    },
}

FOR_AGENT: Final[Mapping[str, Mapping[HandOverReason, str]]] = {
    "zh": {
        HandOverReason.ASKED_FOR_PERSON: "客户要求人工服务，机器人没有作答。",
        HandOverReason.SAFETY_OR_LEGAL: "来信涉及人身安全或法律，机器人没有作答。",
        HandOverReason.REPEATED_CONTACT: "同一问题已联系 {contacts} 次仍未解决。",
        HandOverReason.HIGH_AMOUNT: "订单金额 {amount} {currency}，达到人工处理界限 {limit}。",
        HandOverReason.MODEL_UNAVAILABLE: "语言模型不可用，机器人没有作答。",
        HandOverReason.NO_EVIDENCE: "资料中没有能回答的内容，回复不含解决方案。",
        HandOverReason.LOW_CONFIDENCE: "回复可信度 {confidence:.2f}，低于 {limit:.2f}，请复核。",
    },
    "en": {
        HandOverReason.ASKED_FOR_PERSON: "The customer asked for a person; the bot did not answer.",
        HandOverReason.SAFETY_OR_LEGAL: "The message is about safety or law; the bot did not "
        "answer.",
        HandOverReason.REPEATED_CONTACT: "The same matter is unsolved after {contacts} contacts.",
        HandOverReason.HIGH_AMOUNT: "The order amounts to {amount} {currency}; from {limit} on a "
        "person decides.",
        HandOverReason.MODEL_UNAVAILABLE: "The language model is away; the bot did not answer.",
        HandOverReason.NO_EVIDENCE: "No document answers this; the reply holds no solution.",
        HandOverReason.LOW_CONFIDENCE: "Confidence in the reply is {confidence:.2f}, below "
        "{limit:.2f}: check it.",
    },
}

AGENT_ABOUT: Final = {"zh": "（{about}）", "en": " ({about})"}
"""Put behind the agent's sentence: the class and the order."""
