#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a control point does that no program of Debian's does by command.

  upnp_peer.py search TO ST [SECONDS]     M-SEARCH to TO:1900, print each answer's LOCATION, ST, USN
  upnp_peer.py hear SECONDS GROUP-MEMBER  print NTS and NT of announcements; own address, for the group
  upnp_peer.py events OWN URL             subscribe, print "SEQ n NAME=value ..." for each event,
                                          until stdin ends
"""
import http.client
import re
import select
import socket
import struct
import sys
import time
import urllib.parse

GROUP = "239.255.255.250"


def headers(data):
    lines = data.decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in lines[1:] if ":" in line)
    return {name.strip().upper(): value.strip() for name, value in pairs}


def search(to, st, seconds=2):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.sendto(f'M-SEARCH * HTTP/1.1\r\nHOST: {GROUP}:1900\r\nMAN: "ssdp:discover"\r\n'
                f"MX: 1\r\nST: {st}\r\n\r\n".encode(), (to, 1900))
    end = time.monotonic() + float(seconds)
    while select.select([sock], [], [], max(0, end - time.monotonic()))[0]:
        found = headers(sock.recv(2048))
        print(found.get("LOCATION"), found.get("ST"), found.get("USN"), flush=True)


def hear(seconds, own):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((GROUP, 1900))
    member = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(own))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    print("ready", flush=True)
    end = time.monotonic() + float(seconds)
    while select.select([sock], [], [], max(0, end - time.monotonic()))[0]:
        said = headers(sock.recv(2048))
        if "NTS" in said:
            print(said["NTS"], said.get("NT"), flush=True)


def read_event(sock):
    data = b""
    while b"</e:propertyset>" not in data:
        data += sock.recv(4096)
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    values = re.findall(r"<e:property><(\w+)>([^<]*)<", data.decode())
    print("SEQ", headers(data)["SEQ"], *(f"{n}={v}" for n, v in values), flush=True)


def events(own, url):
    listener = socket.create_server((own, 0))
    where = urllib.parse.urlsplit(url)
    line = http.client.HTTPConnection(where.netloc, timeout=5)
    callback = f"<http://{own}:{listener.getsockname()[1]}/e>"
    line.request("SUBSCRIBE", where.path, headers={
        "CALLBACK": callback, "NT": "upnp:event", "TIMEOUT": "Second-1800"})
    print("status", line.getresponse().status, flush=True)
    while True:
        ready = select.select([listener, sys.stdin], [], [])[0]
        if sys.stdin in ready:
            return
        sock = listener.accept()[0]
        read_event(sock)
        sock.close()


{"search": search, "hear": hear, "events": events}[sys.argv[1]](*sys.argv[2:])
