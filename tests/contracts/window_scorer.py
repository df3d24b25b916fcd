"""What every scorer of windows must do."""

from models.window_scorer import Window, WindowScorer

WINDOWS = [Window("a 年假"), Window("b"), Window("年假 ab " * 400), Window("")]


class WindowScorerContract:
    def test_one_score_for_each_window_in_order(self, scorer: WindowScorer) -> None:
        together = [each.value for each in scorer.score("年假", WINDOWS)]
        turned = [each.value for each in scorer.score("年假", WINDOWS[::-1])]

        assert len(together) == len(WINDOWS)
        assert all(abs(a - b) < 1e-5 for a, b in zip(together, turned[::-1], strict=True))

    def test_a_score_does_not_depend_on_the_other_windows(self, scorer: WindowScorer) -> None:
        together = [each.value for each in scorer.score("年假", WINDOWS)]
        alone = [scorer.score("年假", [window])[0].value for window in WINDOWS]

        assert all(abs(a - b) < 1e-5 for a, b in zip(together, alone, strict=True))

    def test_no_windows(self, scorer: WindowScorer) -> None:
        assert scorer.score("anything", []) == []

    def test_broken_text_is_scored(self, scorer: WindowScorer) -> None:
        assert len(scorer.score("\ud800", [Window("\udfff a")])) == 1

    def test_parts_are_scored_one_by_one_or_not_at_all(self, scorer: WindowScorer) -> None:
        (found,) = scorer.score("年假", [Window("ab 年假", parts=((0, 2), (3, 5)))])

        assert len(found.parts) in {0, 2}

    def test_it_has_a_name(self, scorer: WindowScorer) -> None:
        assert scorer.name
