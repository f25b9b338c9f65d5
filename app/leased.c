/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Ports that hosts open by themselves, in the program: the store of helpers/lease.h with this
 * gateway around it, and a door for each tenant that has one switched on.
 *
 *   door.c -> UPnP, NAT-PMP, PCP -> store -> box_ask(): the subscriber's worker holds a mapping
 *                                         -> exception.c: a forward in the configuration
 *
 * Every new configuration, whoever brings it, comes here: policy, doors, and all leases held once
 * more, except when it brings nothing but what the store has just asked for.
 *
 * A worker that has not answered is not asked again for QUIET_MS, so that one that hangs takes
 * a second of control's time now and then, and not one for each wish.
 *
 * Control lcore only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "alias.h"
#include "cli.h"
#include "clock.h"
#include "door.h"
#include "events.h"
#include "exception.h"
#include "kernel.h"
#include "leased.h"
#include "leasefile.h"
#include "log.h"
#include "pcpd.h"
#include "slots.h"

#define LEASES_MAX 65536 /* memory that is not used is not taken */
#define QUIET_MS 5000
#define ENDINGS 4096 /* turns in which a worker ends the sessions of one mapping */
#define DOORS UINT8_MAX

struct leased {
	struct box *box;
	struct sl_leases *store;
	struct pcpd *pcpd;
	struct exceptions exceptions;
	struct leasefile file;
	struct aliases aliases; /* IPv6 hosts */
	uint64_t quiet[SL_WORKERS_MAX]; /* not to be asked before */
	struct door *door[DOORS]; /* by tenant; NULL: closed */
};

/* ---- what the store asks ---- */

static int
ask_worker(struct leased *d, unsigned int worker, struct sl_msg *msg)
{
	int rc;

	if (clock_now() < d->quiet[worker])
		return -ETIMEDOUT;
	rc = box_ask(d->box, worker, msg);
	if (rc == -ETIMEDOUT)
		d->quiet[worker] = clock_now() + QUIET_MS;
	return rc;
}

/* The worker knows an IPv6 host by its address and the prefix of its tenant. -1: it has none. */
static int
name_host(struct leased *d, struct sl_map_request *r)
{
	const struct alias *a = alias_of(&d->aliases, r->in_addr);
	int prefix = slots_nat64(d->box->config, r->tenant);

	if (a == NULL || prefix < 0)
		return -1;
	r->six = true;
	r->in6 = a->addr;
	r->nat64 = (unsigned int)prefix;
	return (int)sl_subscriber_worker6(d->box->nat, r->tenant, &a->addr);
}

static int
ask(void *arg, enum sl_msg_op op, struct sl_map_request *request)
{
	struct leased *d = arg;
	bool six = alias_is(request->in_addr);
	int worker = six ? name_host(d, request)
			 : (int)sl_subscriber_worker(d->box->nat, request->in_addr);
	struct sl_msg msg = { .op = op, .buf = request };
	rte_be32_t addr;
	int rc;

	if (worker < 0) {
		request->status = op == SL_MSG_MAP_ADD ? -EINVAL : 0;
		return 0;
	}
	if (op == SL_MSG_MAP_ADD && request->exact) {
		addr = six ? pcpd_only_outside(d->box->config, request->tenant)
			   : sl_subscriber_outside(d->box->nat, request->tenant, request->in_addr);
		if (exception_is_service(d->box->config, request->proto, addr, request->out_port)) {
			request->status = -EADDRINUSE;
			request->out_addr = addr;
			return 0;
		}
	}
	/* The worker would say that all is well, by a forward that has not long to live. */
	addr = op == SL_MSG_MAP_ADD && request->exact ? exception_waits(d->box->config, request)
						      : 0;
	if (addr != 0) {
		request->status = -EADDRINUSE;
		request->out_addr = addr;
		return 0;
	}
	for (unsigned int i = 0; i < ENDINGS; i++) {
		rc = ask_worker(d, (unsigned int)worker, &msg);
		if (rc != 0 || op != SL_MSG_MAP_DEL || msg.cursor == UINT32_MAX)
			return rc;
	}
	return 0;
}

