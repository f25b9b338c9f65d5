/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Leases whose port their worker cannot give: forwards in the configuration, marked as leased, so
 * that every worker steers by them, no dynamic mapping takes their port, and neither "show
 * configuration" nor the operator's statements about forwards touch them.
 *
 * They never run out by themselves: the store says when they are over, so that a renewal changes
 * nothing here. Each other change is a whole new configuration. What one turn of control brings is
 * put into force as one (a batch), and single changes may take a quarter of control's time: beyond
 * that they are refused, and a client asks again.
 *
 * Who is who by the port alone must stay true: no forward where a plan or blocks say whose port it
 * is, nor at a port where the box itself serves. A port that the kernel might choose for itself is
 * reserved (reserve.c), or refused while it uses it.
 *
 * Limit: EXCEPTIONS_MAX of them. Control lcore only.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "cli.h"
#include "clock.h"
#include "exception.h"
#include "kernel.h"
#include "log.h"
#include "slots.h"

#define EXCEPTIONS_MAX 4096
#define COST 4 /* a change of one millisecond counts for so many */
#define BUSY_MS 1000 /* so much may have come together */
#define NOBODY RTE_BE32(0xffffffff)

/* ---- whose port is it? ---- */

static bool
is_outside(const struct sl_config *config, rte_be32_t addr)
{
	for (unsigned int i = 0; i < config->n_outside; i++)
		if (config->outside[i].addr == addr)
			return true;
	return false;
}

bool
exception_is_service(
	const struct sl_config *config, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	if (!is_outside(config, addr))
		return false;
	for (unsigned int i = 0; i < config->n_services; i++)
		if (config->service[i].proto == proto && config->service[i].port == port)
			return true;
	return false;
}

static bool
pool_has(const struct sl_pool *pool, rte_be32_t addr)
{
	uint32_t a = rte_be_to_cpu_32(addr);

	for (unsigned int i = 0; i < pool->n_ranges; i++)
		if (a >= rte_be_to_cpu_32(pool->range[i].first) &&
			a <= rte_be_to_cpu_32(pool->range[i].last))
			return true;
	return false;
}

/* Do blocks or a plan say whose port this is, and not the lease's host's? */
static bool
is_anothers(const struct sl_config *config, const struct sl_pool *pool, const struct sl_lease *l)
{
	uint16_t port = rte_be_to_cpu_16(l->out_port);
	uint16_t max = pool->port_max != 0 ? pool->port_max : UINT16_MAX;
	uint16_t min = pool->port_max != 0 ? pool->port_min : 1024;
	const struct sl_pool *which;

	if (pool->fixed.plen != 0) {
		rte_be32_t who = sl_config_lookup(config, l->out_addr, port, &which);

		return who != 0 && who != l->in_addr;
	}
	return pool->block_size != 0 && port >= min && port <= max;
}

static int
refuse(const struct sl_config *config, const struct sl_lease *l)
{
	const struct sl_tenant *tenant;
	const struct sl_pool *pool;

	if (l->tenant >= config->n_tenants || slots_no_tenant(config, l->tenant))
		return -EINVAL;
	if (exception_is_service(config, l->proto, l->out_addr, l->out_port))
		return -EADDRINUSE;
	if (config->n_pools == 0)
		return is_outside(config, l->out_addr) ? 0 : -EADDRNOTAVAIL;
	tenant = &config->tenant[l->tenant];
	pool = &config->pool[tenant->pool];
	if (!pool_has(pool, l->out_addr))
		return -EADDRNOTAVAIL;
	return is_anothers(config, pool, l) ? -EADDRINUSE : 0;
}

/* Could the kernel use this port for itself? */
static bool
is_kernels(const struct exceptions *x, const struct sl_lease *l)
{
	const struct sl_config *config = x->box->config;
	uint16_t port = rte_be_to_cpu_16(l->out_port);

	return kernel_tap(x->box->kernel, SL_OUTSIDE) != NULL && is_outside(config, l->out_addr) &&
	       port >= config->kernel_port_min && port <= config->kernel_port_max;
}

/* ---- forwards of a configuration ---- */

/* The forward that has this endpoint among its own, or -1. */
static int
find(const struct sl_config *config, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	uint32_t p = rte_be_to_cpu_16(port);

	for (unsigned int i = 0; i < config->n_forwards; i++) {
		const struct sl_forward *f = &config->forward[i];
		uint32_t first = rte_be_to_cpu_16(f->out_port);

		if (f->proto == proto && f->out_addr == addr && p >= first &&
			p < first + RTE_MAX(f->ports, 1))
			return (int)i;
	}
	return -1;
}

rte_be32_t
exception_waits(const struct sl_config *config, const struct sl_map_request *r)
{
	for (unsigned int i = 0; i < config->n_forwards; i++) {
		const struct sl_forward *f = &config->forward[i];

		if (f->leased && f->expires != 0 && f->proto == r->proto &&
			f->out_port == r->out_port && f->in_addr == r->in_addr &&
			f->in_port == r->in_port && f->tenant == r->tenant)
			return f->out_addr;
	}
	return 0;
}

static unsigned int
count_leased(const struct sl_config *config)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < config->n_forwards; i++)
		n += config->forward[i].leased;
	return n;
}

