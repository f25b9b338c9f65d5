/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_FUZZ_WIRE_H
#define TEST_FUZZ_WIRE_H

#include "hostile.h"

/** What a target of wire.c is about. */
struct wire_kit {
	const char *conf;
	bool joins; /**< see pipe_joins */
	uint32_t step; /**< milliseconds that a record can let go by */
	const struct hostile_opener *opener;
	void (*route)(struct pipe *p); /**< more routes and neighbours, or NULL */
	const struct hostile_packet *packet; /**< to begin with */
	unsigned int n;
};

extern const struct wire_kit wire_ether, wire_fragments, wire_icmp, wire_six;

#endif
