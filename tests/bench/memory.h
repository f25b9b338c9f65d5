/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include <stdint.h>
#include <stdio.h>

/** Write down every allocation from DPDK's heap from here on, by the function that asks. */
void memory_begin(void);
void memory_end(void);

/** Print them, the largest first, and a line of JSON when json is not NULL. */
void memory_report(FILE *json, uint64_t sessions, uint64_t total);

#endif /* BENCH_MEMORY_H */
