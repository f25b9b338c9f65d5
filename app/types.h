/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TYPES_H
#define TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "sluice.h"

struct box;

/** One argument of a statement, as read. */
struct arg {
	bool set; /**< always for those that are not optional */
	const char *word; /**< as it was written, for messages */
	uint32_t u; /**< number, index of a choice, tenant or pool, or address (network order) */
	uint32_t max; /**< upper end of a range */
	rte_be16_t port;
	struct sl_ifaddr net;
	bool six; /**< net6 counts, not net or an address in u */
	struct sl_ifaddr6 net6;
	struct rte_ether_addr mac;
};

/** Called with each word that fits, and what it means. */
typedef void complete_fn(void *arg, const char *word, const char *help);

/** A kind of argument. Its name is upper case and stands in the patterns of statements. */
struct arg_type {
	const char *name;
	const char *expected; /**< "a port, 1 to 65535": completes "expected" */
	uint32_t min, max; /**< for numbers */
	/** Read one word; false when it is none of this type; why may get a better reason. */
	bool (*parse)(const struct arg_type *type, const struct sl_config *config, const char *word,
		struct arg *arg, char *why, size_t size);
	/** The words that would be right, where they can be listed; may be NULL. */
	void (*complete)(const struct sl_config *config, complete_fn *fn, void *fn_arg);
};

/** Type number i, in the order of the manual; NULL behind the last. */
const struct arg_type *arg_type_at(unsigned int i);

/** Find a type by the first len letters of name; NULL. */
const struct arg_type *arg_type_find(const char *name, unsigned int len);

/** Names of helpers, in cli_helper.c. */
bool parse_helper(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
void complete_helper(const struct sl_config *config, complete_fn *fn, void *fn_arg);

/** Log types and levels, in cli_loglevel.c. */
bool parse_log_type(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
void complete_log_type(const struct sl_config *config, complete_fn *fn, void *fn_arg);
bool parse_log_level(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
void complete_log_level(const struct sl_config *config, complete_fn *fn, void *fn_arg);

/** Words, in types_words.c. */
bool parse_name(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_tenant(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
void complete_tenant(const struct sl_config *config, complete_fn *fn, void *fn_arg);
bool parse_pool(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
void complete_pool(const struct sl_config *config, complete_fn *fn, void *fn_arg);
bool parse_proto(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
void complete_proto(const struct sl_config *config, complete_fn *fn, void *fn_arg);
bool parse_state(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
void complete_state(const struct sl_config *config, complete_fn *fn, void *fn_arg);
bool parse_text(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_packet(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_flags(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);

/** Copy the n letters before a separator to a bounded string; false: too many. */
bool cut_word(char *to, size_t size, const char *from, size_t n);

/** A decimal number in a range, nothing before or behind it. */
bool read_decimal(const char *word, uint32_t min, uint32_t max, uint32_t *u);

/** IPv4, in types4.c. */
bool parse_address(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_ifaddr(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_prefix(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_range(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_endpoint(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_where(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_collector(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);

/** IPv6, in types6.c. */
bool parse_address6(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_ifaddr6(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_prefix6(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_nat64_prefix(const struct arg_type *type, const struct sl_config *config,
	const char *word, struct arg *arg, char *why, size_t size);
bool parse_endpoint6(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_subscriber(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_listen(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_host(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_network(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);
bool parse_inside(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size);

/** The words of enum sl_timeout, in its order, ended by NULL. */
extern const char *const timeout_names[];

/** The words of enum sl_filter, in its order, ended by NULL. */
extern const char *const filter_names[];

/** The words of enum sl_punt_cause, in its order, ended by NULL. */
extern const char *const punt_names[];

/** Name of an IP protocol, or its number, in buf or constant. */
const char *proto_name(uint8_t proto, char *buf, size_t size);

#endif /* TYPES_H */
