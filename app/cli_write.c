/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A configuration as statements: what "show configuration" and "save" print. Read back
 * into an empty configuration they make the same one, in the same order, so writing,
 * reading and writing again gives the same text.
 *
 * Only what differs from the defaults is written, so that a file stays short and a better
 * default reaches it; with all, every number is. Things come before those that name
 * them: pools before tenants, tenants before forwards.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "cli.h"
#include "clock.h"
#include "helpers.h"
#include "slots.h"

struct writer {
	const struct sl_config *config, *defaults;
	bool all; /* also what is as the defaults are */
	FILE *out;
};

static const char *const side_names[] = { "inside", "outside" };
static const char *const limit_names[] = { "ports", "sessions", "rate", "mapping-sessions" };

static const char *
on_off(bool on)
{
	return on ? "on" : "off";
}

static void
write_routes(const struct writer *w, unsigned int tenant)
{
	for (unsigned int i = 0; i < w->config->n_routes; i++) {
		const struct sl_static_route *r = &w->config->route[i];

		if (r->tenant != tenant || r->six)
			continue;
		if (tenant != 0)
			fprintf(w->out, "tenant %s ", w->config->tenant[tenant].name);
		fprintf(w->out, "route %s via %s\n", text_net(&r->prefix), text_addr(r->gw));
	}
}

static void
write_sides(const struct writer *w)
{
	const struct sl_config *c = w->config;

	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		if (c->link[side].mtu != 0 && (w->all || c->link[side].mtu != 1500))
			fprintf(w->out, "%s mtu %u\n", side_names[side], c->link[side].mtu);
	for (unsigned int i = 0; i < c->tenant[0].n_addrs; i++)
		fprintf(w->out, "inside address %s\n", text_net(&c->tenant[0].addr[i]));
	for (unsigned int i = 0; i < c->n_outside; i++)
		fprintf(w->out, "outside address %s\n", text_net(&c->outside[i]));
	write_routes(w, 0);
	six_write_tenant(c, 0, w->out);
	for (unsigned int i = 0; i < c->n_neighs; i++)
		if (!c->neigh[i].six)
			fprintf(w->out, "neighbor %s %s %s\n", side_names[c->neigh[i].side],
				text_addr(c->neigh[i].addr), text_mac(&c->neigh[i].mac));
	six_write_neighbors(c, w->out);
}

static void
write_services(const struct writer *w)
{
	for (unsigned int i = 0; i < w->config->n_services; i++) {
		const struct sl_service *s = &w->config->service[i];

		if (s->proto == 0)
			fprintf(w->out, "service any\n");
		else
			fprintf(w->out, "service %s %u\n", s->proto == IPPROTO_TCP ? "tcp" : "udp",
				ntohs(s->port));
	}
}

static void
write_pool(const struct writer *w, const struct sl_pool *p)
{
	bool said = false; /* a pool has to be named by something */

	for (unsigned int i = 0; i < p->n_ranges; i++, said = true)
		fprintf(w->out, "pool %s address %s\n", p->name, text_range(&p->range[i]));
	if (p->port_min != 0 || p->port_max != 0) {
		fprintf(w->out, "pool %s ports %u-%u\n", p->name, p->port_min, p->port_max);
		said = true;
	}
	if (w->all || p->filter_udp != SL_FILTER_EI || !said)
		fprintf(w->out, "pool %s filtering udp %s\n", p->name, filter_names[p->filter_udp]);
	if (w->all || p->filter_tcp != SL_FILTER_EI)
		fprintf(w->out, "pool %s filtering tcp %s\n", p->name, filter_names[p->filter_tcp]);
}

static void
write_limits(const struct writer *w, const struct sl_tenant *t)
{
	const struct sl_limits *d = &w->defaults->tenant[0].limits;
	const uint32_t now[] = { t->limits.ports, t->limits.sessions, t->limits.rate,
		t->limits.mapping };
	const uint32_t usual[] = { d->ports, d->sessions, d->rate, d->mapping };

	for (unsigned int i = 0; i < RTE_DIM(now); i++) {
		if (!w->all && now[i] == usual[i])
			continue;
		if (t == w->config->tenant)
			fprintf(w->out, "limit subscriber %s %u\n", limit_names[i], now[i]);
		else
			fprintf(w->out, "tenant %s limit %s %u\n", t->name, limit_names[i], now[i]);
	}
}

static void
write_tenant(const struct writer *w, const struct sl_tenant *t)
{
	if (t->vlan != 0) {
		fprintf(w->out, "tenant %s vlan %u", t->name, t->vlan);
		if (t->vlan_inner != 0)
			fprintf(w->out, " inner %u", t->vlan_inner);
		fputc('\n', w->out);
	}
	if (t != w->config->tenant) {
		for (unsigned int i = 0; i < t->n_addrs; i++)
			fprintf(w->out, "tenant %s inside address %s\n", t->name,
				text_net(&t->addr[i]));
		write_routes(w, (unsigned int)(t - w->config->tenant));
		six_write_tenant(w->config, (unsigned int)(t - w->config->tenant), w->out);
	}
	if (w->config->n_pools > 0 && (w->all || t->pool != slots_first_pool(w->config)))
		fprintf(w->out, "tenant %s pool %s\n", t->name, w->config->pool[t->pool].name);
	write_limits(w, t);
}

