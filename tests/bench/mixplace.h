/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MIXPLACE_H
#define BENCH_MIXPLACE_H

/** Where this core and the device's are to each other. */
enum mix_place {
	MIX_NEAR,
	MIX_FAR,
	MIX_UNKNOWN
};

/** Begin probing; a negative CPU means that it is always near. */
void mix_place_start(int peer_cpu, double near_ns);

/** Time a cache line's round trips to the device's CPU, now. */
enum mix_place mix_place_now(void);

#endif /* BENCH_MIXPLACE_H */
