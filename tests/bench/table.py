#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Turn the figures of one run of scripts/bench.sh into tables and one JSON file.

    table.py RUN-FOLDER JSON-FILE

Reads, where they exist, `machine` (text), `library` (JSON lines of libbench) and `ports`
(JSON lines of pktblast, label DEVICE/ROUND). Ends with 1 when a figure is worth nothing:
packets wrong, or checksums wrong, from a device that translates.
"""
import json
import os
import statistics
import sys

MODES = ("in2out", "out2in", "bidir")
DEVICES = ("sluice", "io", "csum", "5tswap")
SLICE = 0.12  # seconds of one of pktblast's slices with its warm-up


def lines(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def spread(values):
    """[min, median, max], or None."""
    v = sorted(values)
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


def table(title, head, rows):
    if not rows:
        return
    cells = [head] + rows
    width = [max(len(r[i]) for r in cells) for i in range(len(head))]
    print(title)
    for r in cells:
        print("  " + "  ".join(c.ljust(w) if i < 3 else c.rjust(w)
                               for i, (c, w) in enumerate(zip(r, width))).rstrip())
    print()


def library_tables(rows):
    out = []
    for r in rows:
        if r["bench"] == "library":
            out.append([r["proto"], size(r["sessions"]), r["side"], show(r.get("path")),
                        show(r.get("loop")), show(r.get("hash")), show(r.get("hash/2")),
                        show(r.get("loop:hash"), 2), show(r.get("loop:hash/2"), 2),
                        str(r["session_bytes"]) if r["sessions"] >= 1 << 20 else "-"])
    table("Library alone, TSC cycles per packet (min/median/max):",
          ["", "live", "", "path", "loop", "hash", "hash/2", "loop:hash", "loop:hash/2",
           "bytes/session"], out)
    out = [[r["proto"], size(r["sessions"]), r["bench"], show(r["cycles"], 0),
            show(r["per_second"], 2, 1e6)] for r in rows if r["bench"] != "library"]
    table("New sessions, library alone (min/median/max):",
          ["", "live", "", "cycles", "M/s"], out)


def rate(device, r):
    """Packets a second of one pktblast line, or None when no slice was near."""
    if not r["near"]:
        return None
    if device == "5tswap":  # comes back swapped, which pktblast counts as wrong: all that came
        return (r["sent"] - r["lost"]) / (r["near"] * SLICE)
    return r["in2out_pps"] + r["out2in_pps"]


def collect(rows):
    """{(flows, mode): {device: {round: line}}}"""
    got = {}
    for r in rows:
        device, turn = r["label"].rsplit("/", 1)
        got.setdefault((r["flows"], r["mode"]), {}).setdefault(device, {})[int(turn)] = r
    return got


def ratios(got, device):
    pairs = []
    for turn, r in got.get(device, {}).items():
        base = got.get("io", {}).get(turn)
        a, b = rate(device, r), rate("io", base) if base else None
        if a and b:
            pairs.append(a / b)
    return spread(pairs)


def ports_tables(rows):
    got = collect(rows)
    flows = sorted({f for f, _ in got})
    result, out, wrong = [], [], 0
    for f in flows:
        for mode in MODES:
            g = got.get((f, mode))
            if not g:
                continue
            cells = []
            for d in DEVICES:
                lines_ = list(g.get(d, {}).values())
                s = spread([x for x in (rate(d, r) for r in lines_) if x])
                # little back-pressure: the generator was the limit, not the device
                full = max((max(r["full_pct"]) for r in lines_), default=0)
                mark = "*" if s and full < 5 else ""
                bad = sum(r["bad"] + r["csum"] for r in lines_) if d != "5tswap" else 0
                if bad:
                    wrong += bad
                    mark += " WRONG"
                cells.append(show(s, 2, 1e6) + mark)
                result.append({"device": d, "flows": f, "mode": mode, "pps": s,
                               "of_io": ratios(g, d), "wrong": bad, "full_pct": full,
                               "near": sum(r["near"] for r in lines_),
                               "far": sum(r["far"] for r in lines_)})
            out.append([size(f), mode, ""] + cells + [show(ratios(g, "sluice"), 2)])
    table("Over memif, 64-byte UDP, one worker, Mpps (min/median/max; * the generator was the limit):",
          ["flows", "", "", *DEVICES, "sluice:io"], out)
    out = []
    for f in flows:
        opened = list(got.get((f, "cps"), {}).get("sluice", {}).values())
        if not opened or f < 1024:
            continue
        s = spread([r["cps"] for r in opened])
        answered = min(r["first"] / r["flows"] for r in opened)
        result.append({"device": "sluice", "flows": f, "mode": "open", "per_second": s,
                       "answered_at_once": answered})
        out.append([size(f), "open", "", show(s, 2, 1e6), f"{100 * answered:.1f} %"])
        wrong += sum(r["collisions"] for r in opened)
    table("New sessions over memif, from none to all (min/median/max):",
          ["flows", "", "", "M/s", "answered at once, least"], out)
    return result, wrong


def main():
    folder, path = sys.argv[1:]
    library, ports = lines(folder, "library"), lines(folder, "ports")
    with open(os.path.join(folder, "machine"), encoding="utf-8") as f:
        machine = dict(line.rstrip().split(None, 1) for line in f if line.strip())
    library_tables(library)
    result, wrong = ports_tables(ports)
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"machine": machine, "library": library, "ports": result,
                   "ports_raw": ports}, f, indent=1)
    print(f"figures in {path}")
    if wrong:
        print(f"{wrong} packets or sessions were translated wrongly: the figures are worth nothing")
    return 1 if wrong else 0


sys.exit(main())
