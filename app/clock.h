/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/** Start the clock: to be called once, after EAL knows the TSC's frequency. */
void clock_init(void);

/** A TSC reading as monotonic milliseconds, by multiplication; any lcore. */
uint64_t clock_ms(uint64_t cycles);

/** Monotonic milliseconds from the TSC; any lcore. Before EAL is up, from the system. */
uint64_t clock_now(void);

#endif /* CLOCK_H */
