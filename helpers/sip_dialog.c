/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Dialogs of inside hosts, and what they have opened. A call outlives the flow that began it:
 * a UDP flow is forgotten after minutes of silence, BYE may come by another one. So dialogs are
 * in a block that all flows of the helper share, by tenant, inside host and Call-ID.
 *
 *	INVITE --> made --> 2xx: confirmed --> BYE: ended, everything closed
 *	              '---> final refusal: ended      '--> nothing said for too long: forgotten
 *
 * A phone may name the same port in several calls, so what one dialog leaves is closed when no
 * other one has it. The port where requests come in is never closed with its sessions, the
 * very message that ends the dialog is one of theirs; its expectation lapses instead.
 *
 * A chain has all dialogs of a host; SIP_DIALOGS_EACH bounds the walk.
 */
#include "sip_dialog.h"

#include <string.h>

#define LOOK 64 /* places looked at for a new one */

static uint16_t *
head_of(struct sip_dialogs *t, const struct sl_helper *h)
{
	uint32_t slot = (h->in_addr ^ (uint32_t)h->tenant << 16) * 0x9e3779b1u;

	return &t->head[slot >> 16 & (SIP_HEADS - 1)];
}

static struct sip_dialog *
at(struct sip_dialogs *t, uint16_t index)
{
	return index != 0 ? &t->dialog[index - 1] : NULL;
}

static bool
is_of(const struct sip_dialog *d, const struct sl_helper *h)
{
	return d->in_addr == h->in_addr && d->tenant == h->tenant &&
	       memcmp(&d->in6, &h->in6, sizeof(d->in6)) == 0;
}

static void
forget(struct sip_dialogs *t, struct sip_dialog *d)
{
	const struct sl_helper key = { .in_addr = d->in_addr, .tenant = d->tenant };
	uint16_t *link = head_of(t, &key), index = (uint16_t)(d - t->dialog + 1);

	while (*link != index)
		link = &t->dialog[*link - 1].next;
	*link = d->next;
	d->used = false;
}

struct sip_dialog *
sip_dialog_find(struct sl_helper *h, uint64_t call)
{
	struct sip_dialogs *t = h->shared;
	struct sip_dialog *d = at(t, *head_of(t, h));

	for (; d != NULL; d = at(t, d->next))
		if (is_of(d, h) && d->call == call && d->until > h->now)
			return d;
	return NULL;
}

/* How many a host has; those that are over go. */
static unsigned int
tidy(struct sl_helper *h)
{
	struct sip_dialogs *t = h->shared;
	struct sip_dialog *d = at(t, *head_of(t, h)), *next;
	unsigned int n = 0;

	for (; d != NULL; d = next) {
		next = at(t, d->next);
		if (d->until <= h->now)
			forget(t, d);
		else
			n += is_of(d, h);
	}
	return n;
}

static struct sip_dialog *
find_place(struct sip_dialogs *t, uint64_t now)
{
	for (unsigned int i = 0; i < LOOK; i++) {
		struct sip_dialog *d = &t->dialog[t->hand];

		t->hand = (uint16_t)((t->hand + 1) % SIP_DIALOGS);
		if (d->used && d->until <= now)
			forget(t, d);
		if (!d->used)
			return d;
	}
	return NULL;
}

struct sip_dialog *
sip_dialog_make(struct sl_helper *h, uint64_t call)
{
	struct sip_dialogs *t = h->shared;
	struct sip_dialog *d;
	uint16_t *head;

	if (tidy(h) >= SIP_DIALOGS_EACH)
		return NULL;
	d = find_place(t, h->now);
	if (d == NULL)
		return NULL;
	head = head_of(t, h);
	*d = (struct sip_dialog){
		.call = call,
		.in_addr = h->in_addr,
		.in6 = h->in6,
		.tenant = h->tenant,
		.next = *head,
		.used = true,
	};
	*head = (uint16_t)(d - t->dialog + 1);
	return d;
}

/* ---- holes ---- */

static bool
overlap(const struct sip_hole *a, const struct sip_hole *b)
{
	int from = rte_be_to_cpu_16(a->in_port), other = rte_be_to_cpu_16(b->in_port);

	return a->proto == b->proto && from <= other + b->pair && other <= from + a->pair;
}

/* Does another dialog of the host have it open? */
static bool
is_shared(struct sl_helper *h, const struct sip_dialog *d, const struct sip_hole *hole)
{
	struct sip_dialogs *t = h->shared;
	const struct sip_dialog *o = at(t, *head_of(t, h));

	for (; o != NULL; o = at(t, o->next)) {
		if (o == d || !is_of(o, h) || o->until <= h->now)
			continue;
		for (unsigned int i = 0; i < o->n; i++)
			if (overlap(&o->hole[i], hole))
				return true;
	}
	return false;
}

void
sip_hole_close(struct sl_helper *h, struct sip_dialog *d, unsigned int i)
{
	struct sip_hole hole = d->hole[i];
	uint64_t left;
	bool same;

	d->hole[i] = d->hole[--d->n];
	if (hole.media == SIP_SIGNAL) {
		/* As long as others want it, a registration say. */
		left = sip_signal_left(h, 0, hole.proto, hole.in_port, &same);
		sl_helper_prolong(
			h, hole.proto, h->in_addr, hole.in_port, (uint32_t)RTE_MAX(left, 1u));
	} else if (!is_shared(h, d, &hole)) {
		sl_helper_unexpect(h, hole.proto, h->in_addr, hole.in_port);
	}
}

void
sip_hole_put(struct sip_dialog *d, const struct sip_hole *hole)
{
	for (unsigned int i = 0; i < d->n; i++) {
		struct sip_hole *was = &d->hole[i];

		if (was->in_port != hole->in_port || was->proto != hole->proto)
			continue;
		was->rem_addr = hole->rem_addr;
		was->media = hole->media;
		was->pair |= hole->pair;
		was->next = true;
		return;
	}
	if (d->n == SIP_HOLES)
		return;
	d->hole[d->n] = *hole;
	d->hole[d->n].now = false;
	d->hole[d->n++].next = true;
}

void
sip_dialog_end(struct sl_helper *h, struct sip_dialog *d)
{
	while (d->n > 0)
		sip_hole_close(h, d, d->n - 1u);
	forget(h->shared, d);
}

uint64_t
sip_signal_left(struct sl_helper *h, uint64_t call, uint8_t proto, rte_be16_t in_port, bool *same)
{
	struct sip_dialogs *t = h->shared;
	const struct sip_dialog *o = at(t, *head_of(t, h));
	uint64_t until = h->now;

	*same = true;
	for (; o != NULL; o = at(t, o->next)) {
		if (!is_of(o, h) || o->until <= h->now)
			continue;
		for (unsigned int i = 0; i < o->n; i++) {
			const struct sip_hole *hole = &o->hole[i];

			if (hole->media != SIP_SIGNAL || hole->proto != proto ||
				hole->in_port != in_port)
				continue;
			*same &= o->call == call || hole->rem_addr == h->rem_addr;
			until = RTE_MAX(until, o->until);
		}
	}
	return until - h->now;
}
