/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The kinds of argument that are words: names of things that exist or are to, protocols, states,
 * text. types.c has their rows, and the rest.
 */

#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "slots.h"
#include "types.h"

static const struct {
	const char *name;
	uint8_t proto;
} protos[] = {
	{ "icmp", IPPROTO_ICMP },
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "gre", IPPROTO_GRE },
	{ "esp", IPPROTO_ESP },
	{ "sctp", IPPROTO_SCTP },
	{ "udplite", IPPROTO_UDPLITE },
};

const char *
proto_name(uint8_t proto, char *buf, size_t size)
{
	for (size_t i = 0; i < RTE_DIM(protos); i++)
		if (protos[i].proto == proto)
			return protos[i].name;
	snprintf(buf, size, "%u", proto);
	return buf;
}

bool
cut_word(char *to, size_t size, const char *from, size_t n)
{
	if (n >= size)
		return false;
	memcpy(to, from, n);
	to[n] = '\0';
	return true;
}

bool
read_decimal(const char *word, uint32_t min, uint32_t max, uint32_t *u)
{
	unsigned long long v = 0;
	const char *p = word;

	for (; isdigit((unsigned char)*p) && p - word < 11; p++)
		v = v * 10 + (*p - '0');
	*u = (uint32_t)v;
	return p != word && *p == '\0' && v >= min && v <= max;
}

/* A name that may be a new one. */
bool
parse_name(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	size_t n =
		strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	RTE_SET_USED(type);
	RTE_SET_USED(config);
	RTE_SET_USED(arg);
	if (n == 0 || word[n] != '\0' || word[0] == '-')
		return false;
	if (n >= SL_NAME_MAX)
		snprintf(why, size, "a name has at most %u letters", SL_NAME_MAX - 1);
	return n < SL_NAME_MAX;
}

bool
parse_tenant(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	int i = slots_find_tenant(config, word);

	RTE_SET_USED(type);
	if (i >= 0) {
		arg->u = (uint32_t)i;
		return true;
	}
	snprintf(why, size, "no such tenant; 'tenant NAME vlan N' makes one");
	return false;
}

void
complete_tenant(const struct sl_config *config, complete_fn *fn, void *fn_arg)
{
	for (unsigned int i = 0; i < config->n_tenants; i++)
		if (!slots_no_tenant(config, i))
			fn(fn_arg, config->tenant[i].name, "a tenant");
}

bool
parse_pool(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	int i = slots_find_pool(config, word);

	RTE_SET_USED(type);
	if (i >= 0) {
		arg->u = (uint32_t)i;
		return true;
	}
	snprintf(why, size, "no such pool; 'pool NAME address RANGE' makes one");
	return false;
}

void
complete_pool(const struct sl_config *config, complete_fn *fn, void *fn_arg)
{
	for (unsigned int i = 0; i < config->n_pools; i++)
		if (!slots_no_pool(config, i))
			fn(fn_arg, config->pool[i].name, "a pool");
}

bool
parse_proto(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	RTE_SET_USED(config);
	RTE_SET_USED(why);
	RTE_SET_USED(size);
	for (size_t i = 0; i < RTE_DIM(protos); i++)
		if (strcmp(protos[i].name, word) == 0) {
			arg->u = protos[i].proto;
			return true;
		}
	return read_decimal(word, type->min, type->max, &arg->u);
}

void
complete_proto(const struct sl_config *config, complete_fn *fn, void *fn_arg)
{
	RTE_SET_USED(config);
	for (size_t i = 0; i < RTE_DIM(protos); i++)
		fn(fn_arg, protos[i].name, "an IP protocol");
}

bool
parse_state(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	RTE_SET_USED(type);
	RTE_SET_USED(config);
	RTE_SET_USED(why);
	RTE_SET_USED(size);
	for (unsigned int i = 0; i < SL_TCP_STATE_COUNT; i++)
		if (strcasecmp(sl_tcp_state_name(i), word) == 0) {
			arg->u = i;
			return true;
		}
	return false;
}

void
complete_state(const struct sl_config *config, complete_fn *fn, void *fn_arg)
{
	RTE_SET_USED(config);
	for (unsigned int i = 0; i < SL_TCP_STATE_COUNT; i++)
		fn(fn_arg, sl_tcp_state_name(i), "a state of TCP sessions");
}

bool
parse_text(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	RTE_SET_USED(config);
	RTE_SET_USED(arg);
	if (strlen(word) > type->max)
		snprintf(why, size, "text of %zu bytes, at most %u are kept", strlen(word),
			type->max);
	return *word != '\0' && strlen(word) <= type->max;
}

/* A packet is more than one word. */
bool
parse_packet(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	RTE_SET_USED(type);
	RTE_SET_USED(config);
	RTE_SET_USED(arg);
	RTE_SET_USED(why);
	RTE_SET_USED(size);
	return strpbrk(word, " \t") != NULL;
}

/* Letters, in any order. */
bool
parse_flags(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	static const char letters[] = "FSRPAUEC"; /* from the lowest bit on */

	RTE_SET_USED(type);
	RTE_SET_USED(config);
	RTE_SET_USED(why);
	RTE_SET_USED(size);
	arg->u = 0;
	for (const char *p = word; *p != '\0'; p++) {
		const char *at = strchr(letters, *p);

		if (at == NULL)
			return false;
		arg->u |= 1u << (at - letters);
	}
	return *word != '\0';
}
