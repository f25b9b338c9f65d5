/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a configuration wants of the kernel for one tenant, as a sorted array: addresses,
 * static routes, static neighbours. imprint.c compares two of these arrays.
 *
 * Items are sorted by name (what the kernel tells them apart by) with addresses first, so
 * that gateways are found by looking at the beginning and a name by bisection. Made anew for
 * each configuration, never changed. Control lcore only. Limits: static neighbours are
 * tenant 0's; a network of the box holds a gateway, or its route is refused.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "items.h"

static const char *const side_names[] = { "inside", "outside" };

/* Routes are one table for both sides, so their side is no part of what they are called. */
static int
compare_name(const struct item *a, const struct item *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->addr.six != b->addr.six)
		return a->addr.six < b->addr.six ? -1 : 1;
	if (!addr_same(&a->addr, &b->addr))
		return memcmp(&a->addr.v6, &b->addr.v6, sizeof(a->addr.v6));
	if (a->plen != b->plen)
		return a->plen < b->plen ? -1 : 1;
	if (a->kind != ITEM_ROUTE && a->side != b->side)
		return a->side < b->side ? -1 : 1;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return compare_name(a, b);
}

const struct item *
items_find(const struct items *list, const struct item *name)
{
	if (list->n == 0)
		return NULL;
	return bsearch(name, list->item, list->n, sizeof(*name), compare);
}

bool
items_hold(const struct items *list, const struct item *item)
{
	const struct item *found = items_find(list, item);

	/* Kind, address and length are the name. */
	return found != NULL && found->side == item->side && addr_same(&found->gw, &item->gw) &&
	       rte_is_same_ether_addr(&found->mac, &item->mac);
}

int
items_explain(const struct item *item, char *why, size_t size, const char *format, ...)
{
	char addr[INET6_ADDRSTRLEN], gw[INET6_ADDRSTRLEN];
	int family = item->addr.six != 0 ? AF_INET6 : AF_INET;
	va_list ap;
	int n = 0;

	inet_ntop(family, &item->addr, addr, sizeof(addr));
	inet_ntop(family, &item->gw, gw, sizeof(gw));
	if (item->kind == ITEM_ADDR)
		n = snprintf(
			why, size, "%s address %s/%u: ", side_names[item->side], addr, item->plen);
	else if (item->kind == ITEM_ROUTE)
		n = snprintf(why, size, "route %s/%u via %s: ", addr, item->plen, gw);
	else
		n = snprintf(why, size, "%s neighbour %s: ", side_names[item->side], addr);
	if (n < 0 || (size_t)n >= size)
		return -EINVAL;
	va_start(ap, format);
	vsnprintf(why + n, size - (size_t)n, format, ap);
	va_end(ap);
	return -EINVAL;
}

static bool
holds(const struct item *net, const struct addr *addr)
{
	struct addr a = addr_net(net->addr, net->plen), b = addr_net(*addr, net->plen);

	return addr_same(&a, &b);
}

/* The side whose network holds the gateway of a route; the longest prefix wins. */
static int
find_gateway(const struct items *list, struct item *route, char *why, size_t size)
{
	const struct item *best = NULL;

	for (unsigned int i = 0; i < list->n && list->item[i].kind == ITEM_ADDR; i++) {
		const struct item *a = &list->item[i];

		if (addr_same(&a->addr, &route->gw))
			return items_explain(
				route, why, size, "the gateway is an address of the box itself");
		if (holds(a, &route->gw) && a->plen < addr_bits(&a->addr) &&
			(best == NULL || a->plen > best->plen))
			best = a;
	}
	if (best == NULL)
		return items_explain(route, why, size,
			"no inside or outside address whose network holds the gateway");
	route->side = best->side;
	return 0;
}

static void
add_addrs(struct items *list, enum sl_side side, const struct sl_ifaddr *addr, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct item *item = &list->item[list->n++];

		item->kind = ITEM_ADDR;
		item->side = side;
		item->addr = addr_of4(addr[i].addr);
		item->plen = addr[i].plen;
	}
}

static void
add_addrs6(struct items *list, enum sl_side side, const struct sl_ifaddr6 *addr, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct item *item = &list->item[list->n++];

		item->kind = ITEM_ADDR;
		item->side = side;
		item->addr = addr_of6(&addr[i].addr);
		item->plen = addr[i].plen;
	}
}

static void
add_routes(struct items *list, const struct sl_config *config, unsigned int tenant)
{
	for (unsigned int i = 0; i < config->n_routes; i++) {
		const struct sl_static_route *r = &config->route[i];
		struct item *item = &list->item[list->n];

		if (r->tenant != tenant)
			continue;
		list->n++;
		item->kind = ITEM_ROUTE;
		item->plen = r->six ? r->prefix6.plen : r->prefix.plen;
		item->addr = addr_net(
			r->six ? addr_of6(&r->prefix6.addr) : addr_of4(r->prefix.addr), item->plen);
		item->gw = r->six ? addr_of6(&r->gw6) : addr_of4(r->gw);
	}
}

static void
add_neighs(struct items *list, const struct sl_config *config)
{
	for (unsigned int i = 0; i < config->n_neighs; i++) {
		const struct sl_static_neigh *n = &config->neigh[i];
		struct item *item = &list->item[list->n++];

		item->kind = ITEM_NEIGH;
		item->side = n->side;
		item->addr = n->six ? addr_of6(&n->addr6) : addr_of4(n->addr);
		item->mac = n->mac;
	}
}

/* All wishes of a tenant, unsorted; 0 or -ENOMEM. */
static int
collect(struct items *list, const struct sl_config *config, unsigned int tenant)
{
	const struct sl_tenant *t = &config->tenant[tenant];
	size_t n = (size_t)t->n_addrs + t->n_addrs6 + config->n_outside + config->n_outside6 +
		   config->n_routes + config->n_neighs;

	list->n = 0;
	list->item = calloc(n + 1, sizeof(*list->item));
	if (list->item == NULL)
		return -ENOMEM;
	add_addrs(list, SL_INSIDE, t->addr, t->n_addrs);
	add_addrs6(list, SL_INSIDE, t->addr6, t->n_addrs6);
	add_routes(list, config, tenant);
	if (tenant == 0) {
		add_addrs6(list, SL_OUTSIDE, config->outside6, config->n_outside6);
		add_addrs(list, SL_OUTSIDE, config->outside, config->n_outside);
		add_neighs(list, config);
	}
	return 0;
}

int
items_make(struct items *list, const struct sl_config *config, unsigned int tenant, char *why,
	size_t size)
{
	int rc = 0;

	if (collect(list, config, tenant) < 0) {
		snprintf(why, size, "no memory for addresses, routes and neighbours");
		return -ENOMEM;
	}
	qsort(list->item, list->n, sizeof(*list->item), compare);
	for (unsigned int i = 0; i < list->n && rc == 0; i++) {
		if (i > 0 && compare_name(&list->item[i - 1], &list->item[i]) == 0)
			rc = items_explain(
				&list->item[i], why, size, "there is another one for the same");
		else if (list->item[i].kind == ITEM_ROUTE)
			rc = find_gateway(list, &list->item[i], why, size);
	}
	if (rc < 0) {
		free(list->item);
		*list = (struct items){ 0 };
	}
	return rc;
}
