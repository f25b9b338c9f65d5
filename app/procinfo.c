/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the kernel knows about this process. Any thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "procinfo.h"

uint64_t
procinfo_resident(void)
{
	unsigned long pages = 0;
	char line[128], *end;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) != NULL) {
		strtoul(line, &end, 10); /* of its address space */
		pages = strtoul(end, NULL, 10);
	}
	fclose(f);
	return (uint64_t)pages * sysconf(_SC_PAGESIZE);
}

uint64_t
procinfo_thread_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}
