#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""An end of a PPTP tunnel in the place of pppd, for kernels without PPP.

  pppend.py client NAME DIR BYTES COMMAND...   COMMAND speaks PPP on its standard input, as
                                               `pptp HOST --nolaunchpppd` does
  pppend.py ... file DIR/OPTIONS ...           as pptpd starts its ppp: on a terminal, with
                                               the option file's directory for DIR

Frames are those of RFC 1662: asynchronous, FF 03, a protocol, FCS-16. In them both ends send
BYTES random bytes to each other at the same time, repeat what is lost, and leave what they have
sent and got in DIR/NAME.client-sent, NAME.client-got, NAME.server-sent and NAME.server-got. Then
DIR/NAME.done appears, and the client goes on asking ten times a second; DIR/NAME.alive says
how many answers have come, until the tunnel is gone. The server speaks first (as pppd's client
does with `silent`), because before pptpd is ready for GRE its kernel would refuse it; if it is
not heard, the client does.
"""
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
import tty

PROTOCOL = b"\x00\x57"  # anything will do
CHUNK, WINDOW, AGAIN, SILENT = 900, 8, 0.5, 3
GREET, HELLO, DATA, ACK, ASK, ANSWER = b"GHDAQR"


def fcs16(data):
    fcs = 0xFFFF
    for byte in data:
        fcs ^= byte
        for _ in range(8):
            fcs = fcs >> 1 ^ (0x8408 if fcs & 1 else 0)
    return fcs ^ 0xFFFF


def frame(payload):
    data = b"\xff\x03" + PROTOCOL + payload
    data += struct.pack("<H", fcs16(data))
    out = bytearray(b"\x7e")
    for byte in data:
        if byte < 0x20 or byte in (0x7D, 0x7E):
            out += bytes((0x7D, byte ^ 0x20))
        else:
            out.append(byte)
    return bytes(out + b"\x7e")


def unframe(raw):
    """What is between two flags as a payload, or None."""
    data, i = bytearray(), 0
    while i < len(raw):
        if raw[i] == 0x7D and i + 1 < len(raw):
            i += 1
            data.append(raw[i] ^ 0x20)
        else:
            data.append(raw[i])
        i += 1
    if len(data) < 6 or fcs16(data[:-2]) != struct.unpack("<H", data[-2:])[0]:
        return None
    data = data[:-2]
    if data[:2] == b"\xff\x03":
        data = data[2:]
    return bytes(data[2:]) if data[:2] == PROTOCOL else None


class End:
    def __init__(self, fd, directory, role):
        self.fd, self.directory, self.role = fd, directory, role
        self.name, self.raw, self.got = None, b"", {}
        self.send, self.waiting, self.next = [], {}, 0
        self.greeted, self.began = False, time.monotonic()
        self.total, self.finished, self.answers, self.asked = None, False, 0, 0.0

    def path(self, kind):
        return os.path.join(self.directory, f"{self.name}.{kind}")

    def write(self, payload):
        data = frame(payload)
        while data:
            data = data[os.write(self.fd, data):]

    def begin(self, name, size):
        self.name = name
        sent = os.urandom(size)
        with open(self.path(f"{self.role}-sent"), "wb") as f:
            f.write(sent)
        self.send = [sent[i:i + CHUNK] for i in range(0, size, CHUNK)]

    def push(self):
        now = time.monotonic()
        while self.next < len(self.send) and len(self.waiting) < WINDOW:
            self.waiting[self.next] = 0
            self.next += 1
        for number, when in self.waiting.items():
            if now - when > AGAIN:
                self.waiting[number] = now
                self.write(struct.pack("!BII", DATA, number, len(self.send)) + self.send[number])

    def finish(self):
        if self.finished or self.total is None or len(self.got) < self.total:
            return
        if self.next < len(self.send) or self.waiting:
            return
        with open(self.path(f"{self.role}-got"), "wb") as f:
            f.write(b"".join(self.got[i] for i in range(self.total)))
        self.finished = True
        if self.role == "client":
            open(self.path("done"), "w").close()

    def take(self, payload):
        kind = payload[0]
        if kind == GREET:
            self.greeted = True
        elif kind == HELLO and self.name is None:
            size, name = payload[1:].decode().split(" ")
            self.begin(name, int(size))
        elif kind == DATA:
            number, self.total = struct.unpack("!II", payload[1:9])
            self.got[number] = payload[9:]
            self.write(struct.pack("!BI", ACK, number))
        elif kind == ACK:
            self.waiting.pop(struct.unpack("!I", payload[1:5])[0], None)
        elif kind == ASK:
            self.write(bytes((ANSWER,)))
        elif kind == ANSWER:
            self.answers += 1
            with open(self.path("alive.new"), "w") as f:
                f.write(f"{self.answers}\n")
            os.rename(self.path("alive.new"), self.path("alive"))

    def read(self):
        data = os.read(self.fd, 65536)
        if not data:
            return False
        *frames, self.raw = (self.raw + data).split(b"\x7e")
        for raw in frames:
            payload = unframe(raw) if raw else None
            if payload:
                self.take(payload)
        return True

    def greet(self):
        """The part that goes by time of whoever does not know the other end yet."""
        known = self.greeted if self.role == "client" else self.name is not None
        if not known and time.monotonic() - self.asked > AGAIN:
            self.asked = time.monotonic()
            self.write(bytes((GREET,)))

    def ask(self, size):
        """The client's, when it does."""
        now = time.monotonic()
        if now - self.asked < (0.1 if self.finished else AGAIN):
            return
        self.asked = now
        if self.finished:
            self.write(bytes((ASK,)))
        elif not self.got:
            self.write(bytes((HELLO,)) + f"{size} {self.name}".encode())

    def run(self, size=None):
        while True:
            ready, _, _ = select.select([self.fd], [], [], 0.05)
            if ready and not self.read():
                return
            if size is None or time.monotonic() - self.began > SILENT:
                self.greet()
            if size is not None and self.greeted:
                self.ask(size)
            if self.name is not None and (size is None or self.greeted):
                self.push()
                self.finish()


def client(name, directory, size, command):
    ours, theirs = socket.socketpair()
    child = subprocess.Popen(command, stdin=theirs, stdout=theirs)
    theirs.close()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    end = End(ours.fileno(), directory, "client")
    end.begin(name, size)
    try:
        end.run(size)
    finally:
        child.terminate()
        try:
            child.wait(2)
        except subprocess.TimeoutExpired:  # pptp logs in its signal handler, and may wait for itself
            child.kill()
            child.wait()


def main():
    try:
        if sys.argv[1] == "client":
            client(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:])
        else:
            if os.isatty(0):
                tty.setraw(0)
            options = sys.argv[sys.argv.index("file") + 1]
            End(0, os.path.dirname(options), "server").run()
    except OSError:
        pass  # the other end is gone


main()
