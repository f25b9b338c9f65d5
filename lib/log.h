/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_LIB_LOG_H
#define SL_LIB_LOG_H

#include <rte_log.h>

/**
 * Logging of the library, type "sluice.lib". For set-up and control only: nothing between
 * RX and TX logs. (DPDK 22.11 has no RTE_LOG_LINE yet.)
 */
extern int sl_logtype;

#define SL_LOG(level, fmt, ...)                                                                    \
	rte_log(RTE_LOG_##level, (uint32_t)sl_logtype, "sluice: " fmt "\n", ##__VA_ARGS__)

#endif /* SL_LIB_LOG_H */
