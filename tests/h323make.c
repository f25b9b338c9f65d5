/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Messages of H.323 made by hand, by another way than they are read: a writer of aligned PER, and
 * for each type a function that writes what ASN.1 says of it, in its order. Wireshark reads what
 * comes of it (tests/e2e/h323_test.sh has the same in Python, and asks it).
 */
#include "h323make.h"

#include <string.h>

#include "talk.h"

/* ---- bits ---- */

static void
put(struct bits *p, uint32_t v, unsigned int n)
{
	while (n-- > 0) {
		if (p->n % 8 == 0)
			p->b[p->n / 8] = 0;
		p->b[p->n / 8] |= (uint8_t)((v >> n & 1) << (7 - p->n % 8));
		p->n++;
	}
}

static void
align(struct bits *p)
{
	p->n = (p->n + 7) / 8 * 8;
}

static void
octets(struct bits *p, const void *b, size_t n)
{
	align(p);
	memcpy(p->b + p->n / 8, b, n);
	p->n += n * 8;
}

static void
length(struct bits *p, size_t n)
{
	align(p);
	put(p, n < 128 ? (uint32_t)n : 0x8000 | (uint32_t)n, n < 128 ? 8 : 16);
}

static size_t
bytes_of(const struct bits *p)
{
	return (p->n + 7) / 8;
}

static void
string(struct bits *p, const void *b, size_t n)
{
	length(p, n);
	octets(p, b, n);
}

static void
wrapped(struct bits *p, const struct bits *inner)
{
	string(p, inner->b, bytes_of(inner));
}

/* ---- additions of a sequence ---- */

#define ADDITIONS 28

struct additions {
	bool there[ADDITIONS];
	struct bits value[ADDITIONS];
};

static bool
has_any(const struct additions *a)
{
	for (unsigned int i = 0; i < ADDITIONS; i++)
		if (a->there[i])
			return true;
	return false;
}

/* n: how many the version of the sender knows. */
static void
put_additions(struct bits *p, const struct additions *a, unsigned int n)
{
	if (!has_any(a))
		return;
	put(p, n - 1, 7);
	for (unsigned int i = 0; i < n; i++)
		put(p, a->there[i], 1);
	for (unsigned int i = 0; i < n; i++)
		if (a->there[i])
			wrapped(p, &a->value[i]);
}

static struct bits *
add(struct additions *a, unsigned int i)
{
	a->there[i] = true;
	return &a->value[i];
}

/* ---- addresses ---- */

static void
six(const char *endpoint, uint8_t b[6])
{
	struct talk_end e = talk_end(endpoint);

	memcpy(b, &e.addr, 4);
	b[4] = (uint8_t)(e.port >> 8);
	b[5] = (uint8_t)e.port;
}

static void
put_endpoint(struct bits *p, const char *endpoint)
{
	uint8_t b[6];

	six(endpoint, b);
	octets(p, b, 6);
}

static void
h225_address(struct bits *p, const char *endpoint)
{
	put(p, 0, 4); /* no extension; ipAddress of seven */
	put_endpoint(p, endpoint);
}

static void
h245_address(struct bits *p, const char *endpoint)
{
	put(p, 0, 2); /* unicastAddress of two */
	put(p, 0, 4); /* iPAddress of five */
	put(p, 0, 1);
	put_endpoint(p, endpoint);
}

size_t
h323_find(const uint8_t *b, size_t n, size_t from, const char *endpoint)
{
	uint8_t wanted[6];

	six(endpoint, wanted);
	for (; from + 6 <= n; from++)
		if (memcmp(b + from, wanted, 6) == 0)
			return from;
	return n;
}

/* ---- parts of H.225.0 ---- */

static void
protocol_identifier(struct bits *p)
{
	static const uint8_t v4[] = { 0x00, 0x08, 0x91, 0x4a, 0x00, 0x04 };

	string(p, v4, sizeof(v4));
}

/* Sixteen bytes, that may be meant to look like an endpoint. */
static void
guid(struct bits *p, const struct h323_make *make)
{
	uint8_t b[16] = "0123456789abcdef";

	if (make->decoy != NULL) {
		six(make->decoy, b);
		six(make->decoy, b + 7);
	}
	octets(p, b, sizeof(b));
}

