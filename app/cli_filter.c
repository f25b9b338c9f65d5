/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which sessions a statement is about: the words of "show sessions" and "clear sessions" as the
 * selection that workers understand (lib/select.c). Who knows conntrack finds its options again:
 * -p is proto, -s -d -r -q are orig-src, orig-dst, reply-src, reply-dst, each with a port behind a
 * colon instead of --sport and --dport, --state is state, -u is replied, unreplied.
 */

#include "cli_filter.h"

/* The arguments in the order of the patterns. */
enum {
	PROTO,
	INSIDE,
	OUTSIDE,
	TENANT,
	POOL,
	REMOTE,
	STATE,
	HELPER,
	AGE,
	IDLE,
	FAMILY,
	DIRECTION,
	REPLIED,
	FORWARDED,
	HAIRPIN,
	ORIG_SRC,
	ORIG_DST,
	REPLY_SRC,
	REPLY_DST,
	ARGS
};

_Static_assert(POOL + 1 == FILTER_ENDS_ARGS && ARGS == FILTER_SESSIONS_ARGS, "as in the patterns");

void
filter_ends(struct sl_select *select, const struct arg *arg)
{
	select->proto = (uint8_t)arg[PROTO].u;
	select->in = arg[INSIDE].net;
	select->in6 = arg[INSIDE].net6;
	select->in_port = arg[INSIDE].port;
	select->out = arg[OUTSIDE].net;
	select->out_port = arg[OUTSIDE].port;
	select->tenant = arg[TENANT].set ? (uint16_t)(arg[TENANT].u + 1) : 0;
	select->pool = arg[POOL].set ? (uint16_t)(arg[POOL].u + 1) : 0;
}

/* A choice of two: the one has the trait, the other has not. */
static void
choose(struct sl_select *select, const struct arg *arg, uint8_t trait, uint32_t has)
{
	if (arg->set && arg->u == has)
		select->with |= trait;
	else if (arg->set)
		select->without |= trait;
}

static void
set_end(struct sl_select *select, struct sl_select_end *end, const struct arg *arg)
{
	if (!arg->set)
		return;
	end->net = arg->net;
	end->net6 = arg->net6;
	end->port = arg->port;
	select->tuples = true;
}

void
filter_sessions(struct sl_select *select, const struct arg *arg)
{
	filter_ends(select, arg);
	select->rem = arg[REMOTE].net;
	select->rem_port = arg[REMOTE].port;
	select->tcp_state = arg[STATE].set ? (uint8_t)(arg[STATE].u + 1) : 0;
	select->helper = arg[HELPER].set ? (uint8_t)(arg[HELPER].u + 1) : 0;
	select->age = arg[AGE].u * 1000;
	select->idle = arg[IDLE].u * 1000;
	choose(select, &arg[FAMILY], SL_TRAIT_SIX, 1);
	choose(select, &arg[DIRECTION], SL_TRAIT_INBOUND, 0);
	choose(select, &arg[REPLIED], SL_TRAIT_REPLIED, 0);
	select->with |= arg[FORWARDED].set ? SL_TRAIT_FORWARDED : 0;
	select->with |= arg[HAIRPIN].set ? SL_TRAIT_HAIRPIN : 0;
	set_end(select, &select->orig[0], &arg[ORIG_SRC]);
	set_end(select, &select->orig[1], &arg[ORIG_DST]);
	set_end(select, &select->reply[0], &arg[REPLY_SRC]);
	set_end(select, &select->reply[1], &arg[REPLY_DST]);
}
