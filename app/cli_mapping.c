/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Every port that leads inside, the operator's and those that hosts have opened, in one list that
 * tells where each came from; and ending those of hosts. The operator's are ended by "no
 * forward".
 */

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "cli.h"
#include "clock.h"
#include "json.h"
#include "leased.h"
#include "slots.h"

/* One line of the list, whoever it is of. */
struct row {
	const char *origin;
	unsigned int tenant;
	uint8_t proto;
	rte_be32_t out_addr;
	rte_be16_t out_port;
	const char *inside; /* endpoint */
	unsigned int ports;
	const char *from;
	uint64_t expires; /* 0: never */
	const char *description;
	bool enabled, peer;
};

/* The list on its way out. */
struct listing {
	const struct call *call;
	struct json json;
	uint64_t now;
};

static const char *
tenant_of(const struct sl_config *config, unsigned int tenant)
{
	return slots_no_tenant(config, tenant) ? "?" : config->tenant[tenant].name;
}

static void
print_row(struct listing *l, const struct row *r)
{
	FILE *out = l->call->out;
	char proto[8];

	fprintf(out, "%-9s%-16s%-4s %-22s to %-22s", r->origin,
		tenant_of(l->call->config, r->tenant), proto_name(r->proto, proto, sizeof(proto)),
		text_endpoint(r->out_addr, r->out_port), r->inside);
	if (r->ports > 1)
		fprintf(out, " ports %u", r->ports);
	if (r->from != NULL)
		fprintf(out, " from %s", r->from);
	if (r->expires != 0)
		fprintf(out, " left %" PRIu64, (r->expires - l->now + 999) / 1000);
	if (!r->enabled)
		fprintf(out, " disabled");
	if (r->peer)
		fprintf(out, " peer");
	if (r->description[0] != '\0') {
		fputc(' ', out);
		words_print(out, r->description);
	}
	fputc('\n', out);
}

static void
row_json(struct listing *l, const struct row *r)
{
	struct json *j = &l->json;
	char proto[8];

	json_object(j, NULL);
	json_text(j, "origin", r->origin);
	json_text(j, "tenant", tenant_of(l->call->config, r->tenant));
	json_text(j, "protocol", proto_name(r->proto, proto, sizeof(proto)));
	json_text(j, "outside", text_endpoint(r->out_addr, r->out_port));
	json_text(j, "inside", r->inside);
	json_number(j, "ports", r->ports);
	json_text(j, "from", r->from != NULL ? r->from : "any");
	json_number(j, "left", r->expires != 0 ? (r->expires - l->now + 999) / 1000 : 0);
	json_flag(j, "permanent", r->expires == 0);
	json_flag(j, "enabled", r->enabled);
	json_flag(j, "peer", r->peer);
	json_text(j, "description", r->description);
	json_object_end(j);
}

static void
put_row(struct listing *l, const struct row *r)
{
	if (r->expires != 0 && r->expires <= l->now)
		return;
	if (l->call->json)
		row_json(l, r);
	else
		print_row(l, r);
}

static void
put_forward(struct listing *l, const struct sl_forward *f)
{
	struct row row = {
		.origin = "operator",
		.tenant = f->tenant,
		.proto = f->proto,
		.out_addr = f->out_addr,
		.out_port = f->out_port,
		.inside = text_target(f),
		.ports = RTE_MAX(f->ports, 1),
		.from = f->from.plen != 0 ? text_net(&f->from) : NULL,
		.expires = f->expires,
		.description = f->description,
		.enabled = true,
	};

	if (!f->leased)
		put_row(l, &row);
}

static void
put_lease(void *arg, const struct sl_lease *lease)
{
	struct listing *l = arg;
	struct row row = {
		.origin = text_origin(lease->origin),
		.tenant = lease->tenant,
		.proto = lease->proto,
		.out_addr = lease->out_addr,
		.out_port = lease->out_port,
		.inside = leased_inside(l->call->box, lease),
		.ports = 1,
		.expires = lease->expires,
		.description = lease->description,
		.enabled = lease->enabled,
		.peer = lease->peer,
	};

	if (lease->rem_addr != 0)
		row.from = lease->rem_port != 0 ? text_endpoint(lease->rem_addr, lease->rem_port)
						: text_addr(lease->rem_addr);
	put_row(l, &row);
}

static int
show_port_forwards(struct call *call, const struct arg *arg)
{
	struct listing l = { .call = call, .json = { .out = call->out }, .now = clock_now() };

	RTE_SET_USED(arg);
	if (call->json) {
		json_object(&l.json, NULL);
		json_array(&l.json, "port_forwards");
	}
	for (unsigned int i = 0; i < call->config->n_forwards; i++)
		put_forward(&l, &call->config->forward[i]);
	if (leased_store(call->box) != NULL)
		sl_lease_walk(leased_store(call->box), put_lease, &l);
	if (call->json) {
		json_array_end(&l.json);
		json_object_end(&l.json);
	}
	return 0;
}