static void
endpoint_type(struct bits *p, const struct h323_make *make)
{
	uint8_t product[8] = "sluice-8";

	put(p, 0, 1);
	put(p, 0x11, 6); /* vendor, terminal */
	put(p, 0, 1);
	put(p, 2, 2); /* productId */
	put(p, 0, 1);
	octets(p, "\xb5\x00\x53\x4c", 4);
	octets(p, "\x07", 1);
	if (make->decoy != NULL)
		six(make->decoy, product + 1);
	octets(p, product, 8);
	put(p, 0, 2); /* TerminalInfo */
	put(p, 0, 2); /* mc, undefinedNode */
}

static void
call_identifier(struct bits *p, const struct h323_make *make)
{
	put(p, 0, 1);
	guid(p, make);
}

static bool
put_strings(struct bits *p, const struct bits *const *list)
{
	unsigned int n = 0;

	while (n < H323_LIST && list[n] != NULL)
		n++;
	length(p, n);
	for (unsigned int i = 0; i < n; i++)
		wrapped(p, list[i]);
	return n > 0;
}

static void
put_optional(struct bits *p, const char *endpoint)
{
	if (endpoint != NULL)
		h225_address(p, endpoint);
}

/* ---- messages of H.225.0 ---- */

static void
setup(struct bits *p, const struct h323_make *make)
{
	static struct additions a;
	struct bits *alias;

	memset(&a, 0, sizeof(a));
	if (make->source != NULL)
		h225_address(add(&a, 0), make->source);
	call_identifier(add(&a, 2), make);
	if (make->fast[0] != NULL)
		put_strings(add(&a, 6), make->fast);
	put(add(&a, 7), 0, 1);
	put(p, 1, 1);
	put(p, make->h245 != NULL, 1);
	put(p, 1, 1); /* sourceAddress */
	put(p, 0, 1);
	put(p, make->dest != NULL, 1);
	put(p, 0, 3);
	protocol_identifier(p);
	put_optional(p, make->h245);
	length(p, make->alias != NULL ? 2 : 1);
	put(p, 1, 2); /* h323-ID of two characters */
	octets(p, "\x01", 1);
	octets(p, "\0A\0B", 4);
	if (make->alias != NULL) {
		struct bits id = { .n = 0 };

		alias = &id;
		put(p, 1, 1);
		put(p, 1, 7); /* transportID */
		h225_address(alias, make->alias);
		wrapped(p, alias);
	}
	endpoint_type(p, make);
	put_optional(p, make->dest);
	put(p, 0, 1); /* activeMC */
	guid(p, make);
	put(p, 0, 3); /* create of three */
	put(p, 0, 3); /* pointToPoint of four */
	put_additions(p, &a, 12);
}

static void
proceeding(struct bits *p, const struct h323_make *make)
{
	static struct additions a;

	memset(&a, 0, sizeof(a));
	call_identifier(add(&a, 0), make);
	if (make->fast[0] != NULL)
		put_strings(add(&a, 4), make->fast);
	put(p, 1, 1);
	put(p, make->h245 != NULL, 1);
	protocol_identifier(p);
	endpoint_type(p, make);
	put_optional(p, make->h245);
	put_additions(p, &a, 7);
}

static void
connected(struct bits *p, const struct h323_make *make)
{
	static struct additions a;

	memset(&a, 0, sizeof(a));
	call_identifier(add(&a, 0), make);
	if (make->fast[0] != NULL)
		put_strings(add(&a, 4), make->fast);
	put(p, 1, 1);
	put(p, make->h245 != NULL, 1);
	protocol_identifier(p);
	put_optional(p, make->h245);
	endpoint_type(p, make);
	guid(p, make);
	put_additions(p, &a, 7);
}

static void
information(struct bits *p, const struct h323_make *make)
{
	static struct additions a;

	memset(&a, 0, sizeof(a));
	call_identifier(add(&a, 0), make);
	if (make->fast[0] != NULL)
		put_strings(add(&a, 3), make->fast);
	put(p, 1, 1);
	protocol_identifier(p);
	put_additions(p, &a, 5);
}

