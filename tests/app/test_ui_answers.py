from app.ui.answers import marked_text
from tests.app.ui_scripted import ANSWER, FOUND, answer


def test_the_end_of_a_sentence_without_source_is_found() -> None:
    marked = marked_text(ANSWER)
    assert marked.text == ANSWER.text
    assert marked.uncited_ends == (len(ANSWER.text),)


def test_white_space_and_marks_do_not_matter() -> None:
    text = "一[1] 。\n\n- 二 。三。 [2]"
    marked = marked_text(answer(text, (("一。", (1,)), ("- 二。", ()), ("三。", (2,))), FOUND))
    assert marked.uncited_ends == (text.index("三"),)


def test_equal_sentences_are_told_apart_by_their_order() -> None:
    marked = marked_text(answer("Yes. [1] Yes.", (("Yes.", (1,)), ("Yes.", ())), FOUND))
    assert marked.uncited_ends == (13,)


def test_no_label_is_lost_when_a_sentence_is_not_in_the_text() -> None:
    marked = marked_text(answer("Other text.", (("First.", (1, 2)), ("Second.", ())), FOUND))
    assert marked.text == "First.[1][2] Second."
    assert marked.uncited_ends == (len(marked.text),)
