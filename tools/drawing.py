"""Plain charts as SVG text, the same for the same numbers, readable on light and dark pages. Knows no method and reads no file."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, isfinite, log10

WIDTH, HEIGHT = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 44, 38
#: Ours, theirs, truth, a third: told apart without colour too (line, dot, cross, dash).
_STYLE = """
text{font:12px system-ui,sans-serif;fill:#1d2733}.t{font-weight:600;font-size:13px}.g{stroke:#d8dee6}.a{stroke:#5b6875}
.ours{stroke:#1463b8;fill:none;stroke-width:2}.band{fill:#1463b8;opacity:.18}.band2{fill:#1463b8;opacity:.3}.theirs{fill:none;stroke:#b3470b;stroke-width:1.5}
.truth{stroke:#1d2733;stroke-width:1.8;fill:none}.bar{fill:#8593a3}.other{stroke:#b3470b;fill:none;stroke-width:1.5;stroke-dasharray:5 4}
@media(prefers-color-scheme:dark){text{fill:#e6ebf1}.g{stroke:#3a4552}.a{stroke:#9aa7b5}.ours{stroke:#6cb2ff}.band,.band2{fill:#6cb2ff}
.theirs,.other{stroke:#ffa061}.truth{stroke:#fff}.bar{fill:#7d8a99}}
""".strip().replace("\n", "")
Numbers = Sequence[float]


class Chart:
    """One chart; things are drawn in the order they are asked for."""

    def __init__(
        self, title: str, x: tuple[float, float], y: tuple[float, float], x_label: str = "", labels: dict[float, str] | None = None
    ) -> None:
        self.title, self.x, self.y, self.x_label, self.labels = title, x, y, x_label, labels
        self.drawn: list[str] = []
        self.legend: list[tuple[str, str]] = []

    def _at(self, x: float, y: float) -> tuple[str, str]:
        px = _LEFT + (x - self.x[0]) / (self.x[1] - self.x[0]) * (WIDTH - _LEFT - _RIGHT)
        low, high = self.y
        py = HEIGHT - _BOTTOM - (min(max(y, low), high) - low) / (high - low) * (HEIGHT - _TOP - _BOTTOM)
        return f"{px:.1f}", f"{py:.1f}"

    def _told(self, name: str, kind: str) -> None:
        if name:
            self.legend.append((name, kind))

    def line(self, xs: Numbers, ys: Numbers, name: str = "", kind: str = "ours") -> None:
        """A line, broken where a value is undefined."""
        path, pen = [], "M"
        for x, y in zip(xs, ys, strict=True):
            if isfinite(y):
                path.append(pen + " ".join(self._at(x, y)))
                pen = "L"
            else:
                pen = "M"
        self.drawn.append(f'<path class="{kind}" d="{"".join(path)}"/>')
        self._told(name, kind)

    def band(self, xs: Numbers, low: Numbers, high: Numbers, name: str = "", kind: str = "band") -> None:
        """What lies between two lines."""
        points = [(x, a, b) for x, a, b in zip(xs, low, high, strict=True) if isfinite(a) and isfinite(b)]
        way = [self._at(x, b) for x, _, b in points] + [self._at(x, a) for x, a, _ in reversed(points)]
        self.drawn.append(f'<path class="{kind}" d="M{"L".join(" ".join(p) for p in way)}Z"/>')
        self._told(name, kind)

    def dots(self, xs: Numbers, ys: Numbers, name: str = "", kind: str = "theirs") -> None:
        """A circle for each value."""
        for x, y in zip(xs, ys, strict=True):
            if isfinite(y):
                px, py = self._at(x, y)
                self.drawn.append(f'<circle class="{kind}" cx="{px}" cy="{py}" r="3"/>')
        self._told(name, kind + " dot")

    def crosses(self, xs: Numbers, ys: Numbers, name: str = "") -> None:
        """A cross for each value: the truth."""
        for x, y in zip(xs, ys, strict=True):
            px, py = map(float, self._at(x, y))
            self.drawn.append(f'<path class="truth" d="M{px - 4:.1f} {py - 4:.1f}l8 8M{px - 4:.1f} {py + 4:.1f}l8 -8"/>')
        self._told(name, "truth cross")

    def bars(self, xs: Numbers, ys: Numbers, width: float, name: str = "") -> None:
        """A bar for each value, ``width`` wide in units of x."""
        for x, y in zip(xs, ys, strict=True):
            (left, top), (right, bottom) = self._at(x - width / 2, y), self._at(x + width / 2, self.y[0])
            self.drawn.append(f'<rect class="bar" x="{left}" y="{top}" width="{float(right) - float(left):.1f}" height="{float(bottom) - float(top):.1f}"/>')  # fmt: skip
        self._told(name, "bar")

    def svg(self) -> str:
        """The chart as a file."""
        out = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(self.title)}">',
            f"<style>{_STYLE}</style>",
            f'<text class="t" x="{_LEFT}" y="16">{escape(self.title)}</text>',
        ]
        for y in ticks(*self.y):
            px, py = self._at(self.x[0], y)
            out.append(f'<path class="g" d="M{px} {py}H{WIDTH - _RIGHT}"/><text x="{_LEFT - 6}" y="{float(py) + 4:.1f}" text-anchor="end">{y:g}</text>')  # fmt: skip
        for x, word in (self.labels or {t: f"{t:g}" for t in ticks(*self.x)}).items():
            px, _ = self._at(x, self.y[0])
            out.append(f'<text x="{px}" y="{HEIGHT - _BOTTOM + 16}" text-anchor="middle">{escape(word)}</text>')
        out.append(f'<path class="a" d="M{_LEFT} {HEIGHT - _BOTTOM}H{WIDTH - _RIGHT}"/>')
        out.append(f'<text x="{WIDTH - _RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{escape(self.x_label)}</text>')
        out += self.drawn
        at = _LEFT
        for name, kind in self.legend:
            out.append(_key(at, kind) + f'<text x="{at + 24}" y="34">{escape(name)}</text>')
            at += 40 + int(6.3 * len(name))
        return "\n".join([*out, "</svg>"]) + "\n"


def _key(at: int, kind: str) -> str:
    if kind.endswith(" dot"):
        return f'<circle class="{kind[:-4]}" cx="{at + 10}" cy="30" r="3"/>'
    if kind == "truth cross":
        return f'<path class="truth" d="M{at + 6} 26l8 8M{at + 6} 34l8 -8"/>'
    if kind in ("band", "band2", "bar"):
        return f'<rect class="{kind}" x="{at}" y="25" width="20" height="10"/>'
    return f'<path class="{kind}" d="M{at} 30h20"/>'


def ticks(low: float, high: float) -> list[float]:
    """Round numbers between two values, at most seven."""
    step = 10 ** floor(log10((high - low) / 4))
    while (high - low) / step > 7:
        step *= 2.5 if f"{step:e}"[0] == "2" else 2
    return [round(i * step, 10) for i in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
