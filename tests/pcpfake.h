/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_PCPFAKE_H
#define TEST_PCPFAKE_H

#include "lease.h"

#define PCPFAKE_MAX 64

/* A store of leases without a gateway: lease.h for one test. Nobody else has ports, each host's
 * outside address is `outside`, and any error can be had. */
struct sl_leases {
	struct sl_lease_policy policy;
	rte_be32_t outside;
	struct sl_lease lease[PCPFAKE_MAX];
	unsigned int n;
	uint16_t next_port; /* of those without a wish */
	int fails; /* opening fails with this */
	int fails_wish; /* opening fails with this while a port is wished for */
	unsigned int n_opened; /* calls */
	struct sl_lease_request asked; /* the last one */
};

/* Empty, with the outside address 192.0.2.1. */
void pcpfake_init(struct sl_leases *ls);

#endif
