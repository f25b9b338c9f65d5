/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The kinds of argument that are IPv6; types.c has their rows, and the rest. With a port an
 * address stands in brackets (RFC 3986 section 3.2.2), since else nobody knows where it ends.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "cli.h"
#include "types.h"

/* The word from..end as an address; false when it is none. */
static bool
read_addr6(const char *from, const char *end, struct sl_ip6 *addr)
{
	char buf[INET6_ADDRSTRLEN];
	size_t n = (size_t)(end - from);

	if (n >= sizeof(buf))
		return false;
	memcpy(buf, from, n);
	buf[n] = '\0';
	return inet_pton(AF_INET6, buf, addr) == 1;
}

/* A or A/LEN between from and end. */
static bool
read_net6(const char *from, const char *end, struct sl_ifaddr6 *net, bool *has_len)
{
	const char *slash = memchr(from, '/', (size_t)(end - from));
	char len[8];
	uint32_t plen = 128;

	*has_len = slash != NULL;
	if (!read_addr6(from, slash != NULL ? slash : end, &net->addr))
		return false;
	if (slash != NULL) {
		snprintf(len, sizeof(len), "%.*s", (int)(end - slash - 1), slash + 1);
		if (!read_decimal(len, 0, 128, &plen))
			return false;
	}
	net->plen = (uint8_t)plen;
	return true;
}

/* Can a host have this address? A link-local one is for those who can say on which link. */
static bool
is_unicast6(const struct sl_ip6 *addr, bool link, char *why, size_t size)
{
	struct addr a = addr_of6(addr), rest = addr_net(a, 96);
	static const struct sl_ip6 mapped = { { [10] = 0xff, [11] = 0xff } };

	if (!addr_none(&rest) && memcmp(&rest.v6, &mapped, sizeof(mapped)) != 0 &&
		addr->b[0] != 0xff && (link || !addr_is_link(&a)))
		return true;
	snprintf(why, size, "no host can have this address");
	return false;
}

bool
parse_address6(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	RTE_SET_USED(type);
	RTE_SET_USED(config);
	arg->six = true;
	arg->net6.plen = 128;
	return read_addr6(word, word + strlen(word), &arg->net6.addr) &&
	       is_unicast6(&arg->net6.addr, true, why, size);
}

bool
parse_ifaddr6(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	bool has_len;

	RTE_SET_USED(type);
	RTE_SET_USED(config);
	arg->six = true;
	if (!read_net6(word, word + strlen(word), &arg->net6, &has_len) || !has_len)
		return false;
	if (arg->net6.plen == 0) {
		snprintf(why, size, "a network of all addresses is none");
		return false;
	}
	return is_unicast6(&arg->net6.addr, true, why, size);
}

static bool
has_host_bits(const struct sl_ifaddr6 *n, char *why, size_t size)
{
	struct addr a = addr_of6(&n->addr), net = addr_net(a, n->plen);
	struct sl_ifaddr6 right = { net.v6, n->plen };

	if (addr_same(&a, &net))
		return false;
	snprintf(why, size, "host bits are set, the network is %s", text_net6(&right));
	return true;
}

bool
parse_prefix6(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	bool has_len;

	RTE_SET_USED(type);
	RTE_SET_USED(config);
	arg->six = true;
	return read_net6(word, word + strlen(word), &arg->net6, &has_len) &&
	       !has_host_bits(&arg->net6, why, size);
}

bool
parse_nat64_prefix(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	uint8_t plen;

	if (!parse_prefix6(type, config, word, arg, why, size))
		return false;
	plen = arg->net6.plen;
	if (plen != 96 && (plen < 32 || plen > 64 || plen % 8 != 0)) {
		snprintf(why, size, "a NAT64 prefix has 32, 40, 48, 56, 64 or 96 bits (RFC 6052)");
		return false;
	}
	if (plen == 96 && arg->net6.addr.b[8] != 0) {
		snprintf(why, size, "bits 64 to 71 of a NAT64 prefix are 0 (RFC 6052)");
		return false;
	}
	return true;
}

/* [A]:PORT */
bool
parse_endpoint6(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	const char *end = strchr(word, ']');
	uint32_t port;

	RTE_SET_USED(type);
	RTE_SET_USED(config);
	arg->six = true;
	arg->net6.plen = 128;
	if (word[0] != '[' || end == NULL || end[1] != ':' ||
		!read_addr6(word + 1, end, &arg->net6.addr) ||
		!read_decimal(end + 2, 1, UINT16_MAX, &port))
		return false;
	arg->port = htons((uint16_t)port);
	return is_unicast6(&arg->net6.addr, false, why, size);
}

/* What WHERE is, or A, A/LEN, [A]:PORT, [A/LEN]:PORT of IPv6. */
bool
parse_inside(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	const char *from = word, *end = word + strlen(word);
	uint32_t port = 0;
	bool has_len;

	if (word[0] != '[' && strchr(word, ':') == strrchr(word, ':'))
		return parse_where(type, config, word, arg, why, size);
	arg->six = true;
	if (word[0] == '[') {
		from = word + 1;
		end = strchr(word, ']');
		if (end == NULL ||
			(end[1] != '\0' &&
				(end[1] != ':' || !read_decimal(end + 2, 1, UINT16_MAX, &port))))
			return false;
	}
	arg->port = htons((uint16_t)port);
	return read_net6(from, end, &arg->net6, &has_len) && !has_host_bits(&arg->net6, why, size);
}

/* One address of either family, any there is, and perhaps a port: as packets may have them. */
bool
parse_host(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	if (strchr(word, '/') != NULL || !parse_inside(type, config, word, arg, why, size))
		return false;
	return true;
}

/* The same without a port. */
bool
parse_network(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	return parse_inside(type, config, word, arg, why, size) && arg->port == 0 && word[0] != '[';
}

/* One subscriber: a host of IPv4, a host or network of IPv6. */
bool
parse_subscriber(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	return parse_network(type, config, word, arg, why, size) &&
	       (arg->six || (arg->net.plen == 32 && strchr(word, '/') == NULL));
}

/* A:PORT or [A]:PORT of the box itself: also any address, and the loopback. */
bool
parse_listen(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	const char *end = strchr(word, word[0] == '[' ? ']' : ':');
	char addr[INET_ADDRSTRLEN];
	uint32_t port;
	bool group;

	RTE_SET_USED(type);
	RTE_SET_USED(config);
	arg->six = word[0] == '[';
	if (end == NULL || (arg->six && end[1] != ':') ||
		!read_decimal(end + 1 + arg->six, 1, UINT16_MAX, &port))
		return false;
	arg->port = htons((uint16_t)port);
	if (arg->six) {
		if (!read_addr6(word + 1, end, &arg->net6.addr))
			return false;
		group = arg->net6.addr.b[0] == 0xff;
	} else {
		snprintf(addr, sizeof(addr), "%.*s", (int)(end - word), word);
		if ((size_t)(end - word) >= sizeof(addr) || inet_pton(AF_INET, addr, &arg->u) != 1)
			return false;
		group = ntohl(arg->u) >= 0xe0000000;
	}
	if (group)
		snprintf(why, size, "nobody connects to such an address");
	return !group;
}