static void
write_forward(const struct writer *w, const struct sl_forward *f, uint64_t now)
{
	if (f->expires != 0 && f->expires <= now)
		return;
	fprintf(w->out, "forward %s %s to %s", f->proto == IPPROTO_TCP ? "tcp" : "udp",
		text_endpoint(f->out_addr, f->out_port), text_target(f));
	if (f->ports > 1)
		fprintf(w->out, " ports %u", f->ports);
	if (f->tenant != 0)
		fprintf(w->out, " tenant %s", w->config->tenant[f->tenant].name);
	if (f->from.plen != 0)
		fprintf(w->out, " from %s", text_net(&f->from));
	if (f->expires != 0)
		fprintf(w->out, " lifetime %u", (unsigned int)((f->expires - now + 999) / 1000));
	if (f->description[0] != '\0') {
		fprintf(w->out, " description ");
		words_print(w->out, f->description);
	}
	fputc('\n', w->out);
}

static void
write_rates(const struct writer *w)
{
	const struct sl_config *c = w->config, *d = w->defaults;

	for (unsigned int i = 0; i < SL_TIMEOUT_COUNT; i++)
		if (w->all || c->timeout[i] != d->timeout[i])
			fprintf(w->out, "timeout %s %u\n", timeout_names[i], c->timeout[i]);
	for (unsigned int i = 0; i < SL_PUNT_COUNT; i++)
		if (w->all || c->punt_rate[i] != d->punt_rate[i])
			fprintf(w->out, "punt rate %s %u\n", punt_names[i], c->punt_rate[i]);
	if (w->all || c->icmp_rate != d->icmp_rate)
		fprintf(w->out, "icmp rate %u\n", c->icmp_rate);
	if (w->all || c->icmp_refusal_code != d->icmp_refusal_code) {
		if (c->icmp_refusal_code == UINT8_MAX)
			fprintf(w->out, "icmp refusal-code silent\n");
		else
			fprintf(w->out, "icmp refusal-code %u\n", c->icmp_refusal_code);
	}
}

static void
write_switches(const struct writer *w)
{
	const struct sl_config *c = w->config, *d = w->defaults;

	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		if (c->icmp_mute[side] != d->icmp_mute[side])
			fprintf(w->out, "%sicmp mute %s\n", c->icmp_mute[side] ? "" : "no ",
				side_names[side]);
	if (w->all || c->syn_answer != d->syn_answer)
		fprintf(w->out, "icmp unsolicited-syn %s\n", on_off(c->syn_answer));
	if (w->all || c->hairpin != d->hairpin)
		fprintf(w->out, "hairpin %s\n", on_off(c->hairpin));
	if (w->all || c->inbound_refresh != d->inbound_refresh)
		fprintf(w->out, "inbound-refresh %s\n", on_off(c->inbound_refresh));
	if (w->all || c->source_check != d->source_check)
		fprintf(w->out, "source-check %s\n", on_off(c->source_check));
	if (w->all || c->performance != d->performance)
		fprintf(w->out, "performance %s\n", on_off(c->performance));
	if (w->all || c->kernel_port_min != d->kernel_port_min ||
		c->kernel_port_max != d->kernel_port_max)
		fprintf(w->out, "kernel-ports %u-%u\n", c->kernel_port_min, c->kernel_port_max);
}

int
config_write(const struct sl_config *config, bool all, FILE *out)
{
	struct sl_config *defaults = sl_config_create();
	struct writer w = { config, defaults, all, out };
	uint64_t now = clock_now();

	if (defaults == NULL)
		return -ENOMEM;
	sl_helper_defaults(defaults, sl_helpers);
	write_sides(&w);
	write_services(&w);
	for (unsigned int i = 0; i < config->n_pools; i++)
		if (!slots_no_pool(config, i))
			write_pool(&w, &config->pool[i]);
	cgn_write(config, defaults, all, out);
	for (unsigned int i = 0; i < config->n_tenants; i++)
		if (!slots_no_tenant(config, i))
			write_tenant(&w, &config->tenant[i]);
	nat64_write(config, defaults, all, out);
	helper_write(config, defaults, all, out);
	lease_write(config, all, out);
	state_write(config, all, out);
	for (unsigned int i = 0; i < config->n_forwards; i++)
		if (!config->forward[i].leased)
			write_forward(&w, &config->forward[i], now);
	log_write(config, out);
	loglevel_write(config, out);
	metrics_write(config, out);
	health_write(config, out);
	write_rates(&w);
	write_switches(&w);
	sl_config_destroy(defaults);
	return 0;
}

void
statement_write(const struct sl_config *config, FILE *out)
{
	config_write(config, false, out);
}
