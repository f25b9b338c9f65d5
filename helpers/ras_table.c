/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Registrations of H.323 endpoints with gatekeepers. A table of slots by inside host, with a few
 * places each; one host has SL_RAS_EACH of them at most, and who finds none has nothing opened.
 *
 * What a registration has open is what its last request that was granted has named. A request
 * that is under way adds to it until it is answered: granted, what it does not name is closed;
 * refused, what it alone has named. Nobody counts the time here: expectations lapse by
 * themselves, and a place whose time is over is free.
 */
#include "ras.h"

#include <rte_common.h>

#define LINGER_MS 32000 /* that a registration is known after its end, for what is repeated */

static struct sl_ras_registration *
slot_of(const struct sl_helper *h)
{
	uint32_t slot = (h->in_addr ^ (uint32_t)h->tenant << 16) * 0x9e3779b1u;

	return ((struct sl_ras_table *)h->shared)->place[slot >> 16 & (SL_RAS_SLOTS - 1)];
}

static bool
is_of_host(const struct sl_ras_registration *r, const struct sl_helper *h)
{
	return r->until > h->now && r->in_addr == h->in_addr && r->tenant == h->tenant;
}

struct sl_ras_registration *
sl_ras_find(const struct sl_helper *h)
{
	struct sl_ras_registration *r = slot_of(h);

	for (unsigned int i = 0; i < SL_RAS_WAYS; i++, r++)
		if (is_of_host(r, h) && r->in_port == h->in_port && r->gatekeeper == h->rem_addr)
			return r;
	return NULL;
}

struct sl_ras_registration *
sl_ras_get(const struct sl_helper *h)
{
	struct sl_ras_registration *r = sl_ras_find(h), *vacant = NULL, *slot = slot_of(h);
	unsigned int n = 0;

	if (r != NULL && !r->over)
		return r;
	for (unsigned int i = 0; i < SL_RAS_WAYS && r == NULL; i++) {
		n += is_of_host(&slot[i], h) && !slot[i].over;
		if (slot[i].until <= h->now || (is_of_host(&slot[i], h) && slot[i].over))
			vacant = &slot[i];
	}
	if (r == NULL && n < SL_RAS_EACH)
		r = vacant;
	if (r != NULL)
		*r = (struct sl_ras_registration){
			.in_addr = h->in_addr,
			.in_port = h->in_port,
			.gatekeeper = h->rem_addr,
			.tenant = h->tenant,
		};
	return r;
}

static struct sl_ras_port *
find_port(struct sl_ras_registration *r, uint8_t proto, rte_be16_t in_port)
{
	for (unsigned int i = 0; i < r->n; i++)
		if (r->port[i].proto == proto && r->port[i].in_port == in_port)
			return &r->port[i];
	return NULL;
}

const struct sl_ras_port *
sl_ras_known(const struct sl_ras_registration *r, uint8_t proto, rte_be16_t in_port)
{
	for (unsigned int i = 0; r != NULL && i < r->n; i++)
		if (r->port[i].proto == proto && r->port[i].in_port == in_port)
			return &r->port[i];
	return NULL;
}

void
sl_ras_name(struct sl_ras_registration *r, const struct sl_ras_port *port)
{
	struct sl_ras_port *p = find_port(r, port->proto, port->in_port);
	bool now = p != NULL && p->now;

	if (p == NULL && r->n < SL_RAS_PORTS)
		p = &r->port[r->n++];
	if (p == NULL)
		return;
	*p = *port;
	p->now = now;
	p->next = true;
}

static void
close_port(struct sl_helper *h, const struct sl_ras_port *p)
{
	/* RAS: the very flow that says so may be by it, it ends by itself. */
	if (p->proto == IPPROTO_UDP)
		sl_helper_prolong(h, p->proto, h->in_addr, p->in_port, 1);
	else
		sl_helper_unexpect(h, p->proto, h->in_addr, p->in_port);
}

void
sl_ras_settle(struct sl_helper *h, struct sl_ras_registration *r, bool agreed, uint32_t ms)
{
	uint8_t kept = 0;

	r->asked = 0;
	for (unsigned int i = 0; i < r->n; i++) {
		struct sl_ras_port p = r->port[i];

		p.next = p.now = agreed ? p.next : p.now;
		if (!p.now) {
			close_port(h, &p);
			continue;
		}
		if (ms != 0)
			sl_helper_prolong(h, p.proto, h->in_addr, p.in_port, ms);
		r->port[kept++] = p;
	}
	r->n = kept;
	if (ms != 0)
		r->until = h->now + ms;
}

void
sl_ras_end(struct sl_helper *h, struct sl_ras_registration *r)
{
	if (r->over)
		return;
	for (unsigned int i = 0; i < r->n; i++)
		close_port(h, &r->port[i]);
	r->over = true;
	r->asked = 0;
	r->until = h->now + LINGER_MS;
}
