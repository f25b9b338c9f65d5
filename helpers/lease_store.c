/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The store of ports that hosts open by themselves.
 *
 *   UPnP, NAT-PMP, PCP -> sl_lease_open() -> lease_policy.c: may it?
 *                              |          -> lease_place.c:  worker, or exception table
 *                              +-> lease_table.c: looked up, listed, over in time
 *
 * Life: a lease is entered once it has a place, renewed by its owner, and ends when its owner or
 * the operator takes it away, when its time is over, or when the configuration has no place for
 * it any more. Each of these is told (params.changed).
 *
 * Owner: the inside host. A lease made by PCP is also changed by PCP alone, and only by who knows
 * its nonce (RFC 6887 section 11.3); what UPnP and NAT-PMP have made is any protocol's of that
 * host, which have no such secret.
 *
 * A worker that does not answer: a wish is refused, a lease that was to be closed stays until its
 * end, one that is over is forgotten (its worker ends the mapping by itself).
 *
 * Limits: END_SLICE leases ended and AGAIN_SLICE held once more by one call of sl_leases_poll().
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "lease_state.h"

#define END_SLICE 64
#define AGAIN_SLICE 32

struct sl_leases *
sl_leases_create(const struct sl_leases_params *params)
{
	const struct sl_lease_policy usual = { 0 };
	struct sl_leases *ls = calloc(1, sizeof(*ls));

	if (ls == NULL)
		return NULL;
	ls->params = *params;
	if (sl_lease_table_init(&ls->table, RTE_MAX(params->max, 1U)) < 0 ||
		sl_leases_configure(ls, &usual) < 0) {
		sl_leases_destroy(ls);
		errno = ENOMEM;
		return NULL;
	}
	return ls;
}

void
sl_leases_destroy(struct sl_leases *ls)
{
	if (ls == NULL)
		return;
	sl_lease_table_fini(&ls->table);
	free(ls->policy.deny);
	free(ls->policy.third_party);
	free(ls);
}

/* ---- telling ---- */

static void
count(uint64_t *n)
{
	__atomic_store_n(n, *n + 1, __ATOMIC_RELAXED);
}

static void
tell(struct sl_leases *ls, enum sl_lease_change change, const struct sl_lease *lease)
{
	struct sl_lease_counts *c = &ls->counts;
	uint64_t *which[] = {
		[SL_LEASE_ADDED] = &c->made,
		[SL_LEASE_RENEWED] = &c->renewed,
		[SL_LEASE_REMOVED] = &c->removed,
		[SL_LEASE_EXPIRED] = &c->expired,
		[SL_LEASE_LOST] = &c->lost,
	};

	count(which[change]);
	__atomic_store_n(&c->now, ls->table.all.n, __ATOMIC_RELAXED);
	if (ls->params.changed != NULL)
		ls->params.changed(ls->params.arg, change, lease);
}

static int
refused(struct sl_leases *ls, int rc)
{
	struct sl_lease_counts *c = &ls->counts;

	switch (rc) {
	case -EPERM:
		count(&c->denied);
		break;
	case -EADDRINUSE:
	case -EEXIST:
		count(&c->in_use);
		break;
	case -EDQUOT:
		count(&c->quota);
		break;
	case -ENOSPC:
		count(&c->full);
		break;
	default:
		count(&c->failed);
	}
	return rc;
}

/* Take an entry out and tell why. */
static void
forget(struct sl_leases *ls, struct sl_lease_entry *e, enum sl_lease_change why)
{
	struct sl_lease lease = e->lease;

	sl_lease_table_del(&ls->table, e);
	tell(ls, why, &lease);
}

/* ---- opening ---- */

/* No entry of this name must be there twice: an old one has lost its place to the new one. */
static void
displace(struct sl_leases *ls, const struct sl_lease *l, const struct sl_lease_entry *but)
{
	struct sl_lease_entry *old =
		sl_lease_table_out(&ls->table, -1, l->proto, l->out_addr, l->out_port);

	if (old != NULL && old != but)
		forget(ls, old, SL_LEASE_LOST);
}

static int
enter(struct sl_leases *ls, const struct sl_lease_entry *made)
{
	struct sl_lease_entry *e;

	displace(ls, &made->lease, NULL);
	e = sl_lease_table_add(&ls->table, &made->lease);
	if (e == NULL) {
		sl_lease_unplace(ls, made);
		return -ENOSPC;
	}
	e->forward = made->forward;
	tell(ls, SL_LEASE_ADDED, &e->lease);
	return 0;
}

