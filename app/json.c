/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Writing JSON (RFC 8259), nothing but that: the shows know their structure, this file
 * puts the commas and the quotes. One value of the outermost array a line, so that a
 * long answer can be read by eye and by line tools too.
 */

#include <inttypes.h>

#include "json.h"

static void
write_string(FILE *out, const char *s)
{
	fputc('"', out);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			fprintf(out, "\\u%04x", *s);
		else
			fputc(*s, out);
	}
	fputc('"', out);
}

/* What stands before a value. */
static void
begin(struct json *json, const char *key)
{
	if (json->more)
		fputc(',', json->out);
	if (!json->flat && json->depth > 0 && json->depth <= 2)
		fputc('\n', json->out);
	if (key != NULL) {
		write_string(json->out, key);
		fputc(':', json->out);
	}
	json->more = true;
}

static void
end(struct json *json, char bracket)
{
	json->depth--;
	json->more = true;
	fputc(bracket, json->out);
	if (json->depth == 0)
		fputc('\n', json->out);
}

static void
open_with(struct json *json, const char *key, char bracket)
{
	begin(json, key);
	fputc(bracket, json->out);
	json->depth++;
	json->more = false;
}

void
json_object(struct json *json, const char *key)
{
	open_with(json, key, '{');
}

void
json_array(struct json *json, const char *key)
{
	open_with(json, key, '[');
}

void
json_object_end(struct json *json)
{
	end(json, '}');
}

void
json_array_end(struct json *json)
{
	end(json, ']');
}

void
json_text(struct json *json, const char *key, const char *value)
{
	begin(json, key);
	write_string(json->out, value);
}

void
json_number(struct json *json, const char *key, uint64_t value)
{
	begin(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void
json_ratio(struct json *json, const char *key, double value)
{
	begin(json, key);
	fprintf(json->out, "%.4f", value);
}

void
json_flag(struct json *json, const char *key, bool value)
{
	begin(json, key);
	fputs(value ? "true" : "false", json->out);
}
