/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_SETUP_H
#define BENCH_SETUP_H

#include "rig.h"

#define SETUP_HUGE ((size_t)2 << 20)

/** Zeroed memory for large arrays, on huge pages where the kernel has them; free() it. */
void *setup_memory(size_t bytes);

/** Create, configure and route r->nat, bring its worker online, allocate the packets. */
int setup_gateway(struct rig *r);

/** The template of a side; flags are for TCP only. */
void setup_frame(struct rig *r, enum sl_side from, uint8_t tcp_flags);

/** A packet of a session that arrives on r->from. */
void setup_arrival(const struct rig *r, uint64_t session, struct arrival *a);

#endif /* BENCH_SETUP_H */
