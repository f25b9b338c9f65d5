/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PCP_WIRE_H
#define SL_PCP_WIRE_H

/*
 * What the files of PCP share: its numbers, its fields, the server itself. Fields lie anywhere,
 * so they are read and written byte by byte.
 */
#include <netinet/in.h>
#include <string.h>

#include <rte_byteorder.h>

#include "pcp.h"

#define SL_PCP_VERSION 2
#define SL_PCP_RESPONSE 0x80 /* bit of the opcode */
#define SL_PCP_HEADER 24
#define SL_PCP_MAP_DATA 36 /* behind the header */
#define SL_PCP_PEER_DATA 56

#define SL_PCP_SECONDS_MIN 120 /* RFC 6887 section 15 */
#define SL_PCP_SECONDS_MAX 86400

enum sl_pcp_opcode {
	SL_PCP_ANNOUNCE,
	SL_PCP_MAP,
	SL_PCP_PEER,
};

/* RFC 6887 section 7.4 */
enum sl_pcp_result {
	SL_PCP_SUCCESS,
	SL_PCP_UNSUPP_VERSION,
	SL_PCP_NOT_AUTHORIZED,
	SL_PCP_MALFORMED_REQUEST,
	SL_PCP_UNSUPP_OPCODE,
	SL_PCP_UNSUPP_OPTION,
	SL_PCP_MALFORMED_OPTION,
	SL_PCP_NETWORK_FAILURE,
	SL_PCP_NO_RESOURCES,
	SL_PCP_UNSUPP_PROTOCOL,
	SL_PCP_USER_EX_QUOTA,
	SL_PCP_CANNOT_PROVIDE_EXTERNAL,
	SL_PCP_ADDRESS_MISMATCH,
	SL_PCP_EXCESSIVE_REMOTE_PEERS,
};

struct sl_pcp {
	struct sl_pcp_params p;
	uint64_t since; /* when the epoch was `epoch` */
	uint32_t epoch; /* seconds */
	uint64_t next; /* announcement, while some are left */
	uint64_t last; /* announcement that went out */
	unsigned int left;
	uint32_t gap; /* before the one after the next */
};

/* What the options of a request say. */
struct sl_pcp_options {
	bool third_party, prefer_failure, described;
	bool unfiltered; /* filters of before are to go */
	unsigned int n_filters; /* different ones, behind `unfiltered` */
	rte_be32_t host; /* THIRD_PARTY; 0: none that there is here */
	rte_be32_t rem_addr; /* FILTER, the first one; 0: any */
	rte_be16_t rem_port;
	char description[SL_LEASE_TEXT_MAX];
};

/* A request whose header and options are in order. */
struct sl_pcp_request {
	const struct sl_pcp_peer *from;
	const uint8_t *data; /* of the opcode, whole */
	uint8_t opcode;
	uint32_t seconds;
	uint64_t now;
	struct sl_pcp_options options;
};

/* What is granted; the endpoint is that of the request where there is none. */
struct sl_pcp_grant {
	uint32_t seconds;
	bool known; /* out_addr and out_port are to be told */
	rte_be32_t out_addr;
	rte_be16_t out_port;
};

static inline uint16_t
sl_pcp_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
sl_pcp_get32(const uint8_t *p)
{
	return (uint32_t)sl_pcp_get16(p) << 16 | sl_pcp_get16(p + 2);
}

static inline void
sl_pcp_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
sl_pcp_put32(uint8_t *p, uint32_t v)
{
	sl_pcp_put16(p, (uint16_t)(v >> 16));
	sl_pcp_put16(p + 2, (uint16_t)v);
}

/* A port or an address as it is on the wire. */
static inline rte_be16_t
sl_pcp_port(const uint8_t *p)
{
	rte_be16_t port;

	memcpy(&port, p, sizeof(port));
	return port;
}

static inline rte_be32_t
sl_pcp_addr(const uint8_t *p)
{
	rte_be32_t addr;

	memcpy(&addr, p, sizeof(addr));
	return addr;
}

/* Is it an IPv4-mapped address, ::ffff:0:0/96 (RFC 6887 section 5)? */
static inline bool
sl_pcp_mapped(const uint8_t p[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(p, prefix, sizeof(prefix)) == 0;
}

static inline void
sl_pcp_put_mapped(uint8_t p[16], rte_be32_t addr)
{
	memset(p, 0, 10);
	p[10] = p[11] = 0xff;
	memcpy(p + 12, &addr, sizeof(addr));
}

/* The IPv4 host that a remote address is to this client (RFC 6887 section 5: as the client sees
 * it, so an IPv6 host may name it behind the NAT64 prefix); false: it is none. */
bool sl_pcp_remote(const struct sl_pcp_peer *from, const uint8_t p[16], rte_be32_t *addr);

/* Read n bytes of options. */
enum sl_pcp_result sl_pcp_options_read(const struct sl_pcp_peer *from, uint8_t opcode,
	const uint8_t *p, size_t n, struct sl_pcp_options *options);

/* Write those back that were heeded; returns their bytes, at most as many as were read. */
size_t sl_pcp_options_echo(
	const struct sl_pcp_options *options, const uint8_t *p, size_t n, uint8_t *to);

/* The opcodes with data. */
enum sl_pcp_result sl_pcp_map(
	struct sl_pcp *pcp, const struct sl_pcp_request *q, struct sl_pcp_grant *grant);
enum sl_pcp_result sl_pcp_peer(
	struct sl_pcp *pcp, const struct sl_pcp_request *q, struct sl_pcp_grant *grant);

/* Shared by MAP and NAT-PMP: open with a wish that may be left unfulfilled, as sl_lease_open(). */
int sl_pcp_open(struct sl_pcp *pcp, struct sl_lease_request *r, uint64_t now, struct sl_lease *got);

/* End the leases of a host, of one protocol or of all (0); those with this nonce where it is not
 * NULL. Returns how many are left of that origin, or -errno of one that would not end. */
int sl_pcp_close_all(struct sl_pcp *pcp, enum sl_lease_origin origin, unsigned int tenant,
	rte_be32_t host, uint8_t proto, const uint8_t *nonce);

/* Seconds that are left of a lease. */
uint32_t sl_pcp_left(const struct sl_lease *lease, uint64_t now);

/* A datagram of version 0. */
size_t sl_natpmp_answer(struct sl_pcp *pcp, const struct sl_pcp_peer *from, const uint8_t *request,
	size_t n, uint64_t now, uint8_t *reply);

#endif /* SL_PCP_WIRE_H */
