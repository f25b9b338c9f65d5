/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The kinds of argument that statements have: addresses, prefixes, numbers with their
 * ranges, names of things that exist. Each is one row at the foot of this file, with
 * the words that follow "expected" in a message. A parser may say something better
 * than the row, as "no such pool" or "host bits are set, the network is 10.0.0.0/8".
 *
 * Addresses are written in full dotted form only: 10.1 is refused, because programs
 * disagree on what it means.
 */

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "types.h"
#include "when.h"
#include "words.h"

const char *const timeout_names[] = { "udp", "tcp-established", "tcp-opening", "tcp-closing",
	"tcp-syn-in", "icmp", "other", "fragment", "port-rest", NULL };
_Static_assert(sizeof(timeout_names) / sizeof(char *) == SL_TIMEOUT_COUNT + 1, "a name each");

const char *const filter_names[] = { "endpoint-independent", "address-dependent",
	"address-and-port-dependent", NULL };

const char *const punt_names[] = { "arp", "nd", "local", "multicast", "helper", NULL };
_Static_assert(sizeof(punt_names) / sizeof(char *) == SL_PUNT_COUNT + 1, "a name each");

static bool
parse_number(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	RTE_SET_USED(config);
	RTE_SET_USED(why);
	RTE_SET_USED(size);
	return read_decimal(word, type->min, type->max, &arg->u);
}

static bool
parse_block_size(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	if (!parse_number(type, config, word, arg, why, size))
		return false;
	if ((arg->u & (arg->u - 1)) != 0)
		snprintf(why, size, "not a power of two; %u is, and %u",
			1U << (31 - __builtin_clz(arg->u)), 2U << (31 - __builtin_clz(arg->u)));
	return (arg->u & (arg->u - 1)) == 0;
}

static bool
parse_time(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	RTE_SET_USED(type);
	RTE_SET_USED(config);
	RTE_SET_USED(why);
	RTE_SET_USED(size);
	return when_read(word, &arg->u);
}

/* MIN-MAX */
static bool
parse_ports(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	const char *dash = strchr(word, '-');
	char first[8];

	RTE_SET_USED(config);
	if (dash == NULL || !cut_word(first, sizeof(first), word, dash - word) ||
		!read_decimal(first, type->min, type->max, &arg->u) ||
		!read_decimal(dash + 1, type->min, type->max, &arg->max))
		return false;
	if (arg->u > arg->max)
		snprintf(why, size, "the first port is above the last one");
	return arg->u <= arg->max;
}

static bool
parse_mac(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	RTE_SET_USED(type);
	RTE_SET_USED(config);
	if (rte_ether_unformat_addr(word, &arg->mac) != 0)
		return false;
	if (!rte_is_valid_assigned_ether_addr(&arg->mac)) {
		snprintf(why, size, "no station can have this address");
		return false;
	}
	return true;
}

/* Seconds with at most three decimals, kept as milliseconds. */
static bool
parse_pause(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	size_t whole = strspn(word, "0123456789"), part = 0;
	uint32_t ms = 0, unit = 100;

	RTE_SET_USED(config);
	RTE_SET_USED(why);
	RTE_SET_USED(size);
	if (word[whole] == '.')
		part = strspn(word + whole + 1, "0123456789");
	if (whole + part == 0 || whole > 4 || part > 3 ||
		word[whole + (word[whole] == '.') + part] != '\0')
		return false;
	for (size_t i = 0; i < part; i++, unit /= 10)
		ms += unit * (uint32_t)(word[whole + 1 + i] - '0');
	arg->u = (uint32_t)strtoul(word, NULL, 10) * 1000 + ms;
	return arg->u >= type->min && arg->u <= type->max;
}

