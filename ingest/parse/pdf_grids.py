"""Which rules of a page belong together, and the grid of cells that they draw."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.parse.pdf_geometry import Box
from ingest.parse.pdf_rules import Rule, Rules

_NEAR = 3.0
"""Points within which rules meet or are one; cells drawn as boxes leave such gaps."""
_SAME_EXTENT = 6.0
_LEAST = 3
"""Rules across from which on there are two rows, or two columns."""
_MIN_WALLS = 0.4
"""Share of the borders between columns that are drawn; with fewer, text shows the columns."""


@dataclass(frozen=True, slots=True)
class RuledArea:
    """Rules that touch each other, or stand above each other with the same ends.

    `horizontal` and `vertical` are sorted; rules in one line with each other are one.
    """

    horizontal: tuple[Rule, ...]
    vertical: tuple[Rule, ...]

    @property
    def box(self) -> Box:
        """Return the outer edges."""
        rules = self.horizontal
        left, right = min(rule.start for rule in rules), max(rule.end for rule in rules)
        return left, rules[0].at, right, rules[-1].at

    @property
    def rows(self) -> list[float]:
        """Return the tops of the rows, and the bottom of the last."""
        return sorted({rule.at for rule in self.horizontal})

    @property
    def columns(self) -> list[float]:
        """Return the left edges of the columns, and the right edge of the last."""
        left, _, right, _ = self.box
        inner = {r.at for r in self.vertical if left + _NEAR < r.at < right - _NEAR}
        return [left, *sorted(inner), right]

    def has_wall(self, at: float, y: float) -> bool:
        """Tell whether a vertical rule is drawn at a place between columns."""
        return any(r.at == at and r.start - _NEAR < y < r.end + _NEAR for r in self.vertical)

    def has_floor(self, at: float, x: float) -> bool:
        """Tell whether a horizontal rule is drawn at a place between rows."""
        return any(r.at == at and r.start - _NEAR < x < r.end + _NEAR for r in self.horizontal)

    def is_grid(self) -> bool:
        """Tell whether the rules show the columns of most rows, and not only the rows."""
        rows, columns = self.rows, self.columns
        if min(len(rows), len(columns)) < _LEAST:
            return False
        middles = [(top + bottom) / 2 for top, bottom in pairwise(rows)]
        drawn = [self.has_wall(at, y) for at in columns[1:-1] for y in middles]
        return sum(drawn) >= _MIN_WALLS * len(drawn)


def ruled_areas(rules: Rules) -> list[RuledArea]:
    """Return the areas that have at least two rows, from top to bottom."""
    areas = _touching(merged_rules(rules.horizontal), merged_rules(rules.vertical))
    whole = [area for area in areas if area.is_grid()]
    parts = [area for area in areas if not area.is_grid()]
    found = [*whole, *_stacked(parts)]
    return sorted((a for a in found if len(a.rows) >= _LEAST), key=lambda area: area.box[1])


def merged_rules(rules: Iterable[Rule]) -> list[Rule]:
    """Return rules with those joined that lie in one line and touch; they get the same place."""
    lines: list[list[Rule]] = []
    for rule in sorted(rules):
        if lines and rule.at - lines[-1][0].at <= _NEAR:
            lines[-1].append(rule)
        else:
            lines.append([rule])
    return [rule for line in lines for rule in _joined(line)]


def _joined(line: Sequence[Rule]) -> list[Rule]:
    at = sum(rule.at for rule in line) / len(line)
    joined: list[Rule] = []
    for rule in sorted(line, key=lambda rule: rule.start):
        if joined and rule.start <= joined[-1].end + _NEAR:
            joined[-1] = joined[-1]._replace(end=max(joined[-1].end, rule.end))
        else:
            joined.append(Rule(at, rule.start, rule.end))
    return joined


def _touching(horizontal: list[Rule], vertical: list[Rule]) -> list[RuledArea]:
    """Group rules that touch each other, one way or another."""
    parents = list(range(len(horizontal) + len(vertical)))

    def root(member: int) -> int:
        while parents[member] != member:
            parents[member] = parents[parents[member]]
            member = parents[member]
        return member

    for v, wall in enumerate(vertical, start=len(horizontal)):
        for h, floor in enumerate(horizontal):
            if floor.at > wall.end + _NEAR:
                break
            if floor.at >= wall.start - _NEAR and _contains(floor, wall.at):
                parents[root(v)] = root(h)
    groups: defaultdict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for h, floor in enumerate(horizontal):
        groups[root(h)][0].append(floor)
    for v, wall in enumerate(vertical, start=len(horizontal)):
        groups[root(v)][1].append(wall)
    return [RuledArea(tuple(floors), tuple(walls)) for floors, walls in groups.values() if floors]


def _contains(rule: Rule, place: float) -> bool:
    return rule.start - _NEAR <= place <= rule.end + _NEAR


def _stacked(parts: list[RuledArea]) -> list[RuledArea]:
    """Put areas together that stand above each other and have the same left and right ends."""
    stacks: list[list[RuledArea]] = []
    for part in sorted(parts, key=lambda part: part.box[1]):
        for stack in stacks:
            if _has_same_extent(stack[0], part):
                stack.append(part)
                break
        else:
            stacks.append([part])
    return [
        RuledArea(
            horizontal=tuple(sorted(rule for part in stack for rule in part.horizontal)),
            vertical=tuple(sorted(rule for part in stack for rule in part.vertical)),
        )
        for stack in stacks
    ]


def _has_same_extent(first: RuledArea, second: RuledArea) -> bool:
    left, _, right, _ = first.box
    other_left, _, other_right, _ = second.box
    return abs(left - other_left) <= _SAME_EXTENT and abs(right - other_right) <= _SAME_EXTENT
