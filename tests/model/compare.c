/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The whole table of the gateway against that of its model, both ways, and what must be left when
 * all time has run out: nothing.
 */
#include "drive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TURNS 4000
#define SHOWN 24 /* sessions of a table */

static bool
say(struct drive *d, const char *why)
{
	if (d->why[0] == 0)
		snprintf(d->why, sizeof(d->why), "%s", why);
	return false;
}

/* Nothing is left of what is over: the gateway sweeps in a second or so. */
bool
drive_clean(struct drive *d)
{
	for (unsigned int i = 0; i < TURNS; i++) {
		model_expire(d->m);
		if (sl_counter_sum(d->p->nat, SL_COUNTER_SESSIONS_NOW) == d->m->live) {
			d->m->n_ghost = 0;
			return true;
		}
		d->m->now = d->p->now += 20;
		pipe_poll(d->p, 1);
	}
	snprintf(d->why, sizeof(d->why), "%u sessions remain, %u expected",
		(unsigned int)sl_counter_sum(d->p->nat, SL_COUNTER_SESSIONS_NOW), d->m->live);
	return false;
}

static struct m_session *
same_session(struct drive *d, const struct sl_session *x)
{
	struct m_addr in = { .v4 = rte_be_to_cpu_32(x->in_addr), .six = x->six };

	if (x->six)
		memcpy(in.v6, x->in6.b, 16);
	for (struct m_session *s = d->m->s; s < d->m->s + d->m->n_s; s++)
		if (s->live && s->proto == x->proto && s->in_port == rte_be_to_cpu_16(x->in_port) &&
			s->rem == rte_be_to_cpu_32(x->rem_addr) &&
			(s->proto == M_ICMP || s->rem_port == rte_be_to_cpu_16(x->rem_port)) &&
			s->out == rte_be_to_cpu_32(x->out_addr) &&
			s->out_port == rte_be_to_cpu_16(x->out_port) &&
			s->inbound == x->opened_inbound && m_same(&s->in, &in) &&
			(s->proto != M_ICMP || x->left == model_left(d->m, s)))
			return s;
	return NULL;
}

void
drive_show(struct drive *d)
{
	static struct sl_session x[M_SESSIONS_MAX];
	static bool known[M_SESSIONS_MAX];
	unsigned int n;

	memset(known, 0, sizeof(known));
	pipe_discard(d->p);
	n = pipe_ask(d->p, SL_MSG_SESSIONS, NULL, x, sizeof(x[0]), M_SESSIONS_MAX);
	for (unsigned int i = 0; i < n; i++) {
		struct m_session *s = same_session(d, &x[i]);

		if (s != NULL)
			known[s - d->m->s] = true;
		if (s != NULL && x[i].left == model_left(d->m, s))
			continue;
		printf("  gateway: %u %08x.%u:%u > %08x:%u > %08x:%u %s%s, %u ms left\n",
			x[i].proto, rte_be_to_cpu_32(x[i].in_addr), x[i].in6.b[15],
			rte_be_to_cpu_16(x[i].in_port), rte_be_to_cpu_32(x[i].out_addr),
			rte_be_to_cpu_16(x[i].out_port), rte_be_to_cpu_32(x[i].rem_addr),
			rte_be_to_cpu_16(x[i].rem_port),
			sl_tcp_state_name((enum sl_tcp_state)x[i].tcp_state),
			x[i].opened_inbound ? ", from outside" : "", x[i].left);
	}
	for (unsigned int i = 0, k = 0; i < d->m->n_s && k < SHOWN; i++) {
		const struct m_session *s = &d->m->s[i];

		if (!s->live || known[i])
			continue;
		k++;
		printf("  model:   %u %08x.%u:%u > %08x:%u > %08x:%u %s%s, %lu ms left\n", s->proto,
			s->in.v4, s->in.v6[15], s->in_port, s->out, s->out_port, s->rem,
			s->rem_port, sl_tcp_state_name(s->state),
			s->inbound ? ", from outside" : "", model_left(d->m, s));
	}
}