static const struct arg_type types[] = {
	{ "ADDRESS", "an IPv4 address such as 192.0.2.1", 0, 0, parse_address, NULL },
	{ "ADDRESS/LEN", "an IPv4 address with its prefix length such as 10.0.0.1/24", 0, 0,
		parse_ifaddr, NULL },
	{ "PREFIX", "an IPv4 prefix such as 192.0.2.0/24", 0, 0, parse_prefix, NULL },
	{ "RANGE", "IPv4 addresses such as 192.0.2.1, 192.0.2.0/28 or 192.0.2.1-192.0.2.9", 0, 0,
		parse_range, NULL },
	{ "ADDRESS:PORT", "an IPv4 address and a port such as 192.0.2.1:80", 0, 0, parse_endpoint,
		NULL },
	{ "WHERE",
		"an IPv4 address or prefix, and perhaps a port, such as 10.0.0.5 or 10.0.0.0/24:80",
		0, 0, parse_where, NULL },
	{ "COLLECTOR", "the IPv4 address of a collector, perhaps with a port, as 192.0.2.1:514", 0,
		0, parse_collector, NULL },
	{ "ADDRESS6", "an IPv6 address such as 2001:db8::1", 0, 0, parse_address6, NULL },
	{ "ADDRESS6/LEN", "an IPv6 address with its prefix length such as 2001:db8::1/64", 0, 0,
		parse_ifaddr6, NULL },
	{ "PREFIX6", "an IPv6 prefix such as 2001:db8::/32", 0, 0, parse_prefix6, NULL },
	{ "ADDRESS6:PORT", "an IPv6 address and a port such as [2001:db8::1]:80", 0, 0,
		parse_endpoint6, NULL },
	{ "LISTEN",
		"an address and a port to listen at, such as 127.0.0.1:9464, [::1]:9464 or, for "
		"all "
		"addresses, [::]:9464",
		0, 0, parse_listen, NULL },
	{ "NAT64-PREFIX", "an IPv6 prefix for IPv4 addresses such as 64:ff9b::/96", 0, 0,
		parse_nat64_prefix, NULL },
	{ "INSIDE",
		"an address or prefix, and perhaps a port, such as 10.0.0.0/24:80, 2001:db8::/64 "
		"or [2001:db8::5]:80",
		0, 0, parse_inside, NULL },
	{ "END",
		"an address, and perhaps a port or the id of a query, such as 10.0.0.5:4000 or "
		"[2001:db8::5]:80",
		0, 0, parse_host, NULL },
	{ "NETWORK", "an IPv4 or IPv6 prefix such as 10.0.0.0/24 or 2001:db8::/64", 0, 0,
		parse_network, NULL },
	{ "SUBSCRIBER", "an IPv4 address, or an IPv6 address or prefix", 0, 0, parse_subscriber,
		NULL },
	{ "PREFIX-LENGTH", "bits of an IPv6 prefix, 48 to 128", 48, 128, parse_number, NULL },
	{ "HOSTS", "a number of hosts, 1 to 1048576", 1, 1 << 20, parse_number, NULL },
	{ "MTU6", "bytes of an IPv6 packet, 1280 to 9600", 1280, 9600, parse_number, NULL },
	{ "TOS", "a TOS byte without ECN, 0 to 252 in steps of four", 0, 252, parse_number, NULL },
	{ "DOMAIN", "an observation domain, 0 to 4294967295", 0, UINT32_MAX, parse_number, NULL },
	{ "MAC", "an Ethernet address such as 02:00:00:00:00:01", 0, 0, parse_mac, NULL },
	{ "NAME", "a name of letters, digits, '.', '_' and '-'", 0, 0, parse_name, NULL },
	{ "TENANT", "the name of a tenant", 0, 0, parse_tenant, complete_tenant },
	{ "POOL", "the name of a pool", 0, 0, parse_pool, complete_pool },
	{ "HELPER", "the name of a helper", 0, 0, parse_helper, complete_helper },
	{ "LOG-TYPE", "a log type such as sluice.port, or several as sluice.*", 0, 0,
		parse_log_type, complete_log_type },
	{ "LOG-LEVEL", "a level: emergency, alert, critical, error, warning, notice, info or debug",
		0, 0, parse_log_level, complete_log_level },
	{ "PROTOCOL", "tcp, udp, icmp, gre, esp, sctp, udplite or a number, 1 to 255", 1, 255,
		parse_proto, complete_proto },
	{ "STATE", "a state of TCP sessions such as ESTABLISHED", 0, 0, parse_state,
		complete_state },
	{ "PORT", "a port, 1 to 65535", 1, 65535, parse_number, NULL },
	{ "PORTS", "a range of ports such as 1024-65535", 1, 65535, parse_ports, NULL },
	{ "VLAN", "a VLAN id, 1 to 4094", 1, 4094, parse_number, NULL },
	{ "MTU", "bytes of an IP packet, 576 to 9600", 576, 9600, parse_number, NULL },
	{ "SECONDS", "seconds, 0 to 2592000", 0, 2592000, parse_number, NULL },
	{ "PAUSE", "seconds, 0.1 to 3600", 100, 3600000, parse_pause, NULL },
	{ "LEASES", "a number, 1 to 65536", 1, 65536, parse_number, NULL },
	{ "LEASE-TIME", "seconds, 1 to 2073600", 1, SL_LEASE_SECONDS_MAX, parse_number, NULL },
	{ "LIFETIME", "seconds, 1 to 31536000", 1, 31536000, parse_number, NULL },
	{ "COUNT", "a number, 0 to 4294967295; 0 is no limit", 0, UINT32_MAX, parse_number, NULL },
	{ "RATE", "a number a second, 0 to 10000000", 0, 10000000, parse_number, NULL },
	{ "CODE", "a code of ICMP destination unreachable, 0 to 15", 0, 15, parse_number, NULL },
	{ "BLOCK-SIZE", "ports of a block, a power of two from 64 to 16384", 64, 16384,
		parse_block_size, NULL },
	{ "BLOCKS", "a number of blocks, 1 to 255", 1, 255, parse_number, NULL },
	{ "MSS", "bytes of a TCP segment, 536 to 9560", 536, 9560, parse_number, NULL },
	{ "TIME",
		"a time such as 2026-11-22, 2026-11-22T17:06:56Z or 2026-11-22T18:06+01:00, or "
		"seconds since 1970",
		0, 0, parse_time, NULL },
	{ "PACKET",
		"a packet in quotes such as 'udp 10.0.0.5:4000 > 192.0.2.1:53', with what else "
		"there is to say of it",
		0, LINE_LEN_MAX, parse_packet, NULL },
	{ "FLAGS", "flags of TCP, letters of SAFRPUEC such as S or FA", 0, 0, parse_flags, NULL },
	{ "TYPE", "a type of ICMP, 0 to 255", 0, 255, parse_number, NULL },
	{ "TTL", "a TTL or hop limit, 0 to 255", 0, 255, parse_number, NULL },
	{ "BYTES", "bytes of an IP packet, 20 to 9600", 20, 9600, parse_number, NULL },
	{ "PACKETS", "a number of packets, 1 to 1000000", 1, 1000000, parse_number, NULL },
	{ "SIZE", "bytes of a file, 1000 to 4000000000", 1000, 4000000000u, parse_number, NULL },
	{ "KEEP", "bytes of each packet, 64 to 9728", 64, 9728, parse_number, NULL },
	{ "FOR", "seconds, 1 to 86400", 1, 86400, parse_number, NULL },
	{ "TEXT", "text, in quotes when there are blanks in it", 0,
		sizeof(((struct sl_forward *)0)->description) - 1, parse_text, NULL },
	{ "FILE", "the name of a file", 0, 512, parse_text, NULL },
};

const struct arg_type *
arg_type_at(unsigned int i)
{
	return i < RTE_DIM(types) ? &types[i] : NULL;
}

const struct arg_type *
arg_type_find(const char *name, unsigned int len)
{
	for (size_t i = 0; i < RTE_DIM(types); i++)
		if (strlen(types[i].name) == len && memcmp(types[i].name, name, len) == 0)
			return &types[i];
	return NULL;
}
