#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draw the figures of scripts/bench.sh as SVG, with nothing but Python's own library.

    plot.py JSON-FILE FOLDER

Writes mpps.svg (over memif, by number of flows, beside the baselines) and cycles.svg (the
library alone, beside the hash table), where there are figures for them. Dots are medians,
bars go from the least to the most, as far as the panel does.
"""
import json
import math
import os
import sys
from xml.sax.saxutils import escape

from figures import MODES, Library, Ports, size

COLOURS = {"sluice": "#0b62a8", "io": "#888888", "csum": "#c2a25a", "5tswap": "#7fae8c",
           "UDP": "#0b62a8", "TCP": "#8a2f6b", "NAT64, UDP": "#2f7d4f",
           "rte_hash lookup alone": "#888888"}
HEIGHT = 220  # of one panel's plot area
LEFT, TOP, GAP, BOTTOM = 56, 44, 40, 58


def nice(top):
    """A round step for about five lines up to top."""
    raw = top / 5
    unit = 10 ** math.floor(math.log10(raw))
    return next(unit * m for m in (1, 2, 5, 10) if unit * m >= raw)


class Panel:
    """One set of axes: x is the number of sessions, logarithmic, y from zero."""

    def __init__(self, title, series, left, width, x_all, top):
        self.left, self.width, self.top = left, width, top
        self.lo, self.hi = math.log2(min(x_all)), math.log2(max(x_all))
        self.x_all = sorted(x_all)
        self.out = []
        self.text(left + width / 2, TOP - 10, title, "middle", 13)
        self.axes()
        for name, points in series.items():
            self.line(COLOURS.get(name, "#333333"), points)

    def x(self, n):
        span = self.hi - self.lo
        return self.left + 16 + (self.width - 32) * ((math.log2(n) - self.lo) / span if span else 0.5)

    def y(self, v):
        return TOP + HEIGHT * (1 - v / self.top)

    def text(self, x, y, s, anchor="middle", points=11):
        self.out.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
                        f'font-size="{points}">{escape(s)}</text>')

    def stroke(self, x1, y1, x2, y2, colour, width=1.0):
        self.out.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                        f'stroke="{colour}" stroke-width="{width}"/>')

    def axes(self):
        step, v = nice(self.top), 0.0
        while v <= self.top * 1.001:
            self.stroke(self.left, self.y(v), self.left + self.width, self.y(v), "#dddddd")
            self.text(self.left - 6, self.y(v) + 4, f"{v:g}", "end")
            v += step
        for n in self.x_all:
            self.text(self.x(n), TOP + HEIGHT + 16, size(n))
        self.text(self.left + self.width / 2, TOP + HEIGHT + 32, "sessions")

    def line(self, colour, points):
        at = [(self.x(n), self.y(s[1])) for n, s in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        self.out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" '
                        'stroke-width="2"/>')
        for n, s in points:
            most = min(s[2], self.top)
            self.stroke(self.x(n), self.y(s[0]), self.x(n), self.y(most), colour, 1.2)
            self.out.append(f'<circle cx="{self.x(n):.1f}" cy="{self.y(s[1]):.1f}" r="3" '
                            f'fill="{colour}"/>')


def draw(path, unit, panels, note):
    """panels: [(title, {series: [(sessions, spread)]})]"""
    panels = [(t, {n: p for n, p in s.items() if p}) for t, s in panels]
    panels = [(t, s) for t, s in panels if s]
    if not panels:
        return
    points = [p for _, s in panels for v in s.values() for p in v]
    x_all = {n for n, _ in points}
    # One that the machine has disturbed must not press all others against the axis.
    top = min(max(s[2] for _, s in points), 1.3 * max(s[1] for _, s in points))
    step = nice(top)
    top = math.ceil(top / step) * step
    body, left = [], LEFT
    panel = 300 if len(panels) > 1 else 620
    for title, series in panels:
        body += Panel(title, series, left, panel, x_all, top).out
        left += panel + GAP
    width, height = left - GAP + 20, TOP + HEIGHT + BOTTOM + 20
    names, x = list(dict.fromkeys(n for _, s in panels for n in s)), LEFT
    for n in names:
        body.append(f'<rect x="{x}" y="{height - 36}" width="12" height="4" '
                    f'fill="{COLOURS.get(n, "#333333")}"/>')
        body.append(f'<text x="{x + 16}" y="{height - 30}" font-size="11">{escape(n)}</text>')
        x += 30 + 6.4 * len(n)
    body.append(f'<text x="{LEFT}" y="{height - 10}" font-size="10" fill="#666666">'
                f'{escape(note)}</text>')
    body.append(f'<text x="14" y="{TOP + HEIGHT / 2}" font-size="11" text-anchor="middle" '
                f'transform="rotate(-90 14 {TOP + HEIGHT / 2})">{escape(unit)}</text>')
    with open(path, "w", encoding="utf-8") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
                f'viewBox="0 0 {width:.0f} {height}" font-family="sans-serif" fill="#222222">\n'
                f'<rect width="100%" height="100%" fill="#ffffff"/>\n')
        f.write("\n".join(body) + "\n</svg>\n")
    print(f"plot in {path}")


def mpps(ports, path, note):
    panels = []
    for mode, title in zip(MODES, ("in to out", "out to in", "both at once")):
        series = {}
        for d in ports.devices("plain"):
            got = [(f, ports.pps("plain", f, mode, d)) for f in ports.flows("plain")]
            series[d] = [(f, [v / 1e6 for v in s]) for f, s in got if s]
        panels.append((title, series))
    draw(path, "Mpps, 64-byte UDP over memif", panels, note)


def cycles(lib, path, note):
    panels = []
    for side, title in (("in2out", "in to out"), ("out2in", "out to in")):
        rows = [r for r in lib.all("library") if r["side"] == side]
        series = {name: [(r["sessions"], r["path"]) for r in rows if r["proto"] == proto]
                  for proto, name in (("udp", "UDP"), ("tcp", "TCP"), ("udp6", "NAT64, UDP"))}
        series["rte_hash lookup alone"] = [(r["sessions"], r["hash/2"]) for r in rows
                                           if r["proto"] == "udp" and "hash/2" in r]
        panels.append((f"the library alone, one core, {title}", series))
    draw(path, "TSC cycles a packet", panels, note)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        run = json.load(f)
    m = run["machine"]
    note = f"{m.get('machine', '')}; {m.get('date', '')}; {m.get('program', '')}"
    mpps(Ports(run["ports"]), os.path.join(sys.argv[2], "mpps.svg"), note)
    cycles(Library(run["library"]), os.path.join(sys.argv[2], "cycles.svg"), note)


main()