static struct sl_forward
forward_of(const struct sl_lease *l)
{
	struct sl_forward f = {
		.proto = l->proto,
		.out_addr = l->out_addr,
		.out_port = l->out_port,
		.in_addr = l->in_addr,
		.in_port = l->in_port,
		.ports = 1,
		.tenant = l->tenant,
		.leased = true,
	};

	if (!l->enabled)
		f.from = (struct sl_ifaddr){ NOBODY, 32 };
	else if (l->rem_addr != 0)
		f.from = (struct sl_ifaddr){ l->rem_addr, 32 };
	snprintf(f.description, sizeof(f.description), "%s", l->description);
	return f;
}

static bool
same_place(const struct sl_forward *a, const struct sl_forward *b)
{
	return a->in_addr == b->in_addr && a->in_port == b->in_port && a->tenant == b->tenant;
}

/* ---- putting into force ---- */

static const struct sl_config *
present(const struct exceptions *x)
{
	return x->next != NULL ? x->next : x->box->config;
}

static int
open_next(struct exceptions *x)
{
	if (x->next == NULL)
		x->next = sl_config_clone(x->box->config);
	return x->next != NULL ? 0 : -ENOMEM;
}

static int
commit(struct exceptions *x)
{
	uint64_t begin = clock_now();
	struct sl_config *next = x->next;
	char why[256] = "";
	int rc;

	x->next = NULL;
	if (next == NULL)
		return 0;
	x->applying = true;
	rc = x->apply(x->box, next, why, sizeof(why));
	x->applying = false;
	if (rc < 0) {
		SL_LOG(WARNING, "ports that hosts have opened are not in force yet: %s", why);
		sl_config_destroy(next);
	}
	x->busy = RTE_MAX(x->busy, begin) + COST * (clock_now() - begin + 1);
	return rc;
}

static bool
is_busy(const struct exceptions *x)
{
	return !x->batch && x->busy > clock_now() + BUSY_MS;
}

int
exception_set(struct exceptions *x, const struct sl_lease *lease)
{
	const struct sl_config *config = present(x);
	struct sl_forward new = forward_of(lease);
	int i = find(config, lease->proto, lease->out_addr, lease->out_port), rc;

	if (i >= 0 && (!config->forward[i].leased || !same_place(&config->forward[i], &new)))
		return -EADDRINUSE;
	rc = refuse(config, lease);
	if (rc < 0)
		return rc;
	/* One with an end of its own was put back at start, and waits to be taken over. */
	if (i >= 0 && config->forward[i].expires == 0 &&
		config->forward[i].from.addr == new.from.addr &&
		config->forward[i].from.plen == new.from.plen)
		return 0;
	if (i < 0 && count_leased(config) >= EXCEPTIONS_MAX)
		return -ENOSPC;
	if (is_busy(x))
		return -ENOBUFS;
	rc = is_kernels(x, lease)
		     ? reserve_take(&x->reserve, lease->proto, lease->out_addr, lease->out_port)
		     : 0;
	if (rc == 0)
		rc = open_next(x);
	if (rc == 0 && i >= 0)
		x->next->forward[i] = new;
	else if (rc == 0)
		rc = array_add(&x->next->forward, &x->next->n_forwards, sizeof(new), &new);
	if (rc == 0 && !x->batch)
		rc = commit(x);
	if (rc < 0 && i < 0)
		reserve_drop(&x->reserve, lease->proto, lease->out_addr, lease->out_port);
	return rc;
}

int
exception_clear(struct exceptions *x, const struct sl_lease *lease)
{
	const struct sl_config *config = present(x);
	struct sl_forward old = forward_of(lease);
	int i = find(config, lease->proto, lease->out_addr, lease->out_port), rc;

	if (i >= 0 && (!config->forward[i].leased || !same_place(&config->forward[i], &old)))
		return 0;
	if (i >= 0 && is_busy(x))
		return -ENOBUFS;
	rc = i >= 0 ? open_next(x) : 0;
	if (rc < 0)
		return rc;
	reserve_drop(&x->reserve, lease->proto, lease->out_addr, lease->out_port);
	if (i < 0)
		return 0;
	array_del(&x->next->forward, &x->next->n_forwards, sizeof(old), (unsigned int)i);
	return x->batch ? 0 : commit(x);
}

void
exception_fini(struct exceptions *x)
{
	sl_config_destroy(x->next);
	x->next = NULL;
	reserve_fini(&x->reserve);
}

void
exception_begin(struct exceptions *x)
{
	x->batch = true;
}

void
exception_end(struct exceptions *x)
{
	x->batch = false;
	commit(x);
}

int
exception_carry(const struct sl_config *running, struct sl_config *config)
{
	for (unsigned int i = 0; running != NULL && i < running->n_forwards; i++) {
		const struct sl_forward *f = &running->forward[i];

		if (!f->leased || f->tenant >= config->n_tenants ||
			strcmp(running->tenant[f->tenant].name, config->tenant[f->tenant].name) !=
				0 ||
			find(config, f->proto, f->out_addr, f->out_port) >= 0)
			continue;
		if (array_add(&config->forward, &config->n_forwards, sizeof(*f), f) < 0)
			return -ENOMEM;
	}
	return 0;
}
