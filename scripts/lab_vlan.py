#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""
A switch with access ports in VLANs and one trunk, for kernels without VLAN devices.

    lab_vlan.py NETNS/DEVICE NETNS/DEVICE=VLAN[.INNER]...

The first TAP is the trunk; each further one is the port of a host, made in the host's
own network namespace, so that the host knows nothing of tags. Frames of a host leave by
the trunk with its tags (802.1Q: 0x8100; two tags: 0x88a8, then 0x8100), frames of the
trunk go to the host whose tags they carry, without them. The TAPs end with the process.
"""
import ctypes
import fcntl
import os
import select
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
CLONE_NEWNET = 0x40000000
TAG_TYPES = (b"\x81\x00", b"\x88\xa8")
FRAME_MAX = 65536
BATCH = 64
libc = ctypes.CDLL(None, use_errno=True)


def open_tap(netns, device):
    namespace = os.open("/run/netns/" + netns, os.O_RDONLY)
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), netns)
    os.close(namespace)
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def tag_bytes(vlans):
    tags = b""
    for i, vlan in enumerate(vlans):
        outer = len(vlans) == 2 and i == 0
        tags += struct.pack("!HH", 0x88A8 if outer else 0x8100, vlan)
    return tags


def split_tags(frame):
    """The VLANs of a frame, and the frame without them."""
    vlans, at = [], 12
    while frame[at : at + 2] in TAG_TYPES and len(frame) >= at + 4:
        vlans.append(struct.unpack_from("!H", frame, at + 2)[0] & 0xFFF)
        at += 4
    return tuple(vlans), frame[:12] + frame[at:]


def frames(tap):
    for _ in range(BATCH):
        try:
            yield os.read(tap, FRAME_MAX)
        except BlockingIOError:
            return


def send(tap, frame):
    try:
        os.write(tap, frame)
    except OSError:
        pass  # the interface is down, or its queue is full: a switch drops


def main():
    trunk = open_tap(*sys.argv[1].split("/"))
    hosts, tags = {}, {}
    for word in sys.argv[2:]:
        port, vlans = word.split("=")
        vlans = tuple(int(v) for v in vlans.split("."))
        tap = open_tap(*port.split("/"))
        hosts[vlans] = tap
        tags[tap] = tag_bytes(vlans)
    poll = select.epoll()
    for tap in [trunk, *tags]:
        poll.register(tap, select.EPOLLIN)
    while True:
        for tap, _ in poll.poll():
            for frame in frames(tap):
                if tap != trunk:
                    send(trunk, frame[:12] + tags[tap] + frame[12:])
                    continue
                vlans, plain = split_tags(frame)
                if vlans in hosts:
                    send(hosts[vlans], plain)


main()
