/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Messages of RAS made by hand, as those of call signalling are (h323make.c).
 */
#include "rasmake.h"

#include <string.h>

static void
align(struct bits *p)
{
	h323_octets(p, "", 0);
}

static void
sequence_number(struct bits *p, const struct ras_make *make)
{
	uint16_t v = (uint16_t)(make->number - 1);

	h323_octets(p, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

static void
protocol(struct bits *p, const struct ras_make *make)
{
	h323_string(p, make->no_id ? "\x00\x08\x91\x4b\x00\x04" : "\x00\x08\x91\x4a\x00\x04", 6);
}

static void
name(struct bits *p)
{
	h323_put(p, 1, 7); /* two characters */
	h323_octets(p, "\0g\0k", 4);
}

/* AliasAddress: dialedDigits 123, h323-ID "ab". */
static void
aliases(struct bits *p)
{
	align(p);
	h323_put(p, 2, 8);
	h323_put(p, 0, 2);
	h323_put(p, 2, 7); /* three of 1..128 */
	align(p);
	h323_put(p, 0x456, 12);
	h323_put(p, 1, 2);
	h323_octets(p, "\x01", 1);
	h323_octets(p, "\0a\0b", 4);
}

static void
addresses(struct bits *p, const char *const *list)
{
	uint8_t n = 0;

	while (n < RAS_LIST && list[n] != NULL)
		n++;
	h323_octets(p, &n, 1);
	for (unsigned int i = 0; i < n; i++)
		h323_address(p, list[i]);
}

/* A whole number that takes so many octets of four. */
static void
number(struct bits *p, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
	unsigned int skip = 0;

	while (skip < 3 && b[skip] == 0)
		skip++;
	h323_put(p, 3 - skip, 2);
	h323_octets(p, b + skip, 4 - skip);
}

/* The second addition of so many: timeToLive. */
static void
time_to_live(struct bits *p, const struct ras_make *make, unsigned int of)
{
	struct bits inner = { .n = 0 };

	if (make->seconds == 0)
		return;
	number(&inner, make->seconds - 1);
	h323_put(p, of - 1, 7);
	h323_put(p, UINT32_C(1) << (of - 2), of);
	h323_string(p, inner.b, (inner.n + 7) / 8);
}

static void
grq(struct bits *p, const struct ras_make *make)
{
	h323_put(p, 0, 1);
	h323_put(p, 5, 4); /* gatekeeperIdentifier, endpointAlias */
	sequence_number(p, make);
	protocol(p, make);
	h323_address(p, make->ras);
	h323_endpoint_type(p);
	name(p);
	aliases(p);
}

static void
gcf(struct bits *p, const struct ras_make *make)
{
	h323_put(p, 0, 1);
	h323_put(p, 1, 2);
	sequence_number(p, make);
	protocol(p, make);
	name(p);
	h323_address(p, make->ras);
}

static void
rrq(struct bits *p, const struct ras_make *make)
{
	const char *const ras[RAS_LIST] = { make->ras };

	h323_put(p, make->seconds != 0, 1);
	h323_put(p, 3, 3); /* terminalAlias, gatekeeperIdentifier */
	sequence_number(p, make);
	protocol(p, make);
	h323_put(p, 0, 1);
	addresses(p, make->signal);
	addresses(p, ras);
	h323_endpoint_type(p);
	aliases(p);
	name(p);
	h323_put(p, 0, 3); /* endpointVendor */
	h323_octets(p, "\xb5\x00\x53\x4c", 4);
	time_to_live(p, make, 8);
}

static void
rcf(struct bits *p, const struct ras_make *make)
{
	h323_put(p, make->seconds != 0, 1);
	h323_put(p, 3, 3);
	sequence_number(p, make);
	protocol(p, make);
	addresses(p, make->signal);
	aliases(p);
	name(p);
	name(p);
	time_to_live(p, make, 4);
}

static void
rrj(struct bits *p, const struct ras_make *make)
{
	h323_put(p, 0, 3);
	sequence_number(p, make);
	protocol(p, make);
	h323_put(p, 0, 1);
	h323_put(p, 1, 3); /* invalidRevision and so on, of eight */
}

static void
urq(struct bits *p, const struct ras_make *make)
{
	h323_put(p, 0, 1);
	h323_put(p, 5, 3); /* endpointAlias, endpointIdentifier */
	sequence_number(p, make);
	addresses(p, make->signal);
	aliases(p);
	name(p);
}

static void
ucf(struct bits *p, const struct ras_make *make)
{
	h323_put(p, 0, 2);
	sequence_number(p, make);
}

static void
arq(struct bits *p, const struct ras_make *make)
{
	h323_put(p, 0, 1);
	h323_put(p, 3, 2); /* callModel, destinationInfo */
	h323_put(p, make->signal[0] != NULL, 1);
	h323_put(p, 0, 1);
	h323_put(p, make->source != NULL, 1);
	h323_put(p, 0, 2);
	sequence_number(p, make);
	h323_put(p, 0, 3); /* pointToPoint of four */
	h323_put(p, 1, 2); /* gatekeeperRouted */
	name(p);
	aliases(p);
	if (make->signal[0] != NULL)
		h323_address(p, make->signal[0]);
	aliases(p);
	if (make->source != NULL)
		h323_address(p, make->source);
	number(p, 1280);
	h323_octets(p, "\x00\x07", 2);
	h323_octets(p, "0123456789abcdef", 16);
	h323_put(p, 0, 2);
}

static void
acf(struct bits *p, const struct ras_make *make)
{
	h323_put(p, 0, 1);
	h323_put(p, 2, 2); /* irrFrequency */
	sequence_number(p, make);
	number(p, 1280);
	h323_put(p, 1, 2);
	h323_address(p, make->signal[0]);
	h323_octets(p, "\x00\x77", 2);
}

static void
lrq(struct bits *p, const struct ras_make *make)
{
	h323_put(p, 0, 1);
	h323_put(p, 2, 2); /* endpointIdentifier */
	sequence_number(p, make);
	name(p);
	aliases(p);
	h323_address(p, make->ras);
}

static void
lcf(struct bits *p, const struct ras_make *make)
{
	h323_put(p, 0, 2);
	sequence_number(p, make);
	h323_address(p, make->signal[0]);
	h323_address(p, make->ras);
}

static void
irr(struct bits *p, const struct ras_make *make)
{
	h323_put(p, 0, 1);
	h323_put(p, 2, 3); /* endpointAlias */
	sequence_number(p, make);
	h323_endpoint_type(p);
	name(p);
	h323_address(p, make->ras);
	addresses(p, make->signal);
	aliases(p);
}

size_t
ras_make(const struct ras_make *make, uint8_t *out)
{
	static void (*const kinds[])(struct bits * p, const struct ras_make *make) = {
		[RAS_GRQ] = grq,
		[RAS_GCF] = gcf,
		[RAS_RRQ] = rrq,
		[RAS_RCF] = rcf,
		[RAS_RRJ] = rrj,
		[RAS_URQ] = urq,
		[RAS_UCF] = ucf,
		[RAS_ARQ] = arq,
		[RAS_ACF] = acf,
		[RAS_LRQ] = lrq,
		[RAS_LCF] = lcf,
		[RAS_IRR] = irr,
	};
	struct bits p = { .n = 0 };

	h323_put(&p, 0, 1);
	h323_put(&p, make->kind, 5);
	kinds[make->kind](&p, make);
	memcpy(out, p.b, (p.n + 7) / 8);
	return (p.n + 7) / 8;
}
