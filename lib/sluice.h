/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SLUICE_H
#define SLUICE_H

/**
 * @file
 * libsluice: a carrier-grade NAT as a library. Bursts of mbufs in, verdicts out.
 *
 * The library opens no port and no socket, starts no thread and reads no clock:
 * its caller brings packets, the time and a source of random numbers. One
 * struct sl_nat is one gateway with an inside and an outside; it has as many
 * workers as it was created with, and each worker's state is written by one
 * lcore only.
 *
 * Who may call: functions that take a struct sl_worker belong to the lcore that
 * runs this worker; everything else belongs to one control lcore, unless its
 * comment says "any lcore". Addresses and ports are in network byte order where
 * the type is rte_be32_t or rte_be16_t, times in milliseconds unless said.
 *
 * This header is the whole of it but for helper.h, which those need who write helpers of their own,
 * and save.h, by which the state of a gateway outlives it.
 */

#include "sluice_config.h"
#include "sluice_control.h"
#include "sluice_counters.h"
#include "sluice_nat.h"
#include "sluice_query.h"
#include "sluice_types.h"

#endif /* SLUICE_H */
