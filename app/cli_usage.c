/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How full a pool is: ports by protocol, blocks, subscribers, and its busiest addresses.
 *
 * Ports in use are counted at each address and can be read at once; that is done for a chunk of
 * addresses a step, since a pool may have tens of thousands. Who is on which address only the
 * workers know, so their tables of subscribers are walked, as in cli_sessions.c, and counted here.
 * What was counted in one pool a moment ago and what is counted now may differ by what happened in
 * between. A port that rests counts as used: nobody can have it.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json.h"
#include "slots.h"

#define CHUNK 256
#define TOP 10 /* addresses shown of each pool */

struct usage_address {
	struct sl_pool_use use;
	uint32_t subscribers;
};

struct usage {
	bool shown;
	uint32_t addresses, full; /* full: without a free TCP or UDP port */
	uint64_t ports, used[3]; /* ports: of one protocol */
	uint64_t subscribers, blocks, sessions;
	struct usage_address top[TOP];
	unsigned int n_top;
};

struct usage_walk {
	struct walk walk;
	struct box *box;
	unsigned int n_pools, pool, next; /* pool and address to be read */
	unsigned int worker;
	struct sl_msg msg;
	bool json_on;
	union {
		struct sl_subscriber subscriber[CHUNK];
		struct sl_pool_use use[CHUNK];
	} buf;
	struct usage usage[];
};

static uint64_t
busy(const struct sl_pool_use *u)
{
	return (uint64_t)u->used[0] + u->used[1] + u->used[2];
}

/* Among the busiest, in falling order; who has nothing is not. */
static void
rank(struct usage *p, const struct sl_pool_use *u)
{
	unsigned int i = p->n_top;

	if (busy(u) == 0 || (i == TOP && busy(u) <= busy(&p->top[TOP - 1].use)))
		return;
	if (i == TOP)
		i--;
	else
		p->n_top++;
	for (; i > 0 && busy(&p->top[i - 1].use) < busy(u); i--)
		p->top[i] = p->top[i - 1];
	p->top[i] = (struct usage_address){ .use = *u };
}

static void
read_addresses(struct usage_walk *w)
{
	struct usage *p = &w->usage[w->pool];
	unsigned int n =
		p->shown ? sl_pool_use_of(w->box->nat, w->pool, w->next, w->buf.use, CHUNK) : 0;

	for (unsigned int i = 0; i < n; i++) {
		const struct sl_pool_use *u = &w->buf.use[i];

		p->addresses++;
		p->ports += u->ports;
		p->full += u->used[0] >= u->ports || u->used[1] >= u->ports;
		for (int c = 0; c < 3; c++)
			p->used[c] += u->used[c];
		rank(p, u);
	}
	w->next += n;
	if (n < CHUNK) {
		w->pool++;
		w->next = 0;
	}
}

static void
count_subscriber(struct usage_walk *w, const struct sl_subscriber *s)
{
	const struct sl_config *c = w->box->config;
	unsigned int pool = s->tenant < c->n_tenants ? c->tenant[s->tenant].pool : UINT32_MAX;
	struct usage *p;

	if (pool >= w->n_pools || !w->usage[pool].shown)
		return;
	p = &w->usage[pool];
	p->subscribers++;
	p->blocks += s->blocks;
	p->sessions += s->sessions;
	for (unsigned int i = 0; i < p->n_top; i++)
		p->top[i].subscribers += p->top[i].use.addr == s->out_addr;
}

static double
percent(uint64_t used, uint64_t all)
{
	return all == 0 ? 0 : 100.0 * (double)used / (double)all;
}

static const char *
name_of(const struct sl_config *c, unsigned int pool)
{
	return slots_no_pool(c, pool) ? "outside" : c->pool[pool].name;
}

static const char *const classes[] = { "tcp", "udp", "icmp" };

