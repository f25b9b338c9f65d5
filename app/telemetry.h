/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TELEMETRY_H
#define TELEMETRY_H

struct box;

/** Register /sluice/... with rte_telemetry; box->nat must be there. 0 or -errno, logged. */
int telemetry_create(struct box *box);

/** Answer nothing from here on: call it before box->nat goes away. */
void telemetry_destroy(void);

#endif /* TELEMETRY_H */