static int
holder(void *arg, uint8_t proto, rte_be32_t out_addr, rte_be16_t out_port,
	struct sl_mapping *mapping)
{
	struct leased *d = arg;

	for (unsigned int i = 0; i < d->box->n_workers; i++) {
		struct sl_msg msg = {
			.op = SL_MSG_MAPPING_AT,
			.select = { .proto = proto, .out = { out_addr, 32 }, .out_port = out_port },
			.max = 1,
			.buf = mapping,
		};
		int rc = ask_worker(d, i, &msg);

		if (rc != 0)
			return rc;
		/* A mapping of a forward is at the inside host's worker, and may be on its way
		 * out; one that counts is at the port's. */
		if (msg.n == 1 && !mapping->is_static)
			return 0;
	}
	return -ENOENT;
}

static int
forward(void *arg, const struct sl_lease *lease, bool add)
{
	struct leased *d = arg;

	/* A forward would need a place for the host that it keeps for ever (lib/snap6.c). */
	if (alias_is(lease->in_addr))
		return add ? -EADDRINUSE : 0;
	return add ? exception_set(&d->exceptions, lease) : exception_clear(&d->exceptions, lease);
}

static rte_be32_t
outside(void *arg, unsigned int tenant, rte_be32_t in_addr)
{
	struct leased *d = arg;
	struct sl_subscriber sub;
	struct sl_msg msg = {
		.op = SL_MSG_SUBSCRIBERS,
		.select = { .in = { in_addr, 32 }, .tenant = (uint16_t)(tenant + 1) },
		.max = 1,
		.buf = &sub,
	};

	/* Which of several addresses an IPv6 host will get only its worker knows. */
	if (alias_is(in_addr))
		return pcpd_only_outside(d->box->config, tenant);
	/* Where its mappings are, if it has any; else where they would be. */
	if (ask_worker(d, sl_subscriber_worker(d->box->nat, in_addr), &msg) == 0 && msg.n == 1 &&
		sub.out_addr != 0 && sub.ports[0] + sub.ports[1] + sub.ports[2] > 0)
		return sub.out_addr;
	return sl_subscriber_outside(d->box->nat, tenant, in_addr);
}

/* Can an inside address, also one of IPv6 hosts, be a host of the tenant? */
static bool
inside(void *arg, unsigned int tenant, rte_be32_t in_addr)
{
	const struct leased *d = arg;
	const struct alias *a = alias_of(&d->aliases, in_addr);

	if (!alias_is(in_addr))
		return sl_subscriber_possible(d->box->nat, tenant, in_addr);
	return a != NULL && a->tenant == tenant && slots_nat64(d->box->config, tenant) >= 0 &&
	       sl_subscriber_possible6(d->box->nat, tenant, &a->addr);
}

static uint32_t
kin(void *arg, unsigned int tenant, rte_be32_t in_addr)
{
	const struct leased *d = arg;
	uint8_t plen = d->box->config->nat64_subscriber;

	RTE_SET_USED(tenant);
	return alias_is(in_addr) ? alias_kin(&d->aliases, in_addr, plen != 0 ? plen : 64) : 0;
}

static void
changed(void *arg, enum sl_lease_change change, const struct sl_lease *lease)
{
	struct leased *d = arg;

	if (change == SL_LEASE_ADDED)
		alias_hold(&d->aliases, lease->in_addr, 1);
	else if (change != SL_LEASE_RENEWED)
		alias_hold(&d->aliases, lease->in_addr, -1);
	leasefile_touch(&d->file);
	events_lease(d->box, change, lease);
	pcpd_changed(d->pcpd, change, lease);
	if (lease->tenant < DOORS && d->door[lease->tenant] != NULL)
		door_changed(d->door[lease->tenant], change, lease);
}

/* ---- doors ---- */

static bool
is_on(bool usual, uint8_t said)
{
	return said == SL_SAY_NOTHING ? usual : said == SL_SAY_ON;
}

bool
leased_upnp(const struct sl_config *config, unsigned int tenant)
{
	return is_on(config->lease.upnp, config->tenant[tenant].upnp);
}