static void
pool_json(const struct usage_walk *w, unsigned int pool, struct json *j)
{
	const struct sl_config *c = w->box->config;
	const struct sl_pool *conf = slots_no_pool(c, pool) ? NULL : &c->pool[pool];
	const struct usage *p = &w->usage[pool];
	uint32_t size = conf != NULL ? conf->block_size : 0;

	json_object(j, NULL);
	json_text(j, "pool", name_of(c, pool));
	json_flag(j, "drain", conf != NULL && conf->drain);
	json_number(j, "addresses", p->addresses);
	json_number(j, "addresses_full", p->full);
	json_number(j, "ports", p->ports);
	for (int k = 0; k < 3; k++) {
		json_object(j, classes[k]);
		json_number(j, "used", p->used[k]);
		json_number(j, "free", p->ports > p->used[k] ? p->ports - p->used[k] : 0);
		json_ratio(j, "percent", percent(p->used[k], p->ports));
		json_object_end(j);
	}
	json_number(j, "block_size", size);
	json_number(j, "blocks", size != 0 ? p->ports / size : 0);
	json_number(j, "blocks_used", p->blocks);
	json_number(j, "subscribers", p->subscribers);
	json_number(j, "sessions", p->sessions);
	json_array(j, "top");
	for (unsigned int i = 0; i < p->n_top; i++) {
		const struct usage_address *a = &p->top[i];

		json_object(j, NULL);
		json_text(j, "address", text_addr(a->use.addr));
		json_number(j, "ports", a->use.ports);
		for (int k = 0; k < 3; k++)
			json_number(j, classes[k], a->use.used[k]);
		json_number(j, "subscribers", a->subscribers);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static void
pool_text(const struct usage_walk *w, unsigned int pool, FILE *out)
{
	const struct sl_config *c = w->box->config;
	const struct sl_pool *conf = slots_no_pool(c, pool) ? NULL : &c->pool[pool];
	const struct usage *p = &w->usage[pool];

	fprintf(out, "pool %s: %u addresses, %u of them full, %lu subscribers, %lu sessions%s\n",
		name_of(c, pool), p->addresses, p->full, p->subscribers, p->sessions,
		conf != NULL && conf->drain ? ", draining" : "");
	for (int k = 0; k < 3; k++)
		fprintf(out, "    %-7s %10lu ports used %10lu free %6.2f%%\n", classes[k],
			p->used[k], p->ports > p->used[k] ? p->ports - p->used[k] : 0,
			percent(p->used[k], p->ports));
	if (conf != NULL && conf->block_size != 0)
		fprintf(out, "    blocks  %10lu of %u ports used %lu free %6.2f%%\n", p->blocks,
			conf->block_size,
			p->ports / conf->block_size -
				RTE_MIN(p->blocks, p->ports / conf->block_size),
			percent(p->blocks * conf->block_size, p->ports));
	for (unsigned int i = 0; i < p->n_top; i++) {
		const struct usage_address *a = &p->top[i];

		fprintf(out,
			"    %-15s %6u ports, tcp %u %.1f%% udp %u %.1f%% icmp %u, %u "
			"subscribers\n",
			text_addr(a->use.addr), a->use.ports, a->use.used[0],
			percent(a->use.used[0], a->use.ports), a->use.used[1],
			percent(a->use.used[1], a->use.ports), a->use.used[2], a->subscribers);
	}
}

static void
print_all(const struct usage_walk *w, FILE *out)
{
	struct json json = { .out = out };

	if (w->json_on) {
		json_object(&json, NULL);
		json_array(&json, "pools");
	}
	for (unsigned int i = 0; i < w->n_pools; i++) {
		if (!w->usage[i].shown)
			continue;
		if (w->json_on)
			pool_json(w, i, &json);
		else
			pool_text(w, i, out);
	}
	if (w->json_on) {
		json_array_end(&json);
		json_object_end(&json);
	}
}

static int
step(struct walk *walk, FILE *out, FILE *err)
{
	struct usage_walk *w = container_of(walk, struct usage_walk, walk);
	int rc;

	if (w->pool < w->n_pools) {
		read_addresses(w);
		return 1;
	}
	w->msg.n = 0;
	rc = box_ask(w->box, w->worker, &w->msg);
	if (rc < 0) {
		fprintf(err, "worker %u does not answer: %s\n", w->worker, strerror(-rc));
		return rc;
	}
	for (unsigned int i = 0; i < w->msg.n; i++)
		count_subscriber(w, &w->buf.subscriber[i]);
	if (w->msg.cursor == UINT32_MAX) {
		w->msg.cursor = 0;
		w->worker++;
	}
	if (w->worker < w->box->n_workers)
		return 1;
	print_all(w, out);
	return 0;
}

static void
destroy(struct walk *walk)
{
	free(container_of(walk, struct usage_walk, walk));
}

/* arg: 0 pool, 1 json */
static int
show_pool(struct call *call, const struct arg *arg)
{
	const struct sl_config *c = call->config;
	unsigned int n = RTE_MAX(c->n_pools, 1u); /* without any the outside addresses are one */
	struct usage_walk *w = calloc(1, sizeof(*w) + n * sizeof(w->usage[0]));

	if (w == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
	w->walk.step = step;
	w->walk.destroy = destroy;
	w->box = call->box;
	w->json_on = call->json;
	w->n_pools = n;
	for (unsigned int i = 0; i < n; i++)
		w->usage[i].shown =
			arg[0].set ? arg[0].u == i : c->n_pools == 0 || !slots_no_pool(c, i);
	w->msg = (struct sl_msg){ .op = SL_MSG_SUBSCRIBERS, .max = CHUNK, .buf = &w->buf };
	call->after->walk = &w->walk;
	return 0;
}

const struct statement cli_usage_statements[] = {
	{ "show pool [POOL] [json]", show_pool,
		"how full pools are: ports and blocks used and free, subscribers, busiest "
		"addresses",
		ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
