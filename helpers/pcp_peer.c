/* SPDX-License-Identifier: BSD-3-Clause
 *
 * PEER (RFC 6887 section 12): what a request means to the store.
 *
 * The mapping is endpoint-independent, so it is the same for each peer of an inside endpoint.
 * Where MAP or another PEER has a lease already, that is the answer, and it lives as long as the
 * longest of its peers; a nonce belongs to the peer that the lease was made for. PEER never
 * deletes (section 15): at its end, and with lifetime 0, the mapping is left to its sessions.
 */
#include "pcp_wish.h"

#include <errno.h>

#include <rte_common.h>

/* The answer is a lease that is there for something else: MAP, another peer, UPnP. */
static enum sl_pcp_result
join(struct sl_pcp *pcp, const struct sl_pcp_request *q, const struct sl_pcp_wish *w,
	const struct sl_lease *there, struct sl_pcp_grant *grant)
{
	uint32_t left = sl_pcp_left(there, q->now), wanted = sl_pcp_lifetime(pcp, q->seconds);
	struct sl_lease_request r;
	struct sl_lease got;

	if (!sl_pcp_wish_met(w, there))
		return SL_PCP_CANNOT_PROVIDE_EXTERNAL;
	/* Another peer's may live longer by this one. What its own owner renews and ends, a peer
	 * does not prolong. */
	if (there->peer && q->seconds > 0 && wanted > left) {
		r = sl_pcp_wish_request(pcp, q, w);
		r.lease = *there;
		if (sl_pcp_open(pcp, &r, q->now, &got) == 0)
			left = sl_pcp_left(&got, q->now);
	}
	sl_pcp_tell(grant, there, q->seconds == 0 ? 0 : RTE_MIN(wanted, left));
	return SL_PCP_SUCCESS;
}

/* The store leaves a peer's sessions alone. */
static enum sl_pcp_result
let_go(struct sl_pcp *pcp, const struct sl_lease *there, struct sl_pcp_grant *grant)
{
	int rc = sl_lease_close(pcp->p.leases, there);

	if (rc == 0)
		sl_pcp_tell(grant, there, 0);
	return rc == -ENOENT ? SL_PCP_SUCCESS : sl_pcp_result_of(rc, false);
}

enum sl_pcp_result
sl_pcp_peer(struct sl_pcp *pcp, const struct sl_pcp_request *q, struct sl_pcp_grant *grant)
{
	struct sl_pcp_wish w = sl_pcp_wish_read(q);
	const uint8_t *remote = q->data + 40;
	rte_be16_t rem_port = sl_pcp_port(q->data + 36);
	rte_be32_t rem_addr;
	enum sl_pcp_result result;
	struct sl_lease_request r;
	struct sl_lease there;
	bool known;

	/* Section 12.1: none of these may be "all". */
	if (!sl_pcp_remote(q->from, remote, &rem_addr))
		rem_addr = 0;
	if (w.proto == 0 || w.in_port == 0 || rem_port == 0 || rem_addr == 0)
		return SL_PCP_MALFORMED_REQUEST;
	result = sl_pcp_wish_check(pcp, q, &w);
	if (result != SL_PCP_SUCCESS)
		return result;
	known = sl_lease_of(pcp->p.leases, q->from->tenant, w.proto, w.host, w.in_port, &there);
	if (known && (!there.peer || there.rem_addr != rem_addr || there.rem_port != rem_port))
		return join(pcp, q, &w, &there, grant);
	if (known && !sl_pcp_wish_knows(&w, &there))
		return SL_PCP_NOT_AUTHORIZED;
	if (q->seconds == 0)
		return known ? let_go(pcp, &there, grant) : SL_PCP_SUCCESS;
	r = sl_pcp_wish_request(pcp, q, &w);
	r.lease.peer = true;
	r.lease.rem_addr = rem_addr;
	r.lease.rem_port = rem_port;
	/* Section 12.1: what is suggested, or nothing. */
	r.exact = w.out_port != 0 || w.out_addr != 0 || w.foreign;
	return sl_pcp_wish_open(pcp, q, &w, &r, known ? &there : NULL, grant);
}
