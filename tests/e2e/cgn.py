#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Clients and servers for cgn_test.sh.

  cgn.py ports N ADDRESS:PORT...        UDP: N sockets ask each echo server (each socket one of
                                        them, in turn), all open at once; prints the outside
                                        endpoint of those that were answered
  cgn.py both SOURCE_PORT ADDRESS:PORT ADDRESS:PORT
                                        UDP: one socket asks two echo servers; prints the
                                        outside endpoint that each of them saw
  cgn.py digest-udp ADDRESS PORT SIZE N N datagrams of SIZE random bytes to an echo server and
                                        back; all have to come back with the same SHA-256
  cgn.py raw-echo PROTOCOL              raw IP: send back "ADDRESS " of the peer and its payload
  cgn.py raw-ask PROTOCOL ADDRESS TEXT  raw IP: send a plausible packet with TEXT in it, print
                                        the answer; PROTOCOL: gre, esp, sctp, udplite
  cgn.py meet udp|tcp ADDRESS PORT SOURCE_PORT
                                        learn one's outside endpoint from an echo server, print
                                        it, then be an echo server there until killed
"""
import hashlib
import os
import socket
import struct
import sys
import time

TIMEOUT = 10
PROTOCOLS = {"gre": 47, "esp": 50, "sctp": 132, "udplite": 136}


def endpoint(text):
    address, port = text.rsplit(":", 1)
    return address, int(port)


def udp_socket(port=0):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("0.0.0.0", int(port)))
    s.settimeout(TIMEOUT)
    return s


# ---- what ports one gets ----

def ports(n, *servers):
    waiting = []
    for i in range(int(n)):
        s = udp_socket()
        s.connect(endpoint(servers[i % len(servers)]))
        s.send(b"x")
        waiting.append(s)
        time.sleep(0.002)
    end = time.monotonic() + 3
    for s in waiting:
        s.settimeout(max(0.01, end - time.monotonic()))
        try:
            print(s.recv(100).decode().split("\n")[0])
        except OSError:
            pass


def both(source_port, *servers):
    s = udp_socket(source_port)
    for server in servers:
        s.sendto(b"x", endpoint(server))
        print(s.recv(100).decode().split("\n")[0])


# ---- datagrams that need fragments ----

def digest_udp(address, port, size, n):
    with udp_socket() as s:
        for i in range(int(n)):
            data = os.urandom(int(size))
            s.sendto(data, (address, int(port)))
            got = s.recv(65536).split(b"\n", 1)[1]
            if hashlib.sha256(got).digest() != hashlib.sha256(data).digest():
                sys.exit(f"datagram {i} came back different, {len(got)} bytes")
    print(f"{n} datagrams of {size} bytes")


# ---- protocols without ports ----

def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def sctp(text, ports):
    text += b"\0" * (-len(text) % 4)
    data = struct.pack("!HHIIBBHIHHI", *ports, 7, 0, 0, 3, 16 + len(text), 1, 0, 0, 0) + text
    return data[:8] + struct.pack("<I", crc32c(data)) + data[12:]


def payload(protocol, text, ports=(5000, 5001)):
    if protocol == "gre":
        return struct.pack("!HH", 0, 0x6558) + text
    if protocol == "esp":
        return struct.pack("!II", 0x1234, 1) + text
    return sctp(text, ports)


def body_of(packet):
    return packet[(packet[0] & 15) * 4:]


# What stands before the text in each packet.
HEAD = {"gre": 4, "esp": 8, "sctp": 28}


def raw_echo(protocol):
    if protocol == "udplite":
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136)
        s.bind(("0.0.0.0", 5001))
        while True:
            data, peer = s.recvfrom(2000)
            s.sendto(peer[0].encode() + b" " + data, peer)
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, PROTOCOLS[protocol])
    while True:
        packet, peer = s.recvfrom(2000)
        text = body_of(packet)[HEAD[protocol]:].rstrip(b"\0")
        if text.startswith(b"ask "):
            s.sendto(payload(protocol, peer[0].encode() + b" " + text, (5001, 5000)), peer)


def sctp_right(data):
    zero = data[:8] + b"\0\0\0\0" + data[12:]
    return struct.pack("<I", crc32c(zero)) == data[8:12]


def raw_ask(protocol, address, text):
    text = b"ask " + text.encode()
    if protocol == "udplite":
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136)
        s.settimeout(3)
        s.sendto(text, (address, 5001))
        print(s.recv(2000).decode())
        return
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, PROTOCOLS[protocol])
    s.sendto(payload(protocol, text), (address, 0))
    end = time.monotonic() + 3
    while True:
        s.settimeout(max(0.01, end - time.monotonic()))
        packet, peer = s.recvfrom(2000)
        body = body_of(packet)
        if peer[0] != address or text not in body:
            continue
        if protocol == "sctp" and not sctp_right(body):
            sys.exit("SCTP checksum is wrong")
        print(body[HEAD[protocol]:].rstrip(b"\0").decode())
        return


# ---- somebody to be found behind a NAT ----

def meet_udp(server, port):
    s = udp_socket(port)
    s.sendto(b"x", server)
    print(s.recv(100).decode().split("\n")[0], flush=True)
    s.settimeout(None)
    while True:
        data, peer = s.recvfrom(65536)
        s.sendto(f"{peer[0]}:{peer[1]}\n".encode() + data, peer)


def meet_tcp(server, port):
    def reusing():
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        s.bind(("0.0.0.0", port))
        return s
    out = reusing()
    out.settimeout(TIMEOUT)
    out.connect(server)
    mine = out.recv(100).decode().split("\n")[0]
    door = reusing()
    door.listen()
    print(mine, flush=True)
    while True:
        s, peer = door.accept()
        with s:
            s.sendall(f"{peer[0]}:{peer[1]}\n".encode())
            while data := s.recv(65536):
                s.sendall(data)


def meet(protocol, address, port, source_port):
    server = (address, int(port))
    (meet_udp if protocol == "udp" else meet_tcp)(server, int(source_port))


COMMANDS = {"ports": ports, "both": both, "digest-udp": digest_udp, "raw-echo": raw_echo,
            "raw-ask": raw_ask, "meet": meet}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    try:
        COMMANDS[sys.argv[1]](*sys.argv[2:])
    except OSError as error:
        sys.exit(f"cgn: {sys.argv[1]}: {error or 'timeout'}")
