/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The state file's format: what was put in comes out; a file without its end, with a flipped bit,
 * of another version or byte order, or of another program is refused, each for its own reason.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_common.h>

#include "image.h"

#define ORDER 8 /* where the header has what */
#define VERSION 12

static struct image image;

/* Three hosts, no blocks, two resting ports, a name. */
static void
make(void)
{
	struct image_about about = { .wall = 1234567890123, .owners = { .n_workers = 3 }, 3 };
	struct image_name name = { "blue", 1 };
	struct sl_saved_rest rest[] = { { .port = 1 }, { .port = 2 } };
	struct sl_saved_host host = { .tenant = 7 };

	image_begin(&image);
	image_section(&image, IMAGE_TENANT, sizeof(name));
	memcpy(image_room(&image, sizeof(name)), &name, sizeof(name));
	image_add(&image, 1, sizeof(name));
	image_section(&image, SL_SAVED_HOST, sizeof(host));
	for (int i = 0; i < 3; i++) {
		memcpy(image_room(&image, sizeof(host)), &host, sizeof(host));
		image_add(&image, 1, sizeof(host));
	}
	image_section(&image, SL_SAVED_BLOCK, sizeof(struct sl_saved_block));
	image_section(&image, SL_SAVED_REST, sizeof(rest[0]));
	memcpy(image_room(&image, sizeof(rest)), rest, sizeof(rest));
	image_add(&image, 2, sizeof(rest[0]));
	assert_int_equal(image_finish(&image, &about), 0);
}

/* Check a copy of exactly this length. */
static int
check(const uint8_t *data, size_t len, char *why, size_t size)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	struct image_about about;
	int rc;

	assert_non_null(copy);
	memcpy(copy, data, len);
	rc = image_check(copy, len, &about, why, size);
	free(copy);
	return rc;
}

static void
note(void *arg, unsigned int kind, const void *record, unsigned int n)
{
	char *text = arg;
	const struct image_name *name = record;
	const struct sl_saved_rest *rest = record;

	sprintf(text + strlen(text), "%u:%u ", kind, n);
	if (kind == IMAGE_TENANT)
		assert_string_equal(name->name, "blue");
	if (kind == SL_SAVED_REST)
		assert_int_equal(rest[1].port, 2);
}

static void
what_was_put_in_comes_out(void **state)
{
	struct image_about about;
	char why[256], text[256] = "";

	(void)state;
	make();
	assert_int_equal(image_check(image.data, image.len, &about, why, sizeof(why)), 0);
	assert_int_equal(about.wall, 1234567890123);
	assert_int_equal(about.owners.n_workers, 3);
	assert_int_equal(about.n_hosts, 3);
	image_walk(image.data, image.len, note, text);
	assert_string_equal(text, "64:1 0:3 1:0 5:2 ");
	image_free(&image);
}

static void
a_file_without_its_end_is_refused(void **state)
{
	char why[256];

	(void)state;
	make();
	for (size_t len = 0; len < image.len; len++) {
		int rc = check(image.data, len, why, sizeof(why));

		assert_int_equal(rc, len < 8 ? -ENOEXEC : -EINVAL);
		if (len >= 8)
			assert_non_null(strstr(why, "its end is missing"));
	}
	image_free(&image);
}

static void
each_flipped_bit_is_seen(void **state)
{
	char why[256];

	(void)state;
	make();
	for (size_t bit = 0; bit < image.len * 8; bit++) {
		image.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(check(image.data, image.len, why, sizeof(why)), 0);
		image.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(check(image.data, image.len, why, sizeof(why)), 0);
	image_free(&image);
}

static void
what_is_foreign_is_called_so(void **state)
{
	char why[256];
	uint32_t *order, *version;

	(void)state;
	make();
	order = (uint32_t *)(image.data + ORDER);
	version = (uint32_t *)(image.data + VERSION);
	*version += 1;
	assert_int_equal(check(image.data, image.len, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "another version"));
	*version -= 1;
	*order = __builtin_bswap32(*order);
	assert_int_equal(check(image.data, image.len, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "byte order"));
	assert_int_equal(
		check((const uint8_t *)"# a configuration\n", 18, why, sizeof(why)), -ENOEXEC);
	assert_non_null(strstr(why, "no state file"));
	image_free(&image);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_in_comes_out),
		cmocka_unit_test(a_file_without_its_end_is_refused),
		cmocka_unit_test(each_flipped_bit_is_seen),
		cmocka_unit_test(what_is_foreign_is_called_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
