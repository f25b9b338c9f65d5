/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SLUICE_TYPES_H
#define SLUICE_TYPES_H

/**
 * @file
 * What all parts of libsluice speak of: sides, addresses, bounds.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_byteorder.h>
#include <rte_ether.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SL_NAME_MAX 32 /**< a name with its final zero, bytes */
#define SL_WORKERS_MAX 64 /**< workers of one gateway */
#define SL_BURST_MAX 64 /**< most packets taken by one call */
#define SL_OUT_MAX 1024 /**< room for packets that leave by one side */
#define SL_LEASE_FILE_MAX 513 /**< name of a file with its final zero, bytes */
#define SL_LEASE_SECONDS_MAX 2073600 /**< longest lifetime of a lease: 24 days */
#define SL_HELPERS_MAX 15 /**< helpers of a gateway, numbered from 1 */
#define SL_HELPER_SERVERS_MAX 8 /**< server ports of one helper */

/** The two sides of the gateway. */
enum sl_side {
	SL_INSIDE = 0, /**< towards the subscribers */
	SL_OUTSIDE = 1, /**< towards the Internet */
};

/** The side across. */
#define SL_ACROSS(side) ((enum sl_side)(1 - (side)))

/** An address of an interface and the length of its prefix. */
struct sl_ifaddr {
	rte_be32_t addr; /**< the address; where a network is meant, its host bits are ignored */
	uint8_t plen; /**< length of the prefix, 0..32 */
};

/** An IPv6 address, as on the wire. */
struct sl_ip6 {
	uint8_t b[16]; /**< most significant byte first */
};

/** An IPv6 address of an interface, or a network. */
struct sl_ifaddr6 {
	struct sl_ip6 addr; /**< the address; of a network, host bits are ignored */
	uint8_t plen; /**< length of the prefix, 0..128 */
};

/** A run of consecutive addresses, both ends in it. */
struct sl_range4 {
	rte_be32_t first; /**< lowest address */
	rte_be32_t last; /**< highest address, not below first in host order */
};

/** A run of consecutive ports, host order, both ends in it. */
struct sl_port_range {
	uint16_t first; /**< lowest port, host order */
	uint16_t last; /**< highest port, host order */
};

/** A gateway: made by sl_nat_create(), of which its maker sees no more than the pointer. */
struct sl_nat;

/** One worker of a gateway, see sl_nat_worker(); it belongs to the lcore that runs it. */
struct sl_worker;

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_TYPES_H */
