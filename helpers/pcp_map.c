/* SPDX-License-Identifier: BSD-3-Clause
 *
 * MAP (RFC 6887 section 11): what a request means to the store.
 *
 * An inside endpoint has one outside endpoint and one nonce; whoever renews or deletes has to
 * know it. Lifetime 0 deletes, port 0 then means all ports, protocol 0 all protocols: those with
 * this nonce. To open all ports of a host there is no way here (UNSUPP_PROTOCOL). Filters add up,
 * and a lease holds one: a second one is refused, not left out. What is renewed without FILTER
 * keeps the one it has.
 */
#include "pcp_wish.h"

#include <errno.h>

static enum sl_pcp_result
delete_all(struct sl_pcp *pcp, const struct sl_pcp_request *q, const struct sl_pcp_wish *w)
{
	unsigned int before = sl_lease_count(pcp->p.leases, q->from->tenant);
	int left =
		sl_pcp_close_all(pcp, SL_LEASE_PCP, q->from->tenant, w->host, w->proto, w->nonce);

	if (left < 0)
		return sl_pcp_result_of(left, false);
	/* None of several was made with this nonce. */
	if (left > 0 && sl_lease_count(pcp->p.leases, q->from->tenant) == before)
		return SL_PCP_NOT_AUTHORIZED;
	return SL_PCP_SUCCESS;
}

static enum sl_pcp_result
delete_map(struct sl_pcp *pcp, const struct sl_pcp_request *q, const struct sl_pcp_wish *w,
	struct sl_pcp_grant *grant)
{
	struct sl_lease lease;
	int rc;

	if (w->in_port == 0)
		return delete_all(pcp, q, w);
	/* What is not there is gone: success (section 15.1). */
	if (!sl_lease_of(pcp->p.leases, q->from->tenant, w->proto, w->host, w->in_port, &lease))
		return SL_PCP_SUCCESS;
	/* A PEER's is no MAP, and does not end by one; others' protocols have their own way. */
	if (lease.origin != SL_LEASE_PCP || !sl_pcp_wish_knows(w, &lease) || lease.peer)
		return SL_PCP_NOT_AUTHORIZED;
	rc = sl_lease_close(pcp->p.leases, &lease);
	if (rc == 0)
		sl_pcp_tell(grant, &lease, 0);
	return rc == -ENOENT ? SL_PCP_SUCCESS : sl_pcp_result_of(rc, false);
}

/* Section 13.3: filters of before and of now, together. */
static enum sl_pcp_result
merge_filters(const struct sl_pcp_options *o, const struct sl_lease *before, struct sl_lease *lease)
{
	bool had = before != NULL && !o->unfiltered &&
		   (before->rem_addr != 0 || before->rem_port != 0);

	if (o->n_filters > 1 ||
		(o->n_filters == 1 && had &&
			(before->rem_addr != o->rem_addr || before->rem_port != o->rem_port)))
		return SL_PCP_EXCESSIVE_REMOTE_PEERS;
	if (o->n_filters == 1) {
		lease->rem_addr = o->rem_addr;
		lease->rem_port = o->rem_port;
	} else if (had) {
		lease->rem_addr = before->rem_addr;
		lease->rem_port = before->rem_port;
	}
	return SL_PCP_SUCCESS;
}

static enum sl_pcp_result
make_map(struct sl_pcp *pcp, const struct sl_pcp_request *q, const struct sl_pcp_wish *w,
	struct sl_pcp_grant *grant)
{
	struct sl_lease_request r = sl_pcp_wish_request(pcp, q, w);
	struct sl_lease there;
	bool known =
		sl_lease_of(pcp->p.leases, q->from->tenant, w->proto, w->host, w->in_port, &there);
	bool mapped = known && there.origin == SL_LEASE_PCP && !there.peer;
	enum sl_pcp_result result;

	if (mapped && !sl_pcp_wish_knows(w, &there))
		return SL_PCP_NOT_AUTHORIZED;
	result = merge_filters(&q->options, mapped ? &there : NULL, &r.lease);
	if (result != SL_PCP_SUCCESS)
		return result;
	if (mapped && !q->options.described)
		memcpy(r.lease.description, there.description, sizeof(there.description));
	r.exact = q->options.prefer_failure;
	return sl_pcp_wish_open(pcp, q, w, &r, known ? &there : NULL, grant);
}

enum sl_pcp_result
sl_pcp_map(struct sl_pcp *pcp, const struct sl_pcp_request *q, struct sl_pcp_grant *grant)
{
	struct sl_pcp_wish w = sl_pcp_wish_read(q);
	enum sl_pcp_result result;

	if (w.proto == 0 && w.in_port != 0)
		return SL_PCP_MALFORMED_REQUEST;
	/* Section 13.2: a preference for nothing. */
	if (q->options.prefer_failure && w.out_port == 0 && w.out_addr == 0 && !w.foreign)
		return SL_PCP_MALFORMED_OPTION;
	result = sl_pcp_wish_check(pcp, q, &w);
	if (result != SL_PCP_SUCCESS)
		return result;
	if (q->seconds == 0)
		return delete_map(pcp, q, &w, grant);
	if (w.in_port == 0)
		return SL_PCP_UNSUPP_PROTOCOL;
	return make_map(pcp, q, &w, grant);
}
