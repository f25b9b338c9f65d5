/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What hosts may ask for. A host maps itself and no other, unless the operator lets it ask for
 * others; some hosts get nothing; ports below 1024 belong to nobody unless the policy's range
 * says so. A host and all hosts together have a quota. A renewal never meets it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "lease_state.h"

#define MAX_DEFAULT 4096
#define MAX_HOST_DEFAULT 64
#define SECONDS_DEFAULT (7 * 86400)
#define SECONDS_PCP 86400 /* RFC 6887 section 15: a day is enough, a client renews */

static const struct sl_port_range every_port = { 1024, UINT16_MAX };

static struct sl_ifaddr *
copy_prefixes(const struct sl_ifaddr *from, unsigned int n)
{
	struct sl_ifaddr *to = calloc(RTE_MAX(n, 1U), sizeof(*to));

	if (to != NULL && n > 0)
		memcpy(to, from, n * sizeof(*to));
	return to;
}

int
sl_leases_configure(struct sl_leases *ls, const struct sl_lease_policy *policy)
{
	struct sl_ifaddr *deny = copy_prefixes(policy->deny, policy->n_deny);
	struct sl_ifaddr *third = copy_prefixes(policy->third_party, policy->n_third_party);
	struct sl_lease_policy *p = &ls->policy;

	if (deny == NULL || third == NULL) {
		free(deny);
		free(third);
		return -ENOMEM;
	}
	free(p->deny);
	free(p->third_party);
	*p = *policy;
	p->deny = deny;
	p->third_party = third;
	if (p->n_ports == 0)
		p->ports[p->n_ports++] = every_port;
	if (p->max == 0)
		p->max = MAX_DEFAULT;
	if (p->max_host == 0)
		p->max_host = MAX_HOST_DEFAULT;
	if (p->seconds == 0)
		p->seconds = SECONDS_DEFAULT;
	p->seconds = RTE_MIN(p->seconds, (uint32_t)SL_LEASE_SECONDS_MAX);
	if (p->igd == 0)
		p->igd = 1;
	if (p->http_port == 0)
		p->http_port = 5000;
	return 0;
}

const struct sl_lease_policy *
sl_leases_policy(const struct sl_leases *ls)
{
	return &ls->policy;
}

static bool
in_list(const struct sl_ifaddr *list, unsigned int n, rte_be32_t addr)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t mask = list[i].plen > 0 ? UINT32_MAX << (32 - list[i].plen) : 0;

		if (((addr ^ list[i].addr) & rte_cpu_to_be_32(mask)) == 0)
			return true;
	}
	return false;
}

uint64_t
sl_lease_lifetime(const struct sl_leases *ls, const struct sl_lease_request *r)
{
	uint32_t most = ls->policy.seconds;

	if (r->lease.origin != SL_LEASE_UPNP)
		most = RTE_MIN(most, (uint32_t)SECONDS_PCP);
	return UINT64_C(1000) * (r->seconds == 0 ? most : RTE_MIN(r->seconds, most));
}

bool
sl_lease_port_allowed(const struct sl_leases *ls, rte_be16_t port)
{
	return sl_lease_policy_allows(&ls->policy, rte_be_to_cpu_16(port));
}

static bool
is_complete(const struct sl_lease *l)
{
	return (l->proto == IPPROTO_TCP || l->proto == IPPROTO_UDP) && l->in_addr != 0 &&
	       l->in_port != 0 && l->tenant < SL_LEASE_TENANTS && l->origin < SL_LEASE_ORIGINS &&
	       memchr(l->description, '\0', sizeof(l->description)) != NULL;
}

int
sl_lease_allowed(const struct sl_leases *ls, const struct sl_lease_request *r)
{
	const struct sl_lease_policy *p = &ls->policy;
	const struct sl_lease *l = &r->lease;

	if (!is_complete(l) || r->client == 0 || (r->exact && l->out_port == 0))
		return -EINVAL;
	if (r->client != l->in_addr &&
		!(r->third_party && in_list(p->third_party, p->n_third_party, r->client)))
		return -EPERM;
	if (in_list(p->deny, p->n_deny, r->client) || in_list(p->deny, p->n_deny, l->in_addr))
		return -EPERM;
	if (r->exact && !sl_lease_port_allowed(ls, l->out_port))
		return -EPERM;
	if (ls->params.inside != NULL && !ls->params.inside(ls->params.arg, l->tenant, l->in_addr))
		return -EPERM;
	return 0;
}

int
sl_lease_room(const struct sl_leases *ls, unsigned int tenant, rte_be32_t in_addr)
{
	uint32_t n = sl_lease_table_host(&ls->table, tenant, in_addr, NULL);

	if (ls->params.kin != NULL)
		n += ls->params.kin(ls->params.arg, tenant, in_addr);
	if (n >= ls->policy.max_host)
		return -EDQUOT;
	return ls->table.all.n < RTE_MIN(ls->policy.max, ls->table.max) ? 0 : -ENOSPC;
}
