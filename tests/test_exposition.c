/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The two formats of figures, to the byte, and which of them a client gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exposition.h"

static void
write_all(struct exposition *x)
{
	exposition_family(x, "box_packets", EXPOSITION_COUNTER, "packets \"seen\"\\heard\nof");
	exposition_add(x, UINT64_MAX, "port", "in\"side\\", "direction", "r\nx", NULL);
	exposition_add(x, 0, NULL);
	exposition_family(x, "box_build", EXPOSITION_INFO, "which");
	exposition_add(x, 1, "version", "1", NULL);
	exposition_family(x, "box_load_ratio", EXPOSITION_GAUGE, "how much");
	exposition_real(x, 0.25, "core", "0", NULL);
	exposition_one(x, "box_sessions", EXPOSITION_GAUGE, "sessions", 7);
	exposition_end(x);
}

static void
expect(enum exposition_format format, const char *text)
{
	struct exposition x = { .format = format };
	char *got = NULL;
	size_t size;

	x.out = open_memstream(&got, &size);
	assert_non_null(x.out);
	write_all(&x);
	fclose(x.out);
	assert_string_equal(got, text);
	free(got);
}

static void
text_format_names_families_as_their_figures(void **state)
{
	(void)state;
	expect(EXPOSITION_TEXT, "# HELP box_packets_total packets \"seen\"\\\\heard\\nof\n"
				"# TYPE box_packets_total counter\n"
				"box_packets_total{port=\"in\\\"side\\\\\",direction=\"r\\nx\"} "
				"18446744073709551615\n"
				"box_packets_total 0\n"
				"# HELP box_build_info which\n"
				"# TYPE box_build_info gauge\n"
				"box_build_info{version=\"1\"} 1\n"
				"# HELP box_load_ratio how much\n"
				"# TYPE box_load_ratio gauge\n"
				"box_load_ratio{core=\"0\"} 0.250000\n"
				"# HELP box_sessions sessions\n"
				"# TYPE box_sessions gauge\n"
				"box_sessions 7\n");
}

static void
openmetrics_names_families_without_suffix_and_ends(void **state)
{
	(void)state;
	expect(EXPOSITION_OPENMETRICS,
		"# HELP box_packets packets \\\"seen\\\"\\\\heard\\nof\n"
		"# TYPE box_packets counter\n"
		"box_packets_total{port=\"in\\\"side\\\\\",direction=\"r\\nx\"} "
		"18446744073709551615\n"
		"box_packets_total 0\n"
		"# HELP box_build which\n"
		"# TYPE box_build info\n"
		"box_build_info{version=\"1\"} 1\n"
		"# HELP box_load_ratio how much\n"
		"# TYPE box_load_ratio gauge\n"
		"box_load_ratio{core=\"0\"} 0.250000\n"
		"# HELP box_sessions sessions\n"
		"# TYPE box_sessions gauge\n"
		"box_sessions 7\n"
		"# EOF\n");
}

static void
who_names_openmetrics_gets_it(void **state)
{
	static const char *const yes[] = {
		"application/openmetrics-text",
		"Application/OpenMetrics-Text; version=1.0.0",
		"application/openmetrics-text;version=1.0.0,"
		"application/openmetrics-text;version=0.0.1;q=0.75,text/"
		"plain;version=0.0.4;q=0.5,*/"
		"*;q=0.1",
		"text/plain;q=0.5, application/openmetrics-text;q=0.5",
		",, application/openmetrics-text ; q=1",
		"application/openmetrics-text;q=0.2, */*",
	};
	static const char *const no[] = {
		"",
		"*/*",
		"text/*",
		"text/html, text/plain",
		"application/openmetrics",
		"application/openmetrics-textual",
		"application/openmetrics-text;q=0",
		"application/openmetrics-text;q=banana",
		"application/openmetrics-text;q=7",
		"application/openmetrics-text;q=",
		"application/openmetrics-text;q=0.4, text/plain",
		"x;a=application/openmetrics-text",
		";;;;,,,,;q=;;",
	};

	(void)state;
	assert_int_equal(exposition_choose(NULL), EXPOSITION_TEXT);
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		if (exposition_choose(yes[i]) != EXPOSITION_OPENMETRICS)
			fail_msg("\"%s\" got plain text", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		if (exposition_choose(no[i]) != EXPOSITION_TEXT)
			fail_msg("\"%s\" got OpenMetrics", no[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_format_names_families_as_their_figures),
		cmocka_unit_test(openmetrics_names_families_without_suffix_and_ends),
		cmocka_unit_test(who_names_openmetrics_gets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
