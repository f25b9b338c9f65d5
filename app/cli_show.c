/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Looking at what the box is made of: its interfaces, the kernel's neighbours and routes
 * as mirrored, pools with their use, port forwards, tenants. A table for people, the
 * same as JSON for programs; the keys of the JSON are stable.
 */

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>

#include <rte_ethdev.h>

#include "cli.h"
#include "clock.h"
#include "json.h"
#include "kernel.h"
#include "slots.h"

static const char *const side_names[] = { "inside", "outside" };

/* A table on its way out, as text or JSON. */
struct table {
	const struct call *call;
	struct json json;
	unsigned int n; /* rows */
	const struct arg *tenant; /* only this one's, if set */
};

static void
table_begin(struct table *t, const struct call *call, const char *key, const char *head)
{
	*t = (struct table){ .call = call, .json = { .out = call->out } };
	if (call->json) {
		json_object(&t->json, NULL);
		json_array(&t->json, key);
	} else if (head != NULL) {
		fprintf(call->out, "%s\n", head);
	}
}

static int
table_end(struct table *t)
{
	if (t->call->json) {
		json_array_end(&t->json);
		json_object_end(&t->json);
	}
	return 0;
}

static const char *
tenant_name(const struct sl_config *config, unsigned int tenant)
{
	return slots_no_tenant(config, tenant) ? "?" : config->tenant[tenant].name;
}

static void
interface_addresses6(struct table *t, enum sl_side side)
{
	const struct sl_config *c = t->call->config;
	const struct sl_ifaddr6 *a = side == SL_INSIDE ? c->tenant[0].addr6 : c->outside6;
	unsigned int n = side == SL_INSIDE ? c->tenant[0].n_addrs6 : c->n_outside6;

	for (unsigned int i = 0; i < n; i++) {
		if (t->call->json)
			json_text(&t->json, NULL, text_net6(&a[i]));
		else
			fprintf(t->call->out, "    address %s\n", text_net6(&a[i]));
	}
}

static void
interface_addresses(struct table *t, enum sl_side side)
{
	const struct sl_config *c = t->call->config;
	const struct sl_ifaddr *a = side == SL_INSIDE ? c->tenant[0].addr : c->outside;
	unsigned int n = side == SL_INSIDE ? c->tenant[0].n_addrs : c->n_outside;

	if (t->call->json)
		json_array(&t->json, "addresses");
	for (unsigned int i = 0; i < n; i++) {
		if (t->call->json)
			json_text(&t->json, NULL, text_net(&a[i]));
		else
			fprintf(t->call->out, "    address %s\n", text_net(&a[i]));
	}
	interface_addresses6(t, side);
	if (t->call->json)
		json_array_end(&t->json);
}

static void
interface_json(struct json *j, const struct port *port, const struct rte_eth_link *link,
	const struct rte_eth_stats *stats)
{
	json_text(j, "side", side_names[port->side]);
	json_text(j, "name", port->name);
	json_number(j, "port", port->id);
	json_text(j, "mac", text_mac(&port->mac));
	json_number(j, "mtu", port->mtu);
	json_flag(j, "up", link->link_status == RTE_ETH_LINK_UP);
	json_number(j, "speed_mbps",
		link->link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link->link_speed);
	json_number(j, "rx_queues", port->n_rxq);
	json_number(j, "tx_queues", port->n_txq);
	json_number(j, "rx_packets", stats->ipackets);
	json_number(j, "rx_bytes", stats->ibytes);
	json_number(j, "rx_missed", stats->imissed);
	json_number(j, "rx_errors", stats->ierrors);
	json_number(j, "rx_nombuf", stats->rx_nombuf);
	json_number(j, "tx_packets", stats->opackets);
	json_number(j, "tx_bytes", stats->obytes);
	json_number(j, "tx_errors", stats->oerrors);
}

