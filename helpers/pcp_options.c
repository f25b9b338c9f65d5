/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Options of PCP requests: a code, a byte for nothing, a length, and data padded to four bytes
 * (RFC 6887 section 7.3). Codes below 128 must be understood, or the request fails; the others
 * may be left aside, and then do not come back in the reply.
 *
 * FILTER: a lease has room for one remote endpoint, so of several different ones none is
 * installed (EXCESSIVE_REMOTE_PEERS, said by the opcode); the same goes for prefixes shorter than
 * a host. What asks for one that no packet can have is malformed, and opens nothing to all.
 *
 * DESCRIPTION (RFC 7220) is kept as far as a lease has room for it, whole characters only. What
 * is not clean UTF-8, or has control characters, is not kept: it would end up on terminals.
 */
#include "pcp_wire.h"
#include "six.h"

#include <rte_common.h>

#define OPTION 4 /* bytes of its header */

enum option_code {
	THIRD_PARTY = 1,
	PREFER_FAILURE = 2,
	FILTER = 3,
	MANDATORY_LAST = 127,
	DESCRIPTION = 128,
};

/* ---- text ---- */

/* Length of the character at p, 0: none that is clean. */
static size_t
character(const uint8_t *p, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] < 0x80       ? 1
		     : p[0] >> 5 == 6  ? 2
		     : p[0] >> 4 == 14 ? 3
		     : p[0] >> 3 == 30 ? 4
				       : 0;
	uint32_t c;

	if (len == 0 || len > n)
		return 0;
	c = len == 1 ? p[0] : p[0] & (0xffU >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	/* Overlong forms, surrogates, what Unicode does not have, C0, DEL and C1. */
	if (c < least[len] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff || c < 0x20 ||
		(c >= 0x7f && c < 0xa0))
		return 0;
	return len;
}

static void
read_description(const uint8_t *p, size_t n, struct sl_pcp_options *o)
{
	size_t i = 0, kept = 0;

	while (i < n) {
		size_t len = character(p + i, n - i);

		if (len == 0)
			return;
		i += len;
		if (i < sizeof(o->description))
			kept = i;
	}
	memcpy(o->description, p, kept);
	o->description[kept] = '\0';
	o->described = true;
}

/* ---- filters ---- */

bool
sl_pcp_remote(const struct sl_pcp_peer *from, const uint8_t p[16], rte_be32_t *addr)
{
	struct sl_prefix_match match;
	struct sl_prefix prefix;
	struct sl_ip6 six;

	if (sl_pcp_mapped(p)) {
		*addr = sl_pcp_addr(p + 12);
		return true;
	}
	if (!from->is_six || !sl_prefix_init(&prefix, &from->prefix))
		return false;
	sl_prefix_match_init(&match, &from->prefix);
	memcpy(&six, p, sizeof(six));
	return sl_prefix_holds(&match, &six) && sl_prefix_split(&prefix, &six, addr);
}

/* The bits of a remote address that say that it is an IPv4 one. */
static uint8_t
family_bits(const struct sl_pcp_peer *from, const uint8_t p[16])
{
	return sl_pcp_mapped(p) ? 96 : from->prefix.plen;
}

static enum sl_pcp_result
read_filter(const struct sl_pcp_peer *from, const uint8_t *p, struct sl_pcp_options *o)
{
	uint8_t plen = p[1], all = family_bits(from, p + 4);
	rte_be16_t port = sl_pcp_port(p + 2);
	rte_be32_t addr;

	if (plen == 0) {
		o->unfiltered = true;
		o->n_filters = 0;
		return SL_PCP_SUCCESS;
	}
	if (plen > 128 || !sl_pcp_remote(from, p + 4, &addr) || plen < all)
		return SL_PCP_MALFORMED_OPTION;
	if (plen == all)
		addr = 0;
	if (plen == 128 && addr == 0)
		return SL_PCP_MALFORMED_OPTION;
	if (plen > all && plen < 128) {
		o->n_filters = 2; /* too many hosts */
		return SL_PCP_SUCCESS;
	}
	if (addr == 0 && port == 0) /* all addresses, all ports: nothing is filtered */
		return SL_PCP_SUCCESS;
	if (o->n_filters == 0 || o->rem_addr != addr || o->rem_port != port)
		o->n_filters++;
	if (o->n_filters == 1) {
		o->rem_addr = addr;
		o->rem_port = port;
	}
	return SL_PCP_SUCCESS;
}

