/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** A JSON text on its way out. Commas are its business; so is escaping. */
struct json {
	FILE *out; /**< may be another one for each piece */
	unsigned int depth;
	bool more; /**< the next value needs a comma */
	bool flat; /**< all in one line */
};

/** Begin an object or array; key is NULL inside an array and at the top. */
void json_object(struct json *json, const char *key);
void json_array(struct json *json, const char *key);

/** End it. The top one ends with a newline. */
void json_object_end(struct json *json);
void json_array_end(struct json *json);

/** One value; key as above. */
void json_text(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, uint64_t value);
void json_ratio(struct json *json, const char *key, double value);
void json_flag(struct json *json, const char *key, bool value);

#endif /* JSON_H */
