/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements about helpers: which protocols that carry addresses are looked at, for whom, and
 * on which ports their servers are. A tenant's own word is stronger than its pool's, and that is
 * stronger than the box's. New sessions go by what is in force; those there are looked at no
 * further when their helper is switched off.
 */

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "cli.h"
#include "clock.h"
#include "helpers.h"
#include "json.h"
#include "slots.h"

/* ---- names ---- */

bool
parse_helper(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	RTE_SET_USED(type);
	RTE_SET_USED(config);
	RTE_SET_USED(why);
	RTE_SET_USED(size);
	for (arg->u = 0; sl_helpers[arg->u] != NULL; arg->u++)
		if (strcmp(sl_helpers[arg->u]->name, word) == 0)
			return true;
	return false;
}

void
complete_helper(const struct sl_config *config, complete_fn *fn, void *fn_arg)
{
	RTE_SET_USED(config);
	for (unsigned int i = 0; sl_helpers[i] != NULL; i++)
		fn(fn_arg, sl_helpers[i]->name, "a helper");
}

/* ---- statements; arg: the helper, counted from 0, comes before what is said of it ---- */

/* What a helper is when nothing is said of it. */
static int
defaults_of(struct call *call, unsigned int i, struct sl_helper_config *helper)
{
	struct sl_config *config = config_new(call->box);

	if (config == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
	*helper = config->helper[i];
	sl_config_destroy(config);
	return 0;
}

static int
helper_switch(struct call *call, const struct arg *arg)
{
	call->config->helper[arg[0].u].on = arg[1].u == 0;
	return 0;
}

static int
no_helper(struct call *call, const struct arg *arg)
{
	struct sl_helper_config usual = { 0 };
	int rc = defaults_of(call, arg[0].u, &usual);

	if (rc == 0)
		call->config->helper[arg[0].u].on = usual.on;
	return rc;
}

static int
helper_port(struct call *call, const struct arg *arg)
{
	struct sl_helper_config *helper = &call->config->helper[arg[0].u];
	uint8_t n = 0;

	for (unsigned int i = 1; i <= SL_HELPER_SERVERS_MAX && arg[i].set; i++) {
		for (unsigned int k = 1; k < i; k++)
			if (arg[k].u == arg[i].u)
				return call_fail(call, -EEXIST,
					"'%s': this port is there twice; once is enough",
					arg[i].word);
		helper->port[n++] = (uint16_t)arg[i].u;
	}
	helper->n_ports = n;
	return 0;
}

static int
no_helper_port(struct call *call, const struct arg *arg)
{
	struct sl_helper_config *helper = &call->config->helper[arg[0].u], usual;
	int rc = defaults_of(call, arg[0].u, &usual);

	if (rc < 0)
		return rc;
	usual.on = helper->on;
	*helper = usual;
	return 0;
}

/* 1: on, 0: off, -1: nothing is said. */
static void
set_switch(struct sl_helper_switch *s, unsigned int i, int on)
{
	uint16_t bit = (uint16_t)(1 << (i + 1));

	s->on = (uint16_t)((s->on & ~bit) | (on == 1 ? bit : 0));
	s->off = (uint16_t)((s->off & ~bit) | (on == 0 ? bit : 0));
}

static int
tenant_helper(struct call *call, const struct arg *arg)
{
	set_switch(&call->config->tenant[arg[0].u].helpers, arg[1].u, arg[2].u == 0);
	return 0;
}

static int
no_tenant_helper(struct call *call, const struct arg *arg)
{
	set_switch(&call->config->tenant[arg[0].u].helpers, arg[1].u, -1);
	return 0;
}

static int
pool_helper(struct call *call, const struct arg *arg)
{
	set_switch(&call->config->pool[arg[0].u].helpers, arg[1].u, arg[2].u == 0);
	return 0;
}

static int
no_pool_helper(struct call *call, const struct arg *arg)
{
	set_switch(&call->config->pool[arg[0].u].helpers, arg[1].u, -1);
	return 0;
}

/* ---- as statements ---- */

static void
write_switch(const struct sl_helper_switch *s, const char *whose, const char *name, FILE *out)
{
	for (unsigned int i = 0; sl_helpers[i] != NULL; i++) {
		bool on = s->on >> (i + 1) & 1, off = s->off >> (i + 1) & 1;

		if (on || off)
			fprintf(out, "%s %s helper %s %s\n", whose, name, sl_helpers[i]->name,
				on ? "on" : "off");
	}
}

static bool
same_ports(const struct sl_helper_config *a, const struct sl_helper_config *b)
{
	return a->n_ports == b->n_ports &&
	       memcmp(a->port, b->port, a->n_ports * sizeof(a->port[0])) == 0;
}

void
helper_write(const struct sl_config *config, const struct sl_config *defaults, bool all, FILE *out)
{
	for (unsigned int i = 0; sl_helpers[i] != NULL; i++) {
		const struct sl_helper_config *h = &config->helper[i], *d = &defaults->helper[i];

		if (all || h->on != d->on)
			fprintf(out, "helper %s %s\n", sl_helpers[i]->name, h->on ? "on" : "off");
		if (h->n_ports == 0 || (!all && same_ports(h, d)))
			continue;
		fprintf(out, "helper %s port", sl_helpers[i]->name);
		for (unsigned int k = 0; k < h->n_ports; k++)
			fprintf(out, " %u", h->port[k]);
		fputc('\n', out);
	}
	for (unsigned int i = 0; i < config->n_pools; i++)
		if (!slots_no_pool(config, i))
			write_switch(&config->pool[i].helpers, "pool", config->pool[i].name, out);
	for (unsigned int i = 0; i < config->n_tenants; i++)
		if (!slots_no_tenant(config, i))
			write_switch(
				&config->tenant[i].helpers, "tenant", config->tenant[i].name, out);
}

/* ---- looking ---- */

static void
helper_json(struct json *j, const struct sl_helper_config *h, const struct sl_helper_count *c)
{
	json_flag(j, "on", h->on);
	json_array(j, "ports");
	for (unsigned int k = 0; k < h->n_ports; k++)
		json_number(j, NULL, h->port[k]);
	json_array_end(j);
	json_number(j, "flows_now", c->flows_now);
	json_number(j, "flows", c->flows);
	json_number(j, "messages", c->messages);
	json_number(j, "replaced", c->replaced);
	json_number(j, "expected", c->expected);
	json_number(j, "refused", c->refused);
	json_number(j, "passed", c->passed);
	json_number(j, "late", c->late);
	json_number(j, "dropped", c->dropped);
}

static int
show_helpers(struct call *call, const struct arg *arg)
{
	struct json json = { .out = call->out };

	RTE_SET_USED(arg);
	if (call->json) {
		json_object(&json, NULL);
		json_array(&json, "helpers");
	} else {
		fprintf(call->out,
			"helper   on  flows now  flows so far    messages    replaced    expected "
			"  refused    passed   late  dropped\n");
	}
	for (unsigned int i = 0; sl_helpers[i] != NULL; i++) {
		const struct sl_helper_count *c = sl_helpers_count(call->box->helpers, i + 1);
		const struct sl_helper_config *h = &call->config->helper[i];

		if (call->json) {
			json_object(&json, NULL);
			json_text(&json, "helper", sl_helpers[i]->name);
			helper_json(&json, h, c);
			json_object_end(&json);
			continue;
		}
		fprintf(call->out,
			"%-8s %-3s%10" PRIu64 "%14" PRIu64 "%12" PRIu64 "%12" PRIu64 "%12" PRIu64
			"%10" PRIu64 "%10" PRIu64 "%7" PRIu64 "%9" PRIu64 "\n",
			sl_helpers[i]->name, h->on ? "on" : "off", c->flows_now, c->flows,
			c->messages, c->replaced, c->expected, c->refused, c->passed, c->late,
			c->dropped);
	}
	if (call->json) {
		json_array_end(&json);
		json_object_end(&json);
	}
	return 0;
}

/* A list on its way out. */
struct listing {
	const struct call *call;
	struct json json;
};

static const char *
text_remote(const struct sl_expect *e)
{
	if (e->rem_addr == 0)
		return "any";
	return e->rem_port != 0 ? text_endpoint(e->rem_addr, e->rem_port) : text_addr(e->rem_addr);
}

static const char *
text_inside(const struct sl_expected_view *v)
{
	return v->six ? text_endpoint6(&v->in6, v->what.in_port)
		      : text_endpoint(v->what.in_addr, v->what.in_port);
}

static void
show_expectation(void *arg, const struct sl_expected_view *v)
{
	struct listing *l = arg;
	const struct sl_config *config = l->call->config;
	const struct sl_expect *e = &v->what;
	const char *tenant =
		slots_no_tenant(config, v->tenant) ? "?" : config->tenant[v->tenant].name;
	char proto[8];

	if (!l->call->json) {
		fprintf(l->call->out, "%-8s %-5s%-22s%s %-22s%-22s%s%6u s  %s\n", v->helper->name,
			proto_name(e->proto, proto, sizeof(proto)), text_inside(v),
			e->outward ? "to  " : "nat ",
			e->outward ? "-" : text_endpoint(e->out_addr, e->out_port), text_remote(e),
			e->pair ? " pair " : "      ", (v->left + 999) / 1000, tenant);
		return;
	}
	json_object(&l->json, NULL);
	json_text(&l->json, "helper", v->helper->name);
	json_text(&l->json, "tenant", tenant);
	json_text(&l->json, "protocol", proto_name(e->proto, proto, sizeof(proto)));
	json_text(&l->json, "inside", text_inside(v));
	json_text(&l->json, "outside", text_endpoint(e->out_addr, e->out_port));
	json_text(&l->json, "remote", text_remote(e));
	json_flag(&l->json, "pair", e->pair);
	json_flag(&l->json, "once", e->once);
	json_flag(&l->json, "outward", e->outward);
	json_number(&l->json, "left", v->left);
	json_object_end(&l->json);
}

static int
show_expectations(struct call *call, const struct arg *arg)
{
	struct listing l = { .call = call, .json = { .out = call->out } };

	RTE_SET_USED(arg);
	if (call->json) {
		json_object(&l.json, NULL);
		json_array(&l.json, "expectations");
	}
	sl_helpers_walk(call->box->helpers, clock_now(), show_expectation, &l);
	if (call->json) {
		json_array_end(&l.json);
		json_object_end(&l.json);
	}
	return 0;
}

const struct statement cli_helper_statements[] = {
	{ "helper HELPER on|off", helper_switch,
		"look at a protocol that carries addresses, or do not", ST_CONFIG },
	{ "no helper HELPER", no_helper, "back to its default", ST_CONFIG },
	{ "helper HELPER port PORT [PORT] [PORT] [PORT] [PORT] [PORT] [PORT] [PORT]", helper_port,
		"the ports on which its servers are", ST_CONFIG },
	{ "no helper HELPER port", no_helper_port, "back to its usual ports", ST_CONFIG },
	{ "pool POOL helper HELPER on|off", pool_helper,
		"the same for the subscribers that use a pool", ST_CONFIG },
	{ "no pool POOL helper HELPER", no_pool_helper, "as for all of the box", ST_CONFIG },
	{ "tenant TENANT helper HELPER on|off", tenant_helper,
		"the same for a tenant's subscribers", ST_CONFIG },
	{ "no tenant TENANT helper HELPER", no_tenant_helper, "as for its pool", ST_CONFIG },
	{ "show helpers [json]", show_helpers, "what helpers have read, replaced, expected",
		ST_NOW },
	{ "show expectations [json]", show_expectations, "connections that helpers have asked for",
		ST_NOW },
	{ NULL, NULL, NULL, ST_CONFIG },
};
