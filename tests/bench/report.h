/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdio.h>

#include "hold.h"
#include "rig.h"

/** What was measured of established traffic, all gross, in turns. */
struct row {
	struct series arrival, path, loop, keys, hash, small, untimed, timed, clock;
};

/** One line for a direction, and one JSON object when json is not NULL. */
void report_traffic(FILE *json, const struct rig *r, enum sl_side from, const struct row *row);

/** The same for new sessions; cost is in TSC cycles a session. */
void report_new(FILE *json, const struct rig *r, const char *name, const struct series *cost);

/** The longest calls. */
void report_hold(FILE *json, uint64_t sessions, const struct hold *h);

#endif /* BENCH_REPORT_H */
