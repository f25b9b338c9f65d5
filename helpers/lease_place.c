/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where a lease lives. First the worker that owns the subscriber is asked to hold a mapping:
 * so it counts against the subscriber's limits, stays within its block or its plan, is logged,
 * and is the mapping that the inside endpoint has already, if it has one. A worker gives only
 * ports of its own; for others there is the exception table, params.forward(), once it is clear
 * that nobody else lives there.
 *
 * A mapping at its worker is given a little more time than the lease has (GRACE_MS). It is ended
 * by the store, with its sessions; left alone it would go on as long as these do. Only when
 * control stands still it ends by itself. A peer's is left to its sessions: these are the host's
 * own, and others have not come in by it.
 *
 * A lease that is not enabled lets in NOBODY, an address from which no packet comes.
 */
#include <errno.h>
#include <string.h>

#include <rte_common.h>
#include <rte_jhash.h>

#include "lease_state.h"

#define GRACE_MS 5000
#define NOBODY RTE_BE32(0xffffffff)
#define PORT_MIN 1024 /* dynamic ports, unless a pool says otherwise */
#define TRIES 16 /* ports of a narrow range that are asked for */

/* What a lease asks of a worker. */
static struct sl_map_request
request_of(const struct sl_lease *l, uint64_t now)
{
	uint64_t left = l->expires > now ? l->expires - now : 0;

	return (struct sl_map_request){
		.tenant = l->tenant,
		.proto = l->proto,
		/* A peer's is what the host opens itself; it closes nothing to others. */
		.lease = !l->peer,
		.in_addr = l->in_addr,
		.in_port = l->in_port,
		.out_port = l->out_port,
		.rem_addr = l->enabled ? l->rem_addr : NOBODY,
		.rem_port = l->enabled ? l->rem_port : 0,
		.lifetime = (uint32_t)RTE_MIN(left + GRACE_MS, (uint64_t)INT32_MAX),
	};
}

static int
end_held(struct sl_leases *ls, const struct sl_lease *l)
{
	struct sl_map_request q = request_of(l, 0);
	int rc = ls->params.ask(ls->params.arg, SL_MSG_MAP_DEL, &q);

	/* What is not there, or has no worker any more, has ended. */
	return rc == -ETIMEDOUT || rc == -ENOBUFS || rc == -ENOMEM ? rc : 0;
}

/* A held mapping; *addr is the host's outside address, also when the port is not to be had. */
static int
place_held(
	struct sl_leases *ls, struct sl_lease_entry *e, bool exact, uint64_t now, rte_be32_t *addr)
{
	struct sl_map_request q = request_of(&e->lease, now);
	int rc;

	q.exact = exact;
	rc = ls->params.ask(ls->params.arg, SL_MSG_MAP_ADD, &q);
	*addr = q.out_addr;
	if (rc != 0 || q.status != 0)
		return rc != 0 ? rc : q.status;
	e->lease.out_addr = q.out_addr;
	e->lease.out_port = q.out_port;
	e->forward = false;
	return 0;
}

/* Take the hold away from a mapping and leave it to its sessions, if it has any: it may have been
 * there before. */
static void
let_go(struct sl_leases *ls, const struct sl_lease *l)
{
	struct sl_map_request q = request_of(l, 0);

	q.lifetime = 1;
	ls->params.ask(ls->params.arg, SL_MSG_MAP_ADD, &q);
}

static bool
same_inside(const struct sl_lease *l, unsigned int tenant, rte_be32_t addr, rte_be16_t port)
{
	return l->tenant == tenant && l->in_addr == addr && l->in_port == port;
}

/* Does somebody live at the outside endpoint that a lease is to have? */
static int
refuse_if_taken(struct sl_leases *ls, const struct sl_lease *l)
{
	const struct sl_lease_entry *other =
		sl_lease_table_out(&ls->table, -1, l->proto, l->out_addr, l->out_port);
	struct sl_mapping m;
	int rc;

	if (other != NULL && !same_inside(&other->lease, l->tenant, l->in_addr, l->in_port))
		return -EADDRINUSE;
	rc = ls->params.holder(ls->params.arg, l->proto, l->out_addr, l->out_port, &m);
	/* What a forward has left behind is on its way out. */
	if (rc == -ENOENT ||
		(rc == 0 && (m.is_static || same_inside(l, m.tenant, m.in_addr, m.in_port))))
		return 0;
	return rc == 0 ? -EADDRINUSE : rc;
}

/* An entry of the exception table at lease.out_port of an address. */
static int
place_forward(struct sl_leases *ls, struct sl_lease_entry *e, rte_be32_t addr)
{
	struct sl_lease wanted = e->lease;
	int rc;

	wanted.out_addr = addr;
	/* It can be for one remote host, but not for one of its ports. */
	if (addr == 0 || wanted.rem_port != 0)
		return -EADDRINUSE;
	rc = refuse_if_taken(ls, &wanted);
	if (rc == 0)
		rc = ls->params.forward(ls->params.arg, &wanted, true);
	if (rc < 0)
		return rc;
	e->lease.out_addr = addr;
	e->forward = true;
	return 0;
}

