#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""An FTP control connection in the hands of a test.

  ftpline.py ADDRESS PORT LINE...       wait for the greeting, say one LINE after the other,
                                        each after the answer to the one before, print all
                                        answers, then say "ready" and stay until stdin ends
"""
import socket
import sys


def answer(stream):
    """A reply, all of its lines; the last one has no dash behind its code."""
    while True:
        line = stream.readline().decode("latin-1").rstrip("\r\n")
        print(line, flush=True)
        if not line or (line[:3].isdigit() and line[3:4] != "-"):
            return


def main():
    sock = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=20)
    stream = sock.makefile("rb")
    answer(stream)
    for line in sys.argv[3:]:
        sock.sendall(line.encode("latin-1") + b"\r\n")
        answer(stream)
    print("ready", flush=True)
    sys.stdin.read()


main()
