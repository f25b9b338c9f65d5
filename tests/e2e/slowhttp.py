#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""HTTP clients that nobody wants.

  slowhttp.py ADDRESS PORT N    N connections: a third says a byte of its request now and then, a
                                third says nothing, a third asks again and again and never reads
"""
import socket
import sys
import time

address, port, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
REQUEST = b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"a" * 4000


def connect():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    s.settimeout(3)
    s.connect((address, port))
    s.setblocking(False)
    return s


def say(s, what):
    try:
        s.send(what)
    except OSError:
        pass  # closed, as it should be, or full


clients = [connect() for _ in range(n)]
for turn in range(200):
    for i, s in enumerate(clients):
        if i % 3 == 0:
            say(s, REQUEST[turn : turn + 1])
        elif i % 3 == 1:
            say(s, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" if turn < 20 else b"")
    time.sleep(0.1)