/* Who has the outside endpoint that was asked for in vain? */
static void
name_holder(struct sl_leases *ls, const struct sl_lease_request *r, struct sl_lease *lease)
{
	rte_be32_t addr = sl_lease_outside(ls, r->lease.tenant, r->lease.in_addr);
	const struct sl_lease_entry *e;

	if (addr == 0)
		return;
	e = sl_lease_table_out(&ls->table, -1, r->lease.proto, addr, r->lease.out_port);
	if (e != NULL)
		*lease = e->lease;
}

static int
open_new(struct sl_leases *ls, const struct sl_lease_request *r, uint64_t now,
	struct sl_lease *lease)
{
	struct sl_lease_entry e = { .lease = r->lease };
	int rc = sl_lease_room(ls, r->lease.tenant, r->lease.in_addr);

	if (rc < 0)
		return rc;
	sl_lease_clean(e.lease.description);
	e.lease.out_addr = 0;
	e.lease.expires = now + sl_lease_lifetime(ls, r);
	rc = sl_lease_place(ls, &e, r->exact, now);
	if (rc == -EADDRINUSE)
		name_holder(ls, r, lease);
	if (rc == 0)
		rc = enter(ls, &e);
	if (rc == 0)
		*lease = e.lease;
	return rc;
}

/* May a wish change this lease of the same host? */
static bool
may_change(const struct sl_lease *have, const struct sl_lease *wish)
{
	if (have->origin != SL_LEASE_PCP)
		return true;
	return wish->origin == SL_LEASE_PCP &&
	       memcmp(have->nonce, wish->nonce, sizeof(have->nonce)) == 0;
}

/* The lease as it is to be: the places are what they were, the rest is as wished. */
static struct sl_lease
renewed(const struct sl_leases *ls, const struct sl_lease *have, const struct sl_lease_request *r,
	uint64_t now)
{
	struct sl_lease l = r->lease;
	uint64_t expires = now + sl_lease_lifetime(ls, r);

	if (l.peer && !have->peer) {
		/* A port that is open to all stays so; who is in it already needs no more. */
		l = *have;
		l.expires = RTE_MAX(have->expires, expires);
		return l;
	}
	sl_lease_clean(l.description);
	l.out_addr = have->out_addr;
	l.out_port = have->out_port;
	l.expires = expires;
	return l;
}

static int
renew(struct sl_leases *ls, struct sl_lease_entry *e, const struct sl_lease_request *r,
	uint64_t now, struct sl_lease *lease)
{
	struct sl_lease_entry new = *e;
	int rc;

	*lease = e->lease;
	/* A peer's session of the host itself stands in nobody's way. */
	if (!may_change(&e->lease, &r->lease) && !(e->lease.peer && !r->lease.peer))
		return -EPERM;
	if (r->lease.out_port != 0 && r->lease.out_port != e->lease.out_port &&
		(r->exact || r->lease.origin == SL_LEASE_UPNP))
		return -EEXIST;
	new.lease = renewed(ls, &e->lease, r, now);
	rc = sl_lease_place(ls, &new, true, now);
	if (rc == -EADDRINUSE || rc == -ENOSPC || rc == -EINVAL) {
		/* Its place is gone. Whoever insists on it must hear so, others get a new one. */
		memset(lease, 0, sizeof(*lease));
		forget(ls, e, SL_LEASE_LOST);
		return r->exact ? rc : open_new(ls, r, now, lease);
	}
	if (rc < 0)
		return rc;
	displace(ls, &new.lease, e);
	sl_lease_table_move(&ls->table, e, new.lease.out_addr, new.lease.out_port);
	sl_lease_table_until(&ls->table, e, new.lease.expires);
	e->lease = new.lease;
	e->forward = new.forward;
	*lease = e->lease;
	tell(ls, SL_LEASE_RENEWED, lease);
	return 0;
}

int
sl_lease_open(struct sl_leases *ls, const struct sl_lease_request *request, uint64_t now,
	struct sl_lease *lease)
{
	const struct sl_lease *l = &request->lease;
	struct sl_lease_entry *e;
	int rc = sl_lease_allowed(ls, request);

