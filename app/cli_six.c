/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements about IPv6 on both sides: addresses, static routes and neighbours. They are those
 * of cli_config.c for the other family, with the same rules, and go to the kernel in the same
 * way. six_write() prints them, for cli_write.c.
 */

#include <errno.h>
#include <string.h>

#include "cli.h"

static const char *const side_names[] = { "inside", "outside" };

static bool
same_ip6(const struct sl_ip6 *a, const struct sl_ip6 *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool
same_net6(const struct sl_ifaddr6 *a, const struct sl_ifaddr6 *b)
{
	return same_ip6(&a->addr, &b->addr) && a->plen == b->plen;
}

/* ---- addresses ---- */

static int
add_address(struct call *call, struct sl_ifaddr6 **array, unsigned int *n, const struct arg *arg)
{
	for (unsigned int i = 0; i < *n; i++) {
		if (!same_ip6(&(*array)[i].addr, &arg->net6.addr))
			continue;
		if ((*array)[i].plen == arg->net6.plen)
			return 0;
		return call_fail(call, -EEXIST, "'%s': the address is there as %s", arg->word,
			text_net6(&(*array)[i]));
	}
	return array_add(array, n, sizeof(**array), &arg->net6);
}

static int
del_address(
	struct call *call, struct sl_ifaddr6 *const *array, unsigned int *n, const struct arg *arg)
{
	for (unsigned int i = 0; i < *n; i++)
		if (same_net6(&(*array)[i], &arg->net6)) {
			array_del((void *)(uintptr_t)array, n, sizeof(**array), i);
			return 0;
		}
	return call_fail(call, -ENOENT,
		"'%s': no such address there; 'show interfaces' has those there are", arg->word);
}

static int
inside_address(struct call *call, const struct arg *arg)
{
	struct sl_tenant *tenant = &call->config->tenant[0];

	return add_address(call, &tenant->addr6, &tenant->n_addrs6, &arg[0]);
}

static int
no_inside_address(struct call *call, const struct arg *arg)
{
	struct sl_tenant *tenant = &call->config->tenant[0];

	return del_address(call, &tenant->addr6, &tenant->n_addrs6, &arg[0]);
}

static int
tenant_address(struct call *call, const struct arg *arg)
{
	struct sl_tenant *tenant = &call->config->tenant[arg[0].u];

	return add_address(call, &tenant->addr6, &tenant->n_addrs6, &arg[1]);
}

static int
no_tenant_address(struct call *call, const struct arg *arg)
{
	struct sl_tenant *tenant = &call->config->tenant[arg[0].u];

	return del_address(call, &tenant->addr6, &tenant->n_addrs6, &arg[1]);
}

static int
outside_address(struct call *call, const struct arg *arg)
{
	return add_address(call, &call->config->outside6, &call->config->n_outside6, &arg[0]);
}

static int
no_outside_address(struct call *call, const struct arg *arg)
{
	return del_address(call, &call->config->outside6, &call->config->n_outside6, &arg[0]);
}

/* ---- routes ---- */

static struct sl_static_route *
find_route(const struct sl_config *config, unsigned int tenant, const struct arg *arg)
{
	for (unsigned int i = 0; i < config->n_routes; i++) {
		struct sl_static_route *r = &config->route[i];

		if (r->six && r->tenant == tenant && same_net6(&r->prefix6, &arg->net6))
			return r;
	}
	return NULL;
}

/* arg: 0 prefix, 1 gateway */
static int
add_route(struct call *call, unsigned int tenant, const struct arg *arg)
{
	struct sl_config *config = call->config;
	struct sl_static_route new = {
		.tenant = tenant, .six = true, .prefix6 = arg[0].net6, .gw6 = arg[1].net6.addr
	};
	const struct sl_static_route *old = find_route(config, tenant, arg);

	if (old == NULL)
		return array_add(&config->route, &config->n_routes, sizeof(new), &new);
	if (same_ip6(&old->gw6, &new.gw6))
		return 0;
	return call_fail(call, -EEXIST, "'%s': goes via %s already; 'no route' takes that back",
		arg[0].word, text_addr6(&old->gw6));
}

static int
del_route(struct call *call, unsigned int tenant, const struct arg *arg)
{
	struct sl_config *config = call->config;
	const struct sl_static_route *old = find_route(config, tenant, arg);

	if (old == NULL || (arg[1].set && !same_ip6(&old->gw6, &arg[1].net6.addr)))
		return call_fail(call, -ENOENT,
			"'%s': no such static route; 'show configuration' has those there are",
			arg[0].word);
	array_del(&config->route, &config->n_routes, sizeof(*old),
		(unsigned int)(old - config->route));
	return 0;
}

static int
route(struct call *call, const struct arg *arg)
{
	return add_route(call, 0, arg);
}

static int
no_route(struct call *call, const struct arg *arg)
{
	return del_route(call, 0, arg);
}

static int
tenant_route(struct call *call, const struct arg *arg)
{
	return add_route(call, arg[0].u, arg + 1);
}

static int
no_tenant_route(struct call *call, const struct arg *arg)
{
	return del_route(call, arg[0].u, arg + 1);
}

/* ---- neighbours ---- */

static int
find_neighbor(const struct sl_config *config, const struct arg *arg)
{
	for (unsigned int i = 0; i < config->n_neighs; i++) {
		const struct sl_static_neigh *n = &config->neigh[i];

		if (n->six && n->side == arg[0].u && same_ip6(&n->addr6, &arg[1].net6.addr))
			return (int)i;
	}
	return -1;
}

static int
neighbor(struct call *call, const struct arg *arg)
{
	struct sl_static_neigh new = {
		.side = arg[0].u, .mac = arg[2].mac, .six = true, .addr6 = arg[1].net6.addr
	};
	int i = find_neighbor(call->config, arg);

	if (i >= 0) {
		call->config->neigh[i] = new;
		return 0;
	}
	return array_add(&call->config->neigh, &call->config->n_neighs, sizeof(new), &new);
}

static int
no_neighbor(struct call *call, const struct arg *arg)
{
	int i = find_neighbor(call->config, arg);

	if (i < 0)
		return call_fail(call, -ENOENT,
			"'%s': no such static neighbour; 'show configuration' has those there are",
			arg[1].word);
	array_del(&call->config->neigh, &call->config->n_neighs, sizeof(*call->config->neigh),
		(unsigned int)i);
	return 0;
}

/* ---- as statements ---- */

static void
write_routes(const struct sl_config *config, unsigned int tenant, FILE *out)
{
	for (unsigned int i = 0; i < config->n_routes; i++) {
		const struct sl_static_route *r = &config->route[i];

		if (r->tenant != tenant || !r->six)
			continue;
		if (tenant != 0)
			fprintf(out, "tenant %s ", config->tenant[tenant].name);
		fprintf(out, "route %s via %s\n", text_net6(&r->prefix6), text_addr6(&r->gw6));
	}
}

void
six_write_tenant(const struct sl_config *config, unsigned int tenant, FILE *out)
{
	const struct sl_tenant *t = &config->tenant[tenant];

	for (unsigned int i = 0; i < t->n_addrs6; i++) {
		if (tenant != 0)
			fprintf(out, "tenant %s ", t->name);
		fprintf(out, "inside address %s\n", text_net6(&t->addr6[i]));
	}
	if (tenant == 0)
		for (unsigned int i = 0; i < config->n_outside6; i++)
			fprintf(out, "outside address %s\n", text_net6(&config->outside6[i]));
	write_routes(config, tenant, out);
}

void
six_write_neighbors(const struct sl_config *config, FILE *out)
{
	for (unsigned int i = 0; i < config->n_neighs; i++) {
		const struct sl_static_neigh *n = &config->neigh[i];

		if (n->six)
			fprintf(out, "neighbor %s %s %s\n", side_names[n->side],
				text_addr6(&n->addr6), text_mac(&n->mac));
	}
}

const struct statement cli_six_statements[] = {
	{ "inside address ADDRESS6/LEN", inside_address,
		"give the box an IPv6 address on the inside, for untagged subscribers", ST_CONFIG },
	{ "no inside address ADDRESS6/LEN", no_inside_address,
		"take an inside IPv6 address from the box", ST_CONFIG },
	{ "outside address ADDRESS6/LEN", outside_address,
		"give the box an IPv6 address on the outside", ST_CONFIG },
	{ "no outside address ADDRESS6/LEN", no_outside_address,
		"take an outside IPv6 address from the box", ST_CONFIG },
	{ "tenant TENANT inside address ADDRESS6/LEN", tenant_address,
		"give the box an IPv6 address in the network of a tenant", ST_CONFIG },
	{ "no tenant TENANT inside address ADDRESS6/LEN", no_tenant_address,
		"take an IPv6 address in the network of a tenant from the box", ST_CONFIG },
	{ "route PREFIX6 via ADDRESS6", route, "a static IPv6 route, given to the kernel",
		ST_CONFIG },
	{ "no route PREFIX6 [via ADDRESS6]", no_route, "remove a static IPv6 route", ST_CONFIG },
	{ "tenant TENANT route PREFIX6 via ADDRESS6", tenant_route,
		"a static IPv6 route to subscribers behind an inside router of a tenant",
		ST_CONFIG },
	{ "no tenant TENANT route PREFIX6 [via ADDRESS6]", no_tenant_route,
		"remove a static IPv6 route of a tenant", ST_CONFIG },
	{ "neighbor inside|outside ADDRESS6 MAC", neighbor,
		"a static IPv6 neighbour, given to the kernel", ST_CONFIG },
	{ "no neighbor inside|outside ADDRESS6", no_neighbor, "remove a static IPv6 neighbour",
		ST_CONFIG },
	{ NULL, NULL, NULL, ST_CONFIG },
};
