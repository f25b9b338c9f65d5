/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements about the two sides: addresses, MTU, static routes and neighbours, the
 * services of the box itself.
 *
 * Giving again what is there already is no mistake and changes nothing, so that a script
 * may run twice. Taking away what is not there is one, since it is most often a slip of
 * the pen. The same rule holds for all statements that add and remove.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "cli.h"

static int
add_address(struct call *call, struct sl_ifaddr **array, unsigned int *n, const struct arg *arg)
{
	for (unsigned int i = 0; i < *n; i++) {
		if ((*array)[i].addr != arg->net.addr)
			continue;
		if ((*array)[i].plen == arg->net.plen)
			return 0;
		return call_fail(call, -EEXIST, "'%s': the address is there as %s", arg->word,
			text_net(&(*array)[i]));
	}
	return array_add(array, n, sizeof(**array), &arg->net);
}

static int
del_address(
	struct call *call, struct sl_ifaddr *const *array, unsigned int *n, const struct arg *arg)
{
	for (unsigned int i = 0; i < *n; i++)
		if ((*array)[i].addr == arg->net.addr && (*array)[i].plen == arg->net.plen) {
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

	return add_address(call, &tenant->addr, &tenant->n_addrs, &arg[0]);
}

static int
no_inside_address(struct call *call, const struct arg *arg)
{
	struct sl_tenant *tenant = &call->config->tenant[0];

	return del_address(call, &tenant->addr, &tenant->n_addrs, &arg[0]);
}

static int
tenant_address(struct call *call, const struct arg *arg)
{
	struct sl_tenant *tenant = &call->config->tenant[arg[0].u];

	return add_address(call, &tenant->addr, &tenant->n_addrs, &arg[1]);
}

static int
no_tenant_address(struct call *call, const struct arg *arg)
{
	struct sl_tenant *tenant = &call->config->tenant[arg[0].u];

	return del_address(call, &tenant->addr, &tenant->n_addrs, &arg[1]);
}

static int
outside_address(struct call *call, const struct arg *arg)
{
	return add_address(call, &call->config->outside, &call->config->n_outside, &arg[0]);
}

static int
no_outside_address(struct call *call, const struct arg *arg)
{
	return del_address(call, &call->config->outside, &call->config->n_outside, &arg[0]);
}

static int
link_mtu(struct call *call, const struct arg *arg)
{
	const struct port *port = &call->box->port[arg[0].u];

	if (port->mtu != 0 && arg[1].u > port->mtu)
		return call_fail(call, -EINVAL,
			"'%s': the port was started with an MTU of %u, which is the most; "
			"--inside-mtu and "
			"--outside-mtu choose it",
			arg[1].word, port->mtu);
	call->config->link[arg[0].u].mtu = arg[1].u;
	return 0;
}

/* arg: 0 prefix, 1 gateway */
static int
add_route(struct call *call, unsigned int tenant, const struct arg *arg)
{
	struct sl_config *config = call->config;
	struct sl_static_route new = { .prefix = arg[0].net, .gw = arg[1].u, .tenant = tenant };

	for (unsigned int i = 0; i < config->n_routes; i++) {
		const struct sl_static_route *old = &config->route[i];

		if (old->six || old->tenant != tenant || old->prefix.addr != new.prefix.addr ||
			old->prefix.plen != new.prefix.plen)
			continue;
		if (old->gw == new.gw)
			return 0;
		return call_fail(call, -EEXIST,
			"'%s': goes via %s already; 'no route' takes that back", arg[0].word,
			text_addr(old->gw));
	}
	return array_add(&config->route, &config->n_routes, sizeof(new), &new);
}

static int
del_route(struct call *call, unsigned int tenant, const struct arg *arg)
{
	struct sl_config *config = call->config;

	for (unsigned int i = 0; i < config->n_routes; i++) {
		const struct sl_static_route *old = &config->route[i];

		if (old->six || old->tenant != tenant || old->prefix.addr != arg[0].net.addr ||
			old->prefix.plen != arg[0].net.plen || (arg[1].set && old->gw != arg[1].u))
			continue;
		array_del(&config->route, &config->n_routes, sizeof(*old), i);
		return 0;
	}
	return call_fail(call, -ENOENT,
		"'%s': no such static route; 'show configuration' has those there are",
		arg[0].word);
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

static int
find_neighbor(const struct sl_config *config, const struct arg *arg)
{
	for (unsigned int i = 0; i < config->n_neighs; i++)
		if (!config->neigh[i].six && config->neigh[i].side == arg[0].u &&
			config->neigh[i].addr == arg[1].u)
			return i;
	return -1;
}

static int
neighbor(struct call *call, const struct arg *arg)
{
	struct sl_static_neigh new = { .side = arg[0].u, .addr = arg[1].u, .mac = arg[2].mac };
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
	array_del(&call->config->neigh, &call->config->n_neighs, sizeof(*call->config->neigh), i);
	return 0;
}

/* "service any" has no arguments, "service tcp PORT" two: arg[0] is 0 for tcp, 1 for udp. */
static struct sl_service
service_of(const struct arg *arg)
{
	struct sl_service service = { 0, 0 };

	if (arg[0].set) {
		service.proto = arg[0].u == 0 ? IPPROTO_TCP : IPPROTO_UDP;
		service.port = htons(arg[1].u);
	}
	return service;
}

static int
find_service(const struct sl_config *config, struct sl_service service)
{
	for (unsigned int i = 0; i < config->n_services; i++)
		if (config->service[i].proto == service.proto &&
			config->service[i].port == service.port)
			return i;
	return -1;
}

static int
service(struct call *call, const struct arg *arg)
{
	struct sl_service new = service_of(arg);

	if (find_service(call->config, new) >= 0)
		return 0;
	return array_add(&call->config->service, &call->config->n_services, sizeof(new), &new);
}

static int
no_service(struct call *call, const struct arg *arg)
{
	int i = find_service(call->config, service_of(arg));

	if (i < 0)
		return call_fail(call, -ENOENT,
			"'%s': no such service; 'show configuration' has those there are",
			arg[1].set ? arg[1].word : "any");
	array_del(&call->config->service, &call->config->n_services, sizeof(*call->config->service),
		i);
	return 0;
}

const struct statement cli_config_statements[] = {
	{ "inside address ADDRESS/LEN", inside_address,
		"give the box an address on the inside, for untagged subscribers", ST_CONFIG },
	{ "no inside address ADDRESS/LEN", no_inside_address, "take an inside address from the box",
		ST_CONFIG },
	{ "outside address ADDRESS/LEN", outside_address, "give the box an address on the outside",
		ST_CONFIG },
	{ "no outside address ADDRESS/LEN", no_outside_address,
		"take an outside address from the box", ST_CONFIG },
	{ "inside|outside mtu MTU", link_mtu, "the largest IP packet that leaves on a side",
		ST_CONFIG },
	{ "tenant TENANT inside address ADDRESS/LEN", tenant_address,
		"give the box an address in the network of a tenant", ST_CONFIG },
	{ "no tenant TENANT inside address ADDRESS/LEN", no_tenant_address,
		"take an address in the network of a tenant from the box", ST_CONFIG },
	{ "route PREFIX via ADDRESS", route, "a static route, given to the kernel", ST_CONFIG },
	{ "no route PREFIX [via ADDRESS]", no_route, "remove a static route", ST_CONFIG },
	{ "tenant TENANT route PREFIX via ADDRESS", tenant_route,
		"a static route to subscribers behind an inside router of a tenant", ST_CONFIG },
	{ "no tenant TENANT route PREFIX [via ADDRESS]", no_tenant_route,
		"remove a static route of a tenant", ST_CONFIG },
	{ "neighbor inside|outside ADDRESS MAC", neighbor,
		"a static neighbour, given to the kernel", ST_CONFIG },
	{ "no neighbor inside|outside ADDRESS", no_neighbor, "remove a static neighbour",
		ST_CONFIG },
	{ "service tcp|udp PORT", service, "a port of the box itself that the outside may reach",
		ST_CONFIG },
	{ "service any", service, "the outside may reach every port of the box itself", ST_CONFIG },
	{ "no service tcp|udp PORT", no_service, "close a port of the box itself to the outside",
		ST_CONFIG },
	{ "no service any", no_service, "only listed services may be reached", ST_CONFIG },
	{ NULL, NULL, NULL, ST_CONFIG },
};