bool
leased_pcp(const struct sl_config *config, unsigned int tenant)
{
	return is_on(config->lease.pcp, config->tenant[tenant].pcp);
}

/* The door that a tenant is to have; false: none. */
static bool
door_of(const struct leased *d, unsigned int tenant, struct door_kind *kind)
{
	const struct sl_config *config = d->box->config;
	const struct sl_lease_policy *policy = sl_leases_policy(d->store);

	if (tenant >= config->n_tenants || slots_no_tenant(config, tenant) ||
		(config->tenant[tenant].n_addrs == 0 && slots_nat64(config, tenant) < 0))
		return false;
	*kind = (struct door_kind){
		.tenant = tenant,
		.serial = kernel_serial(d->box->kernel, tenant),
		.upnp = leased_upnp(config, tenant),
		.pcp = leased_pcp(config, tenant),
		.six = leased_pcp(config, tenant) && slots_nat64(config, tenant) >= 0,
		.igd = policy->igd,
		.http_port = policy->http_port,
	};
	return kind->serial != 0 && (kind->upnp || kind->pcp);
}

static void
set_door(struct leased *d, unsigned int tenant)
{
	const struct sl_tenant *t = &d->box->config->tenant[tenant];
	const struct door_house house = { d->box, d->store, d->pcpd, &d->aliases };
	struct door_kind kind;
	bool wanted = door_of(d, tenant, &kind);

	if (d->door[tenant] != NULL &&
		!(wanted && door_fits(d->door[tenant], &kind, t->addr, t->n_addrs))) {
		door_destroy(d->door[tenant]);
		d->door[tenant] = NULL;
	}
	if (d->door[tenant] != NULL)
		door_applied(d->door[tenant]);
	if (!wanted || d->door[tenant] != NULL)
		return;
	d->door[tenant] = door_create(&house, &kind, t->addr, t->n_addrs);
	if (d->door[tenant] == NULL)
		SL_LOG(ERR, "tenant %s: no memory for UPnP, NAT-PMP and PCP, which stay off",
			t->name);
}

/* ---- the life of it ---- */

int
leased_create(struct box *box, exception_apply_fn *apply)
{
	struct leased *d = calloc(1, sizeof(*d));
	struct sl_leases_params params = {
		.max = LEASES_MAX,
		.arg = d,
		.ask = ask,
		.holder = holder,
		.forward = forward,
		.outside = outside,
		.inside = inside,
		.kin = kin,
		.changed = changed,
	};

	if (d != NULL) {
		d->box = d->exceptions.box = box;
		d->exceptions.apply = apply;
		alias_init(&d->aliases);
		d->store = sl_leases_create(&params);
	}
	if (d != NULL && d->store != NULL)
		d->pcpd = pcpd_create(box, d->store, inside, d);
	if (d == NULL || d->pcpd == NULL) {
		SL_LOG(ERR, "no memory for the ports that hosts open");
		sl_leases_destroy(d != NULL ? d->store : NULL);
		free(d);
		return -ENOMEM;
	}
	d->file.pcp = pcpd_server(d->pcpd);
	d->file.aliases = &d->aliases;
	box->leased = d;
	return 0;
}

bool
leased_leave(struct box *box)
{
	struct leased *d = box->leased;
	bool left = false;

	for (unsigned int i = 0; d != NULL && i < DOORS; i++) {
		left = left || d->door[i] != NULL;
		door_destroy(d->door[i]);
		d->door[i] = NULL;
	}
	return left;
}

void
leased_destroy(struct box *box)
{
	struct leased *d = box->leased;

	if (d == NULL)
		return;
	for (unsigned int i = 0; i < DOORS; i++)
		door_destroy(d->door[i]);
	leasefile_fini(&d->file, d->store, box->config, clock_now());
	pcpd_destroy(d->pcpd);
	exception_fini(&d->exceptions);
	sl_leases_destroy(d->store);
	alias_fini(&d->aliases);
	free(d);
	box->leased = NULL;
}

