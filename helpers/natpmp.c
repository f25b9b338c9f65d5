/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT-PMP (RFC 6886), which is version 0 on PCP's port, on PCP's store and with PCP's epoch.
 *
 * An outside port that a host has for one protocol is not given to another host that wishes for
 * it for the other protocol (section 3.3): that one gets a port of the box's choice. A port that
 * nobody wished for is free for whoever's sessions need it, or half of all ports would lie idle.
 *
 * A request that is too short to be one is not answered; an opcode that does not exist is.
 */
#include "pcp_wire.h"

#include <errno.h>

#include <rte_common.h>

#define MAP_REQUEST 12 /* bytes */
#define MAP_REPLY 16
#define ADDRESS_REPLY 12
#define HEAD 8 /* of each reply */

enum opcode {
	ADDRESS,
	MAP_UDP,
	MAP_TCP,
};

/* Section 3.5. Version 1 cannot be: other versions are PCP's to answer. */
enum result {
	SUCCESS = 0,
	NOT_AUTHORIZED = 2,
	NETWORK_FAILURE = 3,
	OUT_OF_RESOURCES = 4,
	UNSUPPORTED_OPCODE = 5,
};

static void
put_head(uint8_t *reply, uint8_t opcode, enum result result, uint32_t epoch)
{
	reply[0] = 0;
	reply[1] = opcode | SL_PCP_RESPONSE;
	sl_pcp_put16(reply + 2, (uint16_t)result);
	sl_pcp_put32(reply + 4, epoch);
}

static size_t
put_address(const struct sl_pcp *pcp, rte_be32_t addr, uint64_t now, uint8_t *reply)
{
	put_head(reply, ADDRESS, addr != 0 ? SUCCESS : NETWORK_FAILURE, sl_pcp_epoch(pcp, now));
	memcpy(reply + HEAD, &addr, sizeof(addr));
	return ADDRESS_REPLY;
}

static enum result
result_of(int rc)
{
	switch (rc) {
	case 0:
		return SUCCESS;
	case -EINVAL:
	case -EPERM:
		return NOT_AUTHORIZED;
	case -ENETDOWN:
	case -EADDRNOTAVAIL:
		return NETWORK_FAILURE;
	default:
		return OUT_OF_RESOURCES;
	}
}

static enum result
delete_port(struct sl_pcp *pcp, const struct sl_pcp_peer *from, uint8_t proto, rte_be16_t in_port)
{
	struct sl_lease lease;
	int rc;

	if (in_port == 0)
		return result_of(sl_pcp_close_all(
			pcp, SL_LEASE_NATPMP, from->tenant, from->client, proto, NULL));
	if (!sl_lease_of(pcp->p.leases, from->tenant, proto, from->client, in_port, &lease))
		return SUCCESS; /* section 3.4: it is gone, however it went */
	if (lease.origin != SL_LEASE_NATPMP)
		return NOT_AUTHORIZED;
	rc = sl_lease_close(pcp->p.leases, &lease);
	return rc == -ENOENT ? SUCCESS : result_of(rc);
}

/* Has another host this port at the same outside address, for the other protocol? */
static bool
twin_is_taken(
	const struct sl_pcp *pcp, const struct sl_pcp_peer *from, uint8_t proto, rte_be16_t port)
{
	uint8_t other = proto == IPPROTO_TCP ? IPPROTO_UDP : IPPROTO_TCP;
	struct sl_lease twin;

	return sl_lease_at(pcp->p.leases, from->tenant, other,
		       sl_lease_outside(pcp->p.leases, from->tenant, from->client), port, &twin) &&
	       twin.in_addr != from->client;
}

static enum result
open_port(struct sl_pcp *pcp, const struct sl_pcp_peer *from, uint8_t proto, rte_be16_t in_port,
	rte_be16_t out_port, uint32_t seconds, uint64_t now, struct sl_lease *got)
{
	struct sl_lease_request r = {
		.client = from->client,
		.seconds = RTE_MIN(seconds, (uint32_t)SL_PCP_SECONDS_MAX),
		.lease = {
			.origin = SL_LEASE_NATPMP,
			.tenant = (uint16_t)from->tenant,
			.proto = proto,
			.enabled = true,
			.in_addr = from->client,
			.in_port = in_port,
			.out_port = out_port,
		},
	};

	if (in_port == 0)
		return NOT_AUTHORIZED;
	if (out_port != 0 && twin_is_taken(pcp, from, proto, out_port))
		r.lease.out_port = 0;
	return result_of(sl_pcp_open(pcp, &r, now, got));
}

static size_t
map(struct sl_pcp *pcp, const struct sl_pcp_peer *from, const uint8_t *request, uint64_t now,
	uint8_t *reply)
{
	uint8_t proto = request[1] == MAP_TCP ? IPPROTO_TCP : IPPROTO_UDP;
	rte_be16_t in_port = sl_pcp_port(request + 4), out_port = sl_pcp_port(request + 6);
	uint32_t asked = sl_pcp_get32(request + 8), seconds = 0;
	struct sl_lease got = { 0 };
	enum result result;

	if (asked == 0) {
		result = delete_port(pcp, from, proto, in_port);
		out_port = 0;
	} else {
		result = open_port(pcp, from, proto, in_port, out_port, asked, now, &got);
	}
	if (result == SUCCESS && asked != 0) {
		out_port = got.out_port;
		/* Section 3.3: never more than was asked for. */
		seconds = RTE_MIN(sl_pcp_left(&got, now), asked);
	}
	put_head(reply, request[1], result, sl_pcp_epoch(pcp, now));
	memcpy(reply + HEAD, &in_port, sizeof(in_port));
	memcpy(reply + HEAD + 2, &out_port, sizeof(out_port));
	sl_pcp_put32(reply + HEAD + 4, seconds);
	return MAP_REPLY;
}

size_t
sl_natpmp_answer(struct sl_pcp *pcp, const struct sl_pcp_peer *from, const uint8_t *request,
	size_t n, uint64_t now, uint8_t *reply)
{
	switch (request[1]) {
	case ADDRESS:
		return put_address(pcp, sl_lease_outside(pcp->p.leases, from->tenant, from->client),
			now, reply);
	case MAP_UDP:
	case MAP_TCP:
		return n < MAP_REQUEST ? 0 : map(pcp, from, request, now, reply);
	default:
		put_head(reply, request[1], UNSUPPORTED_OPCODE, sl_pcp_epoch(pcp, now));
		return HEAD;
	}
}

size_t
sl_natpmp_announcement(const struct sl_pcp *pcp, rte_be32_t outside, uint64_t now,
	uint8_t to[SL_PCP_ANNOUNCEMENT_MAX])
{
	return outside != 0 ? put_address(pcp, outside, now, to) : 0;
}
