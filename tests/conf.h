/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_CONF_H
#define TEST_CONF_H

#include "pkttoken.h"
#include "sluice.h"

/** Parameters of the gateway that a case may choose beside its configuration. */
struct conf_params {
	uint32_t max_sessions, max_subscribers, ring_size, max_hosts6;
	bool joins; /**< fragments become whole datagrams: see pipe_joins */
	unsigned int workers; /**< run with at most so many; 0: 3 */
};

/**
 * The fixtures' configuration with the statements of text applied; grammar at the head
 * of conf.c. Exits the test with a message when the text is wrong.
 * @param base  the case's time zero, for "expires="
 */
struct sl_config *conf_parse(const char *text, uint64_t base, struct conf_params *params);

/** Only the parameters of a text. */
void conf_params_of(const char *text, struct conf_params *params);

/** The word for each type of record, for conf.c and tabledo.c. */
extern const char *const conf_record_name[SL_RECORD_TYPE_COUNT];

/** MAC address of one side's port of the gateway. */
struct rte_ether_addr conf_port_mac(enum sl_side side);

/** MAC address of whoever has this IPv4 address: 02:side:a.b.c.d. */
struct rte_ether_addr conf_host_mac(enum sl_side side, rte_be32_t addr);

/** The same of an IPv6 address: 02:6side: and its last four bytes. */
struct rte_ether_addr conf_host_mac6(enum sl_side side, const struct sl_ip6 *addr);

/** An IPv6 address from text, a prefix length behind it or not (128); exits the test when it is none. */
struct sl_ifaddr6 conf_addr6(const char *text, size_t n);

/** Read a statement about IPv6, see conf6.c; false when it is none. */
bool conf_read6(struct sl_config *c, struct conf_params *params, const struct pt_tokens *t);

/** An IPv4 address from text; exits the test when it is none. */
rte_be32_t conf_addr(const char *text);

#endif