/* ---- options ---- */

static enum sl_pcp_result
read_third_party(const uint8_t *p, struct sl_pcp_options *o)
{
	if (o->third_party)
		return SL_PCP_MALFORMED_OPTION;
	o->third_party = true;
	o->host = sl_pcp_mapped(p) ? sl_pcp_addr(p + 12) : 0;
	return SL_PCP_SUCCESS;
}

static enum sl_pcp_result
read_prefer_failure(uint8_t opcode, struct sl_pcp_options *o)
{
	if (opcode == SL_PCP_PEER) /* section 12.1: implied, and not allowed */
		return SL_PCP_MALFORMED_REQUEST;
	if (o->prefer_failure)
		return SL_PCP_MALFORMED_OPTION;
	o->prefer_failure = true;
	return SL_PCP_SUCCESS;
}

/* The length that an option of this code has to have, -1: any. */
static int
length_of(uint8_t code)
{
	return code == THIRD_PARTY ? 16 : code == PREFER_FAILURE ? 0 : code == FILTER ? 20 : -1;
}

static bool
belongs_to(uint8_t code, uint8_t opcode)
{
	switch (code) {
	case THIRD_PARTY:
	case PREFER_FAILURE:
	case DESCRIPTION:
		return opcode == SL_PCP_MAP || opcode == SL_PCP_PEER;
	case FILTER:
		return opcode == SL_PCP_MAP;
	default:
		return false;
	}
}

static enum sl_pcp_result
read_one(const struct sl_pcp_peer *from, uint8_t opcode, uint8_t code, const uint8_t *p, size_t len,
	struct sl_pcp_options *o)
{
	if (!belongs_to(code, opcode))
		return code <= MANDATORY_LAST ? SL_PCP_UNSUPP_OPTION : SL_PCP_SUCCESS;
	if (length_of(code) >= 0 && len != (size_t)length_of(code))
		return SL_PCP_MALFORMED_OPTION;
	switch (code) {
	case THIRD_PARTY:
		return read_third_party(p, o);
	case PREFER_FAILURE:
		return read_prefer_failure(opcode, o);
	case FILTER:
		return read_filter(from, p, o);
	default:
		if (o->described)
			return SL_PCP_MALFORMED_OPTION;
		read_description(p, len, o);
		return SL_PCP_SUCCESS;
	}
}

enum sl_pcp_result
sl_pcp_options_read(const struct sl_pcp_peer *from, uint8_t opcode, const uint8_t *p, size_t n,
	struct sl_pcp_options *options)
{
	memset(options, 0, sizeof(*options));
	while (n > 0) {
		enum sl_pcp_result result;
		size_t len, whole;

		if (n < OPTION)
			return SL_PCP_MALFORMED_OPTION;
		len = sl_pcp_get16(p + 2);
		whole = OPTION + RTE_ALIGN_CEIL(len, 4);
		if (whole > n)
			return SL_PCP_MALFORMED_OPTION;
		result = read_one(from, opcode, p[0], p + OPTION, len, options);
		if (result != SL_PCP_SUCCESS)
			return result;
		p += whole;
		n -= whole;
	}
	return SL_PCP_SUCCESS;
}

static size_t
echo_description(const struct sl_pcp_options *o, uint8_t *to)
{
	size_t len = strlen(o->description), padded = RTE_ALIGN_CEIL(len, 4);

	to[0] = DESCRIPTION;
	to[1] = 0;
	sl_pcp_put16(to + 2, (uint16_t)len);
	memset(to + OPTION, 0, padded);
	memcpy(to + OPTION, o->description, len);
	return OPTION + padded;
}

size_t
sl_pcp_options_echo(const struct sl_pcp_options *options, const uint8_t *p, size_t n, uint8_t *to)
{
	size_t written = 0;

	/* They have been read without fault. */
	while (n > 0) {
		size_t whole = OPTION + RTE_ALIGN_CEIL((size_t)sl_pcp_get16(p + 2), 4);

		if (p[0] == DESCRIPTION && options->described) {
			written += echo_description(options, to + written);
		} else if (p[0] <= MANDATORY_LAST) {
			memcpy(to + written, p, whole);
			written += whole;
		}
		p += whole;
		n -= whole;
	}
	return written;
}
