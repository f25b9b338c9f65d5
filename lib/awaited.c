/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Flows that will come and that a helper is to read, though no server's port says so: one end
 * has named an endpoint of its own in a payload (H.245 in H.323). From outside it comes to a
 * mapping that was made for it (held.c); from inside it goes to an endpoint that the remote end
 * has named, and nothing has to be opened for that. Here is only said who looks at it.
 *
 * There are few of them, for seconds. So they lie in an array without order, from its start on
 * without holes, and nobody pays for them while there are none.
 */
#include <errno.h>

#include "awaited.h"
#include "state.h"

static void
forget(struct sl_awaited *a, struct sl_awaited_entry *e)
{
	*e = a->entry[--a->n];
}

/* Those whose time is over go as somebody comes along. */
static void
tidy(struct sl_worker *w)
{
	for (unsigned int i = w->awaited.n; i-- > 0;)
		if ((int32_t)(w->now - w->awaited.entry[i].until) >= 0)
			forget(&w->awaited, &w->awaited.entry[i]);
}

static struct sl_awaited_entry *
find(struct sl_worker *w, const struct sl_map_request *r)
{
	for (unsigned int i = 0; i < w->awaited.n; i++) {
		struct sl_awaited_entry *e = &w->awaited.entry[i];

		if (e->in_addr == r->in_addr && e->tenant == r->tenant && e->proto == r->proto &&
			e->outward == r->outward &&
			(r->outward ? e->rem_addr == r->rem_addr && e->rem_port == r->rem_port
				    : e->in_port == r->in_port))
			return e;
	}
	return NULL;
}

int
sl_awaited_add(struct sl_worker *w, const struct sl_map_request *r)
{
	struct sl_awaited_entry *e;

	if ((r->proto != IPPROTO_TCP && r->proto != IPPROTO_UDP) || r->helper == 0 ||
		r->helper > SL_HELPERS_MAX || r->tenant >= w->snap->n_tenants ||
		(r->outward && (r->rem_addr == 0 || r->rem_port == 0)) ||
		sl_owner_inside(w->nat, r->in_addr) != w->id)
		return -EINVAL;
	tidy(w);
	e = find(w, r);
	if (e == NULL && w->awaited.n == SL_AWAITED_MAX)
		return -ENOSPC;
	if (e == NULL)
		e = &w->awaited.entry[w->awaited.n++];
	*e = (struct sl_awaited_entry){
		.in_addr = r->in_addr,
		.rem_addr = r->rem_addr,
		.in_port = r->in_port,
		.rem_port = r->rem_port,
		.tenant = (uint8_t)r->tenant,
		.proto = r->proto,
		.helper = r->helper,
		.outward = r->outward,
		.once = r->once,
		.pair = r->pair,
		.until = w->now + RTE_MIN(r->lifetime, (uint32_t)INT32_MAX),
	};
	return 0;
}

int
sl_awaited_del(struct sl_worker *w, const struct sl_map_request *r)
{
	struct sl_awaited_entry *e = find(w, r);

	if (e == NULL)
		return -ENOENT;
	forget(&w->awaited, e);
	return 0;
}

static bool
matches(const struct sl_awaited_entry *e, const struct sl_flow *f)
{
	bool outward = !(f->flags & SL_FLOW_INBOUND);
	uint16_t off = (uint16_t)(rte_be_to_cpu_16(f->in_port) - rte_be_to_cpu_16(e->in_port));

	return e->in_addr == f->in_addr && e->tenant == f->tenant && e->proto == f->proto &&
	       e->outward == outward && (outward || off <= e->pair) &&
	       (e->rem_addr == 0 || e->rem_addr == f->rem_addr) &&
	       (e->rem_port == 0 || e->rem_port == f->rem_port);
}

uint8_t
sl_awaited_take(struct sl_worker *w, const struct sl_flow *f)
{
	tidy(w);
	for (unsigned int i = 0; i < w->awaited.n; i++) {
		struct sl_awaited_entry *e = &w->awaited.entry[i];
		uint8_t helper = e->helper;

		if (!matches(e, f))
			continue;
		if (e->once)
			forget(&w->awaited, e);
		return helper;
	}
	return 0;
}