static void
interface_text(FILE *out, const struct port *port, const struct rte_eth_link *link,
	const struct rte_eth_stats *stats)
{
	char speed[32] = "";

	/* rte_eth_link_to_str() says the same, but is experimental in 22.11. */
	if (link->link_status == RTE_ETH_LINK_UP && link->link_speed != RTE_ETH_SPEED_NUM_UNKNOWN)
		snprintf(speed, sizeof(speed), ", %u Mbit/s", link->link_speed);
	fprintf(out, "%s %s: link %s%s\n    mac %s mtu %u queues %u/%u port %u\n",
		side_names[port->side], port->name,
		link->link_status == RTE_ETH_LINK_UP ? "up" : "down", speed, text_mac(&port->mac),
		port->mtu, port->n_rxq, port->n_txq, port->id);
	fprintf(out,
		"    rx packets %" PRIu64 " bytes %" PRIu64 " missed %" PRIu64 " errors %" PRIu64
		" nombuf %" PRIu64 "\n",
		stats->ipackets, stats->ibytes, stats->imissed, stats->ierrors, stats->rx_nombuf);
	fprintf(out, "    tx packets %" PRIu64 " bytes %" PRIu64 " errors %" PRIu64 "\n",
		stats->opackets, stats->obytes, stats->oerrors);
}

static int
show_interfaces(struct call *call, const struct arg *arg)
{
	struct table t;

	RTE_SET_USED(arg);
	table_begin(&t, call, "interfaces", NULL);
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		const struct port *port = &call->box->port[side];
		struct rte_eth_stats stats = { 0 };
		struct rte_eth_link link = { 0 };

		if (port->started) {
			rte_eth_link_get_nowait(port->id, &link);
			/* Some drivers never look: what port.c found out counts. */
			link.link_status = port->up;
			rte_eth_stats_get(port->id, &stats);
		}
		if (call->json) {
			json_object(&t.json, NULL);
			interface_json(&t.json, port, &link, &stats);
			interface_addresses(&t, side);
			json_object_end(&t.json);
		} else {
			interface_text(call->out, port, &link, &stats);
			interface_addresses(&t, side);
		}
	}
	return table_end(&t);
}

static void
show_neighbor(void *arg, const struct kernel_neigh *n)
{
	struct table *t = arg;
	const char *tenant = tenant_name(t->call->config, n->tenant);

	if (t->tenant->set && t->tenant->u != n->tenant)
		return;
	if (!t->call->json) {
		fprintf(t->call->out, "%-8s%-15s %-18s%s%s%s\n", side_names[n->side],
			text_any(&n->addr), n->resolved ? text_mac(&n->mac) : "-",
			n->resolved ? "resolved" : "unresolved", n->tenant != 0 ? " tenant " : "",
			n->tenant != 0 ? tenant : "");
		return;
	}
	json_object(&t->json, NULL);
	json_text(&t->json, "side", side_names[n->side]);
	json_text(&t->json, "tenant", tenant);
	json_text(&t->json, "address", text_any(&n->addr));
	json_text(&t->json, "mac", n->resolved ? text_mac(&n->mac) : "");
	json_flag(&t->json, "resolved", n->resolved);
	json_object_end(&t->json);
}

static int
show_neighbors(struct call *call, const struct arg *arg)
{
	struct table t;

	table_begin(&t, call, "neighbors", NULL);
	t.tenant = &arg[0];
	if (call->box->kernel != NULL)
		kernel_neigh_walk(call->box->kernel, show_neighbor, &t);
	return table_end(&t);
}

