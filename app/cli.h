/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CLI_H
#define CLI_H

#include <stdio.h>

#include "addr.h"
#include "box.h"
#include "cli_call.h"
#include "grammar.h"
#include "lease.h"
#include "statement.h"

/** The tables of statements, each ended by an empty row. */
extern const struct statement cli_config_statements[]; /* cli_config.c */
extern const struct statement cli_tune_statements[]; /* cli_tune.c */
extern const struct statement cli_pool_statements[]; /* cli_pool.c */
extern const struct statement cli_tenant_statements[]; /* cli_tenant.c */
extern const struct statement cli_forward_statements[]; /* cli_forward.c */
extern const struct statement cli_cgn_statements[]; /* cli_cgn.c */
extern const struct statement cli_health_statements[]; /* cli_health.c */
extern const struct statement cli_helper_statements[]; /* cli_helper.c */
extern const struct statement cli_lease_statements[]; /* cli_lease.c */
extern const struct statement cli_log_statements[]; /* cli_log.c */
extern const struct statement cli_loglevel_statements[]; /* cli_loglevel.c */
extern const struct statement cli_mapping_statements[]; /* cli_mapping.c */
extern const struct statement cli_metrics_statements[]; /* cli_metrics.c */
extern const struct statement cli_show_statements[]; /* cli_show.c */
extern const struct statement cli_state_statements[]; /* cli_state.c */
extern const struct statement cli_status_statements[]; /* cli_status.c */
extern const struct statement cli_performance_statements[]; /* cli_performance.c */
extern const struct statement cli_session_statements[]; /* cli_sessions.c */
extern const struct statement cli_subscriber_statements[]; /* cli_subscriber.c */
extern const struct statement cli_usage_statements[]; /* cli_usage.c */
extern const struct statement cli_top_statements[]; /* cli_top.c */
extern const struct statement cli_event_statements[]; /* cli_events.c */
extern const struct statement cli_explain_statements[]; /* cli_explain.c */
extern const struct statement cli_watch_statements[]; /* cli_watch.c */
extern const struct statement cli_file_statements[]; /* cli_file.c */
extern const struct statement cli_lookup_statements[]; /* cli_lookup.c */
extern const struct statement cli_six_statements[]; /* cli_six.c */
extern const struct statement cli_nat64_statements[]; /* cli_nat64.c */

/** What words mean that several statements share: word, sentence. */
extern const char *const cli_glossary[][2]; /* cli_words.c */

/** All of it. */
extern const struct grammar cli_grammar; /* statement.c */

/* ---- editing a configuration ---- */

/** Add a copy of an element to an owned array; 0 or -ENOMEM. */
int array_add(void *array, unsigned int *n, size_t size, const void *element);

/** Take element i out of an array; what it owned must be free already. */
void array_del(void *array, unsigned int *n, size_t size, unsigned int i);

/** A new configuration for this box, whose ports may be known already. NULL without memory. */
struct sl_config *config_new(const struct box *box);

/** As statement_write(); with all, also what is as the defaults are. 0 or -ENOMEM. */
int config_write(const struct sl_config *config, bool all, FILE *out);

/** Print the statements that say where records go. */
void log_write(const struct sl_config *config, FILE *out);

/** Print the statements about what the box says of itself. */
void loglevel_write(const struct sl_config *config, FILE *out);

/** The pool of this name, made when it is new; NULL without memory. */
struct sl_pool *take_pool(struct sl_config *config, const char *name);

/** Print the statements of cli_cgn.c; all: as config_write(). */
void cgn_write(
	const struct sl_config *config, const struct sl_config *defaults, bool all, FILE *out);

/** Print the statement of cli_health.c. */
void health_write(const struct sl_config *config, FILE *out);

/** Print the statements of cli_helper.c; all: as config_write(). */
void helper_write(
	const struct sl_config *config, const struct sl_config *defaults, bool all, FILE *out);

/** Print a tenant's IPv6 addresses and routes; with tenant 0 also those outside. */
void six_write_tenant(const struct sl_config *config, unsigned int tenant, FILE *out);

/** Print the static IPv6 neighbours. */
void six_write_neighbors(const struct sl_config *config, FILE *out);

/** Print the statements of cli_nat64.c; all: as config_write(). */
void nat64_write(
	const struct sl_config *config, const struct sl_config *defaults, bool all, FILE *out);

/** Remove the NAT64 prefixes of a tenant. */
void nat64_drop_tenant(struct sl_config *config, unsigned int tenant);

/** Print the statements of cli_lease.c; all: as config_write(). */
void lease_write(const struct sl_config *config, bool all, FILE *out);

/** Print the statement that says where figures are served. */
void metrics_write(const struct sl_config *config, FILE *out);

/** Print the statements of cli_state.c; all: as config_write(). */
void state_write(const struct sl_config *config, bool all, FILE *out);

/** Forget the forwards whose time is over. */
void config_expire(struct sl_config *config, uint64_t now);

/** As statement_reload(). */
int config_reload(struct box *box, const struct grammar *grammar, FILE *err);

/** What a new tenant's subscribers may hold; 0 or -ENOMEM. */
int default_limits(struct sl_limits *limits);

/** Remember where the configuration came from, for "save". */
void file_remember(const char *path);

/** That file's name, or NULL when there is none that can be written back. */
const char *file_remembered(void);

/* ---- addresses as text: each call writes one of a few static buffers (control only) ---- */

const char *text_addr(rte_be32_t addr);
const char *text_net(const struct sl_ifaddr *net);
const char *text_endpoint(rte_be32_t addr, rte_be16_t port);
const char *text_addr6(const struct sl_ip6 *addr);
const char *text_net6(const struct sl_ifaddr6 *net);
const char *text_endpoint6(const struct sl_ip6 *addr, rte_be16_t port);
const char *text_target(const struct sl_forward *forward);
const char *text_any(const struct addr *addr);
const char *text_mac(const struct rte_ether_addr *mac);
const char *text_range(const struct sl_range4 *range);
const char *text_origin(enum sl_lease_origin origin); /**< a constant */

#endif /* CLI_H */