/* The worker cannot give this port; others may be able to. */
static bool
may_forward(int rc)
{
	return rc == -EADDRINUSE || rc == -ENOSPC;
}

static int
place_exact(struct sl_leases *ls, struct sl_lease_entry *e, uint64_t now)
{
	struct sl_lease *l = &e->lease;
	rte_be32_t addr;
	int rc = place_held(ls, e, true, now, &addr);

	if (!may_forward(rc))
		return rc;
	if (addr == 0)
		addr = ls->params.outside(ls->params.arg, l->tenant, l->in_addr);
	return place_forward(ls, e, addr);
}

/* A port of a range that leaves most of the pool's out. Where to begin depends on the inside
 * endpoint alone, so that a host that comes again gets what it had. */
static int
place_in_range(struct sl_leases *ls, struct sl_lease_entry *e, uint64_t now)
{
	const struct sl_lease_policy *p = &ls->policy;
	uint32_t n = (uint32_t)(p->port_max - p->port_min + 1);
	uint32_t from = rte_jhash_3words(e->lease.in_addr, e->lease.in_port,
		(uint32_t)e->lease.tenant << 8 | e->lease.proto, 0);
	rte_be32_t addr = 0;
	int rc = -ENOSPC;

	for (uint32_t i = 0; i < RTE_MIN(n, (uint32_t)TRIES); i++) {
		e->lease.out_port = rte_cpu_to_be_16((uint16_t)(p->port_min + (from + i) % n));
		rc = place_held(ls, e, true, now, &addr);
		if (!may_forward(rc))
			return rc;
	}
	if (addr == 0)
		addr = ls->params.outside(ls->params.arg, e->lease.tenant, e->lease.in_addr);
	for (uint32_t i = 0; i < RTE_MIN(n, (uint32_t)TRIES); i++) {
		e->lease.out_port = rte_cpu_to_be_16((uint16_t)(p->port_min + (from + i) % n));
		rc = place_forward(ls, e, addr);
		if (!may_forward(rc))
			return rc;
	}
	return -ENOSPC;
}

/* A wish that need not be granted is not worth an entry of the exception table, as long as what
 * the worker gives instead is in the policy's range. */
static int
place_new(struct sl_leases *ls, struct sl_lease_entry *e, bool exact, uint64_t now)
{
	bool narrow = ls->policy.port_min > PORT_MIN || ls->policy.port_max < UINT16_MAX;
	struct sl_lease *l = &e->lease;
	rte_be32_t addr;
	int rc;

	if (exact)
		return place_exact(ls, e, now);
	if (!sl_lease_port_allowed(ls, l->out_port))
		l->out_port = 0;
	if (narrow) {
		rc = l->out_port != 0 ? place_exact(ls, e, now) : -ENOSPC;
		return may_forward(rc) ? place_in_range(ls, e, now) : rc;
	}
	rc = place_held(ls, e, false, now, &addr);
	if (rc != 0 || sl_lease_port_allowed(ls, l->out_port))
		return rc;
	let_go(ls, l);
	return place_in_range(ls, e, now);
}

/* The place that it has had. */
static int
place_again(struct sl_leases *ls, struct sl_lease_entry *e, uint64_t now)
{
	struct sl_lease *l = &e->lease;
	rte_be32_t had = l->out_addr, addr;
	int rc;

	if (e->forward) {
		/* It may have been gone for a while, and somebody may have come. */
		rc = refuse_if_taken(ls, l);
		if (rc == 0)
			rc = ls->params.forward(ls->params.arg, l, true);
		if (rc != -EADDRNOTAVAIL)
			return rc;
		had = 0; /* the address is the host's no more */
	}
	rc = place_held(ls, e, true, now, &addr);
	if (rc == 0 && l->out_addr != had && had != 0) {
		/* The host is elsewhere now, but the world knows the old address: that one, if it
		 * can be had. */
		struct sl_lease_entry old = *e;

		old.lease.out_addr = had;
		if (place_forward(ls, &old, had) == 0) {
			let_go(ls, l);
			*e = old;
		}
		return 0;
	}
	if (!may_forward(rc))
		return rc;
	if (addr == 0)
		addr = ls->params.outside(ls->params.arg, l->tenant, l->in_addr);
	return place_forward(ls, e, addr);
}

int
sl_lease_place(struct sl_leases *ls, struct sl_lease_entry *e, bool exact, uint64_t now)
{
	if (e->lease.out_addr != 0)
		return place_again(ls, e, now);
	return place_new(ls, e, exact, now);
}

int
sl_lease_unplace(struct sl_leases *ls, const struct sl_lease_entry *e)
{
	if (!e->forward && e->lease.peer) {
		let_go(ls, &e->lease);
		return 0;
	}
	if (!e->forward)
		return end_held(ls, &e->lease);
	return ls->params.forward(ls->params.arg, &e->lease, false);
}