static void
release(struct bits *p, const struct h323_make *make)
{
	static struct additions a;

	memset(&a, 0, sizeof(a));
	call_identifier(add(&a, 0), make);
	put(p, 3, 2);
	protocol_identifier(p);
	put(p, 0, 1);
	put(p, 11, 4); /* undefinedReason of twelve */
	put_additions(p, &a, 3);
}

static void
facility(struct bits *p, const struct h323_make *make)
{
	static struct additions a;

	memset(&a, 0, sizeof(a));
	call_identifier(add(&a, 0), make);
	if (make->h245 != NULL)
		h225_address(add(&a, 6), make->h245);
	if (make->fast[0] != NULL)
		put_strings(add(&a, 7), make->fast);
	put(p, 1, 1);
	put(p, make->other != NULL, 1);
	put(p, 0, 1);
	put(p, 1, 1); /* conferenceID */
	protocol_identifier(p);
	put_optional(p, make->other);
	guid(p, make);
	put(p, 1, 1);
	put(p, 1, 7); /* startH245, the second addition */
	wrapped(p, &(struct bits){ .n = 8 });
	put_additions(p, &a, 10);
}

static void
progress(struct bits *p, const struct h323_make *make)
{
	put(p, 0, 1);
	put(p, make->h245 != NULL, 1);
	put(p, 1, 1); /* h245SecurityMode */
	put(p, 0, 2);
	put(p, make->fast[0] != NULL, 1);
	protocol_identifier(p);
	endpoint_type(p, make);
	put_optional(p, make->h245);
	call_identifier(p, make);
	put(p, 1, 3); /* noSecurity of four */
	if (make->fast[0] != NULL)
		put_strings(p, make->fast);
}

static void
body(struct bits *p, const struct h323_make *make)
{
	static const struct {
		uint8_t type, choice;
		void (*put)(struct bits *p, const struct h323_make *make);
	} kinds[] = {
		{ SL_Q931_SETUP, 0, setup },
		{ SL_Q931_CALL_PROCEEDING, 1, proceeding },
		{ SL_Q931_CONNECT, 2, connected },
		{ SL_Q931_ALERTING, 3, proceeding },
		{ Q931_INFORMATION, 4, information },
		{ SL_Q931_RELEASE_COMPLETE, 5, release },
		{ Q931_FACILITY, 6, facility },
	};
	struct bits inner = { .n = 0 };

	for (size_t i = 0; i < RTE_DIM(kinds); i++) {
		if (kinds[i].type != make->type)
			continue;
		put(p, kinds[i].choice, 4);
		kinds[i].put(p, make);
		return;
	}
	put(p, 1, 1);
	put(p, 0, 7);
	progress(&inner, make);
	wrapped(p, &inner);
}

/* H323-UserInformation; the decoy in nonStandardData, too. */
static void
user_information(struct bits *p, const struct h323_make *make)
{
	static struct additions a;
	uint8_t decoy[6];

	memset(&a, 0, sizeof(a));
	put(add(&a, 1), make->control[0] != NULL, 1);
	if (make->control[0] != NULL)
		put_strings(add(&a, 2), make->control);
	put(p, 0, 2);
	put(p, 1, 1);
	put(p, make->decoy != NULL, 1);
	body(p, make);
	if (make->decoy != NULL) {
		six(make->decoy, decoy);
		put(p, 1, 2); /* h221NonStandard */
		put(p, 0, 1);
		octets(p, "\xb5\x00\x53\x4c", 4);
		string(p, decoy, sizeof(decoy));
	}
	put_additions(p, &a, 3);
}

static size_t
tpkt(uint8_t *out, size_t n)
{
	out[0] = 3;
	out[1] = 0;
	out[2] = (uint8_t)(n >> 8);
	out[3] = (uint8_t)n;
	return n;
}

