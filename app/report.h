/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REPORT_H
#define REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "box.h"

/** What a line of figures is the difference to; zero to begin. */
struct report_base {
	uint64_t at; /**< milliseconds */
	uint64_t rx[2], tx[2]; /**< by enum sl_side */
	uint64_t drops;
	uint64_t made; /**< sessions */
};

/** One line: packets a second since base, sessions, drops; base moves on. */
void report_line(const struct box *box, struct report_base *base, FILE *out);

/** Final tables: ports, workers, every counter that is not zero. */
void report_final(const struct box *box, FILE *out);

#endif /* REPORT_H */
