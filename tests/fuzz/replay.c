/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Runs a fuzz target over the files of a folder, without a fuzzer: what the corpus holds stays
 * tested wherever the unit tests run. Each input is also given cut short at every length and
 * with each byte turned, so that a small corpus goes a long way; of a slow target at every
 * Nth byte only. A second folder, of what fuzzers have found, is given as it is.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 20)
#define SPOILT_MAX 2048 /* longer inputs are not spoilt byte by byte */

static void
run(const uint8_t *data, size_t n)
{
	/* To the byte, so that reading on is seen. */
	uint8_t *copy = malloc(n > 0 ? n : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, data, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static size_t step = 1; /* bytes from one spoilt to the next */

static void
spoil(uint8_t *data, size_t n)
{
	for (size_t i = 0; i < n; i += step) {
		uint8_t was = data[i];

		run(data, i);
		data[i] = (uint8_t)~was;
		run(data, n);
		data[i] = was ^ 1;
		run(data, n);
		data[i] = was;
	}
}

static int
replay(const char *folder, const char *name, bool spoilt)
{
	static uint8_t data[INPUT_MAX];
	char path[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (f == NULL) {
		perror(path);
		return -1;
	}
	n = fread(data, 1, sizeof(data), f);
	fclose(f);
	run(data, n);
	if (spoilt && n <= SPOILT_MAX)
		spoil(data, n);
	return 0;
}

/* How many inputs there were, -1: something is wrong. */
static int
replay_all(const char *folder, bool spoilt)
{
	const struct dirent *e;
	int n = 0, bad = 0;
	DIR *d = opendir(folder);

	if (d == NULL) {
		perror(folder);
		return -1;
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		bad |= replay(folder, e->d_name, spoilt);
	}
	closedir(d);
	return bad == 0 ? n : -1;
}

int
main(int argc, char **argv)
{
	int n, more = 0;

	if (argc >= 3)
		step = strtoul(argv[2], NULL, 10);
	if (argc < 2 || argc > 4 || step == 0) {
		fprintf(stderr, "usage: %s FOLDER [N [FOUND]]\n", argv[0]);
		return 2;
	}
	n = replay_all(argv[1], true);
	if (argc == 4)
		more = replay_all(argv[3], false);
	printf("%d inputs, %d found\n", n, more);
	return n > 0 && more >= 0 ? 0 : 1;
}
