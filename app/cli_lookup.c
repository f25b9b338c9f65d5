/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Who had this port? For pools with a plan (RFC 7422) the configuration alone answers:
 * neither a log nor a running gateway is needed, and "sluice --lookup" runs the same
 * statement on a file.
 *
 * A plan changes only with the configuration. The time that is asked for therefore
 * changes nothing in the answer, but it is compared with the time at which the
 * configuration file was changed: when the file is the younger one, the person is told
 * to take the one that was in force then. One deterministic pool can serve several
 * tenants; they are all named.
 *
 * show plan prints how each pool gives out its ports.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#include "cli.h"
#include "json.h"
#include "when.h"

/* What was found, for printing. */
struct finding {
	rte_be32_t inside;
	const struct sl_pool *pool;
	uint32_t port_min, port_max;
	const char *file; /* or NULL */
	uint32_t changed; /* when the file was */
	bool asked, younger; /* TIME was given; the file is younger than it */
	uint32_t when;
};

static bool
in_range(const struct sl_range4 *range, rte_be32_t addr)
{
	return ntohl(range->first) <= ntohl(addr) && ntohl(addr) <= ntohl(range->last);
}

/* The pool that has an address, and the address's number in it; NULL. */
static const struct sl_pool *
pool_with(const struct sl_config *config, rte_be32_t addr, uint32_t *number)
{
	for (unsigned int i = 0; i < config->n_pools; i++) {
		const struct sl_pool *pool = &config->pool[i];

		*number = 0;
		for (unsigned int r = 0; pool->name[0] != '\0' && r < pool->n_ranges; r++) {
			const struct sl_range4 *range = &pool->range[r];

			if (in_range(range, addr)) {
				*number += ntohl(addr) - ntohl(range->first);
				return pool;
			}
			*number += ntohl(range->last) - ntohl(range->first) + 1;
		}
	}
	return NULL;
}

/* Nobody: say what is nearest to it. */
static int
not_found(const struct call *call, const struct arg *arg)
{
	struct sl_plan plan;
	uint32_t number, first, n;
	const struct sl_pool *pool = pool_with(call->config, arg[0].u, &number);

	if (pool == NULL)
		return call_fail(call, -ENOENT,
			"'%s': no pool has this address; 'show pools' has those there are",
			arg[0].word);
	if (!sl_pool_plan(pool, &plan))
		return call_fail(call, -ENOENT,
			"'%s': pool %s has no plan, only its log knows who had the port",
			arg[0].word, pool->name);
	first = number * plan.per_addr;
	if (first >= plan.n_inside)
		return call_fail(call, -ENOENT, "'%s': the plan of pool %s gives this to nobody",
			arg[0].word, pool->name);
	n = RTE_MIN(plan.per_addr, plan.n_inside - first);
	return call_fail(call, -ENOENT,
		"'%s': the plan of pool %s gives out ports %u-%u of this address", arg[1].word,
		pool->name, plan.port_min, plan.port_min + n * plan.each - 1);
}

static void
find_file(struct finding *f)
{
	struct stat st;

	f->file = file_remembered();
	if (f->file == NULL || stat(f->file, &st) < 0) {
		f->file = NULL;
		return;
	}
	f->changed = (uint32_t)st.st_mtime;
	f->younger = f->asked && f->changed > f->when;
}

static void
print_json(const struct call *call, const struct arg *arg, const struct finding *f)
{
	const struct sl_config *c = call->config;
	struct json json = { .out = call->out };
	char text[WHEN_SIZE];

	json_object(&json, NULL);
	json_text(&json, "address", text_addr(arg[0].u));
	json_number(&json, "port", arg[1].u);
	json_text(&json, "subscriber", text_addr(f->inside));
	json_array(&json, "tenants");
	for (unsigned int i = 0; i < c->n_tenants; i++)
		if (c->tenant[i].name[0] != '\0' && &c->pool[c->tenant[i].pool] == f->pool)
			json_text(&json, NULL, c->tenant[i].name);
	json_array_end(&json);
	json_text(&json, "pool", f->pool->name);
	json_number(&json, "port_min", f->port_min);
	json_number(&json, "port_max", f->port_max);
	json_text(&json, "time", f->asked ? when_text(f->when, text) : "");
	json_text(&json, "file", f->file != NULL ? f->file : "");
	json_text(&json, "changed", f->file != NULL ? when_text(f->changed, text) : "");
	json_flag(&json, "changed_since", f->younger);
	json_object_end(&json);
}

