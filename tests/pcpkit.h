/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_PCPKIT_H
#define TEST_PCPKIT_H

#include <netinet/in.h>

#include "pcp.h"
#include "pcpfake.h"

#define HOST "10.0.0.2"
#define OTHER "10.0.0.3"
#define GATEWAY "10.0.0.1"
#define REMOTE "198.51.100.7"
#define ALIAS "240.0.0.1" /* of an IPv6 host */

enum {
	ANNOUNCE,
	MAP,
	PEER
};

/* RFC 6887 section 7.4 */
enum {
	SUCCESS,
	UNSUPP_VERSION,
	NOT_AUTHORIZED,
	MALFORMED_REQUEST,
	UNSUPP_OPCODE,
	UNSUPP_OPTION,
	MALFORMED_OPTION,
	NETWORK_FAILURE,
	NO_RESOURCES,
	UNSUPP_PROTOCOL,
	USER_EX_QUOTA,
	CANNOT_PROVIDE_EXTERNAL,
	ADDRESS_MISMATCH,
	EXCESSIVE_REMOTE_PEERS,
};

/* A server over a fake store, a request that is being put together, and what came back. */
struct kit {
	struct sl_leases ls;
	struct sl_pcp *pcp;
	uint64_t now;
	struct sl_pcp_peer from;
	uint8_t request[2 * SL_PCP_MAX];
	size_t n;
	uint8_t reply[SL_PCP_MAX];
	size_t len;
};

int kit_setup(void **state);
int kit_teardown(void **state);

uint16_t kit_get16(const uint8_t *p);
uint32_t kit_get32(const uint8_t *p);
void kit_put16(uint8_t *p, uint16_t v);
void kit_put32(uint8_t *p, uint32_t v);
void kit_put_addr(uint8_t p[16], const char *dotted); /* or an IPv6 one */
rte_be32_t kit_addr(const char *dotted);

/* The next request comes from here. */
void kit_from(struct kit *k, const char *client);

/* Or from an IPv6 host behind a NAT64 prefix. */
void kit_from6(struct kit *k, const char *client, const char *prefix, uint8_t plen);

/* Begin a request; the nonce is twelve times that byte. Suggested: port, address or NULL. */
void kit_announce(struct kit *k);
void kit_map(struct kit *k, uint8_t nonce, uint8_t proto, uint16_t in_port, uint32_t seconds);
void kit_suggest(struct kit *k, const char *addr, uint16_t port);
void kit_peer(struct kit *k, uint8_t nonce, uint8_t proto, uint16_t in_port, uint32_t seconds,
	const char *remote, uint16_t rem_port);

/* Add options. */
void kit_option(struct kit *k, uint8_t code, const void *data, size_t n);
void kit_filter(struct kit *k, uint8_t plen, const char *remote, uint16_t port);
void kit_third_party(struct kit *k, const char *host);

/* Send it; the result code of the reply, whose header has been looked at. */
int kit_send(struct kit *k);

/* Of the reply. */
uint32_t kit_seconds(const struct kit *k);
uint32_t kit_epoch(const struct kit *k);
uint16_t kit_out_port(const struct kit *k);

/* Send any bytes; bytes of the reply. */
size_t kit_raw(struct kit *k, const void *data, size_t n);

#endif
