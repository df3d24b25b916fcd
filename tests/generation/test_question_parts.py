import pytest

from generation.question_parts import question_parts


@pytest.mark.parametrize(
    ("question", "lang", "parts"),
    [
        (
            "How long is it, and who approves it?",
            "en",
            ("How long is it", "who approves it"),
        ),
        (
            "On which day is the count and within how many days are errors cleared up?",
            "en",
            ("On which day is the count", "within how many days are errors cleared up"),
        ),
        ("年假有几天，怎么申请？", "zh", ("年假有几天", "怎么申请")),
        ("起订金额有没有？不够怎么办？", "zh", ("起订金额有没有", "不够怎么办")),
        (
            "如果去香港出差，住宿限额是多少，以及谁来审批？",
            "zh",
            ("如果去香港出差，住宿限额是多少", "谁来审批"),
        ),
    ],
)
def test_a_question_of_several_parts(question: str, lang: str, parts: tuple[str, ...]) -> None:
    assert question_parts(question, lang) == parts


@pytest.mark.parametrize(
    ("question", "lang"),
    [
        ("How many days of annual leave do I have?", "en"),
        ("For an engineer in Hanoi, what are the location and the assignment supplement?", "en"),
        ("If I resign and leave in May, how much is paid?", "en"),
        ("内地员工司龄满五年不满十年的，每年有多少天年休假？", "zh"),
        ("年假", "zh"),
        ("", "zh"),
        ("???", "en"),
    ],
)
def test_a_question_of_one_part_stays_whole(question: str, lang: str) -> None:
    assert question_parts(question, lang) == (question,)
