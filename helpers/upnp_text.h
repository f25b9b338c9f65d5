/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_UPNP_TEXT_H
#define SL_UPNP_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/** Text that grows as it is written; zero-initialise it. Always zero-terminated once written. */
struct sl_text {
	char *p; /**< from malloc(), or NULL */
	size_t n, size;
	bool failed; /**< no memory, or beyond SL_TEXT_MAX: what is there is not whole */
};

#define SL_TEXT_MAX (1U << 20) /**< no answer is longer */

/** Append as printf() does. */
void sl_text_add(struct sl_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Append a string as XML character data: markup characters escaped, those XML has not left out. */
void sl_text_xml(struct sl_text *t, const char *s);

/** Empty it, keep the memory. */
void sl_text_clear(struct sl_text *t);

/** Free the memory. */
void sl_text_fini(struct sl_text *t);

#endif /* SL_UPNP_TEXT_H */
