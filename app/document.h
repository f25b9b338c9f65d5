/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include <stdio.h>

/**
 * Print a part of the manual as roff, for man(7) pages.
 * @param part  options, statements (of configuration), commands (at run time), arguments,
 *              or counters
 * @return 0, or -EINVAL with a message on err
 */
int document_print(const char *part, FILE *out, FILE *err);

#endif /* DOCUMENT_H */
