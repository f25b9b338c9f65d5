/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The PCP server (RFC 6887): what a datagram is, whether it may be answered, what the reply looks
 * like. MAP and PEER are in pcp_map.c, options in pcp_options.c, version 0, which is NAT-PMP, in
 * natpmp.c; the store behind all of them is lease_store.c.
 *
 * Whoever is no host of the inside hears nothing, and a response is never answered, so two
 * servers cannot be made to talk to each other. A reply is as long as its request at the most, or
 * a bare header: nobody is worth a reflection. A request is answered at once or not at all, no
 * state of its own is kept for it.
 *
 * An error is the request as it came with another header (section 8.3). It tells for how long the
 * answer will stay the same: half a minute for what passes, half an hour for what does not.
 */
#include "pcp_wire.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>

#define LONG_ERROR 1800
#define SHORT_ERROR 30

struct sl_pcp *
sl_pcp_create(const struct sl_pcp_params *params, uint64_t now)
{
	struct sl_pcp *pcp = calloc(1, sizeof(*pcp));

	if (pcp == NULL)
		return NULL;
	pcp->p = *params;
	sl_pcp_lost(pcp, now);
	return pcp;
}

void
sl_pcp_destroy(struct sl_pcp *pcp)
{
	free(pcp);
}

/* ---- replies ---- */

static uint32_t
error_seconds(enum sl_pcp_result result)
{
	switch (result) {
	case SL_PCP_NETWORK_FAILURE:
	case SL_PCP_NO_RESOURCES:
	case SL_PCP_USER_EX_QUOTA:
	case SL_PCP_CANNOT_PROVIDE_EXTERNAL: /* the port may be free soon */
		return SHORT_ERROR;
	default:
		return LONG_ERROR;
	}
}

/* Was it understood, though it may be refused? */
static bool
was_parsed(enum sl_pcp_result result)
{
	switch (result) {
	case SL_PCP_UNSUPP_VERSION:
	case SL_PCP_MALFORMED_REQUEST:
	case SL_PCP_UNSUPP_OPCODE:
	case SL_PCP_UNSUPP_OPTION:
	case SL_PCP_MALFORMED_OPTION:
		return false;
	default:
		return true;
	}
}

static void
put_header(
	uint8_t *reply, uint8_t opcode, enum sl_pcp_result result, uint32_t seconds, uint32_t epoch)
{
	reply[0] = SL_PCP_VERSION;
	reply[1] = opcode | SL_PCP_RESPONSE;
	reply[2] = 0;
	reply[3] = (uint8_t)result;
	sl_pcp_put32(reply + 4, seconds);
	sl_pcp_put32(reply + 8, epoch);
	/* The last 96 bits of the client's address are still there: they stay when the request
	 * was not understood, and are nothing else (section 7.2). */
	if (was_parsed(result))
		memset(reply + 12, 0, SL_PCP_HEADER - 12);
}

static size_t
refuse(const struct sl_pcp *pcp, const uint8_t *request, size_t n, enum sl_pcp_result result,
	uint64_t now, uint8_t *reply)
{
	size_t copied = RTE_MIN(n, (size_t)SL_PCP_MAX), len = copied;

	/* Of another version nothing is known but the first two bytes. */
	if (result == SL_PCP_UNSUPP_VERSION)
		copied = len = RTE_MIN(n, (size_t)SL_PCP_HEADER);
	len = RTE_MAX(RTE_ALIGN_CEIL(len, 4), (size_t)SL_PCP_HEADER);
	memcpy(reply, request, copied);
	memset(reply + copied, 0, len - copied);
	put_header(reply, request[1], result, error_seconds(result), sl_pcp_epoch(pcp, now));
	return len;
}

/* ---- requests ---- */

static size_t
data_length(uint8_t opcode)
{
	return opcode == SL_PCP_MAP    ? SL_PCP_MAP_DATA
	       : opcode == SL_PCP_PEER ? SL_PCP_PEER_DATA
				       : 0;
}

