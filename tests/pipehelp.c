/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Control's side of helpers on the bench, with all the helpers that there are: what the
 * program's control lcore does, between two turns of the workers. It is there when the
 * configuration of a case has a helper switched on; then its packets are not among the punts.
 */
#include "pipehelp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helpers.h"

#define FLOWS 64

const struct sl_helper_ops *const *pipe_helpers = sl_helpers;

static bool
wants_helpers(const struct sl_config *c)
{
	bool wanted = false;

	for (unsigned int i = 0; i < SL_HELPERS_MAX; i++)
		wanted |= c->helper[i].on;
	for (unsigned int i = 0; i < c->n_tenants; i++)
		wanted |= c->tenant[i].helpers.on != 0;
	for (unsigned int i = 0; i < c->n_pools; i++)
		wanted |= c->pool[i].helpers.on != 0;
	return wanted;
}

void
pipe_help_configure(struct pipe *p, const struct sl_config *c, struct rte_mempool *pool)
{
	struct sl_helpers_params params = {
		.ops = pipe_helpers,
		.max_flows = FLOWS,
		.pool = pool,
		.socket = SOCKET_ID_ANY,
	};

	if (p->helpers == NULL && wants_helpers(c)) {
		sl_helpers_of(&params, p->nat);
		p->helpers = sl_helpers_create(&params);
		assert_non_null(p->helpers);
	}
	if (p->helpers != NULL)
		sl_helpers_configure(p->helpers, c);
}

void
pipe_help_end(struct pipe *p)
{
	sl_helpers_destroy(p->helpers);
}

bool
pipe_help_punt(struct pipe *p, const struct sl_punt *punt)
{
	if (p->helpers == NULL || punt->cause != SL_PUNT_HELPER)
		return false;
	sl_helpers_packet(p->helpers, punt, p->now);
	return true;
}

bool
pipe_help_event(struct pipe *p, const struct sl_event *event)
{
	if (p->helpers == NULL || event->type == SL_EVENT_RESOLVE)
		return false;
	sl_helpers_event(p->helpers, event, p->now);
	return true;
}

struct sl_msg *
pipe_answer(struct pipe *p, unsigned int worker)
{
	struct sl_msg *msg = p->answer;

	p->answer = NULL;
	while (msg == NULL && (msg = sl_msg_recv(p->nat, worker)) != NULL)
		if (p->helpers != NULL && sl_helpers_answer(p->helpers, msg, p->now))
			msg = NULL;
	return msg;
}

void
pipe_help_poll(struct pipe *p)
{
	if (p->helpers == NULL)
		return;
	for (unsigned int i = 0; i < p->n_workers && p->answer == NULL; i++)
		p->answer = pipe_answer(p, i);
	sl_helpers_poll(p->helpers, p->now);
}

static int
find_helper(const struct pt_tokens *t, unsigned int token)
{
	for (int i = 0; pipe_helpers[i] != NULL; i++)
		if (pt_is(t, token, pipe_helpers[i]->name))
			return i;
	return -1;
}

static void
add_ports(struct sl_helper_config *h, const char *v)
{
	char *end;

	h->n_ports = 0;
	do {
		h->port[h->n_ports++] = (uint16_t)strtoul(v, &end, 0);
		v = end + 1;
	} while (*end == ',' && h->n_ports < SL_HELPER_SERVERS_MAX);
}

bool
conf_helper(struct sl_config *c, const struct pt_tokens *t)
{
	struct sl_config usual = { .n_tenants = 0 };
	struct sl_helper_switch *place = NULL;
	int i = find_helper(t, 1);
	bool on = pt_is(t, 2, "on");
	const char *v;

	if (i < 0 || (!on && !pt_is(t, 2, "off")))
		return false;
	sl_helper_defaults(&usual, pipe_helpers);
	if (c->helper[i].n_ports == 0)
		c->helper[i] = usual.helper[i];
	for (unsigned int k = 3; k < t->n; k++) {
		if ((v = pt_value(t, k, "port")) != NULL)
			add_ports(&c->helper[i], v);
		else if ((v = pt_value(t, k, "tenant")) != NULL)
			place = &c->tenant[atoi(v)].helpers;
		else if ((v = pt_value(t, k, "pool")) != NULL)
			place = &c->pool[atoi(v)].helpers;
		else
			return false;
	}
	if (place == NULL)
		c->helper[i].on = on;
	else
		*(on ? &place->on : &place->off) |= (uint16_t)(1 << (i + 1));
	return true;
}
