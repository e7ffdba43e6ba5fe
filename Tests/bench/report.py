"""Figures and the table that shows them."""

from dataclasses import dataclass, field
from statistics import median


def percentile(values, share):
    """The smallest value that at least `share` of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


@dataclass
class Line:
    """One line of the report: what each side took in each pair, in `unit`.

    `compare`: "ratio" of the pair's two, "difference", or None where the figure stands alone."""
    row: int
    what: str
    unit: str
    daemon: list
    peer: list = field(default_factory=list)
    compare: str | None = "ratio"
    target: str = ""
    digits: int = 1

    def cells(self):
        return [str(self.row), self.what, self._spread(self.daemon), self._spread(self.peer), self._compared(),
                self.target]

    def _spread(self, values):
        if not values:
            return "–"
        low, middle, high = (f"{value:.{self.digits}f}" for value in (min(values), median(values), max(values)))
        return f"{middle} {self.unit}" + (f" ({low}–{high})" if len(values) > 1 else "")

    def _compared(self):
        pairs = list(zip(self.daemon, self.peer))
        if not pairs or self.compare is None:
            return ""
        if self.compare == "difference":
            return f"{median(a - b for a, b in pairs):+.{self.digits}f} {self.unit}"
        ratios = [a / b for a, b in pairs if b > 0]
        return f"{median(ratios):.2f}×" if ratios else ""


def print_table(lines):
    heads = ["row", "what", "httpcrond", "peer", "ratio", "target"]
    table = [heads] + [line.cells() for line in lines]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(heads))]
    for cells in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip())