/* How the store is doing. */
static int
show_port_mapping(struct call *call, const struct arg *arg)
{
	const struct sl_lease_counts *c = sl_leases_counts(leased_store(call->box));
	const struct sl_lease_policy *p = sl_leases_policy(leased_store(call->box));
	const struct {
		const char *name, *text;
		uint64_t value;
	} row[] = {
		{ "now", "open now", c->now },
		{ "max", "of at most", p->max },
		{ "max_per_host", "of one host at most", p->max_host },
		{ "made", "opened", c->made },
		{ "renewed", "renewed", c->renewed },
		{ "removed", "closed by their hosts or the operator", c->removed },
		{ "expired", "not renewed", c->expired },
		{ "lost", "taken by a change of the configuration", c->lost },
		{ "denied", "refused: not allowed", c->denied },
		{ "in_use", "refused: somebody else's", c->in_use },
		{ "quota", "refused: the host has as many as it may", c->quota },
		{ "full", "refused: no port or no room", c->full },
		{ "failed", "refused: anything else", c->failed },
	};
	struct json json = { .out = call->out };

	RTE_SET_USED(arg);
	if (call->json)
		json_object(&json, NULL);
	for (size_t i = 0; i < RTE_DIM(row); i++) {
		if (call->json)
			json_number(&json, row[i].name, row[i].value);
		else
			fprintf(call->out, "%12" PRIu64 "  %s\n", row[i].value, row[i].text);
	}
	if (call->json)
		json_object_end(&json);
	return 0;
}

/* ---- ending ---- */

static int
clear_one(struct call *call, const struct arg *arg)
{
	uint8_t proto = arg[0].u == 0 ? IPPROTO_TCP : IPPROTO_UDP;
	int rc = sl_lease_remove(leased_store(call->box), proto, arg[1].u, arg[1].port);

	if (rc == -ENOENT)
		return call_fail(call, rc,
			"'%s': no host has opened this port; 'show port-forwards' has those there "
			"are",
			arg[1].word);
	if (rc < 0)
		return call_fail(call, rc,
			"'%s': its worker does not answer; 'show workers' tells how it is",
			arg[1].word);
	fprintf(call->out, "1 port closed\n");
	return 0;
}

static int
say_cleared(struct call *call, unsigned int n, int rc)
{
	if (rc == -ENOMEM)
		return call_fail(call, rc, "out of memory");
	fprintf(call->out, "%u ports closed\n", n);
	return rc < 0 ? call_fail(call, rc,
				"others stay: a worker does not answer; 'show workers' tells how "
				"it is")
		      : 0;
}

static int
clear_many(struct call *call, int tenant, rte_be32_t in_addr)
{
	unsigned int n = 0;
	int rc = leased_clear(call->box, tenant, in_addr, &n);

	return say_cleared(call, n, rc);
}

static int
clear_all(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	return clear_many(call, -1, 0);
}

static int
clear_inside(struct call *call, const struct arg *arg)
{
	return clear_many(call, arg[1].set ? (int)arg[1].u : -1, arg[0].u);
}

/* The store knows an IPv6 host of each tenant by another address. */
static int
clear_inside6(struct call *call, const struct arg *arg)
{
	unsigned int first = arg[1].set ? arg[1].u : 0, n = 0;
	unsigned int last = arg[1].set ? first + 1 : call->config->n_tenants;
	int rc = 0;

	for (unsigned int t = first; t < last && rc != -ENOMEM; t++) {
		rte_be32_t host = leased_alias(call->box, t, &arg[0].net6.addr);
		int one = host != 0 ? leased_clear(call->box, (int)t, host, &n) : -ENOMEM;

		rc = one != 0 ? one : rc;
	}
	return say_cleared(call, n, rc);
}

static int
clear_tenant(struct call *call, const struct arg *arg)
{
	return clear_many(call, (int)arg[0].u, 0);
}

const struct statement cli_mapping_statements[] = {
	{ "show port-forwards [json]", show_port_forwards,
		"all ports that lead inside: the operator's, and those that hosts have opened",
		ST_NOW },
	{ "show port-mapping [json]", show_port_mapping,
		"how many ports hosts have opened and were refused", ST_NOW },
	{ "clear port-mapping all", clear_all, "close all ports that hosts have opened", ST_NOW },
	{ "clear port-mapping tcp|udp ADDRESS:PORT", clear_one,
		"close one of them, named by its outside endpoint", ST_NOW },
	{ "clear port-mapping inside ADDRESS [tenant TENANT]", clear_inside, "those of one host",
		ST_NOW },
	{ "clear port-mapping inside ADDRESS6 [tenant TENANT]", clear_inside6,
		"those of one IPv6 host", ST_NOW },
	{ "clear port-mapping tenant TENANT", clear_tenant, "those of a tenant's hosts", ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
