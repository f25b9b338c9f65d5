/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROCINFO_H
#define PROCINFO_H

#include <stdint.h>

/** Bytes of this process in memory, by the kernel's account; 0: it does not say. */
uint64_t procinfo_resident(void);

/** Processor time that the calling thread has used, nanoseconds. */
uint64_t procinfo_thread_ns(void);

#endif /* PROCINFO_H */