size_t
h323_make(const struct h323_make *make, uint8_t *out)
{
	uint8_t head[] = { 0x08, 2, (uint8_t)(make->call >> 8), (uint8_t)make->call, make->type,
		0x04, 3, 0x88, 0xc0, 0xa5, 0x28, 7, 'd', 0, 0, 0, 0, 0, 0, 0x7e, 0, 0, 5 };
	struct bits user = { .n = 0 };
	size_t n;

	if (make->decoy != NULL)
		six(make->decoy, head + 13);
	user_information(&user, make);
	n = bytes_of(&user) + 1;
	head[sizeof(head) - 3] = (uint8_t)(n >> 8);
	head[sizeof(head) - 2] = (uint8_t)n;
	memcpy(out + 4, head, sizeof(head));
	memcpy(out + 4 + sizeof(head), user.b, n - 1);
	return tpkt(out, 4 + sizeof(head) + n - 1);
}

/* ---- H.245 ---- */

static void
data_type(struct bits *p, enum h323_media kind)
{
	switch (kind) {
	case H323_G711:
		put(p, 3, 4); /* audioData of six */
		put(p, 1, 5); /* g711Alaw64k of fourteen */
		octets(p, "\x13", 1);
		break;
	case H323_G7231:
		put(p, 3, 4);
		put(p, 8, 5);
		octets(p, "\x03", 1);
		put(p, 1, 1);
		break;
	case H323_GSM:
		put(p, 3, 4);
		put(p, 1, 1);
		put(p, 3, 7); /* gsmFullRate */
		string(p, "\0\x20\0", 3);
		break;
	case H323_H261:
		put(p, 2, 4); /* videoData */
		put(p, 1, 4); /* h261 of five */
		put(p, 3, 3); /* qcif and cif */
		put(p, 0, 4);
		put(p, 1, 1);
		octets(p, "\x0b\xb7", 2);
		put(p, 0, 1);
		break;
	case H323_H263:
		put(p, 2, 4);
		put(p, 3, 4);
		put(p, 0, 1);
		put(p, 0x23, 7); /* qcifMPI, hrd-B, bppMaxKb */
		put(p, 0, 5);
		put(p, 2, 2); /* a rate of three bytes */
		octets(p, "\x01\x77\x00", 3);
		put(p, 0x15, 5);
		put(p, 1, 2); /* of two bytes */
		octets(p, "\x10\x00", 2);
		octets(p, "\x02\x00", 2);
		break;
	case H323_T120:
		put(p, 4, 4); /* data */
		put(p, 0, 1);
		put(p, 1, 5); /* t120 of ten */
		put(p, 1, 1);
		put(p, 3, 7); /* separateLANStack */
		wrapped(p, &(struct bits){ .n = 8 });
		put(p, 1, 2);
		octets(p, "\x18\x6a", 2);
		break;
	case H323_PRIVATE:
		put(p, 0, 4);
		put(p, 1, 1); /* h221NonStandard */
		octets(p, "\xb5\x00\x53\x4c", 4);
		string(p, "\x0a\0\0\x02\x13\x88", 6); /* 10.0.0.2:5000 */
		break;
	default:
		put(p, 1, 4);
		break;
	}
}

/* H2250LogicalChannelParameters. */
static void
rtp(struct bits *p, const char *media, const char *rtcp)
{
	put(p, 0, 3); /* nonStandard, associatedSessionID */
	put(p, media != NULL, 1);
	put(p, 0, 1);
	put(p, rtcp != NULL, 1);
	put(p, 5 << 1, 5); /* silenceSuppression is here, and dynamicRTPPayloadType */
	octets(p, "\x01", 1);
	if (media != NULL)
		h245_address(p, media);
	if (rtcp != NULL)
		h245_address(p, rtcp);
	put(p, 0, 1);
	put(p, 5, 5);
}

/* NetworkAccessParameters. */
static void
network(struct bits *p, const char *endpoint)
{
	put(p, 2, 3); /* distribution */
	put(p, 0, 2); /* unicast of two */
	put(p, 2, 3); /* localAreaAddress of three */
	h245_address(p, endpoint);
	put(p, 0, 1);
}

/* multiplexParameters with RTP: the alternative's number among the additions. */
static void
multiplex(struct bits *p, unsigned int choice, const char *media, const char *rtcp)
{
	struct bits inner = { .n = 0 };

	put(p, 1, 1);
	put(p, choice, 7);
	rtp(&inner, media, rtcp);
	wrapped(p, &inner);
}

