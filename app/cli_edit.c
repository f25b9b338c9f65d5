/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What statements have in common: the arrays that a configuration owns, and addresses
 * as text. Arrays come from malloc(3), as sl_config_destroy() expects, and are as long
 * as they are full: configurations change rarely, and a clone is made for each change.
 *
 * The text_*() functions write into a ring of static buffers, enough for the arguments
 * of one printf; only control prints.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "helpers.h"

int
array_add(void *array, unsigned int *n, size_t size, const void *element)
{
	void *old, *more;

	memcpy(&old, array, sizeof(old));
	more = realloc(old, (*n + 1) * size);
	if (more == NULL)
		return -ENOMEM;
	memcpy((char *)more + *n * size, element, size);
	memcpy(array, &more, sizeof(more));
	(*n)++;
	/* cppcheck-suppress memleak ; it is where array points now */
	return 0;
}

void
array_del(void *array, unsigned int *n, size_t size, unsigned int i)
{
	char *base;

	memcpy(&base, array, sizeof(base));
	memmove(base + i * size, base + (i + 1) * size, (*n - i - 1) * size);
	(*n)--;
}

struct sl_config *
config_new(const struct box *box)
{
	struct sl_config *config = sl_config_create();

	if (config != NULL)
		sl_helper_defaults(config, sl_helpers);
	for (int side = SL_INSIDE; config != NULL && side <= SL_OUTSIDE; side++) {
		config->link[side].mac = box->port[side].mac;
		config->link[side].mtu = box->port[side].mtu;
	}
	return config;
}

void
config_expire(struct sl_config *config, uint64_t now)
{
	for (unsigned int i = config->n_forwards; i-- > 0;)
		if (config->forward[i].expires != 0 && config->forward[i].expires <= now)
			array_del(
				&config->forward, &config->n_forwards, sizeof(*config->forward), i);
}

int
default_limits(struct sl_limits *limits)
{
	struct sl_config *defaults = sl_config_create();

	if (defaults == NULL)
		return -ENOMEM;
	*limits = defaults->tenant[0].limits;
	sl_config_destroy(defaults);
	return 0;
}

#define TEXT_SIZE 56 /* the longest is [IPv6 address]:65535 */

static char *
text_buffer(void)
{
	static char ring[16][TEXT_SIZE];
	static unsigned int next;

	return ring[next++ % RTE_DIM(ring)];
}

const char *
text_addr(rte_be32_t addr)
{
	return inet_ntop(AF_INET, &addr, text_buffer(), TEXT_SIZE);
}

const char *
text_net(const struct sl_ifaddr *net)
{
	char *buf = text_buffer();

	snprintf(buf, TEXT_SIZE, "%s/%u", text_addr(net->addr), net->plen);
	return buf;
}

const char *
text_endpoint(rte_be32_t addr, rte_be16_t port)
{
	char *buf = text_buffer();

	snprintf(buf, TEXT_SIZE, "%s:%u", text_addr(addr), ntohs(port));
	return buf;
}

const char *
text_addr6(const struct sl_ip6 *addr)
{
	return inet_ntop(AF_INET6, addr, text_buffer(), TEXT_SIZE);
}

const char *
text_net6(const struct sl_ifaddr6 *net)
{
	char *buf = text_buffer();

	snprintf(buf, TEXT_SIZE, "%s/%u", text_addr6(&net->addr), net->plen);
	return buf;
}

const char *
text_endpoint6(const struct sl_ip6 *addr, rte_be16_t port)
{
	char *buf = text_buffer();

	snprintf(buf, TEXT_SIZE, "[%s]:%u", text_addr6(addr), ntohs(port));
	return buf;
}

const char *
text_target(const struct sl_forward *forward)
{
	return forward->six ? text_endpoint6(&forward->in6, forward->in_port)
			    : text_endpoint(forward->in_addr, forward->in_port);
}

const char *
text_any(const struct addr *addr)
{
	return addr->six != 0 ? text_addr6(&addr->v6) : text_addr(addr->v4);
}

const char *
text_mac(const struct rte_ether_addr *mac)
{
	char *buf = text_buffer();
	const uint8_t *b = mac->addr_bytes;

	snprintf(buf, TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
		b[5]);
	return buf;
}

const char *
text_range(const struct sl_range4 *range)
{
	uint32_t first = ntohl(range->first), size = ntohl(range->last) - first + 1;
	struct sl_ifaddr net = { range->first, 32 };
	char *buf;

	if (size == 1)
		return text_addr(range->first);
	if ((size & (size - 1)) == 0 && (first & (size - 1)) == 0) {
		net.plen = 32 - __builtin_ctz(size);
		return text_net(&net);
	}
	buf = text_buffer();
	snprintf(buf, TEXT_SIZE, "%s-%s", text_addr(range->first), text_addr(range->last));
	return buf;
}
