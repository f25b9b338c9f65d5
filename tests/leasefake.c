/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A world around the store of leases: workers that hold mappings as the library does (a port of
 * the host's worker or none, one mapping for an inside endpoint), an exception table, and a list of
 * what was told. A worker forgets nothing by itself: what is there at the end was not ended.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>

#include "conf.h"
#include "leasefake.h"

#define WORKERS 3
#define FIRST 10000

rte_be32_t
lease_fake_host(uint8_t host)
{
	return rte_cpu_to_be_32(0x0a000000 + host);
}

bool
lease_fake_owns(uint8_t host, uint16_t port)
{
	return (port / 2) % WORKERS == host % WORKERS;
}

static bool
owns(rte_be32_t in_addr, uint16_t port)
{
	return lease_fake_owns((uint8_t)rte_be_to_cpu_32(in_addr), port);
}

static struct fake_map *
find_in(struct lease_fake *f, const struct sl_map_request *q)
{
	for (int i = 0; i < FAKE_MAPS; i++) {
		struct fake_map *m = &f->map[i];

		if (m->there && m->q.tenant == q->tenant && m->q.proto == q->proto &&
			m->q.in_addr == q->in_addr && m->q.in_port == q->in_port)
			return m;
	}
	return NULL;
}

static struct fake_map *
find_out(struct lease_fake *f, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	for (int i = 0; i < FAKE_MAPS; i++) {
		struct fake_map *m = &f->map[i];

		if (m->there && m->q.proto == proto && m->q.out_addr == addr &&
			m->q.out_port == port)
			return m;
	}
	return NULL;
}

static struct fake_map *
new_map(struct lease_fake *f)
{
	for (int i = 0; i < FAKE_MAPS; i++)
		if (!f->map[i].there) {
			f->map[i] = (struct fake_map){ .there = true };
			return &f->map[i];
		}
	fail_msg("the fake world is full");
	return NULL;
}

static bool
is_free(struct lease_fake *f, const struct sl_map_request *q, uint16_t port)
{
	return port >= 1024 && owns(q->in_addr, port) &&
	       find_out(f, q->proto, f->out, rte_cpu_to_be_16(port)) == NULL;
}

static int
add(struct lease_fake *f, struct sl_map_request *q)
{
	uint16_t want = rte_be_to_cpu_16(q->out_port);
	struct fake_map *m = find_in(f, q);

	if (f->out == 0)
		return -ENOSPC;
	q->out_addr = f->out;
	if (m != NULL && q->exact && m->q.out_port != q->out_port)
		return -EADDRINUSE;
	if (m == NULL) {
		if (want == 0 || !is_free(f, q, want)) {
			if (q->exact)
				return -EADDRINUSE;
			do
				want = f->next++;
			while (!is_free(f, q, want));
		}
		m = new_map(f);
		m->q = *q;
		m->q.out_port = rte_cpu_to_be_16(want);
	}
	q->out_addr = m->q.out_addr;
	q->out_port = m->q.out_port;
	m->q = *q;
	m->until = f->now + q->lifetime;
	return 0;
}

static int
ask(void *arg, enum sl_msg_op op, struct sl_map_request *q)
{
	struct lease_fake *f = arg;
	struct fake_map *m;

	f->n_asked++;
	assert_true(op == SL_MSG_MAP_ADD || op == SL_MSG_MAP_DEL);
	if (f->dead)
		return -ETIMEDOUT;
	if (op == SL_MSG_MAP_ADD) {
		q->status = add(f, q);
		return 0;
	}
	m = find_in(f, q);
	q->status = m != NULL && !m->forward ? 0 : -ENOENT;
	if (q->status == 0)
		m->there = false;
	return 0;
}

static int
holder(void *arg, uint8_t proto, rte_be32_t addr, rte_be16_t port, struct sl_mapping *mapping)
{
	struct lease_fake *f = arg;
	const struct fake_map *m = find_out(f, proto, addr, port);

	if (f->dead)
		return -ETIMEDOUT;
	if (m == NULL)
		return -ENOENT;
	*mapping = (struct sl_mapping){
		.in_addr = m->q.in_addr,
		.in_port = m->q.in_port,
		.out_addr = addr,
		.out_port = port,
		.tenant = m->q.tenant,
		.proto = proto,
		.is_static = m->forward,
	};
	return 0;
}

static int
forward(void *arg, const struct sl_lease *l, bool set)
{
	struct lease_fake *f = arg;
	struct fake_map *m = find_out(f, l->proto, l->out_addr, l->out_port);

	if (set && l->out_addr != f->out)
		return -EADDRNOTAVAIL;
	/* The table knows of forwards only: that nobody lives there was to be asked before. */
	if (set && m != NULL && !m->forward &&
		(m->q.in_addr != l->in_addr || m->q.in_port != l->in_port))
		fail_msg("a forward over a live mapping");
	if (m != NULL && (!m->forward || m->q.in_addr != l->in_addr || m->q.in_port != l->in_port))
		return set ? -EADDRINUSE : 0;
	if (set && m == NULL && f->no_forward)
		return -EADDRINUSE;
	if (!set) {
		if (m != NULL)
			m->there = false;
		return 0;
	}
	if (m == NULL)
		m = new_map(f);
	m->forward = true;
	m->q = (struct sl_map_request){
		.tenant = l->tenant,
		.proto = l->proto,
		.in_addr = l->in_addr,
		.in_port = l->in_port,
		.out_addr = l->out_addr,
		.out_port = l->out_port,
		.rem_addr = l->enabled ? l->rem_addr : RTE_BE32(UINT32_MAX),
	};
	return 0;
}

static rte_be32_t
outside(void *arg, unsigned int tenant, rte_be32_t in_addr)
{
	const struct lease_fake *f = arg;

	RTE_SET_USED(tenant);
	RTE_SET_USED(in_addr);
	return f->out;
}

static bool
inside(void *arg, unsigned int tenant, rte_be32_t in_addr)
{
	RTE_SET_USED(arg);
	RTE_SET_USED(tenant);
	return rte_be_to_cpu_32(in_addr) >> 24 == 10;
}

static void
changed(void *arg, enum sl_lease_change change, const struct sl_lease *lease)
{
	struct lease_fake *f = arg;

	f->last = *lease;
	if (f->n_told == FAKE_TOLD) {
		memmove(f->told, f->told + 1, sizeof(f->told) - sizeof(f->told[0]));
		f->n_told--;
	}
	f->told[f->n_told++] = change;
}

struct lease_fake *
lease_fake_create(uint32_t max)
{
	struct lease_fake *f = calloc(1, sizeof(*f));
	struct sl_leases_params params = {
		.max = max,
		.arg = f,
		.ask = ask,
		.holder = holder,
		.forward = forward,
		.outside = outside,
		.inside = inside,
		.changed = changed,
	};

	assert_non_null(f);
	f->now = 1000000;
	f->out = conf_addr(FAKE_OUT);
	f->next = FIRST;
	f->ls = sl_leases_create(&params);
	assert_non_null(f->ls);
	return f;
}

void
lease_fake_destroy(struct lease_fake *f)
{
	sl_leases_destroy(f->ls);
	free(f);
}

struct sl_lease_request
lease_fake_wish(uint8_t host, uint16_t in, uint16_t out)
{
	return (struct sl_lease_request){
		.lease = { .origin = SL_LEASE_UPNP,
			.proto = IPPROTO_TCP,
			.enabled = true,
			.in_addr = lease_fake_host(host),
			.in_port = rte_cpu_to_be_16(in),
			.out_port = rte_cpu_to_be_16(out) },
		.client = lease_fake_host(host),
		.exact = out != 0,
		.seconds = 3600,
	};
}

struct fake_map *
lease_fake_in(struct lease_fake *f, uint8_t host, uint16_t port)
{
	const struct sl_map_request q = {
		.proto = IPPROTO_TCP,
		.in_addr = lease_fake_host(host),
		.in_port = rte_cpu_to_be_16(port),
	};

	return find_in(f, &q);
}

struct fake_map *
lease_fake_out(struct lease_fake *f, uint16_t port)
{
	return find_out(f, IPPROTO_TCP, f->out, rte_cpu_to_be_16(port));
}

void
lease_fake_dynamic(struct lease_fake *f, uint8_t host, uint16_t in, uint16_t out)
{
	struct fake_map *m = new_map(f);

	m->dynamic = true;
	m->q = (struct sl_map_request){
		.proto = IPPROTO_TCP,
		.in_addr = lease_fake_host(host),
		.in_port = rte_cpu_to_be_16(in),
		.out_addr = f->out,
		.out_port = rte_cpu_to_be_16(out),
	};
}

unsigned int
lease_fake_told(const struct lease_fake *f, enum sl_lease_change change)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < f->n_told; i++)
		n += f->told[i] == change;
	return n;
}
