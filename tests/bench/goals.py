# SPDX-License-Identifier: BSD-3-Clause
"""What is to be reached on one worker core, held against the figures of one run.

Each goal names a figure, its bound and which side of the bound is good. The median counts.
"""
from figures import show, table

SIZES = {"1": 1, "64K": 1 << 16, "1M": 1 << 20, "10M": 10 << 20}
PATH = {"1": 80, "64K": 110, "1M": 190, "10M": 230}
OF_HASH = {"64K": 3.5, "1M": 2.1, "10M": 2.1}
OF_IO = {"64K": 0.65, "1M": 0.58}
TIMED = 1.02
NAT64 = {"64K": 1.6, "1M": 1.6}
OPEN = {"64K": 1.5, "1M": 1.0, "10M": 0.7}


def path_goals(lib):
    for name, bound in PATH.items():
        for side in ("in2out", "out2in"):
            r = lib.one("library", proto="udp", sessions=SIZES[name], side=side)
            yield f"library, {name} sessions, {side}", "cycles a packet", r and r["path"], bound, "most"
    for name, bound in OF_HASH.items():
        for side in ("in2out", "out2in"):
            r = lib.one("library", proto="udp", sessions=SIZES[name], side=side)
            yield (f"the same, {name}, {side}", "of rte_hash_lookup_bulk_data",
                   r and r.get("path:hash/2"), bound, "most")


def timed_goals(lib):
    for side in ("in2out", "out2in"):
        r = lib.one("library", proto="udp", sessions=SIZES["64K"], side=side)
        yield f"`performance on`, 64K, {side}", "of off", r and r.get("timed:path"), TIMED, "most"


def nat64_goals(lib):
    for name, bound in NAT64.items():
        for side in ("in2out", "out2in"):
            yield (f"NAT64, {name} sessions, {side}", "of NAT44",
                   lib.nat64(SIZES[name], side), bound, "most")


def port_goals(ports):
    for name, bound in OF_IO.items():
        for mode in ("in2out", "out2in", "bidir"):
            yield (f"over memif, {name} flows, {mode}", "of testpmd io",
                   ports.ratio("plain", SIZES[name], mode, "sluice"), bound, "least")


def session_goals(lib, ports):
    for name, bound in OPEN.items():
        r = lib.one("churn", proto="udp", sessions=SIZES[name])
        s = r and [x / 1e6 for x in r["per_second"]]
        yield f"new sessions, {name} live, ageing", "M a second", s, bound, "least"
    for mode in ("in2out", "bidir"):
        s = None
        for (kind, _, m), g in ports.got.items():
            if kind == "fresh" and m == mode:
                got = sorted(r["ratio"][1] for r in g.get("sluice", {}).values() if "ratio" in r)
                s = [got[0], got[len(got) // 2], got[-1]] if got else None
        yield f"established, 200,000 new a second, {mode}", "of without", s, 0.8, "least"
    median, p99 = ports.added_latency()
    yield "latency added at half the no-drop rate", "us, median", median, 5, "most"
    yield "the same", "us, 99 %", p99, 30, "most"


def other_goals(lib):
    r = lib.one("process", sessions=SIZES["10M"])
    s = r and [(r["full"] - r["idle"]) / r["sessions"]] * 3
    yield "memory per session at 10M, the process", "bytes", s, 256, "most"
    for side in ("in2out", "out2in"):
        r = lib.one("scale", workers=2, share=100, side=side, sessions=SIZES["64K"])
        yield (f"hand-off between workers, {side}", "extra cycles a packet", r and r["extra"], 50,
               "most")
    r = lib.one("age", sessions=SIZES["10M"])
    s = r and [max(r["poll"], r["receive"])] * 3
    yield "ageing at 10M sessions holds a burst", "us", s, 20, "most"


def hold(lib, ports):
    """[{what, unit, figure, bound, side, reached}]; figure and reached are None when not measured."""
    out = []
    for what, unit, s, bound, side in [*path_goals(lib), *timed_goals(lib), *nat64_goals(lib), *port_goals(ports),
                                       *session_goals(lib, ports), *other_goals(lib)]:
        reached = None if s is None else (s[1] <= bound if side == "most" else s[1] >= bound)
        out.append({"what": what, "unit": unit, "figure": s, "bound": bound, "side": side,
                    "reached": reached})
    return out


def digits(bound):
    return 2 if bound < 5 else 1


def print_table(goals):
    word = {None: "not measured", True: "reached", False: "NOT REACHED"}
    table("What is to be reached, and what was (min/median/max; the median counts):",
          ["", "", "", "to reach", "measured"],
          [[g["what"], g["unit"], word[g["reached"]],
            f"{'<=' if g['side'] == 'most' else '>='} {g['bound']:g}",
            show(g["figure"], digits(g["bound"]))] for g in goals])
