#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""One end of an H.323 call in the hands of a test.

  h323call.py answer PORT [OPTION...]     wait for one call, print "ready" first
  h323call.py call ADDRESS PORT [OPTION...]

  --mode separate|tunnel|fast   H.245 on its own connection, within call signalling, or none
  --listen                      separate: this end names the h245Address (the other one without it)
  --early MESSAGE               answer: in callProceeding, alerting, progress or facility
                                instead of connect: h245Address and fastStart
  --rtp PORT                    receive RTP there and RTCP at the next port
  --say ADDRESS                 name this address instead of the own one
  --decoy                       the own endpoints also where bytes are free
  --pieces N                    send so many bytes at a time
  --patient                     send media only after some have come
  --no-media                    it is expected that none come; wait for nothing
  --calls N                     one after the other, by one connection

A call: both send RTP and RTCP to where they were told, until PACKETS of each have come to both;
then the call is released. Prints what the other end named and what came, as JSON; fails when not all did.
"""
import argparse
import json
import select
import socket
import sys
import time

import h323per as per

TIMEOUT = 15
PACKETS = 5
OID_H225 = bytes.fromhex("0008914a0004")
OID_H245 = bytes.fromhex("00088175000a")


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("role", choices=["answer", "call"])
    p.add_argument("where", nargs="+")
    p.add_argument("--mode", choices=["separate", "tunnel", "fast"], default="separate")
    p.add_argument("--early", default="connect")
    p.add_argument("--rtp", type=int, default=0)
    p.add_argument("--say")
    p.add_argument("--pieces", type=int, default=0)
    p.add_argument("--calls", type=int, default=1)
    for flag in ("--listen", "--decoy", "--patient", "--no-media"):
        p.add_argument(flag, action="store_true")
    return p.parse_args()


class Stream:
    """TPKTs on a connection."""

    def __init__(self, sock, pieces):
        sock.settimeout(TIMEOUT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.pieces, self.data = sock, pieces, b""

    def send(self, data):
        step = self.pieces or len(data)
        for at in range(0, len(data), step):
            self.sock.sendall(data[at:at + step])
            if self.pieces:
                time.sleep(0.002)  # so that each piece is a segment

    def receive(self):
        while len(self.data) < 4 or len(self.data) < int.from_bytes(self.data[2:4], "big"):
            more = self.sock.recv(65536)
            if not more:
                raise EOFError("the other end has closed")
            self.data += more
        n = int.from_bytes(self.data[2:4], "big")
        message, self.data = self.data[:n], self.data[n:]
        return message


class Media:
    """RTP and RTCP sockets, and where the other end wants them."""

    def __init__(self, args):
        self.args = args
        self.rtp, self.rtcp = self.bind(args.rtp)
        self.came = {self.rtp: 0, self.rtcp: 0}
        self.sources = set()
        self.peer_rtp = self.peer_rtcp = None

    @staticmethod
    def bind(port):
        pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for i, sock in enumerate(pair):
            sock.bind(("0.0.0.0", port + i))
        return pair

    def endpoints(self, own):
        return (own, self.rtp.getsockname()[1]), (own, self.rtcp.getsockname()[1])

    def have_all(self):
        return min(self.came.values()) >= PACKETS

    def send(self):
        if not self.args.patient or max(self.came.values()) > 0:
            self.rtp.sendto(b"\x80\x08" + bytes(170), self.peer_rtp)
            self.rtcp.sendto(b"\x80\xc9\x00\x01" + bytes(4), self.peer_rtcp)

    def receive(self, sock):
        self.sources.add(sock.recvfrom(2048)[1])
        self.came[sock] += 1

    def close(self):
        self.rtp.close()
        self.rtcp.close()


class Call:
    def __init__(self, args, stream, reference):
        self.args, self.stream, self.calling = args, stream, args.role == "call"
        self.reference = reference if self.calling else reference | 0x8000
        self.own = args.say or stream.sock.getsockname()[0]
        self.media = Media(args)
        self.h245 = self.listener = None
        self.queue = []
        self.report = {"signal": [], "h245": None}

    # -- encoding --

    def free_bytes(self, n):
        if not self.args.decoy:
            return bytes(range(n))
        rtp, _ = self.media.endpoints(self.own)
        one = socket.inet_aton(rtp[0]) + rtp[1].to_bytes(2, "big")
        return (one * n)[:n]

    def non_standard(self):
        return {"id": ("h221", {"country": 181, "extension": 0, "manufacturer": 21324}),
                "data": self.free_bytes(12)}

    def say(self, kind, body=None, control=None):
        body = dict(body or {}, protocol=OID_H225)
        body["callIdentifier"] = {"guid": self.free_bytes(16)}
        if kind in ("callProceeding", "alerting", "connect", "progress"):
            body["destinationInfo"] = self.endpoint_type()
        if kind in ("connect", "facility"):
            body["conference"] = self.free_bytes(16)
        pdu = {"body": (kind, body), "tunnelling": self.args.mode == "tunnel"}
        if self.args.decoy:
            pdu["nonStandard"] = self.non_standard()
        if control:
            pdu["control"] = [per.encode(per.H245, m) for m in control]
        display = self.own.encode()
        elements = b"\x28" + bytes([len(display)]) + display
        if kind == "setup":
            elements = b"\x04\x03\x88\xc0\xa5" + elements
        self.stream.send(per.q931(kind, self.reference, elements, pdu))

    def endpoint_type(self):
        return {"vendor": {"vendor": {"country": 181, "extension": 0, "manufacturer": 21324}},
                "terminal": {}, "mc": 0, "undefined": 0}

    # -- what both need --

    def open_channel(self, number):
        _, rtcp = self.media.endpoints(self.own)
        return "request", ("open", {"number": number, "forward": {
            "dataType": ("audioData", ("g711Alaw64k", 20)),
            "multiplex": ("rtp", {"sessionID": 1,
                                  "mediaControlChannel": per.h245_address(rtcp)})}})

    def ack(self, number):
        rtp, rtcp = self.media.endpoints(self.own)
        return "response", ("ack", {"number": number, "forward": ("rtp", {
            "sessionID": 1, "mediaChannel": per.h245_address(rtp),
            "mediaControlChannel": per.h245_address(rtcp)})})

    def greeting(self):
        return [("request", ("capabilities", {"sequence": 1, "protocol": OID_H245})),
                ("request", ("determination", {"terminalType": 50, "number": 1000})),
                self.open_channel(1 if self.calling else 101)]

    def fast_offer(self):
        rtp, rtcp = self.media.endpoints(self.own)
        sends = self.open_channel(1)[1][1]
        gets = {"number": 2, "forward": {"dataType": ("nullData", None),
                                         "multiplex": ("none", None)},
                "reverse": {"dataType": ("audioData", ("g711Alaw64k", 20)),
                            "multiplex": ("rtp", {"sessionID": 1,
                                                  "mediaChannel": per.h245_address(rtp),
                                                  "mediaControlChannel":
                                                      per.h245_address(rtcp)})}}
        return [per.encode(per.OPEN, c) for c in (sends, gets)]

    def fast_answer(self):
        rtp, rtcp = self.media.endpoints(self.own)
        takes = {"number": 1, "forward": {
            "dataType": ("audioData", ("g711Alaw64k", 20)),
            "multiplex": ("rtp", {"sessionID": 1, "mediaChannel": per.h245_address(rtp),
                                  "mediaControlChannel": per.h245_address(rtcp)})}}
        return [per.encode(per.OPEN, takes), self.fast_offer()[0]]

    def read_fast(self, strings):
        for data in strings:
            channel = per.decode(per.OPEN, data)
            for way in ("forward", "reverse"):
                kind, rtp = channel.get(way, {}).get("multiplex", ("none", None))
                if kind == "rtp":
                    self.read_rtp(rtp)

    def read_rtp(self, rtp):
        if "mediaChannel" in rtp:
            self.media.peer_rtp = rtp["mediaChannel"][1][1]["at"]
        if "mediaControlChannel" in rtp:
            self.media.peer_rtcp = rtp["mediaControlChannel"][1][1]["at"]

    def read_body(self, kind, body):
        for name in ("source", "dest"):
            if name in body:
                self.report["signal"].append([name, *body[name][1]])
        if "h245Address" in body:
            self.report["h245"] = body["h245Address"][1]
        if "fastStart" in body:
            self.read_fast(body["fastStart"])

    def hear(self):
        """The next message of call signalling: its kind; H.245 in it is queued."""
        pdu = per.q931_user(self.stream.receive())
        self.read_body(*pdu["body"])
        self.queue += [per.decode(per.H245, data) for data in pdu.get("control", [])]
        return pdu["body"][0]

    # -- H.245 --

    def listen(self):
        self.listener = socket.create_server(("0.0.0.0", 0))
        self.listener.settimeout(TIMEOUT)
        return "ip", (self.own, self.listener.getsockname()[1])

    def open_h245(self):
        if self.listener is not None:
            sock, peer = self.listener.accept()
            self.report["h245_from"] = peer
        else:
            sock = socket.create_connection(self.report["h245"], timeout=TIMEOUT)
        self.h245 = Stream(sock, self.args.pieces)

    def say_h245(self, messages):
        if self.h245 is None:
            self.say("facility", {"reason": ("transported", None)}, messages)
            return
        for message in messages:
            self.h245.send(per.tpkt(per.encode(per.H245, message)))

    def hear_h245(self):
        while not self.queue:
            if self.h245 is None:
                self.hear()
            else:
                self.queue.append(per.decode(per.H245, self.h245.receive()[4:]))
        return self.queue.pop(0)

    def open_channels(self):
        """Until both channels are open: ours is acknowledged, theirs we have."""
        ours = theirs = False
        while not (ours and theirs):
            _, (name, value) = self.hear_h245()
            if name == "open":
                self.read_rtp(value["forward"]["multiplex"][1])
                self.say_h245([self.ack(value["number"])])
                theirs = True
            elif name == "ack":
                self.read_rtp(value["forward"][1])
                ours = True

    # -- a call --

    def exchange(self):
        """Send a packet each twenty milliseconds until both ends have said that they have all."""
        media, stream, last = self.media, self.stream.sock, time.monotonic() + TIMEOUT
        told = heard = False
        due = 0
        while not (told and heard) and time.monotonic() < last:
            if time.monotonic() >= due:
                media.send()
                due = time.monotonic() + 0.02
            for sock in select.select([stream, *media.came], [], [], 0.01)[0]:
                if sock is stream:
                    heard = self.hear() == "facility"
                else:
                    media.receive(sock)
            if media.have_all() and not told:
                self.say("facility", {"reason": ("undefined", None)})
                told = True

    def offer(self):
        if self.args.mode == "fast":
            return {"fastStart": self.fast_offer() if self.calling else self.fast_answer()}
        if self.args.mode == "separate" and self.args.listen:
            return {"h245Address": self.listen()}
        return {}

    def place(self, peer):
        tunnel = self.args.mode == "tunnel"
        body = dict(self.offer(), sourceAddress=[("h323-ID", "caller")],
                    sourceInfo=self.endpoint_type(), dest=("ip", peer), activeMC=0,
                    conference=self.free_bytes(16), goal=("create", None),
                    callType=("pointToPoint", None),
                    source=("ip", (self.own, self.stream.sock.getsockname()[1])))
        self.say("setup", body, self.greeting() if tunnel else None)
        while self.hear() != "connect":
            pass

    def take(self):
        assert self.hear() == "setup"
        offer = self.offer()
        for kind in ("callProceeding", "alerting", "progress", "facility"):
            body = dict(offer) if kind == self.args.early else {}
            if kind == "facility":
                body["reason"] = ("undefined", None)
            self.say(kind, body)
        self.say("connect", offer if self.args.early == "connect" else {})

    def control(self):
        if self.args.mode == "fast":
            return
        if self.args.mode == "separate":
            self.open_h245()
        if self.args.mode == "separate" or not self.calling:
            self.say_h245(self.greeting())
        self.open_channels()

    def end(self):
        if self.args.mode != "fast":
            self.say_h245([("command", ("end", ("disconnect", None)))])
            while self.hear_h245()[1][0] != "end":
                pass
        if self.calling:
            self.say("releaseComplete")
        else:
            while self.hear() != "releaseComplete":
                pass

    def run(self, peer):
        if self.calling:
            self.place(peer)
        else:
            self.take()
        self.control()
        if not self.args.no_media:
            self.exchange()
        self.report.update(rtp=self.media.peer_rtp, rtcp=self.media.peer_rtcp,
                           came=sorted(self.media.came.values()),
                           media_from=sorted(self.media.sources))
        print(json.dumps(self.report), flush=True)
        self.end()
        return self.args.no_media or self.media.have_all()

    def close(self):
        self.media.close()
        for sock in (self.listener, self.h245 and self.h245.sock):
            if sock:
                sock.close()


def main():
    args = arguments()
    if args.role == "call":
        peer = (args.where[0], int(args.where[1]))
        sock = socket.create_connection(peer, timeout=TIMEOUT)
    else:
        listener = socket.create_server(("0.0.0.0", int(args.where[0])))
        listener.settimeout(TIMEOUT)
        print("ready", flush=True)
        sock, peer = listener.accept()
    stream, good = Stream(sock, args.pieces), True
    for i in range(args.calls):
        call = Call(args, stream, 1 + i)
        good = call.run(peer) and good
        call.close()
    if args.role == "call":
        sock.shutdown(socket.SHUT_WR)
    while sock.recv(65536):
        pass
    sys.exit(0 if good else 1)


main()
