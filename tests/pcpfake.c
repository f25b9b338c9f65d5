/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See pcpfake.h. It keeps to what lease.h says, as strictly as its callers need.
 */
#include "pcpfake.h"

#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>

void
pcpfake_init(struct sl_leases *ls)
{
	memset(ls, 0, sizeof(*ls));
	ls->outside = RTE_BE32(0xc0000201);
	ls->next_port = 40000;
}

const struct sl_lease_policy *
sl_leases_policy(const struct sl_leases *ls)
{
	return &ls->policy;
}

static int
find(const struct sl_leases *ls, unsigned int tenant, uint8_t proto, rte_be32_t in_addr,
	rte_be16_t in_port)
{
	for (unsigned int i = 0; i < ls->n; i++) {
		const struct sl_lease *l = &ls->lease[i];

		if (l->tenant == tenant && l->proto == proto && l->in_addr == in_addr &&
			l->in_port == in_port)
			return (int)i;
	}
	return -1;
}

bool
sl_lease_of(const struct sl_leases *ls, unsigned int tenant, uint8_t proto, rte_be32_t in_addr,
	rte_be16_t in_port, struct sl_lease *lease)
{
	int i = find(ls, tenant, proto, in_addr, in_port);

	if (i >= 0)
		*lease = ls->lease[i];
	return i >= 0;
}

bool
sl_lease_at(const struct sl_leases *ls, unsigned int tenant, uint8_t proto, rte_be32_t out_addr,
	rte_be16_t out_port, struct sl_lease *lease)
{
	for (unsigned int i = 0; i < ls->n; i++) {
		const struct sl_lease *l = &ls->lease[i];

		if (l->tenant != tenant || l->proto != proto || l->out_port != out_port ||
			(out_addr != 0 && l->out_addr != out_addr))
			continue;
		*lease = *l;
		return true;
	}
	return false;
}

static int
renew(struct sl_lease *there, const struct sl_lease_request *r, uint64_t expires)
{
	if (memcmp(there->nonce, r->lease.nonce, SL_LEASE_NONCE) != 0)
		return -EPERM;
	if (r->exact && r->lease.out_port != there->out_port)
		return -EEXIST;
	there->rem_addr = r->lease.rem_addr;
	there->rem_port = r->lease.rem_port;
	there->peer = r->lease.peer;
	memcpy(there->description, r->lease.description, sizeof(there->description));
	there->expires = expires;
	return 0;
}

int
sl_lease_open(struct sl_leases *ls, const struct sl_lease_request *r, uint64_t now,
	struct sl_lease *lease)
{
	const struct sl_lease *want = &r->lease;
	int i = find(ls, want->tenant, want->proto, want->in_addr, want->in_port);
	uint64_t expires = now + r->seconds * UINT64_C(1000);

	ls->n_opened++;
	ls->asked = *r;
	memset(lease, 0, sizeof(*lease));
	if (ls->fails != 0)
		return ls->fails;
	if (ls->fails_wish != 0 && want->out_port != 0)
		return ls->fails_wish;
	if (i >= 0) {
		int rc = renew(&ls->lease[i], r, expires);

		*lease = ls->lease[i];
		return rc;
	}
	if (want->out_port != 0 &&
		sl_lease_at(ls, want->tenant, want->proto, 0, want->out_port, lease))
		return -EADDRINUSE;
	if (ls->n == PCPFAKE_MAX)
		return -ENOSPC;
	*lease = *want;
	lease->out_addr = ls->outside;
	lease->expires = expires;
	if (lease->out_port == 0)
		lease->out_port = rte_cpu_to_be_16(ls->next_port++);
	ls->lease[ls->n++] = *lease;
	return 0;
}

int
sl_lease_close(struct sl_leases *ls, const struct sl_lease *lease)
{
	int i = find(ls, lease->tenant, lease->proto, lease->in_addr, lease->in_port);

	if (i < 0)
		return -ENOENT;
	if (lease->origin != ls->lease[i].origin ||
		memcmp(lease->nonce, ls->lease[i].nonce, SL_LEASE_NONCE) != 0)
		return -EPERM;
	ls->n--;
	memmove(&ls->lease[i], &ls->lease[i + 1], (ls->n - (unsigned int)i) * sizeof(*lease));
	return 0;
}

unsigned int
sl_lease_count(const struct sl_leases *ls, unsigned int tenant)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < ls->n; i++)
		n += ls->lease[i].tenant == tenant;
	return n;
}

void
sl_lease_walk(
	const struct sl_leases *ls, void (*fn)(void *arg, const struct sl_lease *lease), void *arg)
{
	for (unsigned int i = 0; i < ls->n; i++)
		fn(arg, &ls->lease[i]);
}

rte_be32_t
sl_lease_outside(const struct sl_leases *ls, unsigned int tenant, rte_be32_t in_addr)
{
	(void)tenant;
	(void)in_addr;
	return ls->outside;
}
