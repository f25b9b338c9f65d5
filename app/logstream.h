/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LOGSTREAM_H
#define LOGSTREAM_H

#include <stdint.h>

/** Log lines go to standard output and syslog from here on, and nobody waits; 0 or -ENOMEM. */
int logstream_create(void);

/** Lines that one of the two did not take; any lcore. */
uint64_t logstream_lost(void);

/** Back to EAL's own stream. */
void logstream_destroy(void);

#endif /* LOGSTREAM_H */
