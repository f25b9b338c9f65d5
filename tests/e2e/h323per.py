# SPDX-License-Identifier: BSD-3-Clause
"""H.225.0 and H.245 for tests/e2e/h323call.py: aligned PER, both ways, and so much of the ASN.1 as
a simple call needs. A type has put(writer, value) and get(reader); values are numbers, bytes,
dictionaries (SEQUENCE), lists (SEQUENCE OF) and (name, value) (CHOICE)."""
import socket


class Writer:
    def __init__(self):
        self.bits = []

    def put(self, value, n):
        self.bits += [value >> i & 1 for i in range(n - 1, -1, -1)]

    def align(self):
        self.bits += [0] * (-len(self.bits) % 8)

    def octets(self, data):
        self.align()
        for byte in data:
            self.put(byte, 8)

    def length(self, n):
        self.align()
        self.put(n if n < 128 else 0x8000 | n, 8 if n < 128 else 16)

    def bytes(self):
        self.align()
        text = "".join(map(str, self.bits)) or "00000000"
        return int(text, 2).to_bytes(len(text) // 8, "big")


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def get(self, n):
        value = 0
        for _ in range(n):
            value = value << 1 | self.data[self.at // 8] >> (7 - self.at % 8) & 1
            self.at += 1
        return value

    def align(self):
        self.at += -self.at % 8

    def octets(self, n):
        self.align()
        return bytes(self.get(8) for _ in range(n))

    def length(self):
        self.align()
        n = self.get(8)
        return n if n < 128 else (n & 63) << 8 | self.get(8)


class Null:
    def put(self, w, value):
        pass

    def get(self, r):
        return None


class Bool:
    def put(self, w, value):
        w.put(value, 1)

    def get(self, r):
        return r.get(1)


class Int:
    def __init__(self, low, high):
        self.low, self.span = low, high - low
        self.octets = (self.span.bit_length() + 7) // 8

    def put(self, w, value):
        value -= self.low
        if self.span < 255:
            w.put(value, self.span.bit_length())
            return
        n = self.octets
        if self.span > 65535:
            n = max(1, (value.bit_length() + 7) // 8)
            w.put(n - 1, (self.octets - 1).bit_length())
        w.octets(value.to_bytes(n, "big"))

    def get(self, r):
        if self.span < 255:
            return self.low + r.get(self.span.bit_length())
        n = self.octets
        if self.span > 65535:
            n = 1 + r.get((self.octets - 1).bit_length())
        return self.low + int.from_bytes(r.octets(n), "big")


class Octets:
    """OCTET STRING and OBJECT IDENTIFIER; of a fixed size or any."""

    def __init__(self, size=None):
        self.size = size

    def put(self, w, value):
        if self.size is None:
            w.length(len(value))
        w.octets(value)

    def get(self, r):
        return r.octets(r.length() if self.size is None else self.size)


class Unicode:
    """BMPString (SIZE (1..256))."""

    def put(self, w, value):
        w.octets(bytes([len(value) - 1]))
        w.octets(value.encode("utf-16-be"))

    def get(self, r):
        return r.octets(2 * (r.octets(1)[0] + 1)).decode("utf-16-be")


class Endpoint:
    def put(self, w, value):
        w.octets(socket.inet_aton(value[0]) + value[1].to_bytes(2, "big"))

    def get(self, r):
        data = r.octets(6)
        return socket.inet_ntoa(data[:4]), int.from_bytes(data[4:], "big")


class List:
    def __init__(self, element):
        self.element = element

    def put(self, w, value):
        w.length(len(value))
        for element in value:
            self.element.put(w, element)

    def get(self, r):
        return [self.element.get(r) for _ in range(r.length())]


class Seq:
    """Fields as "name", or "name?" when optional; additions by their number, None: not
    extensible."""

    def __init__(self, fields, more=None):
        self.fields, self.more = fields, more
        self.optional = [name for name in fields if name.endswith("?")]

    def put(self, w, value):
        added = [i for i, (name, _) in (self.more or {}).items() if name in value]
        if self.more is not None:
            w.put(bool(added), 1)
        for name in self.optional:
            w.put(name[:-1] in value, 1)
        for name, kind in self.fields.items():
            if name.rstrip("?") in value:
                kind.put(w, value[name.rstrip("?")])
        if not added:
            return
        w.put(max(added), 7)
        for i in range(max(added) + 1):
            w.put(i in added, 1)
        for i in sorted(added):
            name, kind = self.more[i]
            Octets().put(w, encode(kind, value[name]))

    def get(self, r):
        value = {}
        extended = self.more is not None and r.get(1)
        there = {name: r.get(1) for name in self.optional}
        for name, kind in self.fields.items():
            if there.get(name, 1):
                value[name.rstrip("?")] = kind.get(r)
        if extended:
            there = [r.get(1) for _ in range(r.get(7) + 1)]
            for i in [i for i, bit in enumerate(there) if bit]:
                data = Octets().get(r)
                if i in self.more:
                    value[self.more[i][0]] = decode(self.more[i][1], data)
        return value


class Choice:
    """Alternatives by their number; additions, too, None: not extensible."""

    def __init__(self, n, kinds, more=None):
        self.bits, self.kinds, self.more = (n - 1).bit_length(), kinds, more

    def put(self, w, value):
        if self.more is not None:
            w.put(value[0] in [name for name, _ in self.more.values()], 1)
        for i, (name, kind) in self.kinds.items():
            if name == value[0]:
                w.put(i, self.bits)
                kind.put(w, value[1])
        for i, (name, kind) in (self.more or {}).items():
            if name == value[0]:
                w.put(i, 7)
                Octets().put(w, encode(kind, value[1]))

    def get(self, r):
        if self.more is not None and r.get(1):
            i, data = r.get(7), Octets().get(r)
            name, kind = self.more[i]
            return name, decode(kind, data)
        name, kind = self.kinds[r.get(self.bits)]
        return name, kind.get(r)


def encode(kind, value):
    w = Writer()
    kind.put(w, value)
    return w.bytes()


def decode(kind, data):
    return kind.get(Reader(data))


# ---- H.245 ----

H245_ADDRESS = Choice(2, {0: ("unicast", Choice(5, {0: ("ip", Seq({"at": Endpoint()}, {}))}, {}))}, {})
AUDIO = Choice(14, {1: ("g711Alaw64k", Int(1, 256)), 3: ("g711Ulaw64k", Int(1, 256))}, {})
DATA_TYPE = Choice(6, {1: ("nullData", Null()), 3: ("audioData", AUDIO)}, {})
RTP = Seq({"nonStandard?": Null(), "sessionID": Int(0, 255), "associated?": Int(1, 255),
           "mediaChannel?": H245_ADDRESS, "guaranteed?": Bool(),
           "mediaControlChannel?": H245_ADDRESS, "controlGuaranteed?": Bool(),
           "silenceSuppression?": Bool(), "destination?": Null(), "payloadType?": Int(96, 127),
           "packetization?": Null()}, {})
FORWARD = Seq({"portNumber?": Int(0, 65535), "dataType": DATA_TYPE,
               "multiplex": Choice(3, {}, {0: ("rtp", RTP), 1: ("none", Null())})}, {})
REVERSE = Seq({"dataType": DATA_TYPE, "multiplex?": Choice(2, {}, {0: ("rtp", RTP)})}, {})
OPEN = Seq({"number": Int(1, 65535), "forward": FORWARD, "reverse?": REVERSE}, {})
ACK_RTP = Seq({"nonStandard?": Null(), "sessionID?": Int(1, 255), "mediaChannel?": H245_ADDRESS,
               "mediaControlChannel?": H245_ADDRESS, "payloadType?": Int(96, 127)}, {})
ACK = Seq({"number": Int(1, 65535), "reverse?": Null()},
          {1: ("forward", Choice(1, {0: ("rtp", ACK_RTP)}, {}))})
DETERMINATION = Seq({"terminalType": Int(0, 255), "number": Int(0, 16777215)}, {})
CAPABILITIES = Seq({"sequence": Int(0, 255), "protocol": Octets(), "multiplex?": Null(),
                    "table?": Null(), "descriptors?": Null()}, {})
H245 = Choice(4, {
    0: ("request", Choice(11, {1: ("determination", DETERMINATION),
                               2: ("capabilities", CAPABILITIES), 3: ("open", OPEN)}, {})),
    1: ("response", Choice(19, {5: ("ack", ACK)}, {})),
    2: ("command", Choice(7, {5: ("end", Choice(3, {1: ("disconnect", Null())}, {}))}, {})),
}, {})


def h245_address(endpoint):
    return "unicast", ("ip", {"at": endpoint})


# ---- H.225.0 ----

H221 = Seq({"country": Int(0, 255), "extension": Int(0, 255), "manufacturer": Int(0, 65535)}, {})
NON_STANDARD = Seq({"id": Choice(2, {0: ("object", Octets()), 1: ("h221", H221)}, {}),
                    "data": Octets()})
ADDRESS = Choice(7, {0: ("ip", Endpoint())}, {})
ALIAS = Choice(2, {1: ("h323-ID", Unicode())}, {1: ("transportID", ADDRESS)})
VENDOR = Seq({"vendor": H221, "product?": Null(), "version?": Null()}, {})
ENDPOINT_TYPE = Seq({"nonStandard?": NON_STANDARD, "vendor?": VENDOR, "gatekeeper?": Null(),
                     "gateway?": Null(), "mcu?": Null(),
                     "terminal?": Seq({"nonStandard?": NON_STANDARD}, {}), "mc": Bool(),
                     "undefined": Bool()}, {})
CALL_ID = Seq({"guid": Octets(16)}, {})
STRINGS = List(Octets())
SETUP = Seq({"protocol": Octets(), "h245Address?": ADDRESS, "sourceAddress?": List(ALIAS),
             "sourceInfo": ENDPOINT_TYPE, "destinationAddress?": List(ALIAS), "dest?": ADDRESS,
             "extraInfo?": Null(), "extraCRV?": Null(), "activeMC": Bool(),
             "conference": Octets(16), "goal": Choice(3, {0: ("create", Null())}, {}),
             "services?": Null(), "callType": Choice(4, {0: ("pointToPoint", Null())}, {})},
            {0: ("source", ADDRESS), 2: ("callIdentifier", CALL_ID), 6: ("fastStart", STRINGS),
             7: ("mediaWait", Bool()), 8: ("overlap", Bool())})
PROCEEDING = Seq({"protocol": Octets(), "destinationInfo": ENDPOINT_TYPE,
                  "h245Address?": ADDRESS},
                 {0: ("callIdentifier", CALL_ID), 4: ("fastStart", STRINGS)})
CONNECT = Seq({"protocol": Octets(), "h245Address?": ADDRESS, "destinationInfo": ENDPOINT_TYPE,
               "conference": Octets(16)},
              {0: ("callIdentifier", CALL_ID), 4: ("fastStart", STRINGS)})
RELEASE = Seq({"protocol": Octets(), "reason?": Null()}, {0: ("callIdentifier", CALL_ID)})
FACILITY = Seq({"protocol": Octets(), "alternative?": ADDRESS, "alternativeAlias?": Null(),
                "conference?": Octets(16),
                "reason": Choice(4, {3: ("undefined", Null())}, {5: ("transported", Null())})},
               {0: ("callIdentifier", CALL_ID), 6: ("h245Address", ADDRESS),
                7: ("fastStart", STRINGS)})
PROGRESS = Seq({"protocol": Octets(), "destinationInfo": ENDPOINT_TYPE, "h245Address?": ADDRESS,
                "callIdentifier": CALL_ID, "security?": Null(), "tokens?": Null(),
                "crypto?": Null(), "fastStart?": STRINGS}, {})
BODY = Choice(7, {0: ("setup", SETUP), 1: ("callProceeding", PROCEEDING), 2: ("connect", CONNECT),
                  3: ("alerting", PROCEEDING), 5: ("releaseComplete", RELEASE),
                  6: ("facility", FACILITY)}, {0: ("progress", PROGRESS)})
PDU = Seq({"body": BODY, "nonStandard?": NON_STANDARD},
          {1: ("tunnelling", Bool()), 2: ("control", STRINGS)})
H225 = Seq({"pdu": PDU, "userData?": Null()}, {})

Q931 = {"setup": 5, "callProceeding": 2, "alerting": 1, "connect": 7, "progress": 3,
        "facility": 0x62, "releaseComplete": 0x5a}


def tpkt(data):
    return b"\x03\x00" + (len(data) + 4).to_bytes(2, "big") + data


def q931(kind, reference, elements, pdu):
    """A whole message of call signalling."""
    user = b"\x05" + encode(H225, {"pdu": pdu})
    return tpkt(b"\x08\x02" + reference.to_bytes(2, "big") + bytes([Q931[kind]]) + elements +
                b"\x7e" + len(user).to_bytes(2, "big") + user)


def q931_user(data):
    """What of H.225.0 is in the Q.931 message of a TPKT."""
    at = 9
    while data[at] != 0x7e:
        at += 2 + data[at + 1] if data[at] < 0x80 else 1
    return decode(H225, data[at + 4:])["pdu"]