struct bits
h323_open(uint16_t channel, enum h323_media kind, const char *media, const char *rtcp)
{
	bool stack = kind == H323_T120, reverse = kind == H323_NULL;
	struct bits p = { .n = 0 }, inner = { .n = 0 };
	uint16_t number = channel - 1;

	put(&p, stack, 1);
	put(&p, reverse, 1);
	octets(&p, (uint8_t[]){ (uint8_t)(number >> 8), (uint8_t)number }, 2);
	put(&p, 0, 2);
	data_type(&p, kind);
	if (stack || reverse) {
		put(&p, 1, 1);
		put(&p, 1, 7); /* none */
		wrapped(&p, &(struct bits){ .n = 8 });
	} else {
		multiplex(&p, 0, media, rtcp);
	}
	if (reverse) {
		put(&p, 1, 2);
		data_type(&p, H323_G711);
		multiplex(&p, 0, media, rtcp);
	}
	if (stack) {
		network(&inner, media);
		put(&p, 0, 7);
		put(&p, 1, 1);
		wrapped(&p, &inner);
	}
	return p;
}

static void
put_all(struct bits *p, const struct bits *inner)
{
	for (size_t i = 0; i < inner->n; i++)
		put(p, inner->b[i / 8] >> (7 - i % 8) & 1, 1);
}

struct bits
h245_open(uint16_t channel, enum h323_media kind, const char *media, const char *rtcp)
{
	struct bits p = { .n = 0 }, inner = h323_open(channel, kind, media, rtcp);

	put(&p, 0, 3); /* request of four */
	put(&p, 3, 5); /* openLogicalChannel of eleven */
	/* A whole byte so far, so what follows lies as it would by itself. */
	put_all(&p, &inner);
	return p;
}

struct bits
h245_ack(uint16_t channel, const char *media, const char *rtcp)
{
	struct bits p = { .n = 0 }, inner = { .n = 0 };
	uint16_t number = channel - 1;

	put(&p, 1, 3); /* response */
	put(&p, 5, 6); /* openLogicalChannelAck of nineteen */
	put(&p, 2, 2); /* additions; no reverse channel */
	octets(&p, (uint8_t[]){ (uint8_t)(number >> 8), (uint8_t)number }, 2);
	put(&p, 1, 7);
	put(&p, 1, 2); /* forwardMultiplexAckParameters is the second one */
	put(&inner, 0, 1);
	put(&inner, 0, 1);
	put(&inner, 1, 2); /* sessionID */
	put(&inner, media != NULL, 1);
	put(&inner, rtcp != NULL, 1);
	put(&inner, 0, 1);
	put(&inner, 0, 8);
	if (media != NULL)
		h245_address(&inner, media);
	if (rtcp != NULL)
		h245_address(&inner, rtcp);
	wrapped(&p, &inner);
	return p;
}

struct bits
h245_end(void)
{
	struct bits p = { .n = 0 };

	put(&p, 2, 3); /* command */
	put(&p, 5, 4); /* endSessionCommand of seven */
	put(&p, 1, 3); /* disconnect of three */
	return p;
}

struct bits
h245_determination(void)
{
	struct bits p = { .n = 0 };

	put(&p, 0, 3);
	put(&p, 1, 5);
	put(&p, 0, 1);
	octets(&p, "\x32", 1); /* terminalType */
	put(&p, 2, 2);
	octets(&p, "\x0a\x00\x00", 3); /* statusDeterminationNumber */
	return p;
}

size_t
h323_tpkt(const struct bits *h245, uint8_t *out)
{
	memcpy(out + 4, h245->b, bytes_of(h245));
	return tpkt(out, 4 + bytes_of(h245));
}

/* ---- for others ---- */

void
h323_put(struct bits *p, uint32_t v, unsigned int n)
{
	put(p, v, n);
}

void
h323_octets(struct bits *p, const void *b, size_t n)
{
	octets(p, b, n);
}

void
h323_string(struct bits *p, const void *b, size_t n)
{
	string(p, b, n);
}

void
h323_address(struct bits *p, const char *endpoint)
{
	h225_address(p, endpoint);
}

void
h323_endpoint_type(struct bits *p)
{
	endpoint_type(p, &(const struct h323_make){ .type = 0 });
}
