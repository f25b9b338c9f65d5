#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compute what more cores do from one run of scripts/bench.sh, for app/guide/scaling.md.

    scaling.py JSON-FILE [PAGE]

Needs the parts `scale` and, for the cost of the ports, `ports` of that run. Prints the tables of
the guide: what was measured, and what is computed from it. With a page, puts each between its
marks there (<!-- turns -->, <!-- sides -->, <!-- computed -->, and <!-- end --> after each).
"""
import json
import re
import sys

from figures import Library, Ports, show, size

CORES = (1, 2, 8, 32)
FLOWS = 1 << 16


def cost(lib, workers, share):
    """Mean of the medians of both directions, and the clock; None when not measured."""
    rows = [lib.one("scale", workers=workers, share=share, side=side, sessions=FLOWS)
            for side in ("in2out", "out2in")]
    if not all(rows):
        return None
    return sum(r["cycles"][1] for r in rows) / 2, rows[0]["tsc_hz"]


def origin(run):
    m = run["machine"]
    return f"{m.get('machine', '')}; {m.get('date', '')}; {m.get('program', '')}"


def turns(run):
    lib = Library(run["library"])
    out = [f"Busy cycles a packet (TSC), min/median/max, by share handed over; {origin(run)}:", "",
           "| sessions | direction | workers | 0 % | 50 % | 100 % |", "|---|---|---|---|---|---|"]
    for r in lib.all("scale"):
        if r["share"]:
            continue
        cells = [lib.one("scale", workers=r["workers"], share=s, side=r["side"],
                         sessions=r["sessions"]) for s in (0, 50, 100)]
        out.append(f"| {size(r['sessions'])} | {r['side']} | {r['workers']} | "
                   + " | ".join(show(c["cycles"], 0) if c else "" for c in cells) + " |")
    return out


def sides(run):
    out = ["| two cores at once | sessions | cycles a packet | second to first |",
           "|---|---|---|---|"]
    for r in Library(run["library"]).all("sides"):
        out.append(f"| {r['what']} | {size(r['sessions'])} | {show(r['cycles'], 0)} | "
                   f"{show(r['ratio'], 2)} |")
    return out


def computed(run):
    lib, ports = Library(run["library"]), Ports(run["ports"])
    one, own, over = cost(lib, 1, 0), cost(lib, 2, 0), cost(lib, 2, 100)
    io = ports.pps("plain", FLOWS, "bidir", "io")
    if not one or not own or not over or not io:
        return ["(the parts scale and ports with 64K sessions were not run)"]
    hz, path, extra, port = one[1], one[0], over[0] - own[0], one[1] / io[1]
    out = [f"With a clock of {hz / 1e9:.2f} GHz, path {path:.0f}, ports {port:.0f}, hand-over "
           f"{extra:.0f} cycles a packet:", "",
           "| cores | the NIC steers | handed over | the NIC does not steer |", "|---|---|---|---|"]
    for n in CORES:
        share = (n - 1) / n
        out.append(f"| {n} | {n * hz / (path + port) / 1e6:.1f} Mpps | {100 * share:.0f} % | "
                   f"{n * hz / (path + port + share * extra) / 1e6:.1f} Mpps |")
    return out


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        run = json.load(f)
    tables = {"turns": turns(run), "sides": sides(run), "computed": computed(run)}
    if len(sys.argv) < 3:
        print("\n\n".join("\n".join(t) for t in tables.values()))
        return
    with open(sys.argv[2], encoding="utf-8") as f:
        page = f.read()
    for name, t in tables.items():
        text = "\n".join(t)
        page, n = re.subn(rf"(<!-- {name} -->\n).*?(\n<!-- end -->)",
                          lambda m, text=text: m[1] + text + m[2], page, flags=re.S)
        if n != 1:
            sys.exit(f"{sys.argv[2]}: no marks for {name}")
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        f.write(page)


main()
