/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The imprint: what the configuration puts into the kernel, and takes away again.
 *
 * A configuration is turned into a sorted array of items (addresses, static routes, static
 * neighbours). Going from one array to the next adds what is new and deletes what is gone,
 * and touches nothing that others have put there. New addresses come before old ones go,
 * because with its last address an interface loses all its routes, silently; a route whose
 * gateway changes is replaced in one step, so that no packet meets the gap.
 *
 * Without a kernel (option off) the same items go into the mirror's tables directly.
 *
 * One imprint for each tenant with a TAP. Control lcore only. Limits: without a kernel tenant 0
 * only; a network of the box holds a gateway or the route is refused. The items vanish with
 * their TAP, so there is no undo at the end.
 */
#include <errno.h>
#include <stdlib.h>

#include <linux/neighbour.h>

#include "clock.h"
#include "imprint.h"
#include "items.h"

struct imprint {
	struct imprint_parts parts;
	struct items now;
};

struct imprint *
imprint_create(const struct imprint_parts *parts)
{
	struct imprint *imprint = calloc(1, sizeof(*imprint));

	if (imprint != NULL)
		imprint->parts = *parts;
	return imprint;
}

void
imprint_destroy(struct imprint *imprint)
{
	if (imprint == NULL)
		return;
	free(imprint->now.item);
	free(imprint);
}

/* Without a kernel: an address is its connected route. */
static int
put_direct(struct imprint *im, const struct item *item, bool add)
{
	struct kernel_route route = {
		.prefix = addr_net(item->addr, item->plen),
		.plen = (uint8_t)item->plen,
		.side = (enum sl_side)item->side,
		.gw = item->gw,
	};
	struct kernel_neigh neigh = {
		.side = (enum sl_side)item->side,
		.addr = item->addr,
		.mac = item->mac,
		.resolved = true,
	};
	uint32_t metric = item->kind == ITEM_ROUTE ? NETLINK_METRIC : 0;

	if (item->kind == ITEM_NEIGH && add)
		neigh_set(im->parts.neighs, &neigh, NUD_PERMANENT, clock_now());
	else if (item->kind == ITEM_NEIGH)
		neigh_del(im->parts.neighs, 0, neigh.side, &neigh.addr);
	else if (add)
		rib_add(im->parts.rib, &route, metric, RIB_REPLACE);
	else
		rib_del(im->parts.rib, &route, metric, false);
	return 0;
}

/* Add or delete one item; what is already so is fine for an item that was ours before. */
static int
put(struct imprint *im, const struct item *item, bool add, bool again)
{
	const struct tap *tap = &im->parts.tap[item->side];
	struct netlink *nl = im->parts.netlink;
	int rc;

	if (nl == NULL)
		return put_direct(im, item, add);
	if (tap->gone)
		return 0;
	if (item->kind == ITEM_ADDR)
		rc = netlink_addr(nl, add ? RTM_NEWADDR : RTM_DELADDR, tap->ifindex, &item->addr,
			(uint8_t)item->plen);
	else if (item->kind == ITEM_ROUTE)
		rc = netlink_route(nl, add ? RTM_NEWROUTE : RTM_DELROUTE, tap->ifindex, &item->addr,
			(uint8_t)item->plen, &item->gw, again);
	else
		rc = netlink_neigh(nl, add ? RTM_NEWNEIGH : RTM_DELNEIGH, tap->ifindex, &item->addr,
			&item->mac);
	if (!add || (again && rc == -EEXIST))
		return 0; /* gone is gone, whoever did it */
	return rc;
}

/* Delete what the other list does not name; true if there was any. */
static bool
del_items(struct imprint *im, const struct items *from, const struct items *to, bool addrs)
{
	bool any = false;

	for (unsigned int i = 0; i < from->n; i++) {
		const struct item *item = &from->item[i];

		if ((item->kind == ITEM_ADDR) != addrs || items_find(to, item) != NULL)
			continue;
		put(im, item, false, false);
		any = true;
	}
	return any;
}

/* How to take a refusal, and where to say so. */
struct mode {
	bool must; /* go on whatever happens */
	char *why;
	size_t size;
};

static void
refuse(const struct imprint *im, const struct item *item, int rc, const struct mode *mode)
{
	const char *reason = netlink_why(im->parts.netlink);

	if (rc == -EEXIST && item->kind == ITEM_ROUTE)
		items_explain(item, mode->why, mode->size,
			"somebody else has made a route for it with metric %u", NETLINK_METRIC);
	else
		items_explain(item, mode->why, mode->size, "%s", reason);
}

/* Add what is new in a list, or all of it once more. */
static int
add_items(struct imprint *im, const struct items *from, const struct items *to, bool addrs,
	bool all, const struct mode *mode)
{
	for (unsigned int i = 0; i < to->n; i++) {
		const struct item *item = &to->item[i];
		int rc;

		if ((item->kind == ITEM_ADDR) != addrs || (!all && items_hold(from, item)))
			continue;
		rc = put(im, item, true, mode->must || items_find(from, item) != NULL);
		if (rc < 0 && !mode->must) {
			refuse(im, item, rc, mode);
			return rc;
		}
	}
	return 0;
}

/* Go from one list to the other; stops at the first refusal unless it must go on. */
static int
change(struct imprint *im, const struct items *from, const struct items *to,
	const struct mode *mode)
{
	bool lost = mode->must;
	int rc;

	del_items(im, from, to, false);
	rc = add_items(im, from, to, true, lost, mode);
	if (rc == 0 && del_items(im, from, to, true)) {
		/* Other addresses of that network and routes may have gone with it. */
		lost = true;
		rc = add_items(im, to, to, true, true, mode);
	}
	if (rc == 0)
		rc = add_items(im, from, to, false, lost, mode);
	return rc;
}

int
imprint_apply(struct imprint *im, const struct sl_config *config, char *why, size_t size)
{
	const struct mode forward = { .why = why, .size = size }, back = { .must = true };
	struct items next;
	int rc = items_make(&next, config, im->parts.tenant, why, size);

	if (rc < 0)
		return rc;
	rc = change(im, &im->now, &next, &forward);
	rib_flush(im->parts.rib);
	if (rc < 0) {
		change(im, &next, &im->now, &back);
		free(next.item);
		return rc;
	}
	free(im->now.item);
	im->now = next;
	return 0;
}

void
imprint_restore(struct imprint *im)
{
	const struct mode back = { .must = true };

	change(im, &im->now, &im->now, &back);
	rib_flush(im->parts.rib);
}
