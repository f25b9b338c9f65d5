#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Flows that go on and on, and miss nothing.

  steady.py ADDRESS PORT N_UDP N_TCP [PORT_FIRST]

N_UDP sockets and N_TCP connections to an echo server (peer.py echo). Each has one message on its
way and sends the next when that is back; a datagram that is not back after PATIENCE seconds is
lost (a busy machine's processors may stand still for some, and a late answer is no lost one).
Prints "up" when all have had an answer. Until standard input ends; then, when the last answers
are in, "sent N lost N moved N broken N slowest N ms": moved are answers from another
outside endpoint than before, broken are TCP connections that ended or gave back something else.
"""
import os
import selectors
import socket
import sys
import time

PATIENCE = float(os.environ.get("PATIENCE", 20))
PAUSE = 0.002 # seconds between two messages of a flow

figures = {"sent": 0, "lost": 0, "moved": 0, "broken": 0}
slowest = 0.0


class Flow:
    def __init__(self, kind, source):
        self.udp = kind == socket.SOCK_DGRAM
        self.s = socket.socket(socket.AF_INET, kind)
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if source:
            self.s.bind(("0.0.0.0", source))
        self.s.settimeout(10)
        self.s.connect((sys.argv[1], int(sys.argv[2])))
        if not self.udp:
            self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.as_seen = self.s.makefile("rb").readline()
        else:
            self.as_seen = None
        self.s.setblocking(False)
        self.n = 0
        self.waits = False
        self.answered = False
        self.over = False
        self.due = 0.0
        self.got = b""

    def say(self, now):
        self.n += 1
        self.text = b"%08d" % self.n
        self.at = now
        self.waits = True
        figures["sent"] += 1
        try:
            self.s.send(self.text)
        except OSError:
            self.fails()

    def fails(self):
        if self.udp:
            return # an ICMP error; what was sent is lost, or late
        figures["broken"] += 1
        self.waits = False
        self.over = True

    def hear(self, now):
        global slowest
        try:
            data = self.s.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.fails()
            return
        if self.udp:
            as_seen, data = data.split(b"\n", 1)
            if self.as_seen not in (None, as_seen):
                figures["moved"] += 1
            self.as_seen = as_seen
        else:
            self.got += data
            if len(self.got) < len(self.text):
                return
            data, self.got = self.got, b""
        if data != self.text:
            if not self.udp: # a late datagram was counted as lost
                self.fails()
            return
        slowest = max(slowest, now - self.at)
        self.waits = False
        self.answered = True
        self.due = now + PAUSE

    def look(self, now, sending):
        if self.over:
            return
        if self.waits and self.udp and now - self.at > PATIENCE:
            figures["lost"] += 1
            self.waits = False
        if not self.waits and sending and now >= self.due:
            self.say(now)


def main():
    n_udp, n_tcp = int(sys.argv[3]), int(sys.argv[4])
    first = int(sys.argv[5]) if len(sys.argv) > 5 else 0
    flows = [Flow(socket.SOCK_DGRAM if i < n_udp else socket.SOCK_STREAM, first and first + i)
             for i in range(n_udp + n_tcp)]
    selector = selectors.DefaultSelector()
    for flow in flows:
        selector.register(flow.s, selectors.EVENT_READ, flow)
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    sending, up, end = True, False, None
    while sending or (any(f.waits for f in flows) and time.monotonic() < end):
        for key, _ in selector.select(PAUSE):
            if key.data is not None:
                key.data.hear(time.monotonic())
                if key.data.over:
                    selector.unregister(key.data.s)
            elif not sys.stdin.buffer.read1(4096):
                selector.unregister(sys.stdin)
                sending, end = False, time.monotonic() + PATIENCE + 2
        now = time.monotonic()
        for flow in flows:
            flow.look(now, sending)
        if not up and all(f.answered for f in flows):
            up = True
            print("up", flush=True)
    figures["broken"] += sum(f.waits for f in flows)
    print(" ".join(f"{name} {n}" for name, n in figures.items()), f"slowest {slowest * 1000:.0f} ms")


main()
