"""Which part a question of a public set belongs to."""

from collections import Counter

from eval.parts import Part, half_of, part_of


def test_half_of_the_passages_are_for_reports_and_an_eighth_to_fit_on() -> None:
    counted = Counter(part_of([f"passage-{number}"]) for number in range(8000))

    assert abs(counted[Part.REPORT] / 8000 - 1 / 2) < 0.02
    assert abs(counted[Part.FIT] / 8000 - 1 / 8) < 0.02
    assert abs(counted[Part.LEARN] / 8000 - 3 / 8) < 0.02


def test_a_question_on_passages_of_several_parts_is_of_none() -> None:
    by_part = {part_of([name]): name for name in (f"passage-{number}" for number in range(50))}
    learned, fitted, reported = (by_part[part] for part in (Part.LEARN, Part.FIT, Part.REPORT))

    assert part_of([learned, learned]) is Part.LEARN
    assert part_of([learned, fitted]) is None
    assert part_of([]) is None
    assert half_of([learned, fitted]) == "tuning"
    assert half_of([reported]) == "reporting"
    assert half_of([learned, reported]) == ""
    assert half_of([]) == ""


def test_both_languages_of_an_article_are_of_one_part() -> None:
    for article in range(48):
        ids = [f"xq{article:02}-{number}-{lang}" for number in range(5) for lang in ("zh", "en")]
        assert part_of(ids) is not None
