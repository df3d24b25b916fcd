"""What is a follow-up, on questions from other companies than the sample one."""

import pytest

from retrieval.understanding.follow_up import is_follow_up

FOLLOW_UPS = """
那去年的呢？
那 721 呢？
它的保修期多长？
这个要谁审批？
经理级别的呢？
那周末可以用吗？
還有別的要求嗎？
还有别的要求吗？
如果超过三天呢？
这些材料交给谁？
他的办公室在哪？
那儿能停车吗？
其有效期是多久？
该费用由谁承担？
要是丢了怎么办？
换成硕士生呢？
前者和后者有什么区别？
那么儿童票多少钱？
具体是几号？
后来改成多少了？
上面说的补贴怎么领？
研究生也一样吗？
同样的规定适用于外包吗？
what about the US?
and for managers?
How long is it valid?
Does it apply to interns too?
Who approves that?
And if I lose the card?
OK, and how do I renew it?
Is that also true for part-time staff?
Where can I find them?
What is their deadline?
Why not?
So who signs then?
How much does the larger one cost?
Are there exceptions to this?
When did she join?
Can they be combined with the discount?
Same for visitors?
What else do I need?
In that case, who pays?
Do those count as sick days?
""".strip().splitlines()

ALONE = """
公司的VPN怎么申请？
图书馆周末几点关门？
这学期什么时候放假？
其他费用可以报销吗？
尤其危险的化学品怎么存放？
应该找谁修打印机？
那台打不了补丁的旧服务器，最晚用到什么时候？
合同到期后他方违约怎么处理？
信用卡逾期会有什么后果？
如果航班取消，可以全额退款吗？
患者出院后多久复诊？
这么多年来公司一共开过几家分店，分别在哪些城市，现在还剩几家？
金牌会员有什么权益呢？
What is the dress code?
Is it allowed to bring a dog to the office?
How long does it take to get a visa?
Is there a gym in the building?
What happens if a customer returns a product after they opened the box?
Who is responsible for the fire drill this year?
How do I cancel my subscription and get its remaining value refunded?
Are there any discounts for students?
What should employees do when their badge is stolen?
What is that-clause grammar called in the style guide?
Which form do I need for a travel advance?
If the fire alarm rings, where do we meet?
""".strip().splitlines()


@pytest.mark.parametrize("question", FOLLOW_UPS)
def test_a_follow_up_is_told(question: str) -> None:
    assert is_follow_up(question)


@pytest.mark.parametrize("question", ALONE)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert not is_follow_up(question)


@pytest.mark.parametrize("text", ["", "？", "呢", "那" * 5_000, "it " * 5_000])
def test_any_text_can_be_asked(text: str) -> None:
    assert isinstance(is_follow_up(text), bool)
