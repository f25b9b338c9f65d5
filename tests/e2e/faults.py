#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Start sluice again and again, each time with another allocation failing.

  faults.py PROGRAM CTL NETNS CONFIG DIRECTORY FIRST STEP [+]

The Nth call fails, N = FIRST, FIRST + STEP, ... until a start meets no fault any more; with +
the Nth and all that follow. Each start must end with status 1 and say why, or run all the same
and end with status 0 when told to, and say what it lacks, unless nothing (HARMLESS). Two go on at once, in NETNS-0 and NETNS-1. Prints a line for
each that was wrong, and "N starts, N refused, N ran, N wrong" at the end.
"""
import os
import re
import signal
import subprocess
import sys
import threading
import time

PROGRAM, CTL, NETNS, CONFIG, DIRECTORY = sys.argv[1:6]
FIRST, STEP = int(sys.argv[6]), int(sys.argv[7])
ALL = sys.argv[8] if len(sys.argv) > 8 else ""
# What may fail without a word, where, since it is tried again or has a substitute.
HARMLESS = {
    "room_needed",  # the usual room of an mbuf
    "place_pools",  # tried again on any NUMA node
    "rib_create",  # a hash without a random seed, of the operator's routes
    "netns_leave",  # tried again
    "netlink_create",  # the kernel's refusals in numbers, not words
    "enter",  # of routes: counted as refused, tried again each second
    "open_socket",  # of a log: "show log" has it, tried again each second
    "ctl_create",  # the descriptor in reserve
    "connect_local",  # a syslogd that is not there
    "is_up",  # the link counts as it did until the next second
    "give", "make_room", "send_message",  # one sluicectl goes without an answer
}
# The same further down: one sluicectl without an answer, and a last word of UPnP unsaid.
HARMLESS_BELOW = {"accept_client", "client_ready", "leased_leave"}
LIMIT = 40 # seconds for one start
# A line of the log that is not said at each start.
NEWS = re.compile(r"sluice: (?!.* is port \d|control on lcore|.*link is (up|down)|.* (RX|TX) queues for)")
SANITIZER = re.compile(r"(Address|Leak)Sanitizer|runtime error:|asks for memory")

lock = threading.Lock()
turn = FIRST
last = None
figures = {"starts": 0, "refused": 0, "ran": 0, "wrong": 0}


def lines(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()


def answers(sock):
    return subprocess.run([CTL, "-s", sock, "show", "version"], capture_output=True).returncode == 0


def start(slot, n):
    prefix = f"{NETNS}-{slot}"
    own = f"{DIRECTORY}/{slot}"
    with open(CONFIG) as f, open(f"{own}.conf", "w") as g:
        g.write(f.read().replace("@", own))
    command = ["nsenter", f"--net=/run/netns/{prefix}", PROGRAM, "--lcores", os.environ["LCORES"],
               "--no-huge", "-m", "192", "--no-pci", "--file-prefix", prefix,
               "--vdev", "net_null0,no-rx=1", "--vdev", "net_null1,no-rx=1", "--",
               "--socket", f"{own}.sock", "--tap-prefix", prefix[-11:], "--max-sessions", "1024",
               "--max-subscribers", "64", "--mbufs", "2048", "--rxd", "64", "--txd", "64", f"{own}.conf"]
    env = dict(os.environ, SLUICE_FAULT=f"{n}{ALL}", SLUICE_FAULT_TRACE="1")
    with open(f"{own}.log", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=env)
    end = time.monotonic() + LIMIT
    ran = False
    while process.poll() is None and time.monotonic() < end:
        if not ran and answers(f"{own}.sock"):
            ran = True
            process.send_signal(signal.SIGTERM)
        time.sleep(0.02)
    if process.poll() is None:
        process.kill()
    return process.wait(), ran


def judge(slot, n, status, ran):
    """What is wrong, or None; and was there a fault?"""
    prefix = f"{NETNS}-{slot}"
    with open(f"{DIRECTORY}/{slot}.log") as f:
        text = f.read()
    fault = re.search(r"^fault \d+: (\S+)", text, re.M)
    frames = re.findall(r"#\d+ \S+ in (?!__|is_due)(\S+)", text[fault.end():]) if fault else []
    where = frames[0] if frames else "?"
    harmless = ran and (where in HARMLESS or not HARMLESS_BELOW.isdisjoint(frames))
    said = [l for l in text.splitlines() if re.match(NEWS, l)]
    why = None
    if SANITIZER.search(text):
        why = "a sanitizer's report, or a worker that wants memory"
    elif status != (0 if ran else 1):
        why = f"status {status}" + (" after it ran" if ran else "")
    elif fault and not said and not harmless:
        why = "not a word about it"
    elif [l for l in lines("ip", "-n", prefix, "-br", "link") if not l.startswith("lo")]:
        why = "interfaces are left"
    elif [l for l in os.listdir("/run/netns") if l.startswith(prefix[-11:] + "-")]:
        why = "a namespace is left"
    elif os.path.exists(f"{DIRECTORY}/{slot}.sock"):
        why = "its socket is left"
    return why, fault, where, said, text


def tell(n, ran, why, fault, where, said, text):
    global last
    with lock:
        if fault is None:
            last = n if last is None else min(last, n)
            if why is None:
                return
        figures["starts"] += 1
        figures["wrong" if why else "ran" if ran else "refused"] += 1
        name = fault.group(1) if fault else "none"
        if why:
            print(f"wrong: fault {n}, {name} in {where}: {why}")
            print("\n".join("    " + l for l in text.splitlines()[-60:]))
        elif os.environ.get("VERBOSE"):
            print(f"{n}: {name} in {where}: {'runs' if ran else 'refused'}: {' | '.join(said)}")
        sys.stdout.flush()


def work(slot):
    global turn
    while True:
        with lock:
            n = turn
            turn += STEP
            if last is not None and n >= last:
                return
        status, ran = start(slot, n)
        if status == 3: # its end took too long, on a machine that is too busy
            status, ran = start(slot, n)
        tell(n, ran, *judge(slot, n, status, ran))


threads = [threading.Thread(target=work, args=(slot,)) for slot in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(f"{figures['starts']} starts, {figures['refused']} refused, {figures['ran']} ran, "
      f"{figures['wrong']} wrong; the last fault is before {last}")
sys.exit(figures["wrong"] != 0)