static bool
compare_sessions(struct drive *d)
{
	static struct sl_session x[M_SESSIONS_MAX];
	unsigned int n = pipe_ask(d->p, SL_MSG_SESSIONS, NULL, x, sizeof(x[0]), M_SESSIONS_MAX);

	if (n != d->m->live)
		return say(d, "not as many sessions in the table");
	for (unsigned int i = 0; i < n; i++) {
		struct m_session *s = same_session(d, &x[i]);

		if (s == NULL)
			return say(d, "a session in the table that should not be there");
		model_hold(d->m, M_EXPIRY_FIRST, x[i].left > 0, "a session beyond its limit");
		if (x[i].left != model_left(d->m, s)) {
			snprintf(d->why, sizeof(d->why),
				"a session of protocol %u ends in %u ms, %u expected (%s)",
				s->proto, x[i].left, (unsigned int)model_left(d->m, s),
				sl_tcp_state_name((enum sl_tcp_state)x[i].tcp_state));
			return false;
		}
		if (s->proto == M_TCP && x[i].tcp_state != s->state) {
			snprintf(d->why, sizeof(d->why), "a TCP session is %s, %s expected",
				sl_tcp_state_name((enum sl_tcp_state)x[i].tcp_state),
				sl_tcp_state_name(s->state));
			return false;
		}
	}
	return true;
}

static bool
compare_mappings(struct drive *d)
{
	static struct sl_mapping x[M_SESSIONS_MAX];
	unsigned int n = pipe_ask(d->p, SL_MSG_MAPPINGS, NULL, x, sizeof(x[0]), M_SESSIONS_MAX);
	unsigned int have = 0, seen = 0;

	for (unsigned int i = 0; i < d->m->n_map; i++)
		have += d->m->map[i].live;
	for (unsigned int i = 0; i < n; i++) {
		struct m_map *map;

		if (x[i].out_port == 0)
			continue; /* stands for flows with ports of their own */
		map = model_map_out(d->m, x[i].proto, rte_be_to_cpu_32(x[i].out_addr),
			rte_be_to_cpu_16(x[i].out_port));
		if (map == NULL || map->n != x[i].sessions || map->fixed != x[i].is_static ||
			map->in_port != rte_be_to_cpu_16(x[i].in_port))
			return say(d, "a mapping that should not be there, or of others");
		seen++;
	}
	return seen == have || say(d, "not as many mappings in the table");
}

/* Ports in use: those of mappings, and those that rest. */
static bool
compare_ports(struct drive *d)
{
	static const uint8_t proto[3] = { M_TCP, M_UDP, M_ICMP };
	struct sl_pool_use use[8];
	unsigned int n = sl_pool_use(d->p->nat, 0, use, RTE_DIM(use));

	for (unsigned int i = 0; i < n; i++)
		for (unsigned int c = 0; c < 3; c++) {
			unsigned int have = 0;

			for (unsigned int k = 0; k < d->m->n_map; k++)
				have += d->m->map[k].live && !d->m->map[k].fixed &&
					d->m->map[k].proto == proto[c] &&
					d->m->map[k].out == rte_be_to_cpu_32(use[i].addr);
			if (use[i].used[c] < have)
				return say(d, "fewer ports in use than mappings");
			if (d->over && use[i].used[c] != 0)
				return say(d, "ports in use without a mapping");
		}
	return true;
}

bool
drive_compare(struct drive *d)
{
	char why[128];

	if (!drive_clean(d))
		return false;
	d->clean++;
	if (!compare_sessions(d) || !compare_mappings(d) || !compare_ports(d))
		return false;
	return pipe_balanced(d->p, why, sizeof(why)) || say(d, why);
}

bool
drive_end(struct drive *d)
{
	if (!drive_compare(d))
		return false;
	d->m->now = d->p->now += 10000000;
	pipe_poll(d->p, 200);
	for (unsigned int i = 0; i < 100; i++) {
		d->p->now += 5000;
		pipe_poll(d->p, 20);
	}
	d->m->now = d->p->now;
	d->over = true;
	if (!drive_compare(d))
		return false;
	if (d->m->live != 0 || sl_counter_sum(d->p->nat, SL_COUNTER_MAPPINGS_NOW) != 0)
		return say(d, "mappings outlive all time");
	if (sl_counter_sum(d->p->nat, SL_COUNTER_SUBSCRIBERS_NOW) != 0)
		return say(d, "subscribers outlive all time");
	return pipe_mbufs_out() == 0 || say(d, "packets do not come back");
}
