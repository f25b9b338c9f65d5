/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef STEER_H
#define STEER_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>

#include "sluice.h"

#define STEER_KEY_MAX 64 /* bytes */
#define STEER_RETA_MAX 4096 /* entries */

struct port;

/** How a port's packets find their workers. Control only. */
struct steer {
	bool on; /**< by the device; else by software, and `why` says why */
	bool doubted; /**< said that it does not work out */
	char why[96];
	uint64_t types; /**< RSS types asked for */
	uint16_t reta_size;
	uint8_t key_len;
	uint8_t key[STEER_KEY_MAX] __rte_aligned(4);
	uint16_t reta[STEER_RETA_MAX];
};

/**
 * Before a port is configured: ask for RSS, with a key that steers where the device takes one.
 * @param port  side, n_workers and n_rxq are read, steer is written
 * @param conf  RSS is added; the key stays the port's
 * @return true when there is something to ask for
 */
bool steer_ask(struct port *port, const struct rte_eth_dev_info *info, struct rte_eth_conf *conf);

/** The device refused that configuration: rc is its negative errno. */
void steer_refused(struct port *port, int rc);

/**
 * After the port was started: fill the device's table, read back what it has understood,
 * say in one line of the log how packets find their workers.
 * @param block  largest port block that is configured, 0: none
 */
void steer_begin(struct port *port, uint32_t block);

/** What the library has to know; no key when the device does not steer. */
struct sl_steering steer_params(const struct port *port);

/**
 * Look whether hand-offs show that a device spreads packets in another way than it says, each
 * second; says so once, in the log.
 * @param port  both, by enum sl_side
 */
void steer_watch(struct port *port, const struct sl_nat *nat);

/** The largest port block of all pools; 0: none. */
uint32_t steer_block(const struct sl_config *config);

#endif /* STEER_H */
