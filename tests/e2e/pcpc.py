#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A PCP client (RFC 6887) for tests/e2e/, which Debian has none of.

  pcpc.py [OPTION...] announce
  pcpc.py [OPTION...] map tcp|udp|NUMBER PORT           PORT 0: all
  pcpc.py [OPTION...] peer tcp|udp|NUMBER PORT REMOTE REMOTE_PORT
  pcpc.py [OPTION...] raw HEX                           any datagram, the answer in hexadecimal
  pcpc.py [OPTION...] listen SECONDS COUNT [DEVICE]     announcements to 224.0.0.1:5350, or with a
                                                        device to [ff02::1]:5350

--server may be an IPv6 address, fe80::1%DEVICE too; addresses may be IPv6 ones then, in filters
with "#" before the port.

The answer is one line, "SUCCESS lifetime=600 epoch=17 external=192.0.2.1:8080", with the name of
the result; the status is 0 for SUCCESS, 1 for another result, 3 for no answer. An answer that is
not the answer to this very request, or not from whom was asked, is an error (status 4).
"""
import argparse
import ipaddress
import os
import socket
import struct
import sys
import time

ANNOUNCE, MAP, PEER = range(3)
THIRD_PARTY, PREFER_FAILURE, FILTER, DESCRIPTION = 1, 2, 3, 128
RESULTS = (
    "SUCCESS", "UNSUPP_VERSION", "NOT_AUTHORIZED", "MALFORMED_REQUEST", "UNSUPP_OPCODE",
    "UNSUPP_OPTION", "MALFORMED_OPTION", "NETWORK_FAILURE", "NO_RESOURCES", "UNSUPP_PROTOCOL",
    "USER_EX_QUOTA", "CANNOT_PROVIDE_EXTERNAL", "ADDRESS_MISMATCH", "EXCESSIVE_REMOTE_PEERS")
PROTOCOLS = {"tcp": 6, "udp": 17}


class BadAnswer(Exception):
    pass


def wire(address):
    if ":" in address:
        return ipaddress.IPv6Address(address).packed
    return ipaddress.IPv6Address(f"::ffff:{address}").packed


def text(packed):
    mapped = ipaddress.IPv6Address(packed).ipv4_mapped
    return str(mapped) if mapped is not None else str(ipaddress.IPv6Address(packed))


def option(code, data=b""):
    return struct.pack("!BBH", code, 0, len(data)) + data + bytes(-len(data) % 4)


def options(args):
    found = b""
    if args.third_party:
        found += option(THIRD_PARTY, wire(args.third_party))
    if args.prefer_failure:
        found += option(PREFER_FAILURE)
    if args.no_filter:
        found += option(FILTER, struct.pack("!BBH", 0, 0, 0) + wire("0.0.0.0"))
    for spec in args.filter:
        address, _, port = spec.partition("#" if spec.count(":") > 1 else ":")
        found += option(FILTER, struct.pack("!BBH", 0, 128, int(port or 0)) + wire(address))
    if args.describe is not None:
        found += option(DESCRIPTION, args.describe.encode())
    return found


def request(args, own):
    opcode = {"announce": ANNOUNCE, "map": MAP, "peer": PEER}[args.command]
    lifetime = 0 if opcode == ANNOUNCE else args.lifetime
    message = struct.pack("!BBHI", args.version, opcode, 0, lifetime) + wire(args.claim or own)
    if opcode != ANNOUNCE:
        proto = PROTOCOLS.get(args.protocol) or int(args.protocol)
        message += args.nonce + struct.pack("!B3xHH", proto, args.port, args.out_port)
        message += wire(args.out_address)
    if opcode == PEER:
        message += struct.pack("!HH", args.remote_port, 0) + wire(args.remote)
    return message + options(args)


def header(answer):
    if len(answer) < 24 or len(answer) > 1100 or len(answer) % 4:
        raise BadAnswer(f"{len(answer)} bytes")
    version, opcode, _, result, lifetime, epoch = struct.unpack("!BBBBII", answer[:12])
    if version != 2 or opcode & 0x80 == 0 or result >= len(RESULTS):
        raise BadAnswer(f"version {version}, opcode {opcode}, result {result}")
    return opcode & 0x7f, result, lifetime, epoch


def check(sent, answer, opcode, result):
    """What an answer has to repeat, RFC 6887 sections 8.3, 11.4 and 12.4."""
    if opcode != sent[1] & 0x7f:
        raise BadAnswer(f"opcode {opcode}")
    if RESULTS[result] == "UNSUPP_VERSION":
        return
    if result and answer[24:] != (sent[24:1100] + bytes(-len(sent) % 4)):
        raise BadAnswer("an error has to repeat the request")
    if result == 0 and opcode in (MAP, PEER):
        if answer[24:37] != sent[24:37] or answer[40:42] != sent[40:42]:
            raise BadAnswer("nonce, protocol or port of something else")
        if opcode == PEER and answer[60:80] != sent[60:80]:
            raise BadAnswer("a remote peer that was not asked for")
    if result == 0 and any(answer[12:24]):
        raise BadAnswer("reserved bits are set")


def show(sent, answer):
    opcode, result, lifetime, epoch = header(answer)
    check(sent, answer, opcode, result)
    line = f"{RESULTS[result]} lifetime={lifetime} epoch={epoch}"
    if result == 0 and opcode in (MAP, PEER):
        line += f" external={text(answer[44:60])}:{struct.unpack('!H', answer[42:44])[0]}"
        rest = answer[60 if opcode == MAP else 80:]
        while rest:
            code, _, n = struct.unpack("!BBH", rest[:4])
            line += f" option={code}"
            rest = rest[4 + n + -n % 4:]
    print(line)
    return 0 if result == 0 else 1


def ask(sock, message, tries):
    for _ in range(tries):
        sock.send(message)
        try:
            return sock.recv(2048)
        except (socket.timeout, ConnectionRefusedError):
            continue
    return None


def group(device):
    if not device:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("224.0.0.1", 5350))
        return sock
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.bind(("ff02::1", 5350, 0, socket.if_nametoindex(device)))
    return sock


def listen(args):
    sock = group(args.device)
    print("listening", flush=True)
    end = time.monotonic() + args.seconds
    for _ in range(args.count):
        sock.settimeout(max(0.01, end - time.monotonic()))
        try:
            answer, peer = sock.recvfrom(2048)
        except socket.timeout:
            return 3
        if answer[0] == 0:
            opcode, result, epoch = struct.unpack("!xBHI", answer[:8])
            print(f"NAT-PMP from={peer[0]}:{peer[1]} opcode={opcode} result={result} "
                  f"epoch={epoch} external={socket.inet_ntoa(answer[8:12])}", flush=True)
        else:
            opcode, result, _, epoch = header(answer)
            print(f"PCP from={peer[0]}:{peer[1]} opcode={opcode} result={result} epoch={epoch}",
                  flush=True)
    return 0


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--server", default="10.0.0.1")
    p.add_argument("--bind", default="")
    p.add_argument("--claim", help="address in the header")
    p.add_argument("--version", type=int, default=2)
    p.add_argument("--nonce", type=bytes.fromhex, default=os.urandom(12))
    p.add_argument("--lifetime", type=int, default=600)
    p.add_argument("--out-port", type=int, default=0)
    p.add_argument("--out-address", default="0.0.0.0")
    p.add_argument("--third-party")
    p.add_argument("--prefer-failure", action="store_true")
    p.add_argument("--filter", action="append", default=[], metavar="ADDRESS[:PORT]")
    p.add_argument("--no-filter", action="store_true")
    p.add_argument("--describe")
    p.add_argument("--timeout", type=float, default=2)
    p.add_argument("--tries", type=int, default=2)
    sub = p.add_subparsers(dest="command", required=True)
    sub.add_parser("announce")
    m = sub.add_parser("map")
    m.add_argument("protocol")
    m.add_argument("port", type=int)
    m = sub.add_parser("peer")
    m.add_argument("protocol")
    m.add_argument("port", type=int)
    m.add_argument("remote")
    m.add_argument("remote_port", type=int)
    m = sub.add_parser("raw")
    m.add_argument("hex", type=bytes.fromhex)
    m = sub.add_parser("listen")
    m.add_argument("seconds", type=float)
    m.add_argument("count", type=int)
    m.add_argument("device", nargs="?")
    return p.parse_args()


def main():
    args = arguments()
    if args.command == "listen":
        return listen(args)
    family, kind, _, _, server = socket.getaddrinfo(args.server, 5351, type=socket.SOCK_DGRAM)[0]
    sock = socket.socket(family, kind)
    sock.bind((args.bind, 0))
    sock.connect(server)  # the kernel drops what another address answers
    sock.settimeout(args.timeout)
    message = args.hex if args.command == "raw" else request(args, sock.getsockname()[0])
    answer = ask(sock, message, args.tries)
    if answer is None:
        print("no answer")
        return 3
    if args.command == "raw":
        print(answer.hex())
        return 0
    try:
        return show(message, answer)
    except BadAnswer as e:
        print(f"bad answer: {e}: {answer.hex()}")
        return 4


sys.exit(main())
