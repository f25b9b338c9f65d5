#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Clients and servers for tests/e2e/ that no Debian program offers.

  peer.py web PORT DIRECTORY            GET sends a file, PUT answers with the body's SHA-256
  peer.py echo PORT [ADDRESS]           TCP and UDP: first "ADDRESS:PORT" of the peer as seen
                                        here, then what was sent; TCP ends when the peer ends
  peer.py ask tcp|udp ADDRESS PORT TEXT [SOURCE_PORT]
                                        print the answer of an echo server
  peer.py many ADDRESS PORT N           N connections at once to an echo server, all open
                                        together, each with its own data
  peer.py digest PORT                   TCP: read to the end of the stream, then answer with
                                        its SHA-256 as hexadecimal text
  peer.py half-close ADDRESS PORT BYTES send, shut down the writing side, print the answer
  peer.py hold ADDRESS PORT SOURCE_PORT connect to an echo server, print "up", then echo a
                                        line for each line on stdin; on end of stdin vanish
                                        by RST
"""
import asyncio
import hashlib
import http.server
import os
import socket
import struct
import sys

TIMEOUT = 20


def text_of(peer):
    return f"{peer[0]}:{peer[1]}\n".encode()


# ---- web ----

class WebHandler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        left = int(self.headers["Content-Length"])
        digest = hashlib.sha256()
        while left > 0:
            chunk = self.rfile.read(min(left, 65536))
            if not chunk:
                break
            digest.update(chunk)
            left -= len(chunk)
        answer = digest.hexdigest().encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


class WebServer(http.server.ThreadingHTTPServer):
    request_queue_size = 1024


def web(port, directory):
    os.chdir(directory)
    WebServer(("0.0.0.0", int(port)), WebHandler).serve_forever()


# ---- echo ----

def udp_echo(s):
    """Many at a time: asyncio alone takes one datagram each time around."""
    try:
        for _ in range(64):
            data, peer = s.recvfrom(65536)
            s.sendto(text_of(peer) + data, peer)
    except OSError:
        return # no more, or no room, or an ICMP error


async def tcp_echo(reader, writer):
    try:
        writer.write(text_of(writer.get_extra_info("peername")))
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
    except OSError:
        writer.close()


async def echo_forever(port, address):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    s.setblocking(False)
    s.bind((address, port))
    asyncio.get_running_loop().add_reader(s, udp_echo, s)
    server = await asyncio.start_server(tcp_echo, address, port, backlog=1024)
    await server.serve_forever()


def echo(port, address="0.0.0.0"):
    asyncio.run(echo_forever(int(port), address))


# ---- ask ----

def connected(kind, address, port, source_port):
    six = ":" in address
    s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, kind)
    s.settimeout(TIMEOUT)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if source_port:
        s.bind(("::" if six else "0.0.0.0", int(source_port)))
    s.connect((address, int(port)))
    return s


def read_all(s):
    parts = []
    while data := s.recv(65536):
        parts.append(data)
    return b"".join(parts)


def ask(proto, address, port, text, source_port=0):
    if proto == "udp":
        with connected(socket.SOCK_DGRAM, address, port, source_port) as s:
            s.send(text.encode())
            print(s.recv(65536).decode())
        return
    with connected(socket.SOCK_STREAM, address, port, source_port) as s:
        s.sendall(text.encode())
        s.shutdown(socket.SHUT_WR)
        print(read_all(s).decode())


# ---- many ----

async def one_of_many(i, address, port, barrier):
    reader, writer = await asyncio.open_connection(address, port)
    barrier.arrived()
    await barrier.all_here.wait()
    await reader.readline()
    sent = hashlib.sha256(str(i).encode()).digest() * 32
    writer.write(sent)
    got = await reader.readexactly(len(sent))
    writer.close()
    if got != sent:
        raise ValueError(f"connection {i} got something else back")


class Barrier:
    def __init__(self, n):
        self.left = n
        self.all_here = asyncio.Event()

    def arrived(self):
        self.left -= 1
        if self.left == 0:
            self.all_here.set()


async def many_at_once(address, port, n):
    barrier = Barrier(n)
    tasks = [one_of_many(i, address, port, barrier) for i in range(n)]
    await asyncio.wait_for(asyncio.gather(*tasks), 60)


def many(address, port, n):
    asyncio.run(many_at_once(address, int(port), int(n)))
    print(f"{n} connections")


# ---- half-closed connections ----

def digest(port):
    with socket.create_server(("0.0.0.0", int(port)), reuse_port=False) as server:
        while True:
            s, _ = server.accept()
            with s:
                try:
                    s.sendall(hashlib.sha256(read_all(s)).hexdigest().encode() + b"\n")
                except OSError:
                    pass


def half_close(address, port, size):
    data = os.urandom(int(size))
    with connected(socket.SOCK_STREAM, address, port, 0) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        answer = read_all(s).decode().strip()
    if answer != hashlib.sha256(data).hexdigest():
        sys.exit(f"wrong answer: {answer!r}")
    print(answer)


# ---- a client that vanishes ----

def hold(address, port, source_port):
    s = connected(socket.SOCK_STREAM, address, port, source_port)
    stream = s.makefile("rwb")
    stream.readline()
    print("up", flush=True)
    for line in sys.stdin.buffer:
        stream.write(line)
        stream.flush()
        print(stream.readline().decode(), end="", flush=True)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


COMMANDS = {"web": web, "echo": echo, "ask": ask, "many": many, "digest": digest,
            "half-close": half_close, "hold": hold}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    try:
        COMMANDS[sys.argv[1]](*sys.argv[2:])
    except (OSError, asyncio.TimeoutError) as error:
        sys.exit(f"peer: {sys.argv[1]}: {error or 'timeout'}")
