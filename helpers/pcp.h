/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PCP_H
#define SL_PCP_H

/**
 * @file
 * PCP (RFC 6887) and NAT-PMP (RFC 6886): requests of hosts to replies, over the store of leases.
 *
 * IPv6 hosts behind NAT64 speak PCP as well; outside endpoints are IPv4 ones always.
 *
 * One server for the whole box: its epoch is that of the store. Control lcore only; datagrams
 * come and go by the caller's sockets. Time is in milliseconds on the caller's clock.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lease.h"

#define SL_PCP_PORT 5351 /**< requests come here */
#define SL_PCP_CLIENT_PORT 5350 /**< announcements go there */
#define SL_PCP_GROUP UINT32_C(0xe0000001) /**< of announcements: 224.0.0.1, host order */
#define SL_PCP_MAX 1100 /**< bytes of the longest message */

/** Who asks, and where. */
struct sl_pcp_peer {
	unsigned int tenant; /**< index: where the datagram was heard */
	rte_be32_t client; /**< its source */
	rte_be16_t port;
	rte_be32_t own; /**< its destination, an address of the box: the reply's source */
	/** It came by IPv6, from six; client is an address that stands for that host in the store,
	 * and own is 0. */
	bool is_six;
	struct sl_ip6 six;
	struct sl_ifaddr6 prefix; /**< by which such a host sees IPv4 hosts (RFC 6052) */
};

/** What a server is made of. */
struct sl_pcp_params {
	struct sl_leases *leases; /**< the store; outlives the server */
	void *arg; /**< of the functions: */
	/** Is this a host of the tenant's inside, and not the box itself? */
	bool (*inside)(void *arg, unsigned int tenant, rte_be32_t addr);
};

struct sl_pcp; /**< a server */

/** A server, and a round of announcements that it is there; NULL with errno. */
struct sl_pcp *sl_pcp_create(const struct sl_pcp_params *params, uint64_t now);

/** Free it. NULL is fine. */
void sl_pcp_destroy(struct sl_pcp *pcp);

/**
 * Answer a datagram, whatever is in it.
 * @param n      its length; more than SL_PCP_MAX may have been cut to SL_PCP_MAX + 1
 * @param reply  filled in
 * @return bytes of the reply, never more than the request has or 24 bytes, whichever is more;
 *         0: none
 */
size_t sl_pcp_answer(struct sl_pcp *pcp, const struct sl_pcp_peer *from, const uint8_t *request,
	size_t n, uint64_t now, uint8_t reply[SL_PCP_MAX]);

/** Seconds since the store has lost state, or since it is there (RFC 6887 section 8.5). */
uint32_t sl_pcp_epoch(const struct sl_pcp *pcp, uint64_t now);

/** The store has the state of an earlier run, which is that old: the epoch goes on from there. */
void sl_pcp_resume(struct sl_pcp *pcp, uint32_t epoch, uint64_t now);

/** State was lost, outside addresses are others: the epoch begins anew, and hosts are told. */
void sl_pcp_lost(struct sl_pcp *pcp, uint64_t now);

/**
 * Is it time for announcements? Then one of each kind goes to SL_PCP_GROUP, port
 * SL_PCP_CLIENT_PORT, from SL_PCP_PORT, on every inside that is served.
 * @param next  when to ask again, UINT64_MAX: not until sl_pcp_lost()
 */
bool sl_pcp_due(struct sl_pcp *pcp, uint64_t now, uint64_t *next);

#define SL_PCP_ANNOUNCEMENT_MAX 24 /**< bytes of an announcement */

/** The PCP announcement. @return its bytes */
size_t sl_pcp_announcement(
	const struct sl_pcp *pcp, uint64_t now, uint8_t to[SL_PCP_ANNOUNCEMENT_MAX]);

/**
 * The NAT-PMP announcement.
 * @param outside  the one outside address of all hosts that hear it
 * @return its bytes; 0: there is no such address
 */
size_t sl_natpmp_announcement(const struct sl_pcp *pcp, rte_be32_t outside, uint64_t now,
	uint8_t to[SL_PCP_ANNOUNCEMENT_MAX]);

#endif /* SL_PCP_H */