static void
show_route(void *arg, const struct kernel_route *r)
{
	struct table *t = arg;
	char prefix[INET6_ADDRSTRLEN + 4];
	bool via = !addr_none(&r->gw);
	const char *tenant = tenant_name(t->call->config, r->tenant);

	if (t->tenant->set && t->tenant->u != r->tenant)
		return;
	snprintf(prefix, sizeof(prefix), "%s/%u", text_any(&r->prefix), r->plen);
	if (!t->call->json) {
		fprintf(t->call->out, "%-20s %s%s %s%s%s\n", prefix, via ? "via " : "on link",
			via ? text_any(&r->gw) : "", side_names[r->side],
			r->tenant != 0 ? " tenant " : "", r->tenant != 0 ? tenant : "");
		return;
	}
	json_object(&t->json, NULL);
	json_text(&t->json, "prefix", prefix);
	json_text(&t->json, "via", via ? text_any(&r->gw) : "");
	json_text(&t->json, "side", side_names[r->side]);
	json_text(&t->json, "tenant", tenant);
	json_object_end(&t->json);
}

static int
show_routes(struct call *call, const struct arg *arg)
{
	struct table t;

	table_begin(&t, call, "routes", NULL);
	t.tenant = &arg[0];
	if (call->box->kernel != NULL)
		kernel_route_walk(call->box->kernel, show_route, &t);
	return table_end(&t);
}

/* Share of used in all, in percent. */
static double
percent(uint32_t used, uint32_t all)
{
	return all == 0 ? 0 : 100.0 * used / all;
}

static void
show_pool_address(struct table *t, const struct sl_pool_use *u)
{
	const struct sl_config *c = t->call->config;
	const char *name = slots_no_pool(c, u->pool) ? "outside" : c->pool[u->pool].name;

	if (!t->call->json) {
		fprintf(t->call->out, "%-16s%-16s%8u%8u %5.1f%%%8u %5.1f%%%8u\n", name,
			text_addr(u->addr), u->ports, u->used[0], percent(u->used[0], u->ports),
			u->used[1], percent(u->used[1], u->ports), u->used[2]);
		return;
	}
	json_object(&t->json, NULL);
	json_text(&t->json, "pool", name);
	json_text(&t->json, "address", text_addr(u->addr));
	json_number(&t->json, "ports", u->ports);
	json_number(&t->json, "tcp", u->used[0]);
	json_number(&t->json, "udp", u->used[1]);
	json_number(&t->json, "icmp", u->used[2]);
	json_object_end(&t->json);
}

static int
show_pools(struct call *call, const struct arg *arg)
{
	struct sl_pool_use use[64];
	unsigned int first = 0, n;
	struct table t;

	RTE_SET_USED(arg);
	table_begin(&t, call, "pools",
		"pool            address            ports     tcp            udp           icmp");
	do {
		n = sl_pool_use(call->box->nat, first, use, RTE_DIM(use));
		for (unsigned int i = 0; i < n; i++)
			show_pool_address(&t, &use[i]);
		first += n;
	} while (n == RTE_DIM(use));
	return table_end(&t);
}

static void
show_forward(struct table *t, const struct sl_forward *f, uint64_t now)
{
	const char *proto = f->proto == IPPROTO_TCP ? "tcp" : "udp";
	const char *out = text_endpoint(f->out_addr, f->out_port);
	const char *in = text_target(f);
	uint64_t left = f->expires > now ? (f->expires - now + 999) / 1000 : 0;

	if (!t->call->json) {
		fprintf(t->call->out, "%s %s to %s tenant %s", proto, out, in,
			tenant_name(t->call->config, f->tenant));
		if (f->ports > 1)
			fprintf(t->call->out, " ports %u", f->ports);
		if (f->from.plen != 0)
			fprintf(t->call->out, " from %s", text_net(&f->from));
		if (f->expires != 0)
			fprintf(t->call->out, " lifetime %" PRIu64, left);
		if (f->description[0] != '\0')
			fprintf(t->call->out, " \"%s\"", f->description);
		fputc('\n', t->call->out);
		return;
	}
	json_object(&t->json, NULL);
	json_text(&t->json, "protocol", proto);
	json_text(&t->json, "outside", out);
	json_text(&t->json, "inside", in);
	json_number(&t->json, "ports", RTE_MAX(f->ports, 1));
	json_text(&t->json, "tenant", tenant_name(t->call->config, f->tenant));
	json_text(&t->json, "from", f->from.plen != 0 ? text_net(&f->from) : "any");
	json_number(&t->json, "lifetime", left);
	json_flag(&t->json, "permanent", f->expires == 0);
	json_text(&t->json, "description", f->description);
	json_object_end(&t->json);
}

