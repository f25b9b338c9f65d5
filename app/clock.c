/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The program's clock: monotonic milliseconds that start at CLOCK_MONOTONIC and run on the
 * TSC, by one 64 x 64 -> 128 bit multiplication with a factor made at start. Before EAL
 * knows the frequency (a start-up file is read first) the system's clock answers; both agree
 * at the moment of the change.
 *
 * Written once by clock_init() before the workers start, read by any lcore.
 */
#include <time.h>

#include <rte_cycles.h>

#include "clock.h"

static struct {
	uint64_t factor; /* milliseconds a cycle, times 2^64 */
	uint64_t cycles, ms; /* where the count began */
} base;

static uint64_t
system_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void
clock_init(void)
{
	unsigned __int128 one_second = (unsigned __int128)1000 << 64;

	base.factor = (uint64_t)(one_second / rte_get_tsc_hz());
	base.ms = system_ms();
	base.cycles = rte_get_tsc_cycles();
}

uint64_t
clock_ms(uint64_t cycles)
{
	unsigned __int128 passed = (unsigned __int128)(cycles - base.cycles);

	return base.ms + (uint64_t)((passed * base.factor) >> 64);
}

uint64_t
clock_now(void)
{
	return base.factor == 0 ? system_ms() : clock_ms(rte_get_tsc_cycles());
}
