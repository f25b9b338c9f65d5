/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Between requests and the store, see pcp_wish.h; the first part is NAT-PMP's as well.
 *
 * A suggested port that the policy keeps from hosts, or that somebody has, is a wish that is not
 * fulfilled: another port is given. Who wants that one or nothing gets nothing. Where the store can
 * not tell a host's outside address before it has a port, a lease at another address than the one
 * that was asked for is closed again.
 */
#include "pcp_wish.h"

#include <errno.h>

#include <rte_common.h>

#define BATCH 32 /* leases that are collected before they are closed */

uint32_t
sl_pcp_left(const struct sl_lease *lease, uint64_t now)
{
	return lease->expires > now
		       ? (uint32_t)RTE_MIN((lease->expires - now) / 1000, (uint64_t)UINT32_MAX)
		       : 0;
}

static bool
port_allowed(const struct sl_pcp *pcp, rte_be16_t port)
{
	return sl_lease_policy_allows(sl_leases_policy(pcp->p.leases), rte_be_to_cpu_16(port));
}

int
sl_pcp_open(struct sl_pcp *pcp, struct sl_lease_request *r, uint64_t now, struct sl_lease *got)
{
	int rc;

	if (r->lease.out_port != 0 && !port_allowed(pcp, r->lease.out_port)) {
		if (r->exact)
			return -EADDRINUSE;
		r->lease.out_port = 0;
	}
	rc = sl_lease_open(pcp->p.leases, r, now, got);
	if ((rc == -EADDRINUSE || rc == -EEXIST) && !r->exact && r->lease.out_port != 0) {
		r->lease.out_port = 0;
		rc = sl_lease_open(pcp->p.leases, r, now, got);
	}
	return rc;
}

struct scope {
	enum sl_lease_origin origin;
	unsigned int tenant;
	rte_be32_t host;
	uint8_t proto;
	const uint8_t *nonce;
	int others; /* in scope, but for the nonce */
	unsigned int n;
	struct sl_lease found[BATCH];
};

static void
collect(void *arg, const struct sl_lease *lease)
{
	struct scope *s = arg;

	if (lease->origin != s->origin || lease->tenant != s->tenant || lease->in_addr != s->host ||
		(s->proto != 0 && lease->proto != s->proto))
		return;
	if (s->nonce != NULL && memcmp(s->nonce, lease->nonce, SL_LEASE_NONCE) != 0)
		s->others++;
	else if (s->n < BATCH)
		s->found[s->n++] = *lease;
}

int
sl_pcp_close_all(struct sl_pcp *pcp, enum sl_lease_origin origin, unsigned int tenant,
	rte_be32_t host, uint8_t proto, const uint8_t *nonce)
{
	struct scope s = {
		.origin = origin,
		.tenant = tenant,
		.host = host,
		.proto = proto,
		.nonce = nonce,
	};

	do {
		s.n = 0;
		s.others = 0;
		sl_lease_walk(pcp->p.leases, collect, &s);
		for (unsigned int i = 0; i < s.n; i++) {
			int rc = sl_lease_close(pcp->p.leases, &s.found[i]);

			if (rc != 0)
				return rc;
		}
	} while (s.n == BATCH);
	return s.others;
}

enum sl_pcp_result
sl_pcp_result_of(int rc, bool exact)
{
	switch (rc) {
	case 0:
		return SL_PCP_SUCCESS;
	case -EINVAL:
		return SL_PCP_MALFORMED_REQUEST;
	case -EPERM:
		return SL_PCP_NOT_AUTHORIZED;
	case -EEXIST:
	case -EADDRINUSE:
		return exact ? SL_PCP_CANNOT_PROVIDE_EXTERNAL : SL_PCP_NO_RESOURCES;
	case -EDQUOT:
		return SL_PCP_USER_EX_QUOTA;
	case -ENETDOWN:
	case -EADDRNOTAVAIL:
		return SL_PCP_NETWORK_FAILURE;
	default:
		return SL_PCP_NO_RESOURCES;
	}
}

/* ---- wishes ---- */

static bool
all_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

struct sl_pcp_wish
sl_pcp_wish_read(const struct sl_pcp_request *q)
{
	const uint8_t *d = q->data;
	struct sl_pcp_wish w = {
		.nonce = d,
		.proto = d[12],
		.in_port = sl_pcp_port(d + 16),
		.out_port = sl_pcp_port(d + 18),
		.host = q->options.third_party ? q->options.host : q->from->client,
	};

	if (sl_pcp_mapped(d + 20))
		w.out_addr = sl_pcp_addr(d + 32);
	else
		w.foreign = !all_zero(d + 20, 16);
	return w;
}

static bool
in_list(const struct sl_ifaddr *list, unsigned int n, rte_be32_t addr)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t mask = list[i].plen == 0 ? 0 : UINT32_MAX << (32 - list[i].plen);

		if (((addr ^ list[i].addr) & rte_cpu_to_be_32(mask)) == 0)
			return true;
	}
	return false;
}