/* Section 8.2, in its order. */
static enum sl_pcp_result
check(const struct sl_pcp_peer *from, const uint8_t *request, size_t n)
{
	if (request[0] != SL_PCP_VERSION)
		return SL_PCP_UNSUPP_VERSION;
	if (n < SL_PCP_HEADER || n > SL_PCP_MAX || n % 4 != 0)
		return SL_PCP_MALFORMED_REQUEST;
	if (request[1] > SL_PCP_PEER)
		return SL_PCP_UNSUPP_OPCODE;
	if (n < SL_PCP_HEADER + data_length(request[1]))
		return SL_PCP_MALFORMED_REQUEST;
	if (from->is_six ? memcmp(request + 8, &from->six, sizeof(from->six)) != 0
			 : !sl_pcp_mapped(request + 8) || sl_pcp_addr(request + 20) != from->client)
		return SL_PCP_ADDRESS_MISMATCH;
	return SL_PCP_SUCCESS;
}

static size_t
grant_it(const struct sl_pcp *pcp, const struct sl_pcp_request *q, const struct sl_pcp_grant *grant,
	const uint8_t *request, size_t n, uint8_t *reply)
{
	size_t len = SL_PCP_HEADER + data_length(q->opcode);

	memcpy(reply, request, len);
	put_header(reply, q->opcode, SL_PCP_SUCCESS, grant->seconds, sl_pcp_epoch(pcp, q->now));
	if (q->opcode != SL_PCP_ANNOUNCE) {
		uint8_t *data = reply + SL_PCP_HEADER;

		memset(data + 13, 0, 3); /* reserved */
		if (q->opcode == SL_PCP_PEER)
			memset(data + 38, 0, 2);
		if (grant->known) {
			memcpy(data + 18, &grant->out_port, sizeof(grant->out_port));
			sl_pcp_put_mapped(data + 20, grant->out_addr);
		}
	}
	return len + sl_pcp_options_echo(&q->options, request + len, n - len, reply + len);
}

static size_t
answer(struct sl_pcp *pcp, const struct sl_pcp_peer *from, const uint8_t *request, size_t n,
	uint64_t now, uint8_t *reply)
{
	struct sl_pcp_request q = { .from = from, .now = now, .opcode = request[1] };
	enum sl_pcp_result result = check(from, request, n);
	struct sl_pcp_grant grant = { 0 };
	size_t head;

	if (result != SL_PCP_SUCCESS)
		return refuse(pcp, request, n, result, now, reply);
	head = SL_PCP_HEADER + data_length(q.opcode);
	q.data = request + SL_PCP_HEADER;
	q.seconds = sl_pcp_get32(request + 4);
	result = sl_pcp_options_read(from, q.opcode, request + head, n - head, &q.options);
	if (result == SL_PCP_SUCCESS && q.opcode == SL_PCP_MAP)
		result = sl_pcp_map(pcp, &q, &grant);
	else if (result == SL_PCP_SUCCESS && q.opcode == SL_PCP_PEER)
		result = sl_pcp_peer(pcp, &q, &grant);
	if (result != SL_PCP_SUCCESS)
		return refuse(pcp, request, n, result, now, reply);
	return grant_it(pcp, &q, &grant, request, n, reply);
}

/* Is there somebody to answer? */
static bool
is_host(const struct sl_pcp *pcp, const struct sl_pcp_peer *from)
{
	uint32_t addr = rte_be_to_cpu_32(from->client);

	if (addr >> 24 == 0 || addr >> 24 == 127 || (addr >> 24 >= 224 && !from->is_six) ||
		from->client == from->own || from->port == 0)
		return false;
	return pcp->p.inside == NULL || pcp->p.inside(pcp->p.arg, from->tenant, from->client);
}

size_t
sl_pcp_answer(struct sl_pcp *pcp, const struct sl_pcp_peer *from, const uint8_t *request, size_t n,
	uint64_t now, uint8_t reply[SL_PCP_MAX])
{
	if (n < 2 || (request[1] & SL_PCP_RESPONSE) || !is_host(pcp, from))
		return 0;
	/* NAT-PMP is IPv4's; by IPv6 it is a version that nobody speaks. */
	if (request[0] == 0 && !from->is_six)
		return sl_natpmp_answer(pcp, from, request, n, now, reply);
	return answer(pcp, from, request, n, now, reply);
}
