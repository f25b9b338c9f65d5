/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WHEN_H
#define WHEN_H

#include <stdbool.h>
#include <stdint.h>

#define WHEN_SIZE 32 /* room for when_text() */

/** Read a moment: ISO 8601, or seconds since 1970. False when it is none. */
bool when_read(const char *word, uint32_t *when);

/** A moment as "2026-11-22T17:06:56Z", in buf. */
const char *when_text(uint32_t when, char buf[WHEN_SIZE]);

#endif /* WHEN_H */
