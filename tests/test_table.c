/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Runs the packet tables of tests/cases. Arguments: the name of a suite, or none for all
 * of them, and then a part of the name of the cases wanted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "table.h"

#define CASES_MAX 2048

static void
run_case(void **state)
{
	table_run(*state);
}

int
main(int argc, char **argv)
{
	static struct CMUnitTest tests[CASES_MAX];
	const char *suite = argc > 1 ? argv[1] : "all";
	size_t n = 0;

	for (unsigned int s = 0; s < table_n_suites; s++) {
		if (strcmp(suite, "all") != 0 && strcmp(suite, table_suites[s]->name) != 0)
			continue;
		for (unsigned int i = 0; i < table_suites[s]->n && n < CASES_MAX; i++) {
			const struct table_case *c = &table_suites[s]->c[i];

			if (argc > 2 && strstr(c->name, argv[2]) == NULL)
				continue;
			tests[n++] = (struct CMUnitTest){ c->name, run_case, NULL, NULL,
				(void *)(uintptr_t)c };
		}
	}
	if (n == 0) {
		fprintf(stderr, "no such case\n");
		return 2;
	}
	return _cmocka_run_group_tests(suite, tests, n, pipe_setup, NULL) == 0 ? 0 : 1;
}
