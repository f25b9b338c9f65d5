# SPDX-License-Identifier: BSD-3-Clause
"""Figures of one run of scripts/bench.sh: read, put in order, summed up.

A spread is [min, median, max] or None. Ports figures come by kind (plain, imix, ...), number
of flows, mode, device and round, because a ratio is taken between neighbours in time.
"""
import json
import os
import statistics

MODES = ("in2out", "out2in", "bidir")
SLICE = 0.12  # seconds of one of pktblast's slices with its warm-up


def lines(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def spread(values):
    v = sorted(x for x in values if x is not None)
    return [v[0], statistics.median(v), v[-1]] if v else None


def show(s, digits=1, unit=1.0):
    if s is None:
        return "-"
    return "/".join(f"{x / unit:.{digits}f}" for x in s)


def size(n):
    for unit, name in ((1 << 20, "M"), (1 << 10, "K")):
        if n >= unit and n % unit == 0:
            return f"{n // unit}{name}"
    return str(n)


def table(title, head, rows, left=3):
    """Print it; the first columns are words."""
    if not rows:
        return
    cells = [head] + rows
    width = [max(len(r[i]) for r in cells) for i in range(len(head))]
    print(title)
    for r in cells:
        print("  " + "  ".join(c.ljust(w) if i < left else c.rjust(w)
                               for i, (c, w) in enumerate(zip(r, width))).rstrip())
    print()


class Library:
    """Lines of libbench and scale."""

    def __init__(self, rows):
        self.rows = rows

    def all(self, bench):
        return [r for r in self.rows if r["bench"] == bench]

    def one(self, bench, **want):
        """The last line of that kind with these values, or None."""
        for r in reversed(self.all(bench)):
            if all(r.get(k) == v for k, v in want.items()):
                return r
        return None

    def nat64(self, sessions, side):
        """Cycles of a packet by NAT64 for each of NAT44, the least, that of the medians, the most."""
        four, six = (self.one("library", proto=p, sessions=sessions, side=side)
                     for p in ("udp", "udp6"))
        if four is None or six is None:
            return None
        (low4, mid4, high4), (low6, mid6, high6) = four["path"], six["path"]
        return [low6 / high4, mid6 / mid4, high6 / low4]


class Ports:
    """Lines of pktblast and mixblast, by kind, flows, mode and device."""

    def __init__(self, rows):
        self.rows = rows
        self.got = {}
        for r in rows:
            kind, device, turn = r["label"].split("/")
            key = (kind, r["flows"], r["mode"])
            self.got.setdefault(key, {}).setdefault(device, {})[int(turn)] = r

    def flows(self, kind):
        return sorted({f for k, f, m in self.got if k == kind and m in MODES})

    def devices(self, kind):
        return [d for d in dict.fromkeys(r["label"].split("/")[1] for r in self.rows
                                         if r["label"].startswith(kind + "/"))]

    def of(self, kind, flows, mode, device):
        return self.got.get((kind, flows, mode), {}).get(device, {})

    @staticmethod
    def rate(device, r):
        """Packets a second of one line, or None when no slice was near."""
        if not r["near"]:
            return None
        if device == "5tswap":  # comes back swapped, which counts as wrong: all that came
            return (r["sent"] - r["lost"]) / (r["near"] * SLICE)
        return r["in2out_pps"] + r["out2in_pps"]

    def pps(self, kind, flows, mode, device):
        return spread(self.rate(device, r) for r in self.of(kind, flows, mode, device).values())

    def ratio(self, kind, flows, mode, device, base="io"):
        """Device to baseline, round by round."""
        pairs = []
        for turn, r in self.of(kind, flows, mode, device).items():
            other = self.of(kind, flows, mode, base).get(turn)
            a, b = self.rate(device, r), self.rate(base, other) if other else None
            if a and b:
                pairs.append(a / b)
        return spread(pairs)

    def wrong(self):
        """Packets that came back wrong from a device that translates; 5tswap does not."""
        n = 0
        for r in self.rows:
            if "/5tswap/" not in r["label"]:
                n += r.get("bad", 0) + r.get("csum", 0) + r.get("collisions", 0)
        return n

    def latency(self, device):
        """{round: (median, 99th)} in microseconds, in to out."""
        out = {}
        for (kind, _, mode), g in self.got.items():
            if kind == "latency" and mode == "rate-in2out":
                for turn, r in g.get(device, {}).items():
                    if r["near"] and r["lat_us"][0][0] > 0:
                        out[turn] = (r["lat_us"][0][0], r["lat_us"][0][1])
        return out

    def added_latency(self):
        """Spreads of what sluice adds to io at the same rate: median, 99th."""
        ours, base = self.latency("sluice"), self.latency("io")
        turns = [t for t in ours if t in base]
        return [spread(ours[t][i] - base[t][i] for t in turns) for i in range(2)]
