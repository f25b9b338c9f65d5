/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Arguments that are IPv4 addresses, prefixes, ranges, endpoints.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "types.h"

static bool
read_addr(const char *word, rte_be32_t *addr)
{
	return inet_pton(AF_INET, word, addr) == 1;
}

/* Can a host have this address? */
static bool
is_unicast(rte_be32_t addr)
{
	uint32_t a = ntohl(addr);

	return a >> 24 != 0 && a >> 24 != 127 && a < 0xe0000000;
}

/* A or A/LEN. */
static bool
read_net(const char *word, struct sl_ifaddr *net, bool *has_len)
{
	const char *slash = strchr(word, '/');
	char addr[INET_ADDRSTRLEN];
	uint32_t len = 32;

	*has_len = slash != NULL;
	if (!cut_word(addr, sizeof(addr), word,
		    slash != NULL ? (size_t)(slash - word) : strlen(word)))
		return false;
	if (slash != NULL && !read_decimal(slash + 1, 0, 32, &len))
		return false;
	net->plen = len;
	return read_addr(addr, &net->addr);
}

static uint32_t
mask_of(uint8_t plen)
{
	return plen == 0 ? 0 : UINT32_MAX << (32 - plen);
}

bool
parse_address(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	RTE_SET_USED(type);
	RTE_SET_USED(config);
	if (!read_addr(word, &arg->u))
		return false;
	if (!is_unicast(arg->u))
		snprintf(why, size, "no host can have this address");
	return is_unicast(arg->u);
}

bool
parse_ifaddr(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	bool has_len;
	uint32_t host;

	RTE_SET_USED(type);
	RTE_SET_USED(config);
	if (!read_net(word, &arg->net, &has_len) || !has_len)
		return false;
	host = ntohl(arg->net.addr) & ~mask_of(arg->net.plen);
	if (!is_unicast(arg->net.addr)) {
		snprintf(why, size, "no host can have this address");
		return false;
	}
	if (arg->net.plen < 31 && (host == 0 || host == ~mask_of(arg->net.plen))) {
		snprintf(why, size, "this is the %s address of its prefix, not one of a host",
			host == 0 ? "network" : "broadcast");
		return false;
	}
	return true;
}

bool
parse_prefix(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	char text[INET_ADDRSTRLEN];
	rte_be32_t net;
	bool has_len;

	RTE_SET_USED(type);
	RTE_SET_USED(config);
	if (!read_net(word, &arg->net, &has_len))
		return false;
	net = arg->net.addr & htonl(mask_of(arg->net.plen));
	if (net != arg->net.addr) {
		inet_ntop(AF_INET, &net, text, sizeof(text));
		snprintf(why, size, "host bits are set, the network is %s/%u", text, arg->net.plen);
		return false;
	}
	return true;
}

/* A, A/LEN or A-B. */
bool
parse_range(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	const char *dash = strchr(word, '-');
	char first[INET_ADDRSTRLEN];

	if (dash == NULL) {
		if (!parse_prefix(type, config, word, arg, why, size))
			return false;
		arg->u = arg->net.addr;
		arg->max = arg->u | htonl(~mask_of(arg->net.plen));
	} else if (!cut_word(first, sizeof(first), word, dash - word) ||
		   !read_addr(first, &arg->u) || !read_addr(dash + 1, &arg->max)) {
		return false;
	}
	if (ntohl(arg->u) > ntohl(arg->max)) {
		snprintf(why, size, "the first address is above the last one");
		return false;
	}
	if (!is_unicast(arg->u) || !is_unicast(arg->max)) {
		snprintf(why, size, "no host can have these addresses");
		return false;
	}
	return true;
}

/* A:PORT */
bool
parse_endpoint(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	const char *colon = strchr(word, ':');
	char addr[INET_ADDRSTRLEN];
	uint32_t port;

	if (colon == NULL || !cut_word(addr, sizeof(addr), word, colon - word) ||
		!read_decimal(colon + 1, 1, UINT16_MAX, &port))
		return false;
	arg->port = htons(port);
	return parse_address(type, config, addr, arg, why, size);
}

/* A, A:PORT, A/LEN or A/LEN:PORT for filters. */
bool
parse_where(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	const char *colon = strchr(word, ':');
	char net[INET_ADDRSTRLEN + 3];
	uint32_t port = 0;

	if (colon != NULL && !read_decimal(colon + 1, 1, UINT16_MAX, &port))
		return false;
	if (!cut_word(
		    net, sizeof(net), word, colon != NULL ? (size_t)(colon - word) : strlen(word)))
		return false;
	arg->port = htons(port);
	return parse_prefix(type, config, net, arg, why, size);
}

/* A or A:PORT, may be on the box itself. */
bool
parse_collector(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	const char *colon = strchr(word, ':');
	char addr[INET_ADDRSTRLEN];
	uint32_t port = 0;

	RTE_SET_USED(type);
	RTE_SET_USED(config);
	if (!cut_word(addr, sizeof(addr), word,
		    colon != NULL ? (size_t)(colon - word) : strlen(word)) ||
		!read_addr(addr, &arg->u) ||
		(colon != NULL && !read_decimal(colon + 1, 1, UINT16_MAX, &port)))
		return false;
	arg->port = htons(port);
	if (!is_unicast(arg->u) && ntohl(arg->u) >> 24 != 127) {
		snprintf(why, size, "no collector can have this address");
		return false;
	}
	return true;
}
