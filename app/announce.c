/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Routes that tell a routing daemon of the pools: `announce pools`.
 *
 * While the box is healthy (health.c) the kernel of the outside has a route for each prefix of the
 * pools, on the outside TAP, with a protocol of its own (NETLINK_PROTO_ANNOUNCE, `ip route show
 * proto 201`), which FRR and BIRD redistribute; when it is not they are taken away, and the
 * network sends the pools' traffic elsewhere. They lie on the TAP, not on a blackhole, so that
 * they also end with the process, however it ends.
 *
 * They are for others only: the mirror passes them over (digest.c), so workers forward as ever.
 * What somebody else has deleted is back within a second.
 *
 * Ranges of pools need not be prefixes; each is cut into the fewest that make it up. Control only.
 * Limits: PREFIXES of all pools, those beyond are not announced, which is logged.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "announce.h"
#include "cli.h"
#include "kernel.h"
#include "log.h"

#define PREFIXES 1024

struct list {
	unsigned int n;
	bool over; /* there were more */
	struct sl_ifaddr net[PREFIXES];
};

struct announce {
	struct list now, next;
	bool over, refused; /* logged already */
};

int
announce_create(struct box *box)
{
	box->announce = calloc(1, sizeof(*box->announce));
	if (box->announce == NULL)
		SL_LOG(ERR, "no memory for the routes of the pools");
	return box->announce != NULL ? 0 : -ENOMEM;
}

void
announce_destroy(struct box *box)
{
	free(box->announce);
	box->announce = NULL;
}

int
announce_check(const struct box *box, const struct sl_config *config, char *why, size_t size)
{
	if (!config->announce.on || kernel_tap(box->kernel, SL_OUTSIDE) != NULL)
		return 0;
	snprintf(why, size,
		"announce pools: there is no kernel to tell, the box was started without "
		"exception TAPs");
	return -EINVAL;
}

/* The largest prefixes that make up a run of addresses, in host order. */
static void
add_range(struct list *list, uint64_t first, uint64_t last)
{
	while (first <= last) {
		uint8_t plen = 32;
		uint64_t size = 1;

		while (plen > 0 && (first & size) == 0 && first + 2 * size - 1 <= last) {
			size *= 2;
			plen--;
		}
		if (list->n == PREFIXES) {
			list->over = true;
			return;
		}
		list->net[list->n++] =
			(struct sl_ifaddr){ .addr = htonl((uint32_t)first), .plen = plen };
		first += size;
	}
}

static bool
holds(const struct list *list, const struct sl_ifaddr *net)
{
	for (unsigned int i = 0; i < list->n; i++)
		if (list->net[i].addr == net->addr && list->net[i].plen == net->plen)
			return true;
	return false;
}

static void
make_list(struct list *list, const struct box *box)
{
	const struct sl_config *c = box->config;

	list->n = 0;
	list->over = false;
	if (!c->announce.on || !box->health.up)
		return;
	for (unsigned int i = 0; i < c->n_pools; i++)
		for (unsigned int r = 0; c->pool[i].name[0] != '\0' && r < c->pool[i].n_ranges; r++)
			add_range(list, ntohl(c->pool[i].range[r].first),
				ntohl(c->pool[i].range[r].last));
}

static void
log_once(struct announce *a, const struct sl_ifaddr *net, const char *why)
{
	if (!a->refused)
		SL_LOG(ERR, "%s is not announced: the kernel refuses its route: %s", text_net(net),
			why);
	a->refused = true;
}

void
announce_tick(struct box *box)
{
	struct announce *a = box->announce;
	unsigned int before = a->now.n;
	struct list *list = &a->next;
	char why[128];

	make_list(list, box);
	if (list->over && !a->over)
		SL_LOG(WARNING,
			"the pools are more than %u prefixes: some are not announced; "
			"ranges that are whole prefixes need fewer",
			PREFIXES);
	a->over = list->over;
	for (unsigned int i = 0; i < a->now.n; i++)
		if (!holds(list, &a->now.net[i]))
			kernel_announce(box->kernel, &a->now.net[i], false, why, sizeof(why));
	for (unsigned int i = 0; i < list->n;) {
		int rc = kernel_announce(box->kernel, &list->net[i], true, why, sizeof(why));

		/* Ours is there already, or somebody else's that leads the same way. */
		if (rc == 0 || rc == -EEXIST) {
			i++;
			continue;
		}
		log_once(a, &list->net[i], why);
		list->net[i] = list->net[--list->n];
	}
	a->now = *list;
	if (before > 0 && list->n == 0)
		SL_LOG(NOTICE, "the pools are not announced any more");
	else if (before == 0 && list->n > 0)
		SL_LOG(NOTICE, "the pools are announced: %u prefixes", list->n);
}

unsigned int
announce_walk(const struct box *box, void (*fn)(void *arg, const struct sl_ifaddr *net), void *arg)
{
	const struct list *list = &box->announce->now;

	for (unsigned int i = 0; fn != NULL && i < list->n; i++)
		fn(arg, &list->net[i]);
	return list->n;
}