static int
show_forwards(struct call *call, const struct arg *arg)
{
	uint64_t now = clock_now();
	struct table t;

	RTE_SET_USED(arg);
	table_begin(&t, call, "forwards", NULL);
	for (unsigned int i = 0; i < call->config->n_forwards; i++) {
		const struct sl_forward *f = &call->config->forward[i];

		if (!f->leased && (f->expires == 0 || f->expires > now))
			show_forward(&t, f, now);
	}
	return table_end(&t);
}

static void
tenant_addresses(struct table *t, const struct sl_tenant *o)
{
	if (t->call->json)
		json_array(&t->json, "addresses");
	for (unsigned int i = 0; i < o->n_addrs; i++) {
		if (t->call->json)
			json_text(&t->json, NULL, text_net(&o->addr[i]));
		else
			fprintf(t->call->out, " %s", text_net(&o->addr[i]));
	}
	for (unsigned int i = 0; i < o->n_addrs6; i++) {
		if (t->call->json)
			json_text(&t->json, NULL, text_net6(&o->addr6[i]));
		else
			fprintf(t->call->out, " %s", text_net6(&o->addr6[i]));
	}
	if (t->call->json)
		json_array_end(&t->json);
}

static void
show_tenant(struct table *t, unsigned int i)
{
	const struct sl_config *c = t->call->config;
	const struct sl_tenant *o = &c->tenant[i];
	const char *pool = slots_no_pool(c, o->pool) ? "outside" : c->pool[o->pool].name;
	const char *netns =
		t->call->box->kernel != NULL ? kernel_netns(t->call->box->kernel, i) : "";

	if (!t->call->json) {
		fprintf(t->call->out, "%-16s%4u %5u %-15s %-20s", o->name, o->vlan, o->vlan_inner,
			pool, netns[0] != '\0' ? netns : "-");
		tenant_addresses(t, o);
		fputc('\n', t->call->out);
		return;
	}
	json_object(&t->json, NULL);
	json_text(&t->json, "tenant", o->name);
	json_number(&t->json, "vlan", o->vlan);
	json_number(&t->json, "vlan_inner", o->vlan_inner);
	json_text(&t->json, "pool", pool);
	json_text(&t->json, "netns", netns);
	json_number(&t->json, "limit_ports", o->limits.ports);
	json_number(&t->json, "limit_sessions", o->limits.sessions);
	json_number(&t->json, "limit_rate", o->limits.rate);
	json_number(&t->json, "limit_mapping_sessions", o->limits.mapping);
	tenant_addresses(t, o);
	json_object_end(&t->json);
}

static int
show_tenants(struct call *call, const struct arg *arg)
{
	struct table t;

	RTE_SET_USED(arg);
	table_begin(&t, call, "tenants",
		"tenant          vlan inner pool            netns                addresses");
	for (unsigned int i = 0; i < call->config->n_tenants; i++)
		if (!slots_no_tenant(call->config, i))
			show_tenant(&t, i);
	return table_end(&t);
}

const struct statement cli_show_statements[] = {
	{ "show interfaces [json]", show_interfaces, "the two ports: addresses, link, traffic",
		ST_NOW },
	{ "show neighbors [tenant TENANT] [json]", show_neighbors,
		"neighbours as the kernel has them", ST_NOW },
	{ "show routes [tenant TENANT] [json]", show_routes, "routes as the kernel has them",
		ST_NOW },
	{ "show pools [json]", show_pools, "outside addresses and how many of their ports are used",
		ST_NOW },
	{ "show forwards [json]", show_forwards, "the operator's port forwards", ST_NOW },
	{ "show tenants [json]", show_tenants,
		"tenants with their VLANs, pools, network namespaces and addresses", ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