static void
print_text(const struct call *call, const struct finding *f)
{
	const struct sl_config *c = call->config;
	char changed[WHEN_SIZE], when[WHEN_SIZE];

	fprintf(call->out, "subscriber %s\ntenant", text_addr(f->inside));
	for (unsigned int i = 0; i < c->n_tenants; i++)
		if (c->tenant[i].name[0] != '\0' && &c->pool[c->tenant[i].pool] == f->pool)
			fprintf(call->out, " %s", c->tenant[i].name);
	fprintf(call->out, "\npool %s\nports %u-%u\n", f->pool->name, f->port_min, f->port_max);
	if (f->file == NULL)
		return;
	fprintf(call->out, "file %s\nchanged %s\n", f->file, when_text(f->changed, changed));
	if (f->younger)
		fprintf(call->out,
			"note the file was changed after %s: if another one was in force then, "
			"ask that one by 'sluicectl -c FILE lookup'\n",
			when_text(f->when, when));
}

/* arg: 0 address, 1 port, 2 time, 3 json */
static int
lookup(struct call *call, const struct arg *arg)
{
	struct finding f = { .asked = arg[2].set, .when = arg[2].u };
	struct sl_plan plan;
	uint32_t slot;

	if (f.asked && f.when > time(NULL))
		return call_fail(call, -EINVAL, "'%s': this time is still to come", arg[2].word);
	f.inside = sl_config_lookup(call->config, arg[0].u, (uint16_t)arg[1].u, &f.pool);
	if (f.inside == 0 || !sl_pool_plan(f.pool, &plan))
		return not_found(call, arg);
	slot = (ntohl(f.inside) - plan.base) % plan.per_addr;
	f.port_min = plan.port_min + slot * plan.each;
	f.port_max = f.port_min + plan.each - 1;
	find_file(&f);
	if (call->json)
		print_json(call, arg, &f);
	else
		print_text(call, &f);
	return 0;
}

/* ---- show plan ---- */

static void
mode_text(const struct sl_pool *pool, char *buf, size_t size)
{
	if (pool->fixed.plen != 0)
		snprintf(buf, size, "deterministic");
	else if (pool->block_size != 0)
		snprintf(buf, size, "blocks %ux%u", RTE_MAX(pool->blocks_max, 1), pool->block_size);
	else
		snprintf(buf, size, "dynamic");
}

static void
plan_json(struct json *json, const struct sl_pool *pool, const struct sl_plan *plan)
{
	json_object(json, NULL);
	json_text(json, "pool", pool->name);
	json_text(json, "mode",
		pool->fixed.plen != 0   ? "deterministic"
		: pool->block_size != 0 ? "blocks"
					: "dynamic");
	json_flag(json, "drain", pool->drain);
	json_flag(json, "shared_udp", pool->shared_udp);
	json_flag(json, "shared_tcp", pool->shared_tcp);
	json_number(json, "addresses", sl_pool_size(pool));
	json_number(json, "block_size", pool->block_size);
	json_number(json, "blocks_max", pool->block_size != 0 ? RTE_MAX(pool->blocks_max, 1) : 0);
	json_text(json, "inside", pool->fixed.plen != 0 ? text_net(&pool->fixed) : "");
	json_number(json, "subscribers_per_address", plan->per_addr);
	json_number(json, "ports_each", plan->each);
	json_number(json, "port_min", plan->port_min);
	json_object_end(json);
}

static void
plan_text(FILE *out, const struct sl_pool *pool, const struct sl_plan *plan)
{
	char mode[32];

	mode_text(pool, mode, sizeof(mode));
	fprintf(out, "%-16s%-16s%10u", pool->name, mode, sl_pool_size(pool));
	if (plan->each != 0)
		fprintf(out, "  %-18s%12u%12u%12u", text_net(&pool->fixed), plan->per_addr,
			plan->each, plan->port_min);
	fprintf(out, "%s%s%s\n", pool->shared_udp ? "  udp shared" : "",
		pool->shared_tcp ? "  tcp shared" : "", pool->drain ? "  draining" : "");
}

static int
show_plan(struct call *call, const struct arg *arg)
{
	struct json json = { .out = call->out };

	RTE_SET_USED(arg);
	if (call->json) {
		json_object(&json, NULL);
		json_array(&json, "pools");
	} else {
		fprintf(call->out, "%-16s%-16s%10s  %-18s%12s%12s%12s\n", "pool", "mode",
			"addresses", "inside", "subscribers", "ports each", "first port");
	}
	for (unsigned int i = 0; i < call->config->n_pools; i++) {
		const struct sl_pool *pool = &call->config->pool[i];
		struct sl_plan plan;

		if (pool->name[0] == '\0')
			continue;
		if (!sl_pool_plan(pool, &plan))
			plan = (struct sl_plan){ 0 };
		if (call->json)
			plan_json(&json, pool, &plan);
		else
			plan_text(call->out, pool, &plan);
	}
	if (call->json) {
		json_array_end(&json);
		json_object_end(&json);
	}
	return 0;
}

const struct statement cli_lookup_statements[] = {
	{ "lookup ADDRESS PORT [TIME] [json]", lookup,
		"which subscriber has an outside port by the plan of a deterministic pool",
		ST_NOW },
	{ "show plan [json]", show_plan,
		"how pools give out their ports: mode, subscribers of an address, ports each",
		ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
