#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Turn the figures of one run of scripts/bench.sh into tables and one JSON file.

    table.py RUN-FOLDER JSON-FILE

Reads, where they exist, `machine` (text), `library` (JSON lines of libbench and scale) and
`ports` (JSON lines of pktblast and mixblast, label KIND/DEVICE/ROUND). Ends with 1 when a
figure is worth nothing: packets or checksums wrong, from a device that translates.
"""
import json
import os
import sys

import goals
from figures import MODES, Library, Ports, lines, show, size, spread, table

FRAMES = {"imix": "IMIX 7:4:1", "1400": "1400-byte UDP", "tcp": "TCP", "fragment": "fragments"}


def library_tables(lib):
    cols = ["path", "loop", "hash", "hash/2"], ["path:hash", "path:hash/2", "loop:hash/2"]
    table("Library alone, TSC cycles per packet (min/median/max):",
          ["", "live", "", *cols[0], *cols[1]],
          [[r["proto"], size(r["sessions"]), r["side"],
            *(show(r.get(c)) for c in cols[0]), *(show(r.get(c), 2) for c in cols[1])]
           for r in lib.all("library")])
    rows = [[size(r["sessions"]), r["side"], "", show(lib.nat64(r["sessions"], r["side"]), 2)]
            for r in lib.all("library") if r["proto"] == "udp6"]
    table("NAT64 (udp6), cycles for each of NAT44 (least/of the medians/most):",
          ["live", "", "", "udp6:udp"], rows)
    table("New sessions, library alone; churn: as many end (min/median/max):",
          ["", "live", "", "cycles", "M/s"],
          [[r["proto"], size(r["sessions"]), r["bench"], show(r["cycles"], 0),
            show(r["per_second"], 2, 1e6)] for r in lib.rows if r["bench"] in ("open", "churn")])
    table("Longest calls while sessions end, microseconds:",
          ["live", "ended", "", "receive", "poll", "99.99 %", "disturbed", "machine's own"],
          [[size(r["sessions"]), f"{r['ended']:.0f}", "", f"{r['receive']:.1f}",
            f"{r['poll']:.1f}", f"{r['poll_99.99']:.1f}", show(r["poll_disturbed"], 0),
            show(r["machine"], 0)] for r in lib.all("age")])


def memory_tables(lib):
    for r in lib.all("memory"):
        n = r["sessions"]
        rows = [[name, f"{b / 1e6:.1f}", f"{b / n:.2f}"] for name, b in r["tables"]]
        rows.append(["all", f"{r['bytes'] / 1e6:.1f}", f"{r['bytes'] / n:.2f}"])
        table(f"Memory of the library for {size(n)} sessions, by who asks for it:",
              ["", "MB", "bytes a session"], rows, left=1)
    table("Memory of the process, idle and with all sessions live:",
          ["sessions", "idle MB", "full MB", "bytes a session"],
          [[size(r["sessions"]), f"{r['idle'] / 1e6:.0f}", f"{r['full'] / 1e6:.0f}",
            f"{(r['full'] - r['idle']) / r['sessions']:.1f}"] for r in lib.all("process")], left=1)


def scale_tables(lib):
    rows, seen = [], dict.fromkeys((r["sessions"], r["side"]) for r in lib.all("scale"))
    for sessions, side in seen:
        for workers in (1, 2, 3):
            cells = [lib.one("scale", workers=workers, share=s, side=side, sessions=sessions)
                     for s in (0, 50, 100)]
            if any(cells):
                rows.append([size(sessions), side, str(workers),
                             *(show(c["cycles"]) if c else "-" for c in cells)])
    table("Busy cycles per packet by workers, in turn on one core, and share handed over:",
          ["sessions", "", "workers", "0 %", "50 %", "100 %"], rows)
    table("Two busy cores, cycles per packet of one:",
          ["sessions", "", "cycles", "ratio of the pair"],
          [[size(r["sessions"]), r["what"], show(r["cycles"]), show(r["ratio"], 2)]
           for r in lib.all("sides")], left=2)


def ports_tables(ports):
    devices = ports.devices("plain")
    rows = []
    for f in ports.flows("plain"):
        for mode in MODES:
            cells = []
            for d in devices:
                of = ports.of("plain", f, mode, d).values()
                # little back-pressure: the generator was the limit, not the device
                full = max((max(r["full_pct"]) for r in of), default=0)
                s = ports.pps("plain", f, mode, d)
                cells.append(show(s, 2, 1e6) + ("*" if s and full < 5 else ""))
            rows.append([size(f), mode, "", *cells,
                         show(ports.ratio("plain", f, mode, "sluice"), 2)])
    table("Over memif, 64-byte UDP, one worker, Mpps (min/median/max; * the generator was the limit):",
          ["flows", "", "", *devices, "sluice:io"], rows)
    rows = []
    for kind, name in FRAMES.items():
        for f in ports.flows(kind):
            for mode in MODES:
                rows.append([name, size(f), mode, *(show(ports.pps(kind, f, mode, d), 2, 1e6)
                                                    for d in ("sluice", "io")),
                             show(ports.ratio(kind, f, mode, "sluice"), 2)])
    table("Over memif, other frames, Mpps (min/median/max):",
          ["", "flows", "", "sluice", "io", "sluice:io"], rows)


def open_table(ports):
    rows = []
    for (kind, f, mode), g in sorted(ports.got.items()):
        of = list(g.get("sluice", {}).values())
        if kind == "plain" and mode == "cps" and of and f >= 1024:
            answered = min(r["first"] / r["flows"] for r in of)
            rows.append([size(f), show(spread(r["cps"] for r in of), 2, 1e6),
                         f"{100 * answered:.1f} %"])
    table("New sessions over memif, from none to all (min/median/max):",
          ["flows", "M/s", "answered at once, least"], rows, left=1)


def other_tables(ports):
    rows = []
    for (kind, f, mode), g in ports.got.items():
        of = [r for r in g.get("sluice", {}).values() if "ratio" in r]
        if kind == "fresh" and of:
            rows.append([size(f), mode, show(ports.pps(kind, f, mode, "sluice"), 2, 1e6),
                         show(spread(r["fresh_per_second"][1] for r in of), 0),
                         show(spread(r["ratio"][1] for r in of), 2)])
    table("Established traffic while new sessions are made, over memif:",
          ["flows", "", "Mpps without", "new a second", "of it with them"], rows, left=2)
    rows = []
    for d in ("io", "sluice"):
        got = list(ports.latency(d).values())
        if got:
            rows.append([d, show(spread(v[0] for v in got)), show(spread(v[1] for v in got))])
    added = ports.added_latency()
    if all(added):
        rows.append(["added", show(added[0]), show(added[1])])
    table("Latency at half of sluice's no-drop rate, over memif, microseconds (min/median/max):",
          ["", "median", "99 %"], rows, left=1)
    devices = ports.devices("veth")
    rows = [[size(f), mode, *(show(ports.pps("veth", f, mode, d), 3, 1e6) for d in devices)]
            for f in ports.flows("veth") for mode in MODES]
    table("Over veth pairs, 64-byte UDP, Mpps (min/median/max):",
          ["flows", "", *devices], rows, left=2)


def main():
    folder, path = sys.argv[1:]
    lib, ports = Library(lines(folder, "library")), Ports(lines(folder, "ports"))
    with open(os.path.join(folder, "machine"), encoding="utf-8") as f:
        machine = dict(line.rstrip().split(None, 1) for line in f if line.strip())
    library_tables(lib)
    memory_tables(lib)
    scale_tables(lib)
    ports_tables(ports)
    open_table(ports)
    other_tables(ports)
    held = goals.hold(lib, ports)
    goals.print_table(held)
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"machine": machine, "goals": held, "library": lib.rows, "ports": ports.rows},
                  f, indent=1)
    print(f"figures in {path}")
    wrong = ports.wrong()
    if wrong:
        print(f"{wrong} packets or sessions were translated wrongly: the figures are worth nothing")
    return 1 if wrong else 0


sys.exit(main())
