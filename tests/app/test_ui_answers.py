from app.api.schemas import AnswerOut
from app.ui.answers import MarkedText, marked_text
from generation.records import Support
from tests.app.ui_scripted import ANSWER, FOUND, answer


def marked_answer(given: AnswerOut) -> MarkedText:
    return marked_text(given.text, given.sentences)


def uncited(marked: MarkedText) -> list[int]:
    return [end for end, support in marked.support.items() if support is Support.UNCITED]


def test_every_sentence_is_labelled_behind_its_marks() -> None:
    sentences = (("One.", (1,)), ("Two.", (2,)), ("Three.", (1, 2)))
    marked = marked_answer(answer("One [1]. Two.[2] Three [1][2].", sentences, FOUND))
    assert [marked.text[:end] for end in marked.support] == [
        "One [1].",
        "One [1]. Two.[2]",
        "One [1]. Two.[2] Three [1][2].",
    ]


def test_the_end_of_a_sentence_without_source_is_found() -> None:
    marked = marked_answer(ANSWER)
    assert marked.text == ANSWER.text
    assert uncited(marked) == [len(ANSWER.text)]


def test_white_space_and_marks_do_not_matter() -> None:
    text = "一[1] 。\n\n- 二 。三。 [2]"
    marked = marked_answer(answer(text, (("一。", (1,)), ("- 二。", ()), ("三。", (2,))), FOUND))
    assert uncited(marked) == [text.index("三")]


def test_equal_sentences_are_told_apart_by_their_order() -> None:
    marked = marked_answer(answer("Yes. [1] Yes.", (("Yes.", (1,)), ("Yes.", ())), FOUND))
    assert uncited(marked) == [13]


def test_no_label_is_lost_when_a_sentence_is_not_in_the_text() -> None:
    marked = marked_answer(answer("Other text.", (("First.", (1, 2)), ("Second.", ())), FOUND))
    assert marked.text == "First.[1][2] Second."
    assert uncited(marked) == [len(marked.text)]