/* Section 13.1: who may ask for another host, and for which. */
static enum sl_pcp_result
check_third_party(const struct sl_pcp *pcp, const struct sl_pcp_request *q)
{
	const struct sl_lease_policy *policy = sl_leases_policy(pcp->p.leases);

	if (!q->options.third_party)
		return SL_PCP_SUCCESS;
	/* The operator names IPv4 hosts that may. */
	if (policy->n_third_party == 0 || q->from->is_six)
		return SL_PCP_UNSUPP_OPTION;
	if (q->options.host == q->from->client)
		return SL_PCP_MALFORMED_REQUEST;
	if (!in_list(policy->third_party, policy->n_third_party, q->from->client) ||
		q->options.host == 0 ||
		(pcp->p.inside != NULL &&
			!pcp->p.inside(pcp->p.arg, q->from->tenant, q->options.host)))
		return SL_PCP_NOT_AUTHORIZED;
	return SL_PCP_SUCCESS;
}

enum sl_pcp_result
sl_pcp_wish_check(
	const struct sl_pcp *pcp, const struct sl_pcp_request *q, const struct sl_pcp_wish *w)
{
	if (w->proto != 0 && w->proto != IPPROTO_TCP && w->proto != IPPROTO_UDP)
		return SL_PCP_UNSUPP_PROTOCOL;
	return check_third_party(pcp, q);
}

/* Section 15: at least two minutes, at most a day; the policy may want less. */
uint32_t
sl_pcp_lifetime(const struct sl_pcp *pcp, uint32_t asked)
{
	uint32_t most = sl_leases_policy(pcp->p.leases)->seconds;

	most = most == 0 ? SL_PCP_SECONDS_MAX : RTE_MIN(most, (uint32_t)SL_PCP_SECONDS_MAX);
	return RTE_MIN(RTE_MAX(asked, (uint32_t)SL_PCP_SECONDS_MIN), most);
}

struct sl_lease_request
sl_pcp_wish_request(
	const struct sl_pcp *pcp, const struct sl_pcp_request *q, const struct sl_pcp_wish *w)
{
	struct sl_lease_request r = {
		.client = q->from->client,
		.third_party = q->options.third_party,
		.seconds = sl_pcp_lifetime(pcp, q->seconds),
		.lease = {
			.origin = SL_LEASE_PCP,
			.tenant = (uint16_t)q->from->tenant,
			.proto = w->proto,
			.enabled = true,
			.in_addr = w->host,
			.in_port = w->in_port,
			.out_port = w->out_port,
		},
	};

	memcpy(r.lease.nonce, w->nonce, SL_LEASE_NONCE);
	memcpy(r.lease.description, q->options.description, sizeof(r.lease.description));
	return r;
}

void
sl_pcp_tell(struct sl_pcp_grant *grant, const struct sl_lease *lease, uint32_t seconds)
{
	grant->seconds = seconds;
	grant->known = true;
	grant->out_addr = lease->out_addr;
	grant->out_port = lease->out_port;
}

bool
sl_pcp_wish_met(const struct sl_pcp_wish *w, const struct sl_lease *lease)
{
	return !w->foreign && (w->out_addr == 0 || w->out_addr == lease->out_addr) &&
	       (w->out_port == 0 || w->out_port == lease->out_port);
}

enum sl_pcp_result
sl_pcp_wish_open(struct sl_pcp *pcp, const struct sl_pcp_request *q, const struct sl_pcp_wish *w,
	struct sl_lease_request *r, const struct sl_lease *before, struct sl_pcp_grant *grant)
{
	bool exact = r->exact;
	struct sl_lease got;
	rte_be32_t outside;
	enum sl_pcp_result result;

	if (exact) {
		outside = sl_lease_outside(pcp->p.leases, q->from->tenant, w->host);
		if (before != NULL ? !sl_pcp_wish_met(w, before)
				   : w->foreign || (w->out_addr != 0 && outside != 0 &&
							   w->out_addr != outside))
			return SL_PCP_CANNOT_PROVIDE_EXTERNAL;
		r->exact = w->out_port != 0;
	}
	result = sl_pcp_result_of(sl_pcp_open(pcp, r, q->now, &got), exact);
	if (result != SL_PCP_SUCCESS)
		return result;
	if (exact && !sl_pcp_wish_met(w, &got)) {
		if (before == NULL)
			sl_lease_close(pcp->p.leases, &got);
		return SL_PCP_CANNOT_PROVIDE_EXTERNAL;
	}
	sl_pcp_tell(grant, &got, sl_pcp_left(&got, q->now));
	return SL_PCP_SUCCESS;
}

bool
sl_pcp_wish_knows(const struct sl_pcp_wish *w, const struct sl_lease *lease)
{
	return memcmp(w->nonce, lease->nonce, SL_LEASE_NONCE) == 0;
}
