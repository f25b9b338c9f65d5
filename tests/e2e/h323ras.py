#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""RAS (H.225.0) in the hands of a test.

  h323ras.py gatekeeper                          serve at port 1719, print "ready" first and then
                                                 each callSignalAddress that registers or leaves
  h323ras.py register OWN GATEKEEPER [SECONDS]   discover it and register OWN, port 1720
  h323ras.py leave OWN GATEKEEPER                unregister
"""
import json
import socket
import sys

import h323per as per

TIMEOUT = 5
OID = bytes.fromhex("0008914a0004")


class Name:
    """BMPString (SIZE (1..128))."""

    def put(self, w, value):
        w.put(len(value) - 1, 7)
        w.octets(value.encode("utf-16-be"))

    def get(self, r):
        return r.octets(2 * (r.get(7) + 1)).decode("utf-16-be")


NUMBER = per.Int(1, 65535)
ADDRESSES, ALIASES = per.List(per.ADDRESS), per.List(per.ALIAS)
SECONDS = per.Int(1, 4294967295)
GRQ = per.Seq({"number": NUMBER, "protocol": per.Octets(), "nonStandard?": per.NON_STANDARD,
               "ras": per.ADDRESS, "type": per.ENDPOINT_TYPE, "gatekeeper?": Name(),
               "services?": per.Null(), "alias?": ALIASES}, {})
GCF = per.Seq({"number": NUMBER, "protocol": per.Octets(), "nonStandard?": per.NON_STANDARD,
               "gatekeeper?": Name(), "ras": per.ADDRESS}, {})
RRQ = per.Seq({"number": NUMBER, "protocol": per.Octets(), "nonStandard?": per.NON_STANDARD,
               "discovered": per.Bool(), "signal": ADDRESSES, "ras": ADDRESSES,
               "type": per.ENDPOINT_TYPE, "alias?": ALIASES, "gatekeeper?": Name(),
               "vendor": per.VENDOR}, {1: ("seconds", SECONDS), 5: ("keepAlive", per.Bool())})
RCF = per.Seq({"number": NUMBER, "protocol": per.Octets(), "nonStandard?": per.NON_STANDARD,
               "signal": ADDRESSES, "alias?": ALIASES, "gatekeeper?": Name(),
               "endpoint": Name()}, {1: ("seconds", SECONDS)})
URQ = per.Seq({"number": NUMBER, "signal": ADDRESSES, "alias?": ALIASES,
               "nonStandard?": per.NON_STANDARD, "endpoint?": Name()}, {})
UCF = per.Seq({"number": NUMBER, "nonStandard?": per.NON_STANDARD}, {})
RAS = per.Choice(25, {0: ("grq", GRQ), 1: ("gcf", GCF), 3: ("rrq", RRQ), 4: ("rcf", RCF),
                      6: ("urq", URQ), 7: ("ucf", UCF)}, {})
VENDOR = {"vendor": {"country": 181, "extension": 0, "manufacturer": 21324}}
TYPE = {"vendor": VENDOR, "terminal": {}, "mc": 0, "undefined": 0}
ALIAS = [("h323-ID", "phone")]


def answer(kind, asked, own):
    head = {"number": asked["number"]}
    if kind == "urq":
        return "ucf", head
    head["protocol"] = OID
    if kind == "grq":
        return "gcf", dict(head, gatekeeper="gk", ras=("ip", own))
    return "rcf", dict(head, signal=[("ip", (own[0], 1720))], gatekeeper="gk", endpoint="e1",
                       seconds=asked.get("seconds", 300))


def gatekeeper(sock):
    print("ready", flush=True)
    while True:
        data, peer = sock.recvfrom(4096)
        kind, asked = per.decode(RAS, data)
        route = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        route.connect(peer)
        print(json.dumps({"kind": kind, "from": peer, "number": asked["number"],
                          "ras": [a[1] for a in asked.get("ras", [])] if kind == "rrq" else [],
                          "signal": [a[1] for a in asked.get("signal", [])]}), flush=True)
        sock.sendto(per.encode(RAS, answer(kind, asked, (route.getsockname()[0], 1719))), peer)


def ask(sock, peer, kind, body):
    sock.settimeout(TIMEOUT)
    sock.sendto(per.encode(RAS, (kind, body)), peer)
    data, source = sock.recvfrom(4096)
    got, told = per.decode(RAS, data)
    assert source == peer and told["number"] == body["number"], (source, told)
    print(got, told, flush=True)


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("0.0.0.0", 1719))
    if sys.argv[1] == "gatekeeper":
        gatekeeper(sock)
    own, peer = sys.argv[2], (sys.argv[3], 1719)
    signal, ras = [("ip", (own, 1720))], ("ip", (own, 1719))
    if sys.argv[1] == "leave":
        ask(sock, peer, "urq", {"number": 3, "signal": signal, "endpoint": "e1"})
        return
    ask(sock, peer, "grq", {"number": 1, "protocol": OID, "ras": ras, "type": TYPE,
                            "alias": ALIAS})
    body = {"number": 2, "protocol": OID, "discovered": 1, "signal": signal, "ras": [ras],
            "type": TYPE, "alias": ALIAS, "vendor": VENDOR}
    if len(sys.argv) > 4:
        body["seconds"] = int(sys.argv[4])
    ask(sock, peer, "rrq", body)


main()