	memset(lease, 0, sizeof(*lease));
	if (rc < 0)
		return refused(ls, rc);
	e = sl_lease_table_in(&ls->table, l->tenant, l->proto, l->in_addr, l->in_port);
	rc = e != NULL ? renew(ls, e, request, now, lease) : open_new(ls, request, now, lease);
	return rc < 0 ? refused(ls, rc) : 0;
}

int
sl_lease_restore(struct sl_leases *ls, const struct sl_lease *lease, uint64_t now)
{
	struct sl_lease_request r = { .lease = *lease, .client = lease->in_addr, .exact = true };
	struct sl_lease_entry e = { .lease = *lease };
	int rc;

	if (lease->out_addr == 0 || lease->expires <= now)
		return -EINVAL;
	rc = sl_lease_allowed(ls, &r);
	if (rc < 0)
		return rc;
	if (sl_lease_table_in(&ls->table, lease->tenant, lease->proto, lease->in_addr,
		    lease->in_port) != NULL)
		return -EEXIST;
	if (ls->table.all.n >= ls->table.max)
		return -ENOSPC;
	sl_lease_clean(e.lease.description);
	rc = sl_lease_place(ls, &e, true, now);
	return rc < 0 ? rc : enter(ls, &e);
}

/* ---- closing ---- */

static int
end(struct sl_leases *ls, struct sl_lease_entry *e, enum sl_lease_change why)
{
	int rc = sl_lease_unplace(ls, e);

	if (rc < 0 && why == SL_LEASE_REMOVED)
		return rc;
	forget(ls, e, why);
	return 0;
}

int
sl_lease_close(struct sl_leases *ls, const struct sl_lease *lease)
{
	struct sl_lease_entry *e = sl_lease_table_in(
		&ls->table, lease->tenant, lease->proto, lease->in_addr, lease->in_port);

	if (e == NULL)
		return -ENOENT;
	if (!may_change(&e->lease, lease))
		return refused(ls, -EPERM);
	return end(ls, e, SL_LEASE_REMOVED);
}

int
sl_lease_remove(struct sl_leases *ls, uint8_t proto, rte_be32_t out_addr, rte_be16_t out_port)
{
	struct sl_lease_entry *e = sl_lease_table_out(&ls->table, -1, proto, out_addr, out_port);

	return e != NULL ? end(ls, e, SL_LEASE_REMOVED) : -ENOENT;
}

/* ---- time ---- */

/* Hold one of those that are there once more. */
static void
hold_again(struct sl_leases *ls, struct sl_lease_entry *e, uint64_t now)
{
	struct sl_lease_entry new = *e;
	int rc = sl_lease_place(ls, &new, true, now);

	/* A worker that does not answer now has kept what it has. */
	if (rc == -ETIMEDOUT || rc == -ENOBUFS || rc == -ENOMEM)
		return;
	if (rc < 0) {
		sl_lease_unplace(ls, e);
		forget(ls, e, SL_LEASE_LOST);
		return;
	}
	e->forward = new.forward;
	if (new.lease.out_addr == e->lease.out_addr &&new.lease.out_port == e->lease.out_port)
		return;
	displace(ls, &new.lease, e);
	sl_lease_table_move(&ls->table, e, new.lease.out_addr, new.lease.out_port);
	tell(ls, SL_LEASE_RENEWED, &e->lease);
}

static void
hold_some_again(struct sl_leases *ls, uint64_t now)
{
	for (unsigned int n = 0; n < AGAIN_SLICE && ls->again < ls->again_end; ls->again++) {
		struct sl_lease_entry *e = &ls->table.entry[ls->again];

		if (!e->live)
			continue;
		hold_again(ls, e, now);
		n++;
	}
}

void
sl_leases_reassert(struct sl_leases *ls, uint64_t now)
{
	ls->again = 0;
	ls->again_end = ls->table.high;
	hold_some_again(ls, now);
}

uint64_t
sl_leases_poll(struct sl_leases *ls, uint64_t now)
{
	struct sl_lease_entry *e;

	hold_some_again(ls, now);
	for (unsigned int n = 0; n < END_SLICE; n++) {
		e = sl_lease_table_first_over(&ls->table);
		if (e == NULL || e->lease.expires > now)
			break;
		end(ls, e, SL_LEASE_EXPIRED);
	}
	e = sl_lease_table_first_over(&ls->table);
	if (ls->again < ls->again_end)
		return now;
	return e != NULL ? RTE_MAX(e->lease.expires, now) : UINT64_MAX;
}