int
leased_check(const struct box *box, const struct sl_config *config, char *why, size_t size)
{
	if (box->kernel == NULL || kernel_tap(box->kernel, SL_INSIDE) != NULL)
		return 0;
	for (unsigned int i = 0; i < config->n_tenants; i++) {
		if (slots_no_tenant(config, i) ||
			!(leased_upnp(config, i) || leased_pcp(config, i)))
			continue;
		snprintf(why, size,
			"tenant %s: UPnP and PCP need the kernel's TAPs, and there are none "
			"(--no-kernel)",
			config->tenant[i].name);
		return -EINVAL;
	}
	return 0;
}

void
leased_apply(struct box *box)
{
	struct leased *d = box->leased;

	if (d == NULL || d->exceptions.applying)
		return;
	if (sl_leases_configure(d->store, &box->config->lease) < 0)
		SL_LOG(WARNING, "no memory: the old rules for ports of hosts stay in force");
	pcpd_apply(d->pcpd);
	for (unsigned int i = 0; i < DOORS; i++) {
		if (i < box->config->n_tenants || d->door[i] != NULL)
			set_door(d, i);
	}
	leasefile_use(&d->file, box->config->lease.file, d->store, box->config, clock_now());
	exception_begin(&d->exceptions);
	sl_leases_reassert(d->store, clock_now());
	exception_end(&d->exceptions);
}

unsigned int
leased_poll(struct box *box)
{
	struct leased *d = box->leased;
	uint64_t now = clock_now(), at, announce;
	bool due;

	exception_begin(&d->exceptions);
	at = sl_leases_poll(d->store, now);
	at = RTE_MIN(at, leasefile_poll(&d->file, d->store, box->config, now));
	exception_end(&d->exceptions);
	due = pcpd_due(d->pcpd, now, &announce);
	at = RTE_MIN(at, announce);
	for (unsigned int i = 0; i < DOORS; i++) {
		if (d->door[i] == NULL)
			continue;
		if (due)
			door_announce(d->door[i]);
		at = RTE_MIN(at, door_poll(d->door[i], now));
	}
	return at <= now ? 0 : (unsigned int)RTE_MIN(at - now, (uint64_t)UINT16_MAX);
}

/* Which leases are to be closed; copies of them, since closing changes the list. */
struct picked {
	int tenant;
	rte_be32_t in_addr;
	struct sl_lease *lease;
	unsigned int n, max;
};

static void
pick(void *arg, const struct sl_lease *lease)
{
	struct picked *p = arg;

	if ((p->tenant >= 0 && lease->tenant != p->tenant) ||
		(p->in_addr != 0 && lease->in_addr != p->in_addr) || p->n == p->max)
		return;
	p->lease[p->n++] = *lease;
}

int
leased_clear(struct box *box, int tenant, rte_be32_t in_addr, unsigned int *n)
{
	struct leased *d = box->leased;
	struct picked p = { .tenant = tenant, .in_addr = in_addr };
	int rc = 0;

	p.max = (unsigned int)sl_leases_counts(d->store)->now;
	p.lease = calloc(p.max + 1, sizeof(*p.lease));
	if (p.lease == NULL)
		return -ENOMEM;
	sl_lease_walk(d->store, pick, &p);
	exception_begin(&d->exceptions);
	for (unsigned int i = 0; i < p.n; i++) {
		const struct sl_lease *l = &p.lease[i];

		if (sl_lease_remove(d->store, l->proto, l->out_addr, l->out_port) == 0)
			(*n)++;
		else
			rc = -ETIMEDOUT;
	}
	exception_end(&d->exceptions);
	free(p.lease);
	return rc;
}

struct sl_leases *
leased_store(const struct box *box)
{
	return box->leased != NULL ? box->leased->store : NULL;
}

rte_be32_t
leased_alias(struct box *box, unsigned int tenant, const struct sl_ip6 *addr)
{
	return alias_get(&box->leased->aliases, (uint16_t)tenant, addr);
}

const char *
leased_inside(const struct box *box, const struct sl_lease *lease)
{
	const struct alias *a = alias_of(&box->leased->aliases, lease->in_addr);

	return a != NULL ? text_endpoint6(&a->addr, lease->in_port)
			 : text_endpoint(lease->in_addr, lease->in_port);
}
